/**
 * The reading side of a spool: records in order, in pieces of about 1 MiB, in the background. What it
 * gives are views of the blocks it has read into. It never stops at damage: it looks for the next record,
 * and tells what it went over.
 *
 *     [record][record][ damaged ][record]...      a record is found by its segment's mark
 *                     '---------' handed to `onDamage`; the next record tells how many events it has cost
 */
import type { Held } from './batch-window.js';
import type { Block, BlockPool } from './block-pool.js';
import type { Folder, ReadableFile } from './folder.js';
import {
  eventsIn,
  headerLength,
  lengthOf,
  markLength,
  type RecordHeader,
  readBatch,
  readHeader,
} from './record.js';
import { prefixLength } from './segment.js';
import type { Segment } from './segment-log.js';

const pieceBytes = 1024 * 1024;

/** A place where no record can be read. */
export interface Damage {
  readonly segment: Segment;
  readonly offset: number;
  /** Valid only during the call. */
  readonly bytes: Buffer;
}

export interface RecordReaderOptions {
  readonly folder: Folder;
  readonly pool: BlockPool;
  /** The segment that follows, or null for now. */
  readonly next: (segment: Segment) => Segment | null;
  readonly onDamage: (damage: Damage) => void;
  /** So many events, in records before the one at hand, are not there any more. */
  readonly onMissing: (events: number) => void;
  /** So many bytes of a segment are not there any more, though it was that long. */
  readonly onGone?: (bytes: number, segment: Segment) => void;
  /** What lies in front of a segment that begins at this number or before it is not missing. */
  readonly droppedTo?: () => number;
}

export class RecordReader {
  readonly #options: RecordReaderOptions;
  #segment: Segment;
  #offset: number;
  #file: ReadableFile | null = null;
  /** Bytes of the record at `#offset` if it is known to be longer than a piece. */
  #needed = 0;
  /** Events in all records before the next one that counts; null if that cannot be known. */
  #eventsBefore: number | null;
  #lastSeq = 0;

  /**
   * @param eventsBefore of the first record that counts, what is missing before it does not; null: not
   *   known, so that nothing seems missing before the first record
   */
  constructor(
    options: RecordReaderOptions,
    segment: Segment,
    offset = prefixLength,
    eventsBefore: number | null = null,
  ) {
    this.#options = options;
    this.#segment = segment;
    this.#offset = offset;
    this.#eventsBefore = eventsBefore;
  }

  /** Where it reads next. */
  get segment(): Segment {
    return this.#segment;
  }

  /** True if there is nothing to read now. */
  get caughtUp(): boolean {
    return this.#offset >= this.#segment.end && this.#options.next(this.#segment) === null;
  }

  /**
   * The next records, some or one, each holding its block; none if there is nothing to read now.
   * Rejects with what the system says; the next call then tries again. Calls must not overlap.
   */
  async read(): Promise<Held[]> {
    for (;;) {
      const { end } = this.#segment;
      if (this.#offset < end) {
        const batches = await this.#readPiece(end);
        if (batches.length > 0) return batches;
        continue;
      }
      const next = this.#options.next(this.#segment);
      // It may have grown since `end` was read, and only then been followed.
      if (this.#offset < this.#segment.end) continue;
      if (next === null) return [];
      const { droppedTo } = this.#options;
      if (droppedTo !== undefined && next.firstSeq <= droppedTo()) this.#eventsBefore = null;
      this.#segment = next;
      this.#offset = prefixLength;
      this.#needed = 0;
      await this.close();
    }
  }

  /** Goes on behind the segment that it reads. Returns how many bytes of it were not read. */
  skipSegment(): number {
    const rest = this.#segment.end - this.#offset;
    this.#offset = this.#segment.end;
    return rest;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }

  async #readPiece(end: number): Promise<Held[]> {
    const wanted = Math.min(end - this.#offset, Math.max(pieceBytes, this.#needed));
    try {
      this.#file ??= await this.#options.folder.openForReading(this.#segment.name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.#gone(end);
      return [];
    }
    const block = this.#options.pool.lease(wanted);
    try {
      const length = await this.#file.read(block.bytes, 0, wanted, this.#offset);
      // Shorter than it is known to be: somebody has cut it.
      const last = length < wanted || this.#offset + length >= end;
      const batches = this.#parse(block, length, last);
      if (length < wanted) this.#gone(end);
      return batches;
    } finally {
      this.#options.pool.release(block);
    }
  }

  /** Somebody has taken away what lies between here and `end`. */
  #gone(end: number): void {
    const bytes = end - this.#offset;
    this.#offset = end;
    if (bytes > 0) this.#options.onGone?.(bytes, this.#segment);
  }

  #parse(block: Block, length: number, last: boolean): Held[] {
    const bytes = block.bytes.subarray(0, length);
    const { mark } = this.#segment;
    const batches: Held[] = [];
    let at = 0;
    this.#needed = 0;
    while (at < length) {
      const header = readHeader(bytes, at, mark);
      if (header === null) {
        if (!last && at + headerLength > length) break;
        at = this.#pass(bytes, at, nextMark(bytes, at + 1, mark, last));
        continue;
      }
      const recordBytes = lengthOf(header);
      if (at + recordBytes > length) {
        if (last) {
          at = this.#pass(bytes, at, nextMark(bytes, at + 1, mark, last));
          continue;
        }
        this.#needed = recordBytes;
        break;
      }
      const batch = header.seq > this.#lastSeq ? readBatch(bytes, at, header) : null;
      if (batch === null) {
        at = this.#pass(bytes, at, at + recordBytes);
        continue;
      }
      this.#account(header);
      block.held++;
      const eventsUpTo = header.eventsBefore + eventsIn(header);
      batches.push({ ...batch, block, recordBytes, eventsUpTo });
      at += recordBytes;
    }
    this.#offset += at;
    return batches;
  }

  #pass(bytes: Buffer, from: number, to: number): number {
    this.#options.onDamage({
      segment: this.#segment,
      offset: this.#offset + from,
      bytes: bytes.subarray(from, to),
    });
    return to;
  }

  #account(header: RecordHeader): void {
    const expected = this.#eventsBefore ?? header.eventsBefore;
    if (header.eventsBefore > expected) this.#options.onMissing(header.eventsBefore - expected);
    this.#eventsBefore = Math.max(expected, header.eventsBefore + eventsIn(header));
    this.#lastSeq = header.seq;
  }
}

/**
 * Where the next record may begin from `from` on. Without one, how far the bytes can be gone over: to
 * their end, or if more follows, to where a mark may have begun.
 */
function nextMark(bytes: Buffer, from: number, mark: Buffer, last: boolean): number {
  const found = bytes.indexOf(mark, from);
  if (found >= 0) return found;
  return last ? bytes.length : Math.max(from, bytes.length - markLength + 1);
}
