/**
 * The spool on disk. While delivery keeps up a batch is in memory, and written unless its ack comes first
 * (`write-behind.ts`); in a backlog it is on disk only, and read again in pieces when its turn comes.
 *
 *     append ─► write, or soon ─────────────────► segments ─► deleted, once acked and covered
 *                 │ fails (full, broken)             │
 *                 ▼                                  ▼ in the background
 *              waiting ── tried again ──►         window in memory ─► output ─► ack ─► cursor
 *
 * What cannot be written is not taken in: it waits in memory, the spool is full, inputs pause. It is delivered
 * from there all the same. What is promised: docs/guarantees.md. The bytes: docs/spool-format.md.
 */
import { Complaints } from '../observe/complaints.js';
import type { Batch, DeadLetters, Spool, StoredBatch } from '../stages.js';
import type { Aside } from './aside.js';
import { Backlog } from './backlog.js';
import { BatchWindow, type Held } from './batch-window.js';
import { BlockPool } from './block-pool.js';
import type { Cursor } from './cursor.js';
import { Deletions } from './deletions.js';
import type { Folder } from './folder.js';
import { Fullness } from './fullness.js';
import { eventsIn, recordLength } from './record.js';
import { prefixLength } from './segment.js';
import { SegmentLog } from './segment-log.js';
import {
  type DiskSpoolOptions,
  forceReport,
  type SpoolState,
  syncTimer,
  windowBytesOf,
  withDefaults,
} from './spool-state.js';
import { SpoolWriter } from './spool-writer.js';

/** A baseline that lets segments pile up to this part is to be saved out of turn. */
const checkpointShare = 1 / 4;

export class DiskSpool implements Spool, DeadLetters {
  onFull: () => void = nothing;
  onDrained: () => void = nothing;
  onReadable: () => void = nothing;
  /** Set by the pipeline: segments cannot go until the baseline has been saved. */
  onCheckpointDue: () => void = nothing;

