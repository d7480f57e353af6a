/** examples/fluentd/sentinel/fluentd.conf in a real Fluentd with its plug-in, against a stub of Microsoft's two servers. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { requireFluentdPlugin, requirePeer } from '../support/peers.js';
import { until } from '../support/until.js';
import { sendAlert, startRoute } from './siem-route.js';

t.setTimeout(180_000);

interface Post {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly status: number;
  readonly body: string;
}

/** Gives tokens to whoever asks, and answers the nth post of records with the nth status, or the last. */
async function startAzure(t: Test, statuses: readonly number[]) {
  const posts: Post[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { url = '' } = request;
    if (url === '/TENANT/oauth2/v2.0/token') {
      response.end(JSON.stringify({ access_token: 'a-token', expires_in: 3600 }));
      return;
    }
    const status = statuses[Math.min(posts.length, statuses.length - 1)]!;
    const { authorization } = request.headers;
    posts.push({ url, authorization, status, body: Buffer.concat(parts).toString() });
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, posts };
}

const route = (t: Test, fluentd: string, port: number) => {
  const azure = `http://127.0.0.1:${port}`;
  return startRoute(t, fluentd, 'sentinel', (config) =>
    config
      .replaceAll(
        'endpoint https://EXAMPLE.ingest.monitor.azure.com',
        `endpoint ${azure}\n  authority_host ${azure}`,
      )
      .replaceAll(`"#{ENV['STEGWATCH_CLIENT_SECRET']}"`, 'secret'),
  );
};

const record = { SourceIP: '10.0.0.7', ReceivedBytes: 42, alert: { level: 'high' } };

const fluentd = requirePeer(t, 'fluentd');
if (fluentd !== null && requireFluentdPlugin(t, 'fluent-plugin-azure-logs-ingestion')) {
  t.test('what is answered with 503 is delivered later, to the stream of alerts', async (t) => {
    const azure = await startAzure(t, [503, 204]);
    const { port } = await route(t, fluentd, azure.port);
    await sendAlert(port, record);
    await until('the second post', () => azure.posts.length >= 2, 60_000);
    t.strictSame(
      azure.posts.map((post) => post.status),
      [503, 204],
    );
    for (const { url, authorization, body } of azure.posts) {
      t.match(url, '/streams/Custom-StegwatchAlerts_CL?');
      t.equal(authorization, 'Bearer a-token');
      t.strictSame(JSON.parse(body), [record]);
    }
  });

  t.test('what is refused for good is kept in a file, and the next is delivered', async (t) => {
    const azure = await startAzure(t, [403, 204]);
    const { port } = await route(t, fluentd, azure.port);
    await sendAlert(port, record);
    const folder = join(t.testdirName, 'stegwatch-refused');
    const files = () => {
      try {
        return readdirSync(folder);
      } catch {
        return [];
      }
    };
    await until('a file', () => files().length > 0, 60_000);
    t.match(files(), [/^sentinel-alert\./]);
    await sendAlert(port, { ...record, ReceivedBytes: 43 });
    await until('the second post', () => azure.posts.length >= 2, 60_000);
    t.match(JSON.parse(azure.posts[1]!.body), [{ ReceivedBytes: 43 }]);
  });
}
