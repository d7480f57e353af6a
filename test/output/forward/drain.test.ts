/** What `stop` does: delivers what can be delivered, and waits for nothing that cannot. */
import t from 'tap';
import { batchOf } from '../../support/entries.js';
import { ForwardServer } from '../../support/forward-server.js';
import { makeForwarding, numbersOf, range } from '../../support/forwarding.js';
import { until } from '../../support/until.js';

t.test('stop delivers what the spool holds and then closes the connection', async (t) => {
  const server = await ForwardServer.start(t);
  const { output, spool } = makeForwarding(t, [server.port]);
  output.start();
  for (let n = 0; n < 20; n++) spool.append(batchOf([{ n }]));
  await output.stop(10_000);
  t.equal(spool.batches, 0);
  t.strictSame(numbersOf(server), range(20));
  spool.append(batchOf([{ n: 99 }]));
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(spool.batches, 1, 'it takes nothing any more');
  t.equal(server.connections, 1);
});

t.test('stop comes back at the deadline, whatever the server does', async (t) => {
  for (const behaviour of [{ acks: 'none' as const }, { reads: false }]) {
    const server = await ForwardServer.start(t, behaviour);
    const { output, spool } = makeForwarding(t, [server.port], {}, slow);
    output.start();
    spool.append(batchOf([{ n: 0 }]));
    await until('connected', () => server.connections === 1);
    const begin = performance.now();
    await output.stop(100);
    const took = performance.now() - begin;
    t.ok(took >= 95 && took < 2000, `${took} ms`);
    t.equal(spool.batches, 1, 'what was not delivered stays');
  }
});

t.test('with nobody there it ends after one more attempt at each server', async (t) => {
  const gone = [await ForwardServer.start(t), await ForwardServer.start(t)];
  for (const server of gone) await server.stop();
  const ports = gone.map((server) => server.port);
  const { output, spool, counters } = makeForwarding(t, ports, {}, slow, () => 0.99);
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await until('both have failed', () => counters.connect_failures === 2);
  const begin = performance.now();
  await output.stop(60_000);
  t.ok(performance.now() - begin < 10_000, 'long before the deadline');
  t.equal(counters.connect_failures, 4);
  t.equal(spool.batches, 1, 'what was not delivered stays');
  await output.stop(100);
  t.pass('a second stop comes back too');
});

t.test('an attempt under way at stop is that one more attempt', async (t) => {
  const server = await ForwardServer.start(t, { security: { sharedKey: 'k' }, reads: false });
  const { output, spool, counters } = makeForwarding(t, [server.port], { sharedKey: 'k' }, slow);
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await until('it hangs in the login', () => server.connections === 1);
  const stopped = output.stop(60_000);
  server.closeConnections();
  await stopped;
  t.match(counters, { connect_failures: 1, connects: 0 });
});

t.test('a connection that worked and is lost while draining is waited for', async (t) => {
  const server = await ForwardServer.start(t, { acks: 'none' });
  const waits = { ...slow, drainRetryMs: 20 };
  const { output, spool, counters } = makeForwarding(t, [server.port], {}, waits, () => 0.99);
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await until('it has come', () => server.chunks.length === 1);
  const stopped = output.stop(60_000);
  await server.stop();
  await until('several attempts, short waits between', () => counters.connect_failures >= 5);
  server.change({ acks: 'right' });
  await server.listen();
  await stopped;
  t.equal(spool.batches, 0);
  t.strictSame(numbersOf(server), [0, 0]);
});

t.test('stop wakes it from a long back-off for one last try', async (t) => {
  const server = await ForwardServer.start(t);
  await server.stop();
  const { output, spool, counters } = makeForwarding(t, [server.port], {}, slow);
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await until('it has failed', () => counters.connect_failures === 1);
  await server.listen();
  await output.stop(10_000);
  t.strictSame(numbersOf(server), [0]);
});

t.test('stop without a start comes back', async (t) => {
  const { output } = makeForwarding(t, [1]);
  await output.stop(10_000);
  t.pass('it did');
});

/** Deadlines that no test lives to see. */
const slow = {
  connectMs: 60_000,
  writeMs: 60_000,
  ackMs: 60_000,
  retryFirstMs: 60_000,
  retryMaxMs: 60_000,
};
