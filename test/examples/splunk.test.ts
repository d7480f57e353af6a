/** examples/fluentd/splunk/fluentd.conf in a real Fluentd, against a stub that answers as HEC may. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { requirePeer } from '../support/peers.js';
import { until } from '../support/until.js';
import { sendAlert, startRoute } from './siem-route.js';

t.setTimeout(180_000);

interface Post {
  readonly status: number;
  readonly body: string;
}

/** A stub that answers its nth request with the nth status, or the last. */
async function startHec(t: Test, statuses: readonly number[]) {
  const posts: Post[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const status = statuses[Math.min(posts.length, statuses.length - 1)]!;
    posts.push({ status, body: Buffer.concat(parts).toString() });
    response.writeHead(status).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, posts };
}

const route = (t: Test, fluentd: string, port: number) =>
  startRoute(t, fluentd, 'splunk', (config) =>
    config.replace('https://splunk.example:8088', `http://127.0.0.1:${port}`),
  );

const record = { src: '10.0.0.7', in: 42, alert: { level: 'high' } };
const asHec = {
  time: 1_795_509_614,
  source: 'stegwatch',
  sourcetype: 'stegwatch:alert',
  event: record,
};

const fluentd = requirePeer(t, 'fluentd');
if (fluentd !== null) {
  for (const status of [502, 403]) {
    t.test(`what HEC answers with ${status} is delivered later`, async (t) => {
      const hec = await startHec(t, [status, 200]);
      const { port } = await route(t, fluentd, hec.port);
      await sendAlert(port, record);
      await until('the second post', () => hec.posts.length >= 2, 60_000);
      t.strictSame(
        hec.posts.map((post) => post.status),
        [status, 200],
      );
      for (const { body } of hec.posts) t.match(JSON.parse(body), asHec);
    });
  }

  t.test('what HEC refuses for good is kept in a file, and the next is delivered', async (t) => {
    const hec = await startHec(t, [400, 200]);
    const { port } = await route(t, fluentd, hec.port);
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
    await sendAlert(port, { ...record, in: 43 });
    await until('the second post', () => hec.posts.length >= 2, 60_000);
    t.equal(files().length, 1);
    t.match(JSON.parse(readFileSync(join(folder, files()[0]!), 'utf8')), asHec);
    t.match(JSON.parse(hec.posts[1]!.body), { event: { in: 43 } });
  });
}
