/** A reader slower than what comes: in memory, then on disk only, then in memory again. */
import fc from 'fast-check';
import t from 'tap';
import { BlockPool } from '../../src/spool/block-pool.js';
import type { DiskSpool } from '../../src/spool/disk-spool.js';
import { DiskFolder, type Folder } from '../../src/spool/folder.js';
import type { StoredBatch } from '../../src/stages.js';
import { testFolder } from '../support/folder.js';
import { MemoryFolder } from '../support/memory-folder.js';
import { batchOf, opened } from './opened-spool.js';

const mebibyte = 1024 * 1024;
const seed = Number(process.env.SEED ?? 20261124);
const allCovered = Number.MAX_SAFE_INTEGER;
/** The window is a quarter of it in this mode; nothing comes near to being dropped. */
const small = { maxBytes: 10 * mebibyte, whenFull: 'drop_oldest' } as const;

const part = fc.double({ min: 0, max: 1, noNaN: true });
const bytes = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 160_000 }));
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const), bytes }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), part }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('ack' as const), part }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pause' as const), part }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

for (const [where, numRuns] of [
  ['memory', 150],
  ['a directory', 25],
] as const) {
  t.test(
    `in ${where}: all comes in order, exactly, and stays what it is until acked`,
    async (t) => {
      t.comment(`SEED=${seed}`);
      const seen = { hot: 0, cold: 0 };
      let runs = 0;
      const root = testFolder(t, {});
      const folderOf = () =>
        where === 'memory' ? new MemoryFolder() : new DiskFolder(`${root}/${runs}`);
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), async (steps) => {
          runs++;
          await new Play(folderOf(), seen).run(steps);
        }),
        { numRuns, seed, endOnFailure: where !== 'memory' },
      );
      t.ok(seen.hot > numRuns, `${seen.hot} appends while delivery kept up`);
      t.ok(seen.cold > numRuns, `${seen.cold} appends to a backlog`);
    },
  );
}

class Play {
  readonly #folder: Folder;
  readonly #seen: { hot: number; cold: number };
  readonly #sizes = new Map<number, number>();
  /** Read and not acked. */
  readonly #held: StoredBatch[] = [];
  #spool!: DiskSpool;
  #read = 0;
  #dropped = () => 0;

  constructor(folder: Folder, seen: { hot: number; cold: number }) {
    this.#folder = folder;
    this.#seen = seen;
  }

