/** Chunks are decoded with an independent MessagePack library and held against what was appended. */
import { decode } from '@msgpack/msgpack';
import fc from 'fast-check';
import t from 'tap';
import { type Chunk, encodeTag } from '../../../src/output/forward/chunk.js';
import { ChunkCutter, type Run } from '../../../src/output/forward/chunk-cutter.js';
import { MemorySpool } from '../../../src/spool/memory-spool.js';
import type { Batch } from '../../../src/stages.js';
import { batchOf, entriesIn, entry, numbered } from '../../support/entries.js';

type Message = [string, Uint8Array, { chunk?: string; size: number }];

const tags = { tag: 'stegwatch.event', alertTag: 'stegwatch.alert' };

t.test('a chunk is a PackedForward message with its id and its number of entries', async (t) => {
  const [run] = cutAll([batchOf([{ a: 1 }, { a: 2 }])], { maxMessageBytes: 10_000 });
  const [chunk] = run!.chunks;
  const [tag, entries, option] = messageOf(chunk!);
  t.equal(tag, 'stegwatch.event');
  t.strictSame(entriesIn(entries), [{ a: 1 }, { a: 2 }]);
  t.strictSame({ ...option }, { chunk: chunk!.id, size: 2 });
  t.match(chunk!.id, /^[A-Za-z0-9+/]{22}==$/);
});

t.test('without acks a chunk carries no id', async (t) => {
  const [run] = cutAll([batchOf([{ a: 1 }])], { maxMessageBytes: 10_000, ack: false });
  t.strictSame({ ...messageOf(run!.chunks[0]!)[2] }, { size: 1 });
});

t.test('consecutive batches share one chunk per tag, events first', async (t) => {
  const batches = [batchOf([{ n: 1 }], [{ n: 2 }]), batchOf([{ n: 3 }]), batchOf([], [{ n: 4 }])];
  const runs = cutAll(batches, { maxMessageBytes: 10_000 });
  t.equal(runs.length, 1);
  t.equal(runs[0]!.lastSeq, 3);
  t.strictSame(contents(runs), [
    ['stegwatch.event', [{ n: 1 }, { n: 3 }]],
    ['stegwatch.alert', [{ n: 2 }, { n: 4 }]],
  ]);
});

t.test('a run ends where the next batch would make a message too large', async (t) => {
  const batch = batchOf(numbered(0, 10, 100));
  const three = 3 * batch.entries.length + encodeTag(tags.tag).overheadBytes;
  const counts = (maxMessageBytes: number) =>
    cutAll([batch, batch, batch, batch], { maxMessageBytes }).map((run) => run.lastSeq);
  t.strictSame(counts(three), [3, 4], 'exactly the limit fits');
  t.strictSame(counts(three - 1), [2, 4]);
});

t.test('alerts that do not fit end a run as events do', async (t) => {
  const batch = batchOf([{ n: 1 }], numbered(0, 10, 100));
  const runs = cutAll([batch, batch], { maxMessageBytes: 1.5 * batch.entries.length });
  t.strictSame(
    runs.map((run) => run.lastSeq),
    [1, 2],
  );
});

t.test(
  'a batch over the limit is cut between entries, an entry over the limit never',
  async (t) => {
    const batch = batchOf([
      ...numbered(0, 9, 100),
      ...numbered(9, 1, 2000),
      ...numbered(10, 5, 100),
    ]);
    const runs = cutAll([batch], { maxMessageBytes: 400 });
    t.equal(runs.length, 1, 'all its chunks must be delivered before the batch is');
    const numbers = contents(runs).map(([, records]) => records.map((r) => (r as { n: number }).n));
    t.strictSame(numbers, [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9], [10, 11, 12], [13, 14]]);
  },
);

t.test('a batch without entries makes a run without chunks', async (t) => {
  const runs = cutAll([batchOf([])], { maxMessageBytes: 10_000 });
  t.strictSame(runs, [{ lastSeq: 1, chunks: [] }]);
});

