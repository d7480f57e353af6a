/**
 * What has been cut from the spool and not yet been delivered, oldest first; bounded. It outlives
 * connections: after a lost one, `unacked` is what the next one begins with. It turns delivered chunks
 * into positions: the spool may forget a batch once all chunks up to and of its run are delivered,
 * in whatever order that came about.
 *
 *     spool   |  acked  |  in the window: runs 1..n  |  not yet cut  |
 *                       ^ spool.ack(run.lastSeq)     ^ #cutSeq
 *
 * A chunk that the receiver refuses does not hold up what is behind it: suspects take no place in the
 * window. But nothing behind it can be acked to the spool, which has to keep those bytes readable; hence
 * the bounds in bytes.
 */
import type { OutputCounters } from '../../observe/counters.js';
import { readableBytes, type Spool } from '../../stages.js';
import type { Chunk } from './chunk.js';
import type { ChunkCutter } from './chunk-cutter.js';
import { isSuspect } from './suspicion.js';

/**
 * Bytes that are cut and that the spool must keep in memory (`readableBytes` of stages.ts); beyond it only
 * witnesses are cut, of one batch.
 */
const maxHeldBytes = readableBytes / 2;
const maxHeldBytesWithWitnesses = (readableBytes * 3) / 4;

interface OpenRun {
  lastSeq: number;
  /** Of its entries, and of runs behind it that are delivered already. */
  bytes: number;
  /** In order of sending. */
  undelivered: Set<Chunk>;
}

export class SendWindow {
  readonly #spool: Spool;
  readonly #cutter: ChunkCutter;
  readonly #counters: OutputCounters;
  readonly #maxChunks: number;
  /** Oldest first. Each holds chunks. */
  readonly #runs: OpenRun[] = [];
  #cutSeq = 0;

  constructor(options: {
    spool: Spool;
    cutter: ChunkCutter;
    counters: OutputCounters;
    /** No run is cut while this many chunks are undelivered, suspects aside. */
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

  /**
   * The chunks of the next run, or none if the window is full or the spool is read to its end.
   *
   * @param witness it is needed as evidence, a chunk that a working receiver acks: one batch is enough
   */
  next(witness = false): readonly Chunk[] {
    this.passEmpty();
    if (this.#full(witness ? maxHeldBytesWithWitnesses : maxHeldBytes)) return [];
    const run = this.#cutter.cut(this.#spool, this.#cutSeq, witness);
    if (run === null) return [];
    const { lastSeq, chunks } = run;
    this.#cutSeq = lastSeq;
    let bytes = 0;
    for (const { entries } of chunks) for (const part of entries) bytes += part.length;
    this.#runs.push({ lastSeq, bytes, undelivered: new Set(chunks) });
    return chunks;
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
    if (!this.#remove(chunk)) return;
    this.#counters.chunks_acked++;
    this.#counters.events_acked += chunk.entryCount;
  }

  /** The chunk is kept elsewhere, and will not be delivered. */
  setAside(chunk: Chunk): void {
    this.#remove(chunk);
  }

  /** The pieces take the chunk's place. */
  replace(chunk: Chunk, pieces: readonly Chunk[]): void {
    const run = this.#runs.find(({ undelivered }) => undelivered.has(chunk));
    if (run === undefined) return;
    const chunks = [...run.undelivered];
    run.undelivered = new Set(chunks.flatMap((other) => (other === chunk ? pieces : [other])));
  }

  #full(maxBytes: number): boolean {
    let chunks = 0;
    let bytes = 0;
    for (const run of this.#runs) {
      bytes += run.bytes;
      for (const chunk of run.undelivered) if (!isSuspect(chunk)) chunks++;
    }
    return chunks >= this.#maxChunks || bytes >= maxBytes;
  }

  #remove(chunk: Chunk): boolean {
    const at = this.#runs.findIndex(({ undelivered }) => undelivered.delete(chunk));
    if (at < 0) return false;
    const run = this.#runs[at]!;
    if (run.undelivered.size > 0) return true;
    this.#runs.splice(at, 1);
    const before = this.#runs[at - 1];
    if (before === undefined) this.#spool.ack(run.lastSeq);
    else {
      // The spool is told when the run before it is delivered too.
      before.lastSeq = run.lastSeq;
      before.bytes += run.bytes;
    }
    return true;
  }
}
