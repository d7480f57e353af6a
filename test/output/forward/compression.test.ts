/** Chunks compressed with gzip: the same records in the same order, on fewer bytes. */
import t from 'tap';
import { batchOf, numbered } from '../../support/entries.js';
import { Fluentd } from '../../support/fluentd.js';
import { testFolder } from '../../support/folder.js';
import { ForwardServer } from '../../support/forward-server.js';
import { acked, makeForwarding, numbersOf, range } from '../../support/forwarding.js';
import { requirePeer } from '../../support/peers.js';
import { until } from '../../support/until.js';

const gzip = { compress: 'gzip' } as const;
const patient = { connectMs: 60_000, ackMs: 60_000, writeMs: 60_000 };
t.setTimeout(120_000);

t.test('all arrives in order, large chunks and small ones, on fewer bytes', async (t) => {
  const server = await ForwardServer.start(t);
  const { output, spool, counters } = makeForwarding(t, [server.port], gzip, patient);
  const batches = range(60).map((i) => batchOf(numbered(i * 100, 100, 600)));
  for (const batch of batches) spool.append(batch);
  output.start();
  await acked(spool);
  spool.append(batchOf([{ n: 6000 }], [{ alert: 1 }]));
  await acked(spool);
  t.strictSame(numbersOf(server), range(6001));
  t.strictSame(server.records('stegwatch.alert'), [{ alert: 1 }]);
  const sent = batches.reduce((sum, { entries }) => sum + entries.length, 0);
  t.ok(server.receivedBytes < sent / 4, `${server.receivedBytes} of ${sent} bytes`);
  t.equal(counters.chunks_resent, 0);
});

t.test('a connection lost in the middle: chunks are sent again as they were', async (t) => {
  const server = await ForwardServer.start(t, { acks: 'none' });
  const { output, spool } = makeForwarding(t, [server.port], gzip);
  output.start();
  for (const n of [0, 1, 2]) {
    spool.append(batchOf([{ n }]));
    await until('it has come', () => server.chunks.length === n + 1);
  }
  server.change({ acks: 'right' });
  server.closeConnections();
  await acked(spool);
  t.strictSame(numbersOf(server), [0, 1, 2, 0, 1, 2]);
  const ids = server.chunks.map(({ id }) => id);
  t.strictSame(ids.slice(3), ids.slice(0, 3));
});

t.test('acks off', async (t) => {
  const server = await ForwardServer.start(t);
  const { output, spool } = makeForwarding(t, [server.port], { ...gzip, ack: false });
  output.start();
  spool.append(batchOf([{ n: 0 }, { n: 1 }]));
  await acked(spool);
  await until('it has come', () => server.chunks.length === 1);
  t.match(server.chunks[0], { id: undefined, size: 2 });
  t.strictSame(numbersOf(server), [0, 1]);
});

const fluentd = requirePeer(t, 'fluentd');
if (fluentd !== null) {
  t.test('Fluentd reads it', async (t) => {
    const receiver = await Fluentd.start(t, { fluentd, folder: testFolder(t, {}) });
    const { output, spool } = makeForwarding(t, [receiver.port], gzip, patient);
    output.start();
    for (let i = 0; i < 50; i++) spool.append(batchOf(numbered(i * 50, 50, 600)));
    await until('all is acked', () => spool.batches === 0, 60_000);
    await receiver.stop();
    const numbers = receiver.records('stegwatch.event').map(({ record }) => record.n as number);
    t.strictSame(numbers, range(2500));
  });
}
