/**
 * What every spool must do, whatever it keeps its batches in. The suite knows the `Spool` interface
 * and a way to make one; `test/spool/<kind>-spool.test.ts` runs it for each kind.
 */
import fc from 'fast-check';
import type { Test } from 'tap';
import type { Batch, Spool, StoredBatch } from '../../src/stages.js';

/** Makes an empty spool of this bound; it is closed by a teardown of `t`. */
export type MakeSpool = (t: Test, maxBytes: number) => Spool | Promise<Spool>;

const roomy = 64 * 1024 * 1024;
/** Bytes of entries in a batch of the tests of fullness: large beside any keep per batch. */
const largeBytes = 10_000;

export function spoolContract(t: Test, kind: string, make: MakeSpool): void {
  t.test(`${kind}: what is stored`, async (t) => storedBatches(t, make));
  t.test(`${kind}: what is acked`, async (t) => ackedBatches(t, make));
  t.test(`${kind}: full and drained`, async (t) => fullAndDrained(t, make));
  t.test(`${kind}: appends, reads and acks in any order agree with a plain list`, async (t) => {
    await agreesWithList(t, make);
  });
}

function storedBatches(t: Test, make: MakeSpool): void {
  t.test('an empty spool holds nothing', async (t) => {
    const spool = await make(t, roomy);
    t.equal(spool.after(0), null);
    t.equal(spool.batches, 0);
    t.equal(spool.bytes, 0);
    t.equal(spool.full, false);
  });

  t.test('a batch comes back equal, with the first sequence number 1', async (t) => {
    const spool = await make(t, roomy);
    const batch = makeBatch({ entries: 'event event ', alerts: 'alert', observations: 'seen' });
    spool.append(batch);
    sameBatch(t, spool.after(0), { ...batch, seq: 1 });
  });

  t.test('empty parts come back empty', async (t) => {
    const spool = await make(t, roomy);
    const batch = makeBatch({});
    spool.append(batch);
    sameBatch(t, spool.after(0), { ...batch, seq: 1 });
  });

  t.test('batches that hold only what was learned are batches like others', async (t) => {
    const spool = await make(t, 10 * largeBytes);
    const calls = watch(spool);
    const seen = 'y'.repeat(largeBytes);
    while (!spool.full) spool.append(makeBatch({ observations: seen }));
    const { batches } = spool;
    t.ok(batches <= 10, `they count for the bound: full with ${batches}`);
    spool.append(makeBatch({ entries: 'event' }));
    sameBatch(t, spool.after(0), { ...makeBatch({ observations: seen }), seq: 1 });
    t.equal(String(spool.after(batches)?.entries), 'event', 'they have their place in the order');
    spool.ack(batches);
    t.equal(spool.after(0)?.seq, batches + 1, 'and are forgotten by an ack');
    t.strictSame(calls, ['full', 'drained']);
  });

  t.test('the spool keeps its own copy of the bytes', async (t) => {
    const spool = await make(t, roomy);
    const batch = makeBatch({ entries: 'before', observations: 'before' });
    spool.append(batch);
    batch.entries.fill('x');
    batch.observations.fill('x');
    t.equal(String(spool.after(0)?.entries), 'before');
    t.equal(String(spool.after(0)?.observations), 'before');
  });

  t.test('sequence numbers have no gaps and `after` finds the next one', async (t) => {
    const spool = await make(t, roomy);
    for (const text of ['one', 'two', 'three']) spool.append(makeBatch({ entries: text }));
    t.equal(spool.batches, 3);
    const seen: [number, string][] = [];
    for (let b = spool.after(0); b !== null; b = spool.after(b.seq)) {
      seen.push([b.seq, String(b.entries)]);
    }
    t.strictSame(seen, [
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
    ]);
    t.equal(spool.after(99), null, 'nothing is after what was never appended');
  });

  t.test('reading takes nothing out', async (t) => {
    const spool = await make(t, roomy);
    spool.append(makeBatch({ entries: 'stays' }));
    spool.after(0);
    t.equal(String(spool.after(0)?.entries), 'stays');
    t.equal(spool.batches, 1);
  });

  t.test('`bytes` covers at least the bytes that were appended', async (t) => {
    const spool = await make(t, roomy);
    spool.append(makeBatch({ entries: 'x'.repeat(1000), observations: 'y'.repeat(500) }));
    t.ok(spool.bytes >= 1500, `${spool.bytes}`);
  });

  t.test('onReadable is called once per batch, when the batch can be read', async (t) => {
    const spool = await make(t, roomy);
    const readable: (number | undefined)[] = [];
    spool.onReadable = () => readable.push(spool.after(readable.length)?.seq);
    spool.append(makeBatch({ entries: 'a' }));
    spool.append(makeBatch({ entries: 'b' }));
    t.strictSame(readable, [1, 2]);
  });
}

function ackedBatches(t: Test, make: MakeSpool): void {
  t.test('an ack forgets that batch and all before it, and no other', async (t) => {
    const spool = await make(t, roomy);
    for (const text of ['one', 'two', 'three']) spool.append(makeBatch({ entries: text }));
    spool.ack(2);
    t.equal(spool.batches, 1);
    t.equal(spool.after(0)?.seq, 3, 'the oldest above 0 is now the third');
    t.equal(spool.after(1)?.seq, 3);
    t.equal(String(spool.after(2)?.entries), 'three');
  });

  t.test('once all is acked nothing is held', async (t) => {
    const spool = await make(t, roomy);
    for (const text of ['one', 'two']) spool.append(makeBatch({ entries: text }));
    spool.ack(2);
    t.equal(spool.bytes, 0);
    t.equal(spool.batches, 0);
    t.equal(spool.after(0), null);
  });

  t.test('acks that come twice, go back or go too far change nothing else', async (t) => {
    const spool = await make(t, roomy);
    spool.append(makeBatch({ entries: 'one' }));
    spool.append(makeBatch({ entries: 'two' }));
    spool.ack(1);
    const { bytes } = spool;
    for (const seq of [1, 0, -1]) spool.ack(seq);
    t.equal(spool.bytes, bytes);
    t.equal(spool.batches, 1);
    spool.ack(1000);
    t.equal(spool.batches, 0);
    t.equal(spool.bytes, 0);
    spool.append(makeBatch({ entries: 'three' }));
    t.equal(spool.after(0)?.seq, 3, 'a sequence number is never used twice');
  });
}

