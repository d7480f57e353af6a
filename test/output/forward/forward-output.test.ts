/**
 * The output against a receiver that misbehaves in each known way. In every test the rule is the same:
 * no exception, no hang, and delivery as soon as the receiver behaves again.
 */
import t from 'tap';
import { batchOf, numbered } from '../../support/entries.js';
import { ForwardServer } from '../../support/forward-server.js';
import {
  acked,
  type Forwarding,
  makeForwarding,
  numbersOf,
  range,
} from '../../support/forwarding.js';
import { until } from '../../support/until.js';

t.test('everything arrives once and in order under its tag, and the spool empties', async (t) => {
  const server = await ForwardServer.start(t);
  const { output, spool, counters } = makeForwarding(t, [server.port]);
  output.start();
  for (let i = 0; i < 50; i++) {
    spool.append(batchOf(numbered(i * 10, 10), i % 7 === 0 ? [{ alert: i }] : []));
    if (i % 10 === 0) await acked(spool);
  }
  await acked(spool);
  t.strictSame(numbersOf(server), range(500));
  t.strictSame(
    server.records('stegwatch.alert').map((r) => (r as { alert: number }).alert),
    [0, 7, 14, 21, 28, 35, 42, 49],
  );
  t.equal(counters.events_acked, 508);
  t.equal(counters.chunks_acked, server.chunks.length);
  t.equal(counters.chunks_sent, server.chunks.length);
  t.equal(counters.chunks_resent, 0);
  t.equal(counters.connects, 1);
});

t.test('it knows at once that the receiver has gone, also while nothing is sent', async (t) => {
  const server = await ForwardServer.start(t);
  const { output, spool } = makeForwarding(t, [server.port]);
  t.notOk(output.connected);
  output.start();
  await until('connected', () => output.connected);
  spool.append(batchOf(numbered(0, 1)));
  await acked(spool);
  server.closeConnections();
  await until('it knows', () => !output.connected);
  spool.append(batchOf(numbered(1, 1)));
  await acked(spool);
  t.ok(output.connected);
});

t.test('the bytes of the entries go out untouched', async (t) => {
  const server = await ForwardServer.start(t);
  const { output, spool } = makeForwarding(t, [server.port]);
  const batch = batchOf(numbered(0, 700));
  spool.append(batch);
  output.start();
  await acked(spool);
  t.ok(Buffer.concat(server.chunks.map((c) => c.entries)).equals(batch.entries));
  t.equal(server.chunks[0]?.size, 700);
});

t.test('batches that waited travel merged, in chunks of at most 1 MiB', async (t) => {
  const server = await ForwardServer.start(t);
  const { output, spool } = makeForwarding(t, [server.port]);
  for (let i = 0; i < 40; i++) spool.append(batchOf(numbered(i * 65, 65, 1000)));
  output.start();
  await acked(spool);
  t.strictSame(numbersOf(server), range(40 * 65));
  const sizes = server.chunks.map((c) => c.entries.length);
  t.ok(sizes.length <= 4, `${sizes.length} chunks`);
  t.ok(
    sizes.every((size) => size < 1024 * 1024),
    sizes.join(' '),
  );
});

t.test(
  'withheld acks: chunks are sent again on a new connection, oldest first, same ids',
  async (t) => {
    const server = await ForwardServer.start(t, { acks: 'none' });
    const { output, spool, counters, lines } = makeForwarding(t, [server.port]);
    output.start();
    for (let n = 0; n < 3; n++) {
      spool.append(batchOf([{ n }]));
      await until('the chunk has come', () => server.chunks.length === n + 1);
    }
    await until('three chunks more', () => server.chunks.length >= 6);
    server.change({ acks: 'right' });
    await acked(spool);
    const ids = (connection: number) =>
      server.chunks.filter((c) => c.connection === connection).map((c) => c.id);
    t.strictSame(ids(2), ids(1));
    t.strictSame(numbersOf(server).slice(0, 6), [0, 1, 2, 0, 1, 2]);
    t.ok(counters.ack_timeouts >= 1);
    t.ok(counters.chunks_resent >= 3);
    t.equal(counters.events_acked, 3, 'a resend is not counted as an event');
    t.match(warning(lines), { error: /no ack within 400 ms/ });
    t.match(lines.at(-1)?.msg, /again/);
  },
);

