/** examples/fluentd/splunk/fluentd.conf in a real Fluentd, against a stub that answers as HEC may. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { encode } from '@msgpack/msgpack';
import t, { type Test } from 'tap';
import { Fluentd } from '../support/fluentd.js';
import { testFolder } from '../support/folder.js';
import { requirePeer } from '../support/peers.js';
import { until } from '../support/until.js';

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

function startFluentd(t: Test, fluentd: string, hecPort: number): Promise<Fluentd> {
  const folder = testFolder(t);
  const example = readFileSync('examples/fluentd/splunk/fluentd.conf', 'utf8');
  const config = (port: number) =>
    example
      .replace('https://splunk.example:8088', `http://127.0.0.1:${hecPort}`)
      .replace('port 24224', `port ${port}`)
      .replaceAll('/var/log/fluent', folder);
  return Fluentd.start(t, { fluentd, folder, config });
}

/** In the Forward protocol: `[tag, [[time, record], …], { chunk }]`; Fluentd acks the chunk. */
async function send(port: number, tag: string, record: object): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write(encode([tag, [[1_795_509_614, record]], { chunk: 'Y2h1bms=' }]));
  await once(socket, 'data');
  socket.destroy();
}

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
      const { port } = await startFluentd(t, fluentd, hec.port);
      await send(port, 'stegwatch.alert', record);
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
    const { port } = await startFluentd(t, fluentd, hec.port);
    await send(port, 'stegwatch.alert', record);
    const folder = join(t.testdirName, 'stegwatch-refused');
    const files = () => {
      try {
        return readdirSync(folder);
      } catch {
        return [];
      }
    };
    await until('a file', () => files().length > 0, 60_000);
    await send(port, 'stegwatch.alert', { ...record, in: 43 });
    await until('the second post', () => hec.posts.length >= 2, 60_000);
    t.equal(files().length, 1);
    t.match(JSON.parse(readFileSync(join(folder, files()[0]!), 'utf8')), asHec);
    t.match(JSON.parse(hec.posts[1]!.body), { event: { in: 43 } });
  });
}
