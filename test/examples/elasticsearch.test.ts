/** examples/fluentd/elasticsearch/fluentd.conf in a real Fluentd with its plug-in, against a stub of Elasticsearch. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { missing, requirePeer } from '../support/peers.js';
import { until } from '../support/until.js';
import { sendAlert, startRoute } from './siem-route.js';

t.setTimeout(180_000);

/** Where .ci/install-peers puts the plug-in with all that it needs. */
const gems = '/opt/stegwatch-peers/fluentd-elasticsearch';

interface Bulk {
  /** Accept and Content-Type. */
  readonly types: string;
  /** By two: what is to be done, and the record. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** How an item is answered: 201, or an error and its type. */
type Answer = readonly [status: number, type: string];

/** A stub that answers the items of its nth bulk by the nth answer, or the last. */
async function startElasticsearch(t: Test, answers: readonly Answer[], at = 0) {
  const bulks: Bulk[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    response.setHeader('content-type', 'application/json');
    // Without it the client does not believe that it is one.
    response.setHeader('x-elastic-product', 'Elasticsearch');
    if (request.url !== '/_bulk') {
      response.end(JSON.stringify({ version: { number: '8.19.0' } }));
      return;
    }
    const [status, error] = answers[Math.min(bulks.length, answers.length - 1)]!;
    const text = Buffer.concat(parts).toString();
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const { accept, 'content-type': type } = request.headers;
    bulks.push({ types: `${accept}, ${type}`, lines });
    const item = {
      status,
      ...(error !== '' && { error: { type: error, reason: 'as the test wants it' } }),
    };
    const items = Array.from({ length: lines.length / 2 }, () => ({ index: item }));
    response.end(JSON.stringify({ took: 1, errors: error !== '', items }));
  }).listen(at, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  t.teardown(close);
  return { port: (server.address() as AddressInfo).port, bulks, close };
}

const route = (t: Test, fluentd: string, port: number) =>
  startRoute(t, fluentd, 'elasticsearch', (config) => config.replace('port 9200', `port ${port}`));

const record = {
  '@timestamp': '2026-11-24T09:59:55.000Z',
  event_id: '01M86FYTBR3TKBX00NQ9000000',
  'source.ip': '10.0.0.7',
  alert: { level: 'high' },
};

const fluentd = requirePeer(t, 'fluentd');
if (fluentd !== null && !existsSync(gems)) missing(t, 'fluent-plugin-elasticsearch');
else if (fluentd !== null) {
  process.env.GEM_PATH = gems;

  t.test('a full queue is waited for; the record is one document of its own day', async (t) => {
    const elasticsearch = await startElasticsearch(t, [
      [429, 'es_rejected_execution_exception'],
      [201, ''],
    ]);
    const { port } = await route(t, fluentd, elasticsearch.port);
    await sendAlert(port, record);
    await until('the second bulk', () => elasticsearch.bulks.length >= 2, 60_000);
    for (const { types, lines } of elasticsearch.bulks) {
      t.notMatch(types, 'compatible-with=9', 'which Elasticsearch 8 would refuse');
      t.match(lines[0], { index: { _index: 'stegwatch-2026.11.24', _id: record.event_id } });
      t.match(lines[1], record);
    }
  });

  t.test('Fluentd starts and takes records in while Elasticsearch is away', async (t) => {
    const away = await startElasticsearch(t, [[201, '']]);
    away.close();
    const { port } = await route(t, fluentd, away.port);
    await sendAlert(port, record);
    const elasticsearch = await startElasticsearch(t, [[201, '']], away.port);
    await until('a bulk', () => elasticsearch.bulks.length >= 1, 60_000);
    t.match(elasticsearch.bulks[0]?.lines[1], record);
  });

  t.test('a record that is refused is kept in a file, and the next is delivered', async (t) => {
    const elasticsearch = await startElasticsearch(t, [
      [400, 'document_parsing_exception'],
      [201, ''],
    ]);
    const { port } = await route(t, fluentd, elasticsearch.port);
    await sendAlert(port, record);
    const kept = (): string =>
      readdirSync(t.testdirName, { recursive: true, encoding: 'utf8' })
        .filter((file) => /^stegwatch-refused\/.*\.log$/.test(file))
        .map((file) => readFileSync(join(t.testdirName, file), 'utf8'))
        .join('');
    await until('the first bulk', () => elasticsearch.bulks.length >= 1, 60_000);
    await sendAlert(port, { ...record, event_id: '01M86FYTBR3TKBX00NQ9000001' });
    await until('the second bulk', () => elasticsearch.bulks.length >= 2, 60_000);
    t.match(elasticsearch.bulks[1]?.lines[0], { index: { _id: '01M86FYTBR3TKBX00NQ9000001' } });
    await until('a file', () => kept() !== '', 60_000);
    t.match(kept(), record.event_id);
  });
}
