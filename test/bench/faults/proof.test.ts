/** What the fault suite counts as taken in: never too much. */
import t from 'tap';
import { hiddenBytes, TakenInProof } from '../../../bench/faults/proof.js';
import { readQueues } from '../../../bench/faults/socket-queues.js';

/** A burst of one event each `stepMs`, each of `bytes`; all that was written is read at once. */
function steady(steps: number, stepMs: number, bytes: number, readUntilMs: number): number[] {
  const proof = new TakenInProof();
  const taken: number[] = [];
  let read = 0;
  for (let step = 0; step < steps; step++) {
    const nowMs = step * stepMs;
    proof.wrote(step, 1, (step + 1) * bytes, nowMs);
    if (nowMs <= readUntilMs) read = (step + 1) * bytes;
    for (const { from } of proof.seen(read, nowMs + stepMs / 2)) taken.push(from);
  }
  return taken;
}

t.test('a program that reads on has taken in what it read before, in order', async (t) => {
  const bytes = 10 * 1024;
  const taken = steady(200, 20, bytes, Number.POSITIVE_INFINITY);
  t.strictSame(
    taken,
    taken.map((_, i) => i),
  );
  // Three times what may be hidden, and 600 ms: the rest has not been proven.
  const unproven = Math.ceil((3 * hiddenBytes) / bytes) + 600 / 20;
  t.ok(taken.length >= 200 - unproven - 6 && taken.length < 200 - 600 / 20, `${taken.length}`);
});

t.test('a program that stops reading proves nothing more, however long it lasts', async (t) => {
  const taken = steady(2_000, 20, 10 * 1024, 1_000);
  t.ok(taken.every((number) => number * 20 + 600 < 1_000));
});

t.test('what a paused stream may hold back unseen counts as unread', async (t) => {
  t.strictSame(steady(100, 50, 100, Number.POSITIVE_INFINITY), []);
});

t.test('the kernel’s rows are read by ports, established connections only', async (t) => {
  const rows = readQueues(
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n' +
      '   0: 0100007F:1F90 0100007F:C350 01 0000000A:000000FF 00:00000000 00000000 0 0 1\n' +
      '   1: 0100007F:1F90 00000000:0000 0A 00000000:00000001 00:00000000 00000000 0 0 2\n',
  );
  t.strictSame([...rows], [['8080:50000', { unsent: 10, unread: 255 }]]);
});