t.test('only what was not acked is sent again', async (t) => {
  const server = await ForwardServer.start(t);
  const { output, spool } = makeForwarding(t, [server.port]);
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await acked(spool);
  server.change({ acks: 'none' });
  for (const n of [1, 2]) spool.append(batchOf([{ n }]));
  await until('they have come', () => numbersOf(server).length === 3);
  server.change({ acks: 'right' });
  server.closeConnections();
  await acked(spool);
  t.strictSame(numbersOf(server), [0, 1, 2, 1, 2]);
});

t.test('the wait grows until an ack comes, not only until a connection is made', async (t) => {
  const server = await ForwardServer.start(t, { acks: 'none', closeAfterBytes: 1 });
  const waits = { retryFirstMs: 40, retryMaxMs: 60_000 };
  const { output, spool } = makeForwarding(t, [server.port], {}, waits, () => 1);
  const gapBefore = (connection: number) =>
    server.connectedAtMs[connection - 1]! - server.connectedAtMs[connection - 2]!;
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await until('six attempts', () => server.connections >= 6);
  t.ok(gapBefore(6) >= 600, `40 ms doubled four times: ${gapBefore(6)} ms`);
  server.change({ acks: 'right', closeAfterBytes: Number.POSITIVE_INFINITY });
  await acked(spool);
  server.change({ acks: 'none' });
  spool.append(batchOf([{ n: 1 }]));
  await until('it has come', () => server.chunks.length >= 2);
  const closedAtMs = performance.now();
  server.change({ acks: 'right' });
  server.closeConnections();
  await acked(spool);
  const wait = server.connectedAtMs.at(-1)! - closedAtMs;
  t.ok(wait < 1000, `it began anew, not at 1280 ms: ${wait} ms`);
});

t.test('acks for chunks that are not in flight are counted and mean nothing', async (t) => {
  const server = await ForwardServer.start(t, { acks: 'wrong' });
  const { output, spool, counters, lines } = makeForwarding(t, [server.port]);
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await until('the connection is given up', () => server.connections >= 2);
  t.equal(spool.batches, 1, 'not acked');
  server.change({ acks: 'right' });
  await acked(spool);
  t.ok(counters.acks_unknown >= 1);
  t.match(warning(lines), { error: /but 1 for chunks that are not in flight/ });
});

t.test('an ack that comes twice is counted and costs no connection', async (t) => {
  const server = await ForwardServer.start(t, { acks: 'twice' });
  const { output, spool, counters } = makeForwarding(t, [server.port]);
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await until('the second ack', () => counters.acks_unknown === 1);
  spool.append(batchOf([{ n: 1 }]));
  await acked(spool);
  t.equal(server.connections, 1);
  t.strictSame(numbersOf(server), [0, 1]);
});

t.test('a connection that is cut in the middle of a chunk', async (t) => {
  const server = await ForwardServer.start(t, { closeAfterBytes: 100_000 });
  const { output, spool } = makeForwarding(t, [server.port]);
  output.start();
  for (let i = 0; i < 5; i++) spool.append(batchOf(numbered(i * 100, 100, 1000)));
  await until('cut twice', () => server.connections >= 3);
  t.equal(server.chunks.length, 0, 'no whole chunk came');
  server.change({ closeAfterBytes: Number.POSITIVE_INFINITY });
  await acked(spool);
  t.strictSame(numbersOf(server), range(500));
});

t.test('a receiver that accepts and never reads', async (t) => {
  const server = await ForwardServer.start(t, { reads: false });
  const { output, spool, lines } = makeForwarding(t, [server.port]);
  output.start();
  for (let i = 0; i < 300; i++) spool.append(batchOf(numbered(i * 100, 100, 700)));
  await until('a second attempt', () => server.connections >= 2);
  t.match(warning(lines), { error: /could not write a chunk within 400 ms|no ack/ });
  server.change({ reads: true });
  server.closeConnections();
  await acked(spool);
  // A busy machine may exceed that deadline once more: some may come twice.
  t.strictSame([...new Set(numbersOf(server))], range(30_000));
});

t.test('a receiver that is stopped and comes back on the same port', async (t) => {
  const server = await ForwardServer.start(t);
  const { output, spool, counters, lines } = makeForwarding(t, [server.port]);
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await acked(spool);
  await server.stop();
  spool.append(batchOf([{ n: 1 }]));
  await until('some refused attempts', () => counters.connect_failures >= 3);
  await server.listen();
  await acked(spool);
  t.strictSame(numbersOf(server), [0, 1]);
  const refused = lines.find((line) => /ECONNREFUSED/.test(line.error ?? ''));
  t.match(refused, { level: 40, hint: /Fluentd runs/ });
  t.match(lines.at(-1)?.msg, /delivering .* again/);
});