  async run(steps: readonly Step[]): Promise<void> {
    await this.#open();
    for (const step of steps) {
      if (step.kind === 'append') this.#append(step.bytes);
      else if (step.kind === 'read') this.#readOn(Math.ceil(step.part * 8));
      else if (step.kind === 'ack') this.#ack(Math.ceil(step.part * this.#held.length));
      else if (step.kind === 'pause') await turns(Math.ceil(step.part * 6));
      else await this.#reopen();
    }
    const endMs = Date.now() + 60_000;
    while (this.#read < this.#spool.lastSeq) {
      if (this.#readOn(3) === 0) await turns(1);
      this.#ack(this.#held.length);
      if (Date.now() > endMs) throw new Error(`nothing comes after ${this.#read}`);
    }
    this.#ack(this.#held.length);
    same(this.#spool.events, 0, 'events left');
    same(this.#spool.bytes, 0, 'bytes left');
    same(this.#dropped(), 0, 'events dropped');
    await this.#spool.close();
  }

  async #open(): Promise<void> {
    const { spool, counters, events } = await opened(this.#folder, small);
    spool.cover(allCovered);
    this.#spool = spool;
    this.#dropped = () => counters.spool_dropped_events + counters.spool_missing_events;
    same(events, this.#sizes.size, 'events found');
  }

  async #reopen(): Promise<void> {
    await this.#spool.close();
    const { lastSeq, ackedSeq } = this.#spool;
    await this.#open();
    same(this.#spool.lastSeq, lastSeq, 'the last number');
    same(this.#spool.ackedSeq, ackedSeq, 'acked');
    this.#held.length = 0;
    this.#read = ackedSeq;
  }

  #append(size: number): void {
    const seq = this.#spool.lastSeq + 1;
    this.#spool.append(batchOf(contentOf(seq, size), `seen ${seq}`));
    this.#sizes.set(seq, size);
    if (this.#spool.after(seq - 1)?.seq === seq) this.#seen.hot++;
    else this.#seen.cold++;
  }

  /** Returns how many it could read. */
  #readOn(count: number): number {
    for (let n = 0; n < count; n++) {
      const batch = this.#spool.after(this.#read);
      if (batch === null) return n;
      same(batch.seq, this.#read + 1, 'the next number');
      this.#check(batch);
      this.#held.push(batch);
      this.#read = batch.seq;
    }
    return count;
  }

  #ack(count: number): void {
    // The output sends them for a while: nobody may write over them meanwhile.
    for (const batch of this.#held.slice(0, count)) this.#check(batch);
    const last = this.#held.splice(0, count).at(-1);
    if (last === undefined) return;
    this.#spool.ack(last.seq);
    for (const seq of this.#sizes.keys()) if (seq <= last.seq) this.#sizes.delete(seq);
  }

  #check({ seq, entries, observations }: StoredBatch): void {
    const wanted = contentOf(seq, this.#sizes.get(seq) ?? -1);
    if (!wanted.equals(entries)) throw new Error(`batch ${seq} has other entries`);
    same(String(observations), `seen ${seq}`, 'observations');
  }
}

t.test('200 MiB of backlog are drained in 24 MiB of memory', async (t) => {
  const peak = watchPools(t);
  const folder = new DiskFolder(testFolder(t, {}));
  const { spool, counters } = await opened(folder, { maxBytes: 1024 * mebibyte });
  spool.cover(allCovered);
  const base = Buffer.alloc(256 * 1024);
  for (let at = 0; at < base.length; at += 4)
    base.writeUInt32LE(Math.imul(at, 0x9e3779b1) >>> 0, at);
  let written = 0;
  for (let total = 0; total < 200 * mebibyte; written++) {
    const entries = numbered(base, spool.lastSeq + 1);
    total += entries.length;
    spool.append(batchOf(entries));
    // Files have their end: the loop must turn.
    if (written % 50 === 0) await turns(1);
  }
  t.ok(spool.bytes > 200 * mebibyte, `${spool.bytes} bytes`);
  t.ok(peak() < 24 * mebibyte, `${peak()} bytes while it is filled`);
  let wrong = 0;
  let read = 0;
  while (read < written) {
    const batch = spool.after(read);
    if (batch === null) {
      await new Promise<void>((resolve) => {
        spool.onReadable = resolve;
      });
      continue;
    }
    if (batch.seq !== ++read || !numbered(base, read).equals(batch.entries)) wrong++;
    // Some are still being sent when later ones are read.
    if (read % 7 === 0) spool.ack(read - 5);
  }
  spool.ack(read);
  t.equal(wrong, 0, 'all in order, as they were');
  t.ok(peak() > 16 * mebibyte, 'the window was in use');
  t.ok(peak() < 24 * mebibyte, `${peak()} bytes at most`);
  t.equal(counters.spool_missing_events, 0);
  t.equal(spool.bytes, 0);
  await spool.close();
});

/** The most that any pool has held: it can only grow by these two. */
function watchPools(t: { teardown: (undo: () => void) => unknown }): () => number {
  let peak = 0;
  const { take, lease } = BlockPool.prototype;
  BlockPool.prototype.take = function (bytes) {
    const taken = take.call(this, bytes);
    peak = Math.max(peak, this.usedBytes);
    return taken;
  };
  BlockPool.prototype.lease = function (bytes) {
    const block = lease.call(this, bytes);
    peak = Math.max(peak, this.usedBytes);
    return block;
  };
  t.teardown(() => Object.assign(BlockPool.prototype, { take, lease }));
  return () => peak;
}

/** Of 1 to 256 KiB; its number is at its beginning and its end. */
function numbered(base: Buffer, seq: number): Buffer {
  const length = 1024 * (1 + ((seq * 37) % 256));
  base.writeUInt32LE(seq, 0);
  const entries = Buffer.from(base.subarray(0, length));
  entries.writeUInt32LE(seq, length - 4);
  return entries;
}

function contentOf(seq: number, size: number): Buffer {
  return Buffer.alloc(size, `${seq};`);
}

function same(found: unknown, wanted: unknown, what: string): void {
  if (found !== wanted) throw new Error(`${what}: ${found} instead of ${wanted}`);
}

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise(setImmediate);
}
