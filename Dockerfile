# Build with the compiler, run without it: nothing but Node, the runtime packages and dist/ is in the image.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
RUN npm ci --ignore-scripts
COPY src ./src
RUN npx tsc -p tsconfig.json && npm prune --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY config/stegwatch.yaml /etc/stegwatch/stegwatch.yaml
# The one place that is written to: baseline and spool (`data/` below the working directory).
RUN mkdir -p /var/lib/stegwatch/data && chown -R node:node /var/lib/stegwatch
WORKDIR /var/lib/stegwatch
VOLUME /var/lib/stegwatch
USER node
EXPOSE 5514/udp 5514/tcp 6514/tcp 2514/tcp
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["run", "-c", "/etc/stegwatch/stegwatch.yaml"]