t.test('a tag of any length has the right head', async (t) => {
  for (const length of [1, 31, 32, 255, 256, 70_000 % 65_536]) {
    const tag = 'é'.repeat(Math.floor(length / 2)) + 'x'.repeat(length % 2);
    const cutter = new ChunkCutter({ tag, alertTag: 'a', ack: true, maxMessageBytes: 1e6 });
    const run = cutter.cut(spoolOf([batchOf([{ n: 1 }])]), 0);
    t.equal(messageOf(run!.chunks[0]!)[0], tag, `${length} bytes`);
  }
});

t.test('bytes that are no entries are sent as they are, and nothing is thrown', async (t) => {
  const entries = Buffer.concat([entry({ n: 1 }), Buffer.alloc(1000, 0xc1)]);
  const batch: Batch = { ...batchOf([]), entries, alertsAt: entries.length, eventCount: 2 };
  const [run] = cutAll([batch], { maxMessageBytes: 400 });
  const sent = Buffer.concat(run!.chunks.map((chunk) => messageOf(chunk)[1]));
  t.ok(sent.equals(entries));
});

t.test(
  'for any batches: the parts per tag equal what was appended, no chunk is too large',
  async (t) => {
    const records = fc.array(fc.record({ s: fc.string({ maxLength: 400 }) }), { maxLength: 8 });
    const batches = fc.array(fc.tuple(records, records), { maxLength: 12 });
    fc.assert(
      fc.property(batches, fc.integer({ min: 150, max: 3000 }), (pairs, maxMessageBytes) => {
        const appended = pairs.map(([events, alerts]) => batchOf(events, alerts));
        const runs = cutAll(appended, { maxMessageBytes });
        const chunks = runs.flatMap((run) => run.chunks);
        for (const chunk of chunks) {
          const { length } = Buffer.concat(chunk.pieces!);
          const [, entries, { size }] = messageOf(chunk);
          if (length > maxMessageBytes && chunk.entryCount !== 1) return false;
          if (size !== entriesIn(entries).length || size !== chunk.entryCount) return false;
        }
        const events = appended.map((b) => b.entries.subarray(0, b.alertsAt));
        const alerts = appended.map((b) => b.entries.subarray(b.alertsAt));
        return (
          bytesUnder(tags.tag, chunks).equals(Buffer.concat(events)) &&
          bytesUnder(tags.alertTag, chunks).equals(Buffer.concat(alerts)) &&
          new Set(chunks.map((chunk) => chunk.id)).size === chunks.length &&
          (runs.at(-1)?.lastSeq ?? 0) === appended.length
        );
      }),
      { numRuns: 200 },
    );
    t.pass('200 runs');
  },
);

function spoolOf(batches: readonly Batch[]): MemorySpool {
  const spool = new MemorySpool({ maxBytes: 1e9 });
  for (const batch of batches) spool.append(batch);
  return spool;
}

function cutAll(
  batches: readonly Batch[],
  options: { maxMessageBytes: number; ack?: boolean },
): Run[] {
  const spool = spoolOf(batches);
  const cutter = new ChunkCutter({ ...tags, ack: true, ...options });
  const runs: Run[] = [];
  for (let run = cutter.cut(spool, 0); run !== null; run = cutter.cut(spool, run.lastSeq)) {
    runs.push(run);
  }
  return runs;
}

function messageOf(chunk: Chunk): Message {
  return decode(Buffer.concat(chunk.pieces!)) as Message;
}

function contents(runs: readonly Run[]): [string, unknown[]][] {
  return runs.flatMap((run) =>
    run.chunks.map((chunk): [string, unknown[]] => [chunk.tag, entriesIn(messageOf(chunk)[1])]),
  );
}

function bytesUnder(tag: string, chunks: readonly Chunk[]): Buffer {
  return Buffer.concat(chunks.filter((c) => c.tag === tag).map((chunk) => messageOf(chunk)[1]));
}
