/**
 * What has been cut from the spool and not yet been delivered, oldest first; bounded. It outlives
 * connections: after a lost one, `unacked` is what the next one begins with. It turns delivered chunks
 * into positions: the spool may forget a batch once all chunks up to and of its run are delivered,
 * in whatever order that came about.
 *
 *     spool   |  acked  |  in the window: runs 1..n  |  not yet cut  |
 *                       ^ spool.ack(run.lastSeq)     ^ #cutSeq
 */
import type { Counters } from '../observe/counters.js';
import type { Spool } from '../stages.js';
import type { Chunk } from './chunk.js';
import type { ChunkCutter } from './chunk-cutter.js';

interface OpenRun {
  lastSeq: number;
  /** In order of sending. */
  readonly undelivered: Set<Chunk>;
}

export class SendWindow {
  readonly #spool: Spool;
  readonly #cutter: ChunkCutter;
  readonly #counters: Counters;
  readonly #maxChunks: number;
  /** Oldest first. */
  readonly #runs: OpenRun[] = [];
  #cutSeq = 0;

  constructor(options: {
    spool: Spool;
    cutter: ChunkCutter;
    counters: Counters;
    /** No run is cut while this many chunks are undelivered. */
    maxChunks: number;
  }) {
    this.#spool = options.spool;
    this.#cutter = options.cutter;
    this.#counters = options.counters;
    this.#maxChunks = options.maxChunks;
  }

  /** Chunks cut and not yet delivered, oldest first. */
  get unacked(): Chunk[] {
    return this.#runs.flatMap((run) => [...run.undelivered]);
  }

  /** The chunks of the next run, or none if the window is full or the spool is read to its end. */
  next(): readonly Chunk[] {
    this.passEmpty();
    if (this.#undelivered() >= this.#maxChunks) return [];
    const run = this.#cutter.cut(this.#spool, this.#cutSeq);
    if (run === null) return [];
    this.#cutSeq = run.lastSeq;
    this.#runs.push({ lastSeq: run.lastSeq, undelivered: new Set(run.chunks) });
    return run.chunks;
  }

  /**
   * Passes over batches that hold only observations: there is nothing to send, so no connection is
   * needed. They are delivered as soon as what came before them is.
   */
  passEmpty(): void {
    const from = this.#cutSeq;
    let batch = this.#spool.after(from);
    while (batch !== null && batch.entries.length === 0) {
      this.#cutSeq = batch.seq;
      batch = this.#spool.after(batch.seq);
    }
    if (this.#cutSeq === from) return;
    const last = this.#runs.at(-1);
    if (last === undefined) this.#spool.ack(this.#cutSeq);
    else last.lastSeq = this.#cutSeq;
  }

  /** The chunk has been acked (or written, where acks are off). Once more changes nothing. */
  delivered(chunk: Chunk): void {
    const run = this.#runs.find(({ undelivered }) => undelivered.delete(chunk));
    if (run === undefined) return;
    this.#counters.chunks_acked++;
    this.#counters.events_acked += chunk.entryCount;
    this.#ackDelivered();
  }

  #undelivered(): number {
    let count = 0;
    for (const run of this.#runs) count += run.undelivered.size;
    return count;
  }

  /** Tells the spool how far everything has been delivered. */
  #ackDelivered(): void {
    let lastSeq = 0;
    while (this.#runs.length > 0 && this.#runs[0]!.undelivered.size === 0) {
      lastSeq = this.#runs.shift()!.lastSeq;
    }
    if (lastSeq > 0) this.#spool.ack(lastSeq);
  }
}