t.test('nobody listens at start', async (t) => {
  const server = await ForwardServer.start(t);
  await server.stop();
  const { output, spool, counters } = makeForwarding(t, [server.port]);
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await until('some refused attempts', () => counters.connect_failures >= 3);
  t.equal(counters.connects, 0);
  await server.listen();
  await acked(spool);
  t.strictSame(numbersOf(server), [0]);
});

t.test('batches with nothing to send leave although nobody listens', async (t) => {
  const server = await ForwardServer.start(t);
  await server.stop();
  const { output, spool, counters } = makeForwarding(t, [server.port]);
  output.start();
  const learned = { ...batchOf([]), observations: Buffer.alloc(100) };
  for (let i = 0; i < 5; i++) spool.append(learned);
  await acked(spool);
  t.match(counters, { connects: 0, chunks_sent: 0, events_acked: 0 });
  spool.append(batchOf([{ n: 0 }]));
  spool.append(learned);
  await until('some refused attempts', () => counters.connect_failures >= 3);
  t.equal(spool.batches, 2, 'never before what came earlier');
  await server.listen();
  await acked(spool);
  t.strictSame(numbersOf(server), [0]);
  t.equal(server.chunks.length, 1, 'no empty chunk is sent');
});

t.test('batches with nothing to send do not reopen a connection', async (t) => {
  const server = await ForwardServer.start(t);
  const { output, spool } = makeForwarding(t, [server.port]);
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await acked(spool);
  server.closeConnections();
  await new Promise((resolve) => setTimeout(resolve, 200));
  spool.append({ ...batchOf([]), observations: Buffer.alloc(100) });
  await acked(spool);
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.equal(server.connections, 1);
});

t.test(
  'a quiet connection that the server closes is not reopened before there is need',
  async (t) => {
    const server = await ForwardServer.start(t);
    const { output, spool, lines } = makeForwarding(t, [server.port]);
    output.start();
    spool.append(batchOf([{ n: 0 }]));
    await acked(spool);
    server.closeConnections();
    await new Promise((resolve) => setTimeout(resolve, 200));
    t.equal(server.connections, 1);
    spool.append(batchOf([{ n: 1 }]));
    await acked(spool);
    t.equal(server.connections, 2);
    t.equal(warning(lines), undefined, 'nothing has failed');
  },
);

t.test('acks off: delivered once written, without chunk ids', async (t) => {
  const server = await ForwardServer.start(t);
  const { output, spool, counters } = makeForwarding(t, [server.port], { ack: false });
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await acked(spool);
  await until('it has come', () => server.chunks.length === 1);
  t.equal(server.chunks[0]?.id, undefined);
  t.equal(counters.events_acked, 1);
});

t.test('acks off: nothing is given to a server that wants a login we have not', async (t) => {
  const server = await ForwardServer.start(t, { security: { sharedKey: 'k' } });
  const { output, spool, lines } = makeForwarding(t, [server.port], { ack: false });
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await until('some attempts', () => server.connections >= 3);
  t.equal(spool.batches, 1);
  t.match(warning(lines), { hint: /shared_key_file/ });
});

t.test('a thousand lost connections leave no listeners, sockets or timers behind', async (t) => {
  const server = await ForwardServer.start(t, { acks: 'none', closeAfterBytes: 1 });
  const { output, spool, counters } = makeForwarding(t, [server.port], {}, { retryFirstMs: 0 });
  const listeners = countListeners();
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await until('100 attempts', () => counters.connects >= 100);
  const resources = process.getActiveResourcesInfo().length;
  await until('1,000 attempts', () => counters.connects >= 1000, 60_000);
  t.ok(process.getActiveResourcesInfo().length <= resources + 10);
  t.equal(countListeners(), listeners);
  server.change({ acks: 'right', closeAfterBytes: Number.POSITIVE_INFINITY });
  await acked(spool);
});

function warning(lines: Forwarding['lines']): Forwarding['lines'][number] | undefined {
  return lines.find((line) => line.level >= 40);
}

function countListeners(): number {
  return process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
}