  /** 16 hexadecimal digits. Who knows it can forge records: keep it from those who send events. */
  readonly id: string;
  readonly #options: Required<DiskSpoolOptions>;
  readonly #fullness: Fullness;
  readonly #log: SegmentLog;
  readonly #cursor: Cursor;
  readonly #aside: Aside;
  readonly #pool = new BlockPool();
  readonly #window: BatchWindow;
  readonly #writer: SpoolWriter;
  /** At rest while all that is not acked is in the window. */
  readonly #backlog: Backlog;
  readonly #deletions: Deletions;
  readonly #complaints: Complaints;
  readonly #storedSeq: number;
  /** The newest number that was passed over. */
  #passedSeq: number;
  #lastSeq: number;
  #acked: number;
  #ackedEvents: number;
  #covered: number;
  #backlogBytes: number;
  /** In records that are not acked; those that were dropped among them are not. */
  #backlogEvents: number;
  #droppedEvents: number;
  #checkpointAsked = false;
  readonly #syncTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(state: SpoolState, options: DiskSpoolOptions) {
    this.#options = withDefaults(options);
    this.id = state.spoolId.toString('hex');
    this.#cursor = state.cursor;
    this.#aside = state.aside;
    const { reading } = state;
    this.#storedSeq = state.storedSeq;
    this.#passedSeq = reading.written;
    this.#lastSeq = reading.written;
    this.#acked = reading.acked;
    this.#ackedEvents = reading.ackedEvents;
    this.#covered = reading.covered;
    this.#backlogBytes = state.backlogBytes;
    this.#droppedEvents = reading.droppedEvents;
    this.#backlogEvents = reading.writtenEvents - reading.ackedEvents - reading.droppedEvents;
    this.#fullness = new Fullness(options.maxBytes);
    this.#window = new BatchWindow(this.#pool, windowBytesOf(options));
    this.#complaints = new Complaints(options.log, { spool: state.folder.path }, this.#options.now);
    this.#log = new SegmentLog({
      ...state,
      events: reading.writtenEvents,
      droppedTo: reading.dropped,
      onForced: forceReport(options.counters, this.#complaints),
    });
    this.#deletions = new Deletions({
      ...state,
      retryMs: this.#options.retryMs,
      onDeleted: () => this.#writer.retry(),
      onFailure: (error) =>
        this.#complaints.failed('SPOOL_DELETE_FAILED', 'a segment cannot be deleted', error),
    });
    this.#writer = this.#makeWriter();
    this.#backlog = this.#makeBacklog(state.folder);
    if (state.backlog !== null) {
      this.#backlog.startAt(state.backlog, prefixLength, state.backlogEventsBefore);
    }
    this.#syncTimer = syncTimer(options, () => {
      if (this.#log.unforced) void this.#log.force();
    });
    this.#letGo();
    void this.#backlog.fill();
  }

  get full(): boolean {
    return this.#fullness.full;
  }

  get bytes(): number {
    return this.#backlogBytes;
  }

  /** Of all files, delivered batches that wait for a checkpoint included, and of what is about to be written. */
  get diskBytes(): number {
    return this.#log.bytes + this.#writer.waitingBytes;
  }

  /** An upper bound after damage, exact otherwise; 0 only if nothing is left. */
  get batches(): number {
    const found = Math.max(0, this.#storedSeq - this.#acked);
    return found + this.#lastSeq - Math.max(this.#acked, this.#passedSeq);
  }

  /** Events that are not acked. */
  get events(): number {
    return this.#backlogEvents;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get ackedSeq(): number {
    return this.#acked;
  }

  /** Delivered batches pile up, waiting for a checkpoint. */
  get waitsForCheckpoint(): boolean {
    return this.#checkpointAsked;
  }

  /** False while the disk takes nothing in. */
  get storing(): boolean {
    return this.#writer.storing;
  }

  append(batch: Batch): void {
    const seq = ++this.#lastSeq;
    const recordBytes = recordLength(batch);
    this.#backlogBytes += recordBytes;
    this.#backlogEvents += eventsIn(batch);
    const room = this.#backlog.atRest && this.#window.hasRoom;
    if (room && this.#writer.mayWait(batch)) {
      const held = this.#window.copy(batch, seq, recordBytes, this.#log.events);
      this.#window.push(held);
      this.#writer.writeSoon(held);
    } else {
      this.#write(batch, seq, recordBytes);
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
    this.#writer.delivered(upTo);
    for (const held of this.#window.release(upTo)) {
      this.#backlogBytes -= held.recordBytes;
      this.#backlogEvents -= eventsIn(held);
      this.#ackedEvents = Math.max(this.#ackedEvents, held.eventsUpTo);
    }
    this.#acked = upTo;
    this.#writer.forget(upTo);
    if (upTo + 1 >= this.#log.droppedTo) this.#droppedEvents = 0;
    if (upTo === this.#lastSeq) this.#ackedEvents = this.#log.events;
    if (!this.#options.isJournal) this.#covered = Math.max(this.#covered, upTo);
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
    this.#passedSeq = seq;
    if (isEmpty) this.ack(seq);
  }

  /**
   * Resolves with true once all that was appended before the call is on disk, or delivered. Never rejects.
   * Once a force has failed, it is false until all that was there then has been delivered.
   */
  sync(): Promise<boolean> {
    return this.syncFrom(0);
  }

  /** The same of what was appended with a number above `seq`. */
  async syncFrom(seq: number): Promise<boolean> {
    const allWritten = this.writeAll();
    const forced = await this.#log.force();
    return forced && allWritten && this.#log.doubtfulUpTo <= Math.max(seq, this.#acked);
  }

  /** What is in memory only is written at once; false while the disk takes nothing in. */
  writeAll(): boolean {
    const storing = this.#writer.writeAll();
    this.#weigh();
    return storing;
  }

  setAside(entries: Batch, reason: string): boolean {
    const name = this.#aside.letter(entries, reason, this.#options.now());
    if (name !== null) return true;
    this.#complaints.say(
      'SPOOL_ASIDE_FULL',
      'entries cannot be set aside: there is no room, or the disk takes nothing',
    );
    return false;
  }

  /** Forces what was written, then closes. Returns how many events are lost: those never written. */
  async close(): Promise<number> {
    if (this.#closed) return this.#writer.unwrittenEvents;
    this.#writer.close();
    this.#closed = true;
    clearInterval(this.#syncTimer);
    await this.#log.close();
    await this.#deletions.close();
    await this.#backlog.close();
    this.#saveCursor();
    await this.#cursor.sync().catch(nothing);
    this.#cursor.close();
    return this.#writer.unwrittenEvents;
  }

  /** At once; then it is in memory too if delivery keeps up, or if the disk does not take it. */
  #write(batch: Batch, seq: number, recordBytes: number): void {
    const place = this.#writer.write(batch, seq);
    const keepsUp = this.#backlog.atRest && (place === null || this.#window.hasRoom);
    if (place === null || keepsUp) {
      const held = this.#window.copy(batch, seq, recordBytes, this.#log.events);
      if (place === null) this.#writer.keep(held, keepsUp);
      if (keepsUp) this.#window.push(held);
    } else if (this.#backlog.atRest) {
      this.#backlog.startAt(place.segment, place.offset, this.#log.events - eventsIn(batch));
    }
  }

  /** Full or drained, by what is on disk; and a checkpoint in time. */
  #weigh(): void {
    const { maxBytes, whenFull } = this.#options;
    if (whenFull === 'drop_oldest') while (this.diskBytes >= maxBytes && this.#dropOldest());
    const { diskBytes } = this;
    if (this.#fullness.update(diskBytes, this.storing)) {
      if (this.full) this.onFull();
      else this.onDrained();
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
    const behind = this.#log.eventsBehind(segment);
    const events = behind - (dropped.eventsBefore ?? behind);
    this.#backlogBytes -= dropped.end - prefixLength;
    this.#backlogEvents -= events;
    this.#droppedEvents += events;
    const { counters } = this.#options;
    counters.spool_dropped_events += events;
    const all = counters.spool_dropped_events;
    const what = `${all} of its oldest events are dropped by now`;
    this.#complaints.say('SPOOL_DROPS_OLDEST', `the spool is full: ${what}`);
    this.#saveCursor();
    this.#deletions.add([dropped]);
    return true;
  }

  /** Deletes the segments that nobody needs any more. */
  #letGo(): void {
    const taken = this.#log.takeUpTo(Math.min(this.#acked, this.#covered), this.#lastSeq);
    if (taken.length > 0) this.#deletions.add(taken);
    this.#weigh();
  }

  #saveCursor(): void {
    try {
      this.#cursor.write({
        acked: this.#acked,
        ackedEvents: this.#ackedEvents,
        covered: this.#covered,
        written: (this.#writer.firstMissing ?? this.#lastSeq + 1) - 1,
        writtenEvents: this.#log.events,
        dropped: this.#log.droppedTo,
        droppedEvents: this.#droppedEvents,
        closed: this.#closed && !this.#log.unforced && this.#log.doubtfulUpTo === 0,
      });
    } catch (error) {
      this.#options.counters.spool_write_failures++;
      this.#complaints.failed('SPOOL_CURSOR_FAILED', 'its cursor cannot be written', error);
    }
  }

  #makeWriter(): SpoolWriter {
    const { counters, retryMs, whenFull, maxUnwrittenAgeMs, now } = this.#options;
    return new SpoolWriter({
      ...{ log: this.#log, pool: this.#pool, complaints: this.#complaints },
      ...{ counters, retryMs, maxUnwrittenAgeMs, now },
      onNoSpace: () => {
        if (whenFull === 'drop_oldest' && !this.#deletions.pending) this.#dropOldest();
      },
      onWritten: () => {
        this.#weigh();
        void this.#backlog.fill();
      },
    });
  }

  #makeBacklog(folder: Folder): Backlog {
    const { counters, retryMs } = this.#options;
    return new Backlog({
      folder,
      log: this.#log,
      pool: this.#pool,
      window: this.#window,
      aside: this.#aside,
      counters,
      complaints: this.#complaints,
      retryMs,
      isWanted: (batch) => this.#isWanted(batch),
      onRead: () => this.onReadable(),
      onLost: (bytes) => {
        this.#backlogBytes -= bytes;
      },
      onMissing: (events) => {
        this.#backlogEvents -= events;
      },
      onUnreadable: (segment) => this.#deletions.keep(segment),
      onCaughtUp: () => this.#onCaughtUp(),
    });
  }

  /** All that is on disk is in the window: from here on appends go there too. */
  #onCaughtUp(): void {
    for (const held of this.#writer.takeIntoWindow()) this.#window.push(held);
    // Damage may have made the estimates wrong; now it is known.
    this.#backlogBytes = this.#window.recordBytes;
    this.#backlogEvents = this.#window.events;
    if (!this.#window.empty) this.onReadable();
    // Numbers are left but nothing to deliver: their records were damaged.
    else this.ack(this.#lastSeq);
  }

  #isWanted(batch: Held): boolean {
    if (batch.seq > this.#acked) return true;
    // Acked before the restart.
    this.#backlogBytes -= batch.recordBytes;
    return false;
  }
}

function nothing(): void {}
