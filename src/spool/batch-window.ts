/**
 * The batches of a spool that are in memory: the oldest ones that are not acked, in order. What is appended
 * to a spool that keeps up stays here and is never read back; in a backlog the window is refilled from
 * disk. Its bytes lie in blocks that are used again, so a batch is valid until it is acked.
 *
 *     acked |  in the window  |  on disk only  |
 *           first          last
 */
import type { Batch } from '../stages.js';
import type { BlockPool, PooledBatch } from './block-pool.js';
import { eventsIn } from './record.js';

/** A batch in memory. */
export interface Held extends PooledBatch {
  readonly recordBytes: number;
  /** In all records up to and including this one. */
  eventsUpTo: number;
}

export class BatchWindow {
  readonly #pool: BlockPool;
  readonly #maxBytes: number;
  /** In order; what is before `#head` has been acked. */
  #held: Held[] = [];
  #head = 0;

  constructor(pool: BlockPool, maxBytes: number) {
    this.#pool = pool;
    this.#maxBytes = maxBytes;
  }

  /** True while more may be put in. What else the pool holds must not keep out the one that is next. */
  get hasRoom(): boolean {
    return this.empty || this.#pool.usedBytes < this.#maxBytes;
  }

  get empty(): boolean {
    return this.#head === this.#held.length;
  }

  /** A copy of the batch in blocks of the pool, to be pushed or let go of. */
  copy(batch: Batch, seq: number, recordBytes: number, eventsUpTo: number): Held {
    return { ...this.#pool.copy(batch, seq), recordBytes, eventsUpTo };
  }

  /** Takes over a batch that follows all others, and its hold on its block. */
  push(batch: Held): void {
    this.#held.push(batch);
  }

  /** Of all that are held, as they count on disk. */
  get recordBytes(): number {
    return this.#held.slice(this.#head).reduce((sum, { recordBytes }) => sum + recordBytes, 0);
  }

  get events(): number {
    return this.#held.slice(this.#head).reduce((sum, held) => sum + eventsIn(held), 0);
  }

  /** The oldest with a number above `seq`, or null. */
  after(seq: number): Held | null {
    let low = this.#head;
    let high = this.#held.length;
    // Nearly always it is the first, or the one behind the one asked for last.
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#held[middle]!.seq > seq) high = middle;
      else low = middle + 1;
    }
    return this.#held[low] ?? null;
  }

  /** Lets go of all up to `seq`, the oldest first. */
  *release(seq: number): Generator<Held> {
    while (this.#head < this.#held.length && this.#held[this.#head]!.seq <= seq) {
      const held = this.#held[this.#head++]!;
      this.#pool.release(held.block);
      yield held;
    }
    if (this.#head === this.#held.length) {
      this.#held.length = 0;
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#held.length) {
      this.#held.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
