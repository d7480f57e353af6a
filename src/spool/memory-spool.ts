/**
 * The spool without a disk: batches in memory, oldest first, until they are acked. What it holds is lost
 * with the process; what it promises besides that is the contract of `Spool`, which the spool on disk keeps
 * too (test/contract/spool.contract.ts).
 *
 * Its bytes lie in blocks that are used again, so a batch that was read is valid until it is acked.
 *
 *     bytes   0 ........ drained (3/4) ........ maxBytes ....
 *     full    false -------------------------> true
 *             false <-- true                              (between the marks it stays what it was)
 */
import type { Batch, Spool, StoredBatch } from '../stages.js';
import { BlockPool, type PooledBatch } from './block-pool.js';
import { Fullness } from './fullness.js';

/**
 * What a stored batch costs beside its bytes (the record, two buffer objects, a map entry), so that
 * the bound also holds for a feed that makes a batch of one small event every 60 ms.
 */
const batchOverheadBytes = 512;

export class MemorySpool implements Spool {
  onFull: () => void = nothing;
  onDrained: () => void = nothing;
  onReadable: () => void = nothing;

  readonly #fullness: Fullness;
  readonly #stored = new Map<number, PooledBatch>();
  readonly #pool = new BlockPool();
  /** The oldest batch held is `#firstSeq`, the newest `#nextSeq - 1`; none if they are equal. */
  #firstSeq = 1;
  #nextSeq = 1;
  #bytes = 0;

  /** @param options.maxBytes bound of what is held, entries, observations and their keep together */
  constructor(options: { maxBytes: number }) {
    this.#fullness = new Fullness(options.maxBytes);
  }

  get full(): boolean {
    return this.#fullness.full;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get batches(): number {
    return this.#nextSeq - this.#firstSeq;
  }

  get lastSeq(): number {
    return this.#nextSeq - 1;
  }

  get ackedSeq(): number {
    return this.#firstSeq - 1;
  }

  append(batch: Batch): void {
    this.#stored.set(this.#nextSeq, this.#pool.copy(batch, this.#nextSeq));
    this.#nextSeq++;
    this.#bytes += sizeOf(batch);
    if (this.#fullness.update(this.#bytes)) this.onFull();
    this.onReadable();
  }

  after(seq: number): StoredBatch | null {
    return this.#stored.get(Math.max(seq + 1, this.#firstSeq)) ?? null;
  }

  ack(seq: number): void {
    const last = Math.min(seq, this.#nextSeq - 1);
    for (; this.#firstSeq <= last; this.#firstSeq++) {
      const batch = this.#stored.get(this.#firstSeq)!;
      this.#bytes -= sizeOf(batch);
      this.#pool.release(batch.block);
      this.#stored.delete(this.#firstSeq);
    }
    if (this.#fullness.update(this.#bytes)) this.onDrained();
  }
}

function sizeOf(batch: Batch): number {
  return batch.entries.length + batch.observations.length + batchOverheadBytes;
}

function nothing(): void {}