function fullAndDrained(t: Test, make: MakeSpool): void {
  t.test('it is full from maxBytes on and says so once', async (t) => {
    const spool = await make(t, 10 * largeBytes);
    const calls = watch(spool);
    while (!spool.full) spool.append(largeBatch());
    t.ok(spool.batches <= 10, `full at the bound, with ${spool.batches} batches`);
    t.ok(spool.batches >= 9, `not before it: ${spool.batches} batches`);
    t.ok(spool.bytes >= 10 * largeBytes);
    spool.append(largeBatch());
    t.strictSame(calls, ['full']);
  });

  t.test('it never refuses: what comes while it is full is kept', async (t) => {
    const spool = await make(t, 2 * largeBytes);
    for (let i = 0; i < 5; i++) spool.append(largeBatch());
    t.equal(spool.batches, 5);
    t.equal(spool.after(4)?.seq, 5);
  });

  t.test('it drains well below the bound, says so once, and can fill again', async (t) => {
    const spool = await make(t, 10 * largeBytes);
    const calls = watch(spool);
    while (!spool.full) spool.append(largeBatch());
    spool.ack(1);
    t.equal(spool.full, true, 'one batch less is not enough');
    spool.ack(9);
    t.equal(spool.full, false);
    spool.ack(10);
    t.strictSame(calls, ['full', 'drained']);
    while (!spool.full) spool.append(largeBatch());
    t.strictSame(calls, ['full', 'drained', 'full']);
  });

  t.test('a callback sees the state that it tells of', async (t) => {
    const spool = await make(t, largeBytes);
    const seen: boolean[] = [];
    spool.onFull = () => seen.push(spool.full);
    spool.onDrained = () => seen.push(spool.full);
    spool.append(largeBatch());
    spool.ack(1);
    t.strictSame(seen, [true, false]);
  });
}

async function agreesWithList(t: Test, make: MakeSpool): Promise<void> {
  const step = fc.oneof(
    fc.record({ do: fc.constant('append' as const), batch: anyBatch() }),
    fc.record({ do: fc.constant('ack' as const), seq: fc.integer({ min: -1, max: 40 }) }),
    fc.record({ do: fc.constant('read' as const), seq: fc.integer({ min: 0, max: 40 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const spool = await make(t, 2000);
      const list: StoredBatch[] = [];
      let appended = 0;
      for (const s of steps) {
        if (s.do === 'append') {
          spool.append(s.batch);
          list.push({ ...s.batch, seq: ++appended });
        } else if (s.do === 'ack') {
          spool.ack(s.seq);
          while (list.length > 0 && list[0]!.seq <= s.seq) list.shift();
        } else {
          const expected = list.find((b) => b.seq > s.seq) ?? null;
          if (!equalBatch(spool.after(s.seq), expected)) return false;
        }
        if (spool.batches !== list.length) return false;
        if ((spool.bytes === 0) !== (list.length === 0)) return false;
      }
      return true;
    }),
    { numRuns: 100 },
  );
  t.pass('100 runs');
}

function watch(spool: Spool): string[] {
  const calls: string[] = [];
  spool.onFull = () => calls.push('full');
  spool.onDrained = () => calls.push('drained');
  return calls;
}

function makeBatch(parts: { entries?: string; alerts?: string; observations?: string }): Batch {
  const events = Buffer.from(parts.entries ?? '');
  return {
    entries: Buffer.concat([events, Buffer.from(parts.alerts ?? '')]),
    alertsAt: events.length,
    observations: Buffer.from(parts.observations ?? ''),
    eventCount: events.length > 0 ? 2 : 0,
    alertCount: parts.alerts ? 1 : 0,
    oldestMs: 1_700_000_000_123,
  };
}

function largeBatch(): Batch {
  return makeBatch({ entries: 'x'.repeat(largeBytes) });
}

function anyBatch(): fc.Arbitrary<Batch> {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((b) => Buffer.from(b));
  return fc.tuple(bytes, bytes, bytes, fc.nat(), fc.nat(), fc.nat()).map((parts) => {
    const [events, alerts, observations, eventCount, alertCount, oldestMs] = parts;
    const entries = Buffer.concat([events, alerts]);
    const alertsAt = events.length;
    return { entries, alertsAt, observations, eventCount, alertCount, oldestMs };
  });
}

function sameBatch(t: Test, got: StoredBatch | null, expected: StoredBatch): void {
  t.ok(equalBatch(got, expected), 'the batch is the one appended', {
    found: got,
    wanted: expected,
  });
}

function equalBatch(a: StoredBatch | null, b: StoredBatch | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.seq === b.seq &&
    a.entries.equals(b.entries) &&
    a.observations.equals(b.observations) &&
    a.alertsAt === b.alertsAt &&
    a.eventCount === b.eventCount &&
    a.alertCount === b.alertCount &&
    a.oldestMs === b.oldestMs
  );
}
