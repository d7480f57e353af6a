# Build with the compiler, run without it: nothing but Node, the runtime packages and dist/ is in the image.
# Node 24 gets fixes until April 2028. docs/deploy.md tells how to run it.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
RUN npm ci --ignore-scripts
COPY src ./src
RUN npm run prepack
RUN npm prune --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="stegwatch" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY LICENSE ./
# With the schema that its first line names, for editors.
COPY config/stegwatch.yaml config/stegwatch.schema.json /etc/stegwatch/
# The one place that is written to: baseline and spool (`data/` below the working directory).
RUN mkdir -p /var/lib/stegwatch && chown 1000:1000 /var/lib/stegwatch
WORKDIR /var/lib/stegwatch
VOLUME /var/lib/stegwatch
# The `node` of the base image, as a number, since Kubernetes' runAsNonRoot does not look up names.
USER 1000:1000
# Syslog by UDP and TCP; by TLS and RELP where the config has them. The admin page stays inside, at loopback.
EXPOSE 5514/udp 5514/tcp 6514/tcp 2514/tcp
# run delivers what it holds for up to 20 s: give it longer (docker stop -t 30).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "/app/dist/cli.js", "health", "-c", "/etc/stegwatch/stegwatch.yaml"]
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["run", "-c", "/etc/stegwatch/stegwatch.yaml"]
