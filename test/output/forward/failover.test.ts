/** Several servers: which is used, when it changes, and that nothing is lost or out of order by it. */
import t from 'tap';
import { batchOf } from '../../support/entries.js';
import { ForwardServer } from '../../support/forward-server.js';
import { acked, makeForwarding, numbersOf, range } from '../../support/forwarding.js';
import { until } from '../../support/until.js';

/** No return in the time of a test. */
const never = { recoverWaitMs: 3_600_000 };

t.test('the next server is used at once when one fails; a wait follows only all', async (t) => {
  const [first, second] = [await ForwardServer.start(t), await ForwardServer.start(t)];
  const longWaits = { retryFirstMs: 3_600_000, retryMaxMs: 3_600_000 };
  const ports = [first.port, second.port];
  const { output, spool, counters, lines } = makeForwarding(t, ports, never, longWaits, () => 0.9);
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await acked(spool);
  await first.stop();
  spool.append(batchOf([{ n: 1 }]));
  await acked(spool);
  t.strictSame([numbersOf(first), numbersOf(second)], [[0], [1]]);
  t.match(counters, { failovers: 1, returns: 0 });
  t.ok(
    lines.some(({ msg }) => msg.includes(`going on with 127.0.0.1:${second.port}`)),
    'said, with the server that follows',
  );
});

t.test('at start too the standby is used without a wait', async (t) => {
  const [first, second] = [await ForwardServer.start(t), await ForwardServer.start(t)];
  await first.stop();
  const longWaits = { retryFirstMs: 3_600_000, retryMaxMs: 3_600_000 };
  const ports = [first.port, second.port];
  const { output, spool } = makeForwarding(t, ports, never, longWaits, () => 0.9);
  spool.append(batchOf([{ n: 0 }]));
  output.start();
  await acked(spool);
  t.strictSame(numbersOf(second), [0]);
});

t.test('it returns to the preferred server once that can be logged in to', async (t) => {
  const security = { sharedKey: 'right' };
  const first = await ForwardServer.start(t, { security: { sharedKey: 'not yet' } });
  const second = await ForwardServer.start(t, { security });
  const config = { sharedKey: 'right' };
  const { output, spool, counters } = makeForwarding(t, [first.port, second.port], config);
  output.start();
  for (let n = 0; n < 20; n++) {
    spool.append(batchOf([{ n }]));
    await acked(spool);
  }
  await until('some probes were refused', () => counters.connect_failures >= 3);
  t.strictSame(numbersOf(second), range(20), 'a port that answers is not enough');
  t.equal(counters.returns, 0);
  first.change({ security });
  await until('it has returned', () => counters.returns === 1);
  for (let n = 20; n < 40; n++) spool.append(batchOf([{ n }]));
  await acked(spool);
  t.strictSame(numbersOf(first), range(40).slice(20));
  t.equal(counters.chunks_resent, 0);
  t.match(counters, { failovers: 1, returns: 1 });
});

t.test('it returns in the middle of traffic: each event once, in order', async (t) => {
  const [first, second] = [await ForwardServer.start(t), await ForwardServer.start(t)];
  await first.stop();
  const { output, spool, counters } = makeForwarding(t, [first.port, second.port]);
  output.start();
  let n = 0;
  const more = async () => {
    spool.append(batchOf([{ n: n++ }]));
    await new Promise((resolve) => setImmediate(resolve));
  };
  while (second.chunks.length < 20) await more();
  await first.listen();
  while (first.chunks.length < 20) await more();
  await acked(spool);
  t.strictSame([...numbersOf(second), ...numbersOf(first)], range(n));
  t.match(counters, { failovers: 1, returns: 1, chunks_resent: 0 });
});

t.test('chunks on the way are waited for before the return, and nothing is begun', async (t) => {
  const [first, second] = [await ForwardServer.start(t), await ForwardServer.start(t)];
  await first.stop();
  const patient = { ackMs: 60_000 };
  const { output, spool, counters } = makeForwarding(t, [first.port, second.port], {}, patient);
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await acked(spool);
  second.change({ acks: 'none' });
  spool.append(batchOf([{ n: 1 }]));
  await until('it is on the way', () => second.chunks.length === 2);
  await first.listen();
  await until('the probe has succeeded', () => first.connections === 1);
  spool.append(batchOf([{ n: 2 }]));
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.strictSame([numbersOf(first), numbersOf(second)], [[], [0, 1]]);
  second.ackHeldBack();
  await acked(spool);
  t.strictSame([numbersOf(first), numbersOf(second)], [[2], [0, 1]]);
  t.equal(counters.chunks_resent, 0);
});

t.test(
  'a preferred server that accepts and acks nothing is returned to ever less often',
  async (t) => {
    const first = await ForwardServer.start(t, { acks: 'none' });
    const second = await ForwardServer.start(t);
    const deadlines = { ackMs: 30 };
    const { output, spool, counters } = makeForwarding(
      t,
      [first.port, second.port],
      { recoverWaitMs: 20 },
      deadlines,
    );
    output.start();
    const until4 = async () => {
      for (let n = 0; counters.returns < 4; n++) {
        spool.append(batchOf([{ n }]));
        await acked(spool);
      }
    };
    await until4();
    const gaps = first.connectedAtMs.map((at, i, all) => at - (all[i - 1] ?? at)).slice(1);
    t.ok(gaps.at(-1)! >= 8 * 20, `waits double: ${gaps.map(Math.round).join(' ')} ms`);
    t.ok(counters.failovers >= 4);
  },
);

t.test('a standby that worked for a while fails: the preferred is tried at once', async (t) => {
  const [first, second] = [await ForwardServer.start(t), await ForwardServer.start(t)];
  await first.stop();
  const ports = [first.port, second.port];
  const waits = { retryFirstMs: 1, retryMaxMs: 1 };
  // Any wait at all would outlast the test.
  const { output, spool, counters } = makeForwarding(t, ports, never, waits, () => 1e8);
  output.start();
  for (const n of [0, 1]) {
    spool.append(batchOf([{ n }]));
    await acked(spool);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await first.listen();
  await second.stop();
  spool.append(batchOf([{ n: 2 }]));
  await acked(spool);
  t.strictSame([numbersOf(first), numbersOf(second)], [[2], [0, 1]]);
  t.match(counters, { failovers: 1, returns: 1 });
});

t.test('stop on a standby, in the middle of a probe, comes back', async (t) => {
  const first = await ForwardServer.start(t, { security: { sharedKey: 'k' }, reads: false });
  const second = await ForwardServer.start(t, { security: { sharedKey: 'k' } });
  const deadlines = { loginMs: 1000 };
  const { output, spool } = makeForwarding(
    t,
    [first.port, second.port],
    { sharedKey: 'k' },
    deadlines,
  );
  output.start();
  spool.append(batchOf([{ n: 0 }]));
  await acked(spool);
  await until('a probe hangs in the login', () => first.connections >= 2);
  const begin = performance.now();
  await output.stop(60_000);
  t.ok(performance.now() - begin < 900, 'it does not wait for the probe');
});
