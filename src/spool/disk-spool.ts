/**
 * The spool on disk. A batch is written, then kept in memory too while delivery keeps up; in a backlog it
 * is on disk only, and read again in pieces when its turn comes.
 *
 *     append ─► write ──────────────────────────► segments ─► deleted, once acked and covered
 *                 │ fails (full, broken)             │
 *                 ▼                                  ▼ in the background
 *              waiting ── tried again ──►         window in memory ─► output ─► ack ─► cursor
 *
 * What cannot be written waits in memory, the spool is full, and inputs pause. It is delivered from there
 * all the same: a dead disk stops the promise, not the flow. Such a batch is *taken in* once it is written,
 * or delivered.
 *
 * What is promised after a crash: docs/guarantees.md. The bytes: docs/spool-format.md.
 */
import { Complaints } from '../observe/complaints.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import type { Batch, DeadLetters, Spool, StoredBatch } from '../stages.js';
import type { Aside } from './aside.js';
import { Backlog } from './backlog.js';
import { BatchWindow, type Held } from './batch-window.js';
import { BlockPool } from './block-pool.js';
import type { Cursor } from './cursor.js';
import type { Folder } from './folder.js';
import { eventsIn, recordLength } from './record.js';
import { prefixLength } from './segment.js';
import type { Segment, SegmentLog } from './segment-log.js';

/** What the window holds at most; the output has at most 8 MiB on the way. */
const windowBytes = 12 * 1024 * 1024;
/** The part of `maxBytes` to which a full spool must empty before inputs go on, to avoid flapping. */
const drainedShare = 3 / 4;
/** A baseline that lets segments pile up to this part is to be saved out of turn. */
const checkpointShare = 1 / 4;
const retryMs = 1000;

export type SyncMode = 'none' | 'interval' | 'always';
export type WhenFull = 'block' | 'drop_oldest';

export interface DiskSpoolOptions {
  readonly maxBytes: number;
  readonly whenFull: WhenFull;
  readonly sync: SyncMode;
  readonly syncIntervalMs: number;
  readonly counters: Counters;
  readonly log: Logger;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** What was found on disk: made by `openSpool`. */
export interface SpoolState {
  readonly folder: Folder;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly log: SegmentLog;
  readonly cursor: Cursor;
  readonly aside: Aside;
  readonly acked: number;
  readonly ackedEvents: number;
  readonly covered: number;
  readonly lastSeq: number;
  /** Bytes of records that are not acked, or a little more. */
  readonly backlogBytes: number;
  /** The segment with the oldest batch that is not acked, and where its records begin; null if none. */
  readonly backlog: { readonly segment: Segment; readonly offset: number } | null;
}

/** A batch that could not be written yet. */
interface Unwritten {
  readonly held: Held;
  /** Else it comes after what is on disk only. */
  inWindow: boolean;
}

export class DiskSpool implements Spool, DeadLetters {
  onFull: () => void = nothing;
  onDrained: () => void = nothing;
  onReadable: () => void = nothing;
  /** Set by the pipeline: segments cannot go until the baseline has been saved. */
  onCheckpointDue: () => void = nothing;

  readonly id: string;
  readonly #options: Required<DiskSpoolOptions>;
  readonly #folder: Folder;
  readonly #log: SegmentLog;
  readonly #cursor: Cursor;
  readonly #aside: Aside;
  readonly #pool = new BlockPool();
  readonly #window: BatchWindow;
  /** Oldest first. */
  readonly #unwritten: Unwritten[] = [];
  /** At rest while all that is not acked is in the window. */
  readonly #backlog: Backlog;
  readonly #complaints: Complaints;
  #lastSeq: number;
  #acked: number;
  #ackedEvents: number;
  #covered: number;
  #backlogBytes: number;
  #full = false;
  #checkpointAsked = false;
  #retryTimer: NodeJS.Timeout | null = null;
  #syncTimer: NodeJS.Timeout | null = null;
  #deleting: Promise<void> = Promise.resolve();
  readonly #toDelete: Segment[] = [];

