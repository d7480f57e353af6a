/**
 * The writing side of a spool: an append-only log in segments. A batch is one `writev`; when it returns,
 * the death of this process cannot undo it. Forcing to disk goes on in the background, one at a time, since
 * the thread pool is shared; what asks for it meanwhile shares the next one.
 *
 *     [ finished ] [ finished ] [ active: written to ]
 *                               '-- after a failed write it is cut back to its last whole record; where
 *                                   that fails too it is finished there, and the next write makes a new one
 */
import { randomBytes } from 'node:crypto';
import type { Batch } from '../stages.js';
import type { Folder, WritableFile } from './folder.js';
import { eventsIn, headerLength, markLength, recordLength, writeHeader } from './record.js';
import { encodePrefix, prefixLength, segmentName } from './segment.js';

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
}

export class SegmentLog {
  readonly #folder: Folder;
  readonly #spoolId: Buffer;
  readonly #tag: number;
  readonly #segmentBytes: number;
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
  #forcing: Promise<boolean> = Promise.resolve(true);
  #nextForcing: Promise<boolean> | null = null;
  #closed = false;

  constructor(options: SegmentLogOptions) {
    this.#folder = options.folder;
    this.#spoolId = options.spoolId;
    this.#tag = options.tag;
    this.#segmentBytes = options.segmentBytes;
    this.#segments = [...options.segments];
    this.#events = options.events;
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
    return this.#unforced.size > 0;
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
    this.#unforced.add(file);
    return { segment, offset };
  }

  /** The segment that follows, or null. */
  next(segment: Segment): Segment | null {
    return this.#segments[this.#segments.indexOf(segment) + 1] ?? null;
  }

  /** Resolves with true once all that had been written at the time of the call is on disk. Never rejects. */
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
    return this.#take(index, 1)[0]!;
  }

  /** What a damaged segment really has; its file keeps what it has. */
  forget(segment: Segment): void {
    const index = this.#segments.indexOf(segment);
    if (index >= 0) this.#take(index, 1);
  }

  /** Forces what was written, then closes. */
  async close(): Promise<void> {
    this.#finish();
    await this.force();
    this.#closed = true;
    for (const file of this.#unforced) file.close();
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
        mark: randomBytes(markLength),
        eventsBefore: this.#events,
        tag: this.#tag,
        end: 0,
      };
      this.#active = { segment, file: this.#folder.create(segment.name) };
      this.#segments.push(segment);
      this.#hasNewNames = true;
    }
    return this.#active;
  }

  #cutBack(segment: Segment, file: WritableFile): void {
    try {
      file.truncate(segment.end);
    } catch {
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
    const files = [...this.#unforced];
    const newNames = this.#hasNewNames;
    this.#unforced.clear();
    this.#hasNewNames = false;
    let fine = true;
    for (const file of files) {
      try {
        await file.sync();
      } catch {
        fine = false;
        // The kernel says so once and then forgets: what it could not write must not seem forced later.
        if (this.#active?.file === file) this.#finish();
        this.#unforced.delete(file);
      }
      if (this.#finished.delete(file)) file.close();
    }
    if (newNames) {
      await this.#folder.syncNames().catch(() => {
        this.#hasNewNames = true;
        fine = false;
      });
    }
    return fine;
  }
}
