/**
 * The spool of this version: batches in memory, oldest first, until they are acked. What it holds is
 * lost with the process; what it promises besides that is the contract of `Spool`, which the disk
 * spool keeps too (test/contract/spool.contract.ts).
 *
 * Each batch costs one allocation for its bytes, and both copies into it, whatever it holds.
 *
 *     bytes   0 ........ drained (3/4) ........ maxBytes ....
 *     full    false -------------------------> true
 *             false <-- true                              (between the marks it stays what it was)
 */
import type { Batch, Spool, StoredBatch } from '../stages.js';

/**
 * What a stored batch costs beside its bytes (the record, three buffer objects, a map entry), so that
 * the bound also holds for a feed that makes a batch of one small event every 100 ms.
 */
const batchOverheadBytes = 512;

/** The part of `maxBytes` to which a full spool must empty before inputs go on, to avoid flapping. */
const drainedShare = 3 / 4;

export class MemorySpool implements Spool {
  onFull: () => void = nothing;
  onDrained: () => void = nothing;
  onAppended: () => void = nothing;

  readonly #maxBytes: number;
  readonly #drainedBytes: number;
  readonly #stored = new Map<number, StoredBatch>();
  /** The oldest batch held is `#firstSeq`, the newest `#nextSeq - 1`; none if they are equal. */
  #firstSeq = 1;
  #nextSeq = 1;
  #bytes = 0;
  #full = false;

  /** @param options.maxBytes bound of what is held, entries, observations and their keep together */
  constructor(options: { maxBytes: number }) {
    this.#maxBytes = options.maxBytes;
    this.#drainedBytes = options.maxBytes * drainedShare;
  }

  get full(): boolean {
    return this.#full;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get batches(): number {
    return this.#nextSeq - this.#firstSeq;
  }

  append(batch: Batch): void {
    const entriesBytes = batch.entries.length;
    const kept = Buffer.allocUnsafeSlow(entriesBytes + batch.observations.length);
    kept.set(batch.entries, 0);
    kept.set(batch.observations, entriesBytes);
    this.#stored.set(this.#nextSeq, {
      seq: this.#nextSeq,
      entries: kept.subarray(0, entriesBytes),
      observations: kept.subarray(entriesBytes),
      alertsAt: batch.alertsAt,
      eventCount: batch.eventCount,
      alertCount: batch.alertCount,
      oldestMs: batch.oldestMs,
    });
    this.#nextSeq++;
    this.#bytes += sizeOf(batch);
    if (!this.#full && this.#bytes >= this.#maxBytes) {
      this.#full = true;
      this.onFull();
    }
    this.onAppended();
  }

  /** The bytes of the batch stay valid and unchanged, even once it has been acked. */
  after(seq: number): StoredBatch | null {
    return this.#stored.get(Math.max(seq + 1, this.#firstSeq)) ?? null;
  }

  ack(seq: number): void {
    const last = Math.min(seq, this.#nextSeq - 1);
    for (; this.#firstSeq <= last; this.#firstSeq++) {
      this.#bytes -= sizeOf(this.#stored.get(this.#firstSeq)!);
      this.#stored.delete(this.#firstSeq);
    }
    if (this.#full && this.#bytes <= this.#drainedBytes) {
      this.#full = false;
      this.onDrained();
    }
  }
}

function sizeOf(batch: Batch): number {
  return batch.entries.length + batch.observations.length + batchOverheadBytes;
}

function nothing(): void {}
