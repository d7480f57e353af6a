/**
 * The writing side of a spool: an append-only log in segments. A batch is one `writev`; when it returns,
 * the death of this process cannot undo it. Forcing to disk goes on in the background, one at a time, since
 * the thread pool is shared; what asks for it meanwhile shares the next one.
 *
 *     [ finished ] [ finished ] [ active: written to ]
 *                               '-- after a failed write it is cut back to its last whole record; where
 *                                   that fails too it is finished there, and the next write makes a new one
 */
import type { Batch } from '../stages.js';
import type { Folder, WritableFile } from './folder.js';
import { eventsIn, headerLength, recordLength, writeHeader } from './record.js';
import { encodePrefix, markOf, prefixLength, segmentName } from './segment.js';

export interface Segment {
  readonly name: string;
  /** No record in it has a lower number. */
  readonly firstSeq: number;
  readonly mark: Buffer;
  /** Events in all records before its first; null if that cannot be read. */
  readonly eventsBefore: number | null;
  /** Tag of its observations; null if that cannot be read. */
  readonly tag: number | null;
  /** Bytes in it that count: grows while it is written to. */
  end: number;
}

export interface SegmentLogOptions {
  readonly folder: Folder;
  readonly spoolId: Buffer;
  /** Of the observations to be written. */
  readonly tag: number;
  /** What is there already, oldest first. */
  readonly segments: readonly Segment[];
  /** A segment of this size is finished. */
  readonly segmentBytes: number;
  /** Events in all records so far. */
  readonly events: number;
  /** The first number behind what was dropped in an earlier life; 0 without any. */
  readonly droppedTo?: number;
  /** Something was forced, or could not be. */
  readonly onForced?: (fine: boolean) => void;
}

export class SegmentLog {
  readonly #folder: Folder;
  readonly #spoolId: Buffer;
  readonly #tag: number;
  readonly #segmentBytes: number;
  readonly #onForced: (fine: boolean) => void;
  readonly #segments: Segment[];
  readonly #header = Buffer.alloc(headerLength);
  #active: { readonly segment: Segment; readonly file: WritableFile } | null = null;
  /** Written to since they were last forced; those that are finished are then closed. */
  readonly #unforced = new Set<WritableFile>();
  /** To be closed once they have been forced. */
  readonly #finished = new Set<WritableFile>();
  #hasNewNames = false;
  #bytes = 0;
  #events: number;
  #lastSeq = 0;
  #droppedTo: number;
  #doubtfulUpTo = 0;
  #forcing: Promise<boolean> = Promise.resolve(true);
  #nextForcing: Promise<boolean> | null = null;
  #closed = false;