  constructor(state: SpoolState, options: DiskSpoolOptions) {
    this.#options = { now: Date.now, ...options };
    this.id = state.id;
    this.#folder = state.folder;
    this.#log = state.log;
    this.#cursor = state.cursor;
    this.#aside = state.aside;
    this.#lastSeq = state.lastSeq;
    this.#acked = state.acked;
    this.#ackedEvents = state.ackedEvents;
    this.#covered = state.covered;
    this.#backlogBytes = state.backlogBytes;
    this.#window = new BatchWindow(this.#pool, windowBytes);
    this.#complaints = new Complaints(options.log, { spool: state.folder.path }, this.#options.now);
    this.#backlog = new Backlog({
      folder: state.folder,
      log: state.log,
      pool: this.#pool,
      window: this.#window,
      aside: state.aside,
      counters: options.counters,
      complaints: this.#complaints,
      isWanted: (batch) => this.#isWanted(batch),
      onRead: () => this.onReadable(),
      onLost: (bytes) => {
        this.#backlogBytes -= bytes;
      },
      onCaughtUp: () => this.#onCaughtUp(),
    });
    if (state.backlog !== null) {
      const { segment, offset } = state.backlog;
      this.#backlog.startAt(segment, offset, null);
    }
    if (options.sync === 'interval') {
      this.#syncTimer = setInterval(() => {
        if (this.#log.unforced) void this.sync();
      }, options.syncIntervalMs);
      this.#syncTimer.unref();
    }
    this.#full = this.diskBytes >= options.maxBytes;
    void this.#backlog.fill();
  }

  get full(): boolean {
    return this.#full;
  }

  get bytes(): number {
    return this.#backlogBytes;
  }

  /** Of all files, delivered batches that wait for a checkpoint included. */
  get diskBytes(): number {
    return this.#log.bytes;
  }

  /** An upper bound after damage, exact otherwise; 0 only if nothing is left. */
  get batches(): number {
    return this.#lastSeq - this.#acked;
  }

  /** Events that are not acked. */
  get events(): number {
    return this.#log.events - this.#ackedEvents + this.#unwrittenEvents;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get ackedSeq(): number {
    return this.#acked;
  }

  /** Receipt of the oldest event that is not acked, epoch ms; null if none is in memory. */
  get oldestMs(): number | null {
    return this.#window.oldest?.oldestMs ?? null;
  }

  /** False while the disk takes nothing in. */
  get storing(): boolean {
    return this.#unwritten.length === 0;
  }

  append(batch: Batch): void {
    const seq = ++this.#lastSeq;
    const recordBytes = recordLength(batch);
    this.#backlogBytes += recordBytes;
    const place = this.storing ? this.#write(batch, seq) : null;
    const keepsUp = this.#backlog.atRest && (place === null || this.#window.hasRoom);
    if (place === null || keepsUp) {
      const held = this.#window.copy(batch, seq, recordBytes, this.#log.events);
      if (place === null) this.#unwritten.push({ held, inWindow: keepsUp });
      if (keepsUp) this.#window.push(held);
    } else {
      if (this.#backlog.atRest) {
        this.#backlog.startAt(place.segment, place.offset, this.#log.events - eventsIn(batch));
      }
    }
    if (this.#options.sync === 'always') void this.sync();
    this.#weigh();
    this.onReadable();
  }

  after(seq: number): StoredBatch | null {
    return this.#window.after(seq);
  }

  ack(seq: number): void {
    const upTo = Math.min(seq, this.#lastSeq);
    if (upTo <= this.#acked) return;
    for (const held of this.#window.release(upTo)) {
      this.#backlogBytes -= held.recordBytes;
      this.#ackedEvents = Math.max(this.#ackedEvents, held.eventsUpTo);
    }
    this.#acked = upTo;
    // Delivered without ever having been on disk.
    while (this.#unwritten.length > 0 && this.#unwritten[0]!.held.seq <= upTo) {
      this.#unwritten.shift();
    }
    this.#saveCursor();
    this.#letGo();
    void this.#backlog.fill();
  }

  /** What was learned from everything up to `seq` is in a saved baseline. */
  cover(seq: number): void {
    this.#checkpointAsked = false;
    if (seq <= this.#covered) return;
    this.#covered = seq;
    this.#saveCursor();
    this.#letGo();
  }

  /** Numbers up to `seq` are not used again, whoever has forgotten them. Before the first append. */
  skipTo(seq: number): void {
    if (seq <= this.#lastSeq) return;
    const isEmpty = this.batches === 0;
    this.#lastSeq = seq;
    if (isEmpty) this.ack(seq);
  }

  /** Resolves with true once all that was appended before the call is on disk. Never rejects. */
  async sync(): Promise<boolean> {
    const { counters } = this.#options;
    const allWritten = this.storing;
    counters.spool_syncs++;
    const forced = await this.#log.force();
    if (!forced) {
      counters.spool_sync_failures++;
      this.#complaints.say(
        'sync',
        'the spool cannot be forced to disk: a power loss now may lose events',
      );
    }
    return forced && allWritten;
  }

  setAside(entries: Batch, reason: string): boolean {
    const name = this.#aside.letter(entries, reason, this.#options.now());
    if (name === null)
      this.#complaints.say('aside', 'entries cannot be set aside: no room, or the disk fails');
    return name !== null;
  }

  /** Forces what was written, then closes. Returns how many events are lost: those never written. */
  async close(): Promise<number> {
    if (this.#syncTimer !== null) clearInterval(this.#syncTimer);
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#writeUnwritten();
    this.#saveCursor();
    await this.#log.close();
    await this.#deleting;
    await this.#cursor.sync().catch(nothing);
    await this.#backlog.close();
    this.#cursor.close();
    return this.#unwrittenEvents;
  }

  get #unwrittenEvents(): number {
    return this.#unwritten.reduce((sum, { held }) => sum + eventsIn(held), 0);
  }

  #write(batch: Batch, seq: number): { segment: Segment; offset: number } | null {
    for (;;) {
      try {
        return this.#log.append(batch, seq);
      } catch (error) {
        this.#options.counters.spool_write_failures++;
        if (this.#options.whenFull === 'drop_oldest' && this.#dropOldest()) continue;
        this.#complaints.say(
          'write',
          `the spool cannot be written to: ${words(error)}; inputs pause until it can`,
        );
        this.#retryTimer ??= setTimeout(this.#retry, retryMs);
        return null;
      }
    }
  }

  readonly #retry = (): void => {
    this.#retryTimer = null;
    this.#writeUnwritten();
    this.#weigh();
  };

  #writeUnwritten(): void {
    for (let first = this.#unwritten[0]; first !== undefined; first = this.#unwritten[0]) {
      const { held, inWindow } = first;
      if (this.#write(held, held.seq) === null) return;
      this.#unwritten.shift();
      held.eventsUpTo = this.#log.events;
      // It will be read from disk when its turn comes.
      if (!inWindow) this.#pool.release(held.block);
    }
  }

  /** Full or drained, by what is on disk; and a checkpoint in time. */
  #weigh(): void {
    const { maxBytes, whenFull } = this.#options;
    if (whenFull === 'drop_oldest') while (this.diskBytes >= maxBytes && this.#dropOldest());
    const { diskBytes } = this;
    if (!this.#full && (diskBytes >= maxBytes || !this.storing)) {
      this.#full = true;
      this.onFull();
    } else if (this.#full && diskBytes <= maxBytes * drainedShare && this.storing) {
      this.#full = false;
      this.onDrained();
    }
    if (diskBytes < maxBytes * checkpointShare || this.#checkpointAsked) return;
    const [, second] = this.#log.segments;
    if (second === undefined || second.firstSeq > this.#acked) return;
    this.#checkpointAsked = true;
    this.onCheckpointDue();
  }

  /** The oldest segment that is not on its way to the output; false if there is none. */
  #dropOldest(): boolean {
    const { segment } = this.#backlog;
    if (segment === null) return false;
    const dropped = this.#log.takeAfter(segment);
    if (dropped === null) return false;
    const next = this.#log.next(segment);
    const events = (next?.eventsBefore ?? this.#log.events) - (dropped.eventsBefore ?? 0);
    this.#backlog.expectGap();
    this.#backlogBytes -= dropped.end - prefixLength;
    this.#options.counters.spool_dropped_events += events;
    this.#complaints.say(
      'drop',
      `the spool is full: its oldest events are dropped (${events} just now)`,
    );
    this.#delete([dropped]);
    return true;
  }

  /** Deletes the segments that nobody needs any more. */
  #letGo(): void {
    const taken = this.#log.takeUpTo(Math.min(this.#acked, this.#covered), this.#lastSeq);
    if (taken.length > 0) this.#delete(taken);
    this.#weigh();
  }

  /** The cursor is on disk first: a segment that is missing was delivered. */
  #delete(segments: readonly Segment[]): void {
    this.#toDelete.push(...segments);
    this.#deleting = this.#deleting.then(async () => {
      try {
        await this.#cursor.sync();
        for (let first = this.#toDelete[0]; first !== undefined; first = this.#toDelete[0]) {
          await this.#folder.remove(first.name);
          this.#toDelete.shift();
        }
      } catch (error) {
        this.#complaints.say(
          'delete',
          `a delivered segment of the spool cannot be deleted: ${words(error)}`,
        );
      }
    });
  }

  #saveCursor(): void {
    try {
      this.#cursor.write({
        acked: this.#acked,
        ackedEvents: this.#ackedEvents,
        covered: this.#covered,
        written: this.#unwritten[0] === undefined ? this.#lastSeq : this.#unwritten[0].held.seq - 1,
        writtenEvents: this.#log.events,
      });
    } catch (error) {
      this.#options.counters.spool_write_failures++;
      this.#complaints.say('cursor', `the cursor of the spool cannot be written: ${words(error)}`);
    }
  }

  /** All that is on disk is in the window: from here on appends go there too. */
  #onCaughtUp(): void {
    for (const unwritten of this.#unwritten) {
      if (unwritten.inWindow) continue;
      unwritten.inWindow = true;
      this.#window.push(unwritten.held);
    }
    if (!this.#window.empty) {
      this.onReadable();
    } else if (this.#acked < this.#lastSeq) {
      // Numbers are left but nothing to deliver: their records were damaged.
      this.#backlogBytes = 0;
      this.ack(this.#lastSeq);
    }
  }

  #isWanted(batch: Held): boolean {
    if (batch.seq > this.#acked) return true;
    // Acked before the restart.
    this.#backlogBytes -= batch.recordBytes;
    this.#ackedEvents = Math.max(this.#ackedEvents, batch.eventsUpTo);
    return false;
  }
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function nothing(): void {}
