/**
 * Brings batches from memory to the segments, in order, and knows which are not there yet:
 *
 *     write ────────────────────────────► segments
 *     writeSoon ─► waits for its ack ──►     │        (write-behind.ts)
 *                      │ fails (full, broken)│
 *                      ▼                     │
 *                  unwritten ── tried again ─'        (unwritten.ts)
 */
import { wordsOf } from '../errors.js';
import type { Complaints } from '../observe/complaints.js';
import type { OutputCounters } from '../observe/counters.js';
import type { Batch } from '../stages.js';
import type { Held } from './batch-window.js';
import type { BlockPool } from './block-pool.js';
import { isNoSpace } from './folder.js';
import type { Segment, SegmentLog } from './segment-log.js';
import { Unwritten } from './unwritten.js';
import { WriteBehind } from './write-behind.js';

export interface SpoolWriterOptions {
  readonly log: SegmentLog;
  readonly pool: BlockPool;
  readonly counters: OutputCounters;
  readonly complaints: Complaints;
  /** After which what failed is tried again. */
  readonly retryMs: number;
  /** How old an event may be that waits for its ack and is not written, in ms; 0: nothing waits. */
  readonly maxUnwrittenAgeMs: number;
  /** Epoch ms. */
  readonly now: () => number;
  /** The disk is full. Whatever room is made, the write is tried again. */
  readonly onNoSpace: () => void;
  /** Something that had waited, or had failed, was written. */
  readonly onWritten: () => void;
}

export class SpoolWriter {
  readonly #options: SpoolWriterOptions;
  readonly #unwritten: Unwritten;
  readonly #behind: WriteBehind;
  #retryTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SpoolWriterOptions) {
    const { pool, maxUnwrittenAgeMs: maxAgeMs, now, onWritten } = options;
    this.#options = options;
    this.#unwritten = new Unwritten(pool);
    this.#behind = new WriteBehind({
      maxAgeMs,
      now,
      store: (held, batch) => this.#store(held, batch),
      onStored: () => onWritten(),
    });
  }

  /** False while the disk takes nothing in. */
  get storing(): boolean {
    return this.#unwritten.empty;
  }

  /** Whether it may be given to `writeSoon`. */
  mayWait(batch: Batch): boolean {
    return this.storing && !this.#closed && this.#behind.mayWait(batch);
  }

  /** Of records that wait for their acks. */
  get waitingBytes(): number {
    return this.#behind.bytes;
  }

  /** Number of the oldest batch that is not on disk, or null. */
  get firstMissing(): number | null {
    return (this.#unwritten.first ?? this.#behind.first)?.seq ?? null;
  }

  /** Events in batches that could not be written. */
  get unwrittenEvents(): number {
    return this.#unwritten.events;
  }

  /** Returns where it lies; null if it could not be written: then `keep` it, as it is or copied. */
  write(batch: Batch, seq: number): { segment: Segment; offset: number } | null {
    this.#behind.storeAll();
    return this.storing ? this.#write(batch, seq) : null;
  }

  /** A batch that is in the window: written whole unless its ack comes soon. */
  writeSoon(held: Held): void {
    this.#behind.push(held);
  }

  /** One that could not be written is tried again, and may be delivered from memory. */
  keep(held: Held, inWindow: boolean): void {
    this.#unwritten.push(held, inWindow);
  }

  /** What waits for an ack is written at once. False while the disk takes nothing in. */
  writeAll(): boolean {
    this.#behind.storeAll();
    return this.storing;
  }

  /** What waits up to `seq` has its ack, and is still in the window: only what it taught is written. */
  delivered(seq: number): void {
    this.#behind.storeDelivered(seq);
  }

  /** Lets go of what could not be written up to `seq`: it is delivered. */
  forget(seq: number): void {
    this.#unwritten.forget(seq);
  }

  /** All that is on disk is in the window: those that are not follow it. */
  takeIntoWindow(): Iterable<Held> {
    return this.#unwritten.takeIntoWindow();
  }

  /** Tries a last time to write what is not on disk. */
  close(): void {
    this.#behind.close();
    this.#writeUnwritten();
    this.#closed = true;
    clearTimeout(this.#retryTimer);
  }

  /** What could not be written is tried again. */
  readonly retry = (): void => {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    if (this.#closed || this.storing) return;
    this.#writeUnwritten();
    this.#options.onWritten();
  };

  #store(held: Held, batch: Held): void {
    const written = this.storing && this.#write(batch, held.seq) !== null;
    if (!written) this.#unwritten.push(held, true);
    held.eventsUpTo = this.#options.log.events;
  }

  #writeUnwritten(): void {
    for (let { first } = this.#unwritten; first !== null; { first } = this.#unwritten) {
      if (this.#write(first, first.seq) === null) return;
      this.#unwritten.written(this.#options.log.events);
    }
  }

  #write(batch: Batch, seq: number): { segment: Segment; offset: number } | null {
    const { log, counters, complaints, retryMs, onNoSpace } = this.#options;
    try {
      return log.append(batch, seq);
    } catch (error) {
      counters.spool_write_failures++;
      if (isNoSpace(error)) onNoSpace();
      const what = `cannot be written to, inputs pause: ${wordsOf(error)}`;
      complaints.say('SPOOL_WRITE_FAILED', `the spool ${what}; it is tried again each second`);
      if (!this.#closed) this.#retryTimer ??= setTimeout(this.retry, retryMs);
      return null;
    }
  }
}