  constructor(options: SegmentLogOptions) {
    this.#folder = options.folder;
    this.#spoolId = options.spoolId;
    this.#tag = options.tag;
    this.#segmentBytes = options.segmentBytes;
    this.#onForced = options.onForced ?? (() => {});
    this.#segments = [...options.segments];
    this.#events = options.events;
    this.#droppedTo = options.droppedTo ?? 0;
    for (const { end } of this.#segments) this.#bytes += end;
  }

  /** Of all segments. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Events in all records ever written. */
  get events(): number {
    return this.#events;
  }

  /** Oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** True if something has been written that was not yet forced. */
  get unforced(): boolean {
    return this.#unforced.size > 0 || this.#hasNewNames;
  }

  /** A force has failed, so that what was written up to this number may never be on disk; 0 if none has. */
  get doubtfulUpTo(): number {
    return this.#doubtfulUpTo;
  }

  /** What lies in front of a segment that begins at this number or before it may have been dropped. */
  get droppedTo(): number {
    return this.#droppedTo;
  }

  /**
   * Writes one record. Throws what the system says; then it is as if nothing had been written.
   *
   * @returns where it lies
   */
  append(batch: Batch, seq: number): { readonly segment: Segment; readonly offset: number } {
    const { segment, file } = this.#writable(seq);
    writeHeader(this.#header, segment.mark, batch, seq, this.#events);
    const record = [this.#header, batch.observations, batch.entries];
    const offset = Math.max(segment.end, prefixLength);
    try {
      if (segment.end > 0) file.write(record, offset);
      else file.write([encodePrefix(segment.mark, this.#spoolId, this.#tag), ...record], 0);
    } catch (error) {
      this.#cutBack(segment, file);
      throw error;
    }
    const end = offset + recordLength(batch);
    this.#bytes += end - segment.end;
    segment.end = end;
    this.#events += eventsIn(batch);
    this.#lastSeq = seq;
    this.#unforced.add(file);
    return { segment, offset };
  }

  /** The segment that follows, or null. */
  next(segment: Segment): Segment | null {
    return this.#segments[this.#segments.indexOf(segment) + 1] ?? null;
  }

  /**
   * Resolves with true once all that had been written at the time of the call is on disk, but for what is
   * doubtful. Never rejects.
   */
  force(): Promise<boolean> {
    this.#nextForcing ??= this.#forcing.then(() => {
      this.#nextForcing = null;
      this.#forcing = this.#force();
      return this.#forcing;
    });
    return this.#nextForcing;
  }

  /**
   * Takes out segments that hold nothing above `seq`; the active one only if it is due to be finished and
   * `seq` is the last there is. The caller deletes them.
   */
  takeUpTo(seq: number, lastSeq: number): Segment[] {
    if (seq >= lastSeq) {
      if (this.#active !== null && this.#active.segment.end >= this.#segmentBytes) this.#finish();
      return this.#take(0, this.#segments.length - (this.#active === null ? 0 : 1));
    }
    let count = 0;
    while (count + 1 < this.#segments.length && this.#segments[count + 1]!.firstSeq <= seq + 1) {
      count++;
    }
    return this.#take(0, count);
  }

  /** Takes out the oldest segment that comes after `segment` and is not written to; null if none is. */
  takeAfter(segment: Segment): Segment | null {
    const index = this.#segments.indexOf(segment) + 1;
    const found = this.#segments[index];
    if (found === undefined || found === this.#active?.segment) return null;
    this.#droppedTo = this.#segments[index + 1]?.firstSeq ?? this.#lastSeq + 1;
    return this.#take(index, 1)[0]!;
  }

  /** Events in all records up to the segment that follows. */
  eventsBehind(segment: Segment): number {
    return this.next(segment)?.eventsBefore ?? this.#events;
  }

  /** Takes out one that is not there any more. */
  forget(segment: Segment): void {
    const index = this.#segments.indexOf(segment);
    if (index >= 0) this.#take(index, 1);
  }

  /** Forces what was written, then closes. Nothing can be appended from here on. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#finish();
    await this.force();
    for (const file of this.#unforced) closeQuietly(file);
    this.#unforced.clear();
  }

  #take(index: number, count: number): Segment[] {
    const taken = this.#segments.splice(index, count);
    for (const { end } of taken) this.#bytes -= end;
    return taken;
  }

  #writable(seq: number): { readonly segment: Segment; readonly file: WritableFile } {
    if (this.#closed) throw new Error('the spool has been closed');
    if (this.#active !== null && this.#active.segment.end >= this.#segmentBytes) this.#finish();
    if (this.#active === null) {
      const segment = {
        name: segmentName(seq),
        firstSeq: seq,
        mark: markOf(this.#spoolId, seq),
        eventsBefore: this.#events,
        tag: this.#tag,
        end: 0,
      };
      this.#active = { segment, file: this.#folder.create(segment.name) };
      this.#segments.push(segment);
      this.#hasNewNames = true;
      // What was dropped was the newest then: this one follows it.
      if (this.#droppedTo > this.#lastSeq && this.#lastSeq > 0) this.#droppedTo = seq;
    }
    return this.#active;
  }

  #cutBack(segment: Segment, file: WritableFile): void {
    try {
      file.truncate(segment.end);
    } catch {
      // Nothing in it counts: the next write goes over it. Its name could not be used for another.
      if (segment.end === 0) return;
      // Whatever lies behind its end: this process does not read it, and the next one finds no record.
      this.#unforced.add(file);
      this.#finish();
    }
  }

  #finish(): void {
    if (this.#active === null) return;
    const { segment, file } = this.#active;
    this.#active = null;
    this.#finished.add(file);
    this.#unforced.add(file);
    if (segment.end === 0) this.forget(segment);
    // Also where nothing else asks for it: so that no more than one of them stays open.
    void this.force();
  }

  async #force(): Promise<boolean> {
    const newNames = this.#hasNewNames;
    this.#hasNewNames = false;
    let fine = true;
    for (const file of [...this.#unforced]) {
      this.#unforced.delete(file);
      // If it is finished only while it is forced, what was written meanwhile needs another force.
      const finished = this.#finished.delete(file);
      try {
        await file.sync();
      } catch {
        fine = false;
        this.#doubt(file);
      }
      if (finished) closeQuietly(file);
    }
    if (newNames) {
      await this.#folder.syncNames().catch(() => {
        this.#hasNewNames = true;
        this.#doubtfulUpTo = this.#lastSeq;
        fine = false;
      });
    }
    this.#onForced(fine);
    return fine;
  }

  /** The kernel says so once and then forgets: what it could not write must not seem forced later. */
  #doubt(file: WritableFile): void {
    this.#doubtfulUpTo = this.#lastSeq;
    if (this.#active?.file === file) this.#finish();
  }
}

/** What it held has been forced, or given up, before. */
function closeQuietly(file: WritableFile): void {
  try {
    file.close();
  } catch {}
}
