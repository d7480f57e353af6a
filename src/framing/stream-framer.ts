/**
 * Finds frames in one byte stream, deciding for each frame anew whether it is counted or ends at a
 * delimiter (`frame-start.ts` holds the rule). A frame that lies wholly in the chunk is handed over
 * where it is; only a frame cut by a chunk border is copied, into a carry buffer that grows to the
 * bound and goes when nothing is pending. Linear in the bytes received, however they are cut.
 *
 *     atStart ──> inLine ─────────> atStart   at LF or NUL
 *        │──────> inCounted ──────> atStart   at the count
 *        └──────> inDoubt ────────> atStart   at LF or NUL
 *                     └───────────> inCounted at the next `MSG-LEN SP <PRI>`
 *
 * In doubt are bytes right behind a counted frame that are no counted frame. The count may have been
 * too small (garbage, counted as a resync at once) or too large, or the sender may mix both framings.
 *
 * A frame longer than `maxMessageBytes` is cut: its head is handed over when its end has come, the
 * rest is read past. Nothing else is left out: bytes that fit no framing become a frame of their own.
 */
import type { Counters } from '../observe/counters.js';
import type { Framer, FrameSink, Peer } from '../stages.js';
import { CountSeeker } from './count-seeker.js';
import { LF, maxDelimiterBytes, NUL, withoutDelimiter } from './delimiter.js';
import { countValue, FrameStart, frameStart, maxUndecidedBytes } from './frame-start.js';

export interface StreamFramerOptions {
  readonly maxMessageBytes: number;
  readonly sink: FrameSink;
  readonly peer: Peer;
  readonly counters: Counters;
}

const atStart = 0;
const inLine = 1;
const inCounted = 2;
const inDoubt = 3;

/** What ended the frame before, if not LF or NUL: nothing (stream start), or its count. */
const byNothing = -1;
const byCount = -2;

const BLANK = 0x20;
const LT = 0x3c;
const noBytes = Buffer.alloc(0);
/** First size of the carry buffer: holds most events, so that one allocation does. */
const carryBytes = 1024;

export class StreamFramer implements Framer {
  readonly #sink: FrameSink;
  readonly #peer: Peer;
  readonly #counters: Counters;
  readonly #maxMessageBytes: number;
  /** Kept of a frame until its end: one more delimiter, so that a frame that just fits is not cut. */
  readonly #maxKeptBytes: number;
  readonly #seeker: CountSeeker;
  #state = atStart;
  /** Head of the unfinished frame, or bytes that do not settle yet how it is framed. */
  #carry: Buffer = noBytes;
  #held = 0;
  /** Bytes of the unfinished frame so far; more than `#held` if it is too long. */
  #total = 0;
  /** Announced length of the unfinished counted frame. */
  #count = 0;
  /** The bytes in doubt have been counted as a resync. */
  #resynced = false;
  #afterCounted = false;
  #boundary = byNothing;
  #pendingSinceMs = 0;
  /** First LF and first NUL of the chunk at or behind where we are; its length if there is none. */
  #nextLf = -1;
  #nextNul = -1;

  constructor({ maxMessageBytes, sink, peer, counters }: StreamFramerOptions) {
    this.#sink = sink;
    this.#peer = peer;
    this.#counters = counters;
    this.#maxMessageBytes = maxMessageBytes;
    this.#maxKeptBytes = Math.max(maxMessageBytes, maxUndecidedBytes) + maxDelimiterBytes;
    this.#seeker = new CountSeeker(maxMessageBytes);
  }

  get pending(): boolean {
    return this.#state !== atStart || this.#held > 0;
  }

  /** Receipt of the first byte of the frame that is pending; later bytes do not change it. */
  get pendingSinceMs(): number {
    return this.#pendingSinceMs;
  }

  /** Bytes of memory held for the unfinished frame. */
  get carriedBytes(): number {
    return this.#carry.length;
  }

  push(chunk: Buffer, receivedAtMs: number): void {
    this.#nextLf = -1;
    this.#nextNul = -1;
    let at = 0;
    while (at < chunk.length) {
      if (this.#state !== atStart) at = this.#goOn(chunk, at, receivedAtMs);
      else if (this.#held > 0) at = this.#settle(chunk, at, receivedAtMs);
      else at = this.#begin(chunk, at, receivedAtMs);
    }
    if (!this.pending) this.#carry = noBytes;
  }

  end(receivedAtMs: number): void {
    if (!this.pending) return;
    const announced = this.#state === inCounted ? this.#count : this.#total;
    this.#finish(this.#carry, 0, this.#total, announced, byNothing, receivedAtMs);
    this.#afterCounted = false;
    this.#carry = noBytes;
  }

  /** A frame begins at `at`. Returns the new `at`. */
  #begin(chunk: Buffer, at: number, receivedAtMs: number): number {
    this.#pendingSinceMs = receivedAtMs;
    const kind =
      chunk[at] === LT
        ? FrameStart.line
        : frameStart(chunk, at, chunk.length, this.#afterCounted, this.#boundary === byCount);
    if (kind === FrameStart.undecided) {
      this.#hold(chunk, at, chunk.length);
      return chunk.length;
    }
    if (kind > 0) return this.#counted(chunk, at, kind, receivedAtMs);
    const start = kind === FrameStart.lineAfterBlank ? at + 1 : at;
    if (this.#boundary === byCount) {
      this.#doubt(kind);
      return start;
    }
    const end = this.#delimiter(chunk, start);
    if (end === chunk.length) {
      this.#state = inLine;
      this.#hold(chunk, start, end);
      return end;
    }
    this.#finish(chunk, start, end - start, end - start, chunk[end]!, receivedAtMs);
    return end + 1;
  }

  #counted(chunk: Buffer, at: number, headerBytes: number, receivedAtMs: number): number {
    const length = countValue(chunk, at);
    const start = at + headerBytes;
    const end = start + length;
    if (end <= chunk.length) {
      this.#finish(chunk, start, length, length, byCount, receivedAtMs);
      return end;
    }
    this.#state = inCounted;
    this.#count = length;
    this.#hold(chunk, start, chunk.length);
    return chunk.length;
  }

  /** The held bytes do not settle the framing: looks at one more, which cannot be a delimiter if taken. */
  #settle(chunk: Buffer, at: number, receivedAtMs: number): number {
    const carry = this.#carry;
    const held = this.#held;
    carry[held] = chunk[at]!;
    const kind = frameStart(carry, 0, held + 1, this.#afterCounted, this.#boundary === byCount);
    if (kind === FrameStart.undecided) {
      this.#held = this.#total = held + 1;
      return at + 1;
    }
    if (kind > 0) {
      this.#state = inCounted;
      this.#count = countValue(carry, 0);
      carry.copyWithin(0, kind, held + 1);
      this.#held = this.#total = held + 1 - kind;
      if (this.#total === this.#count) this.#finishCounted(receivedAtMs);
      return at + 1;
    }
    this.#state = inLine;
    if (this.#boundary === byCount) {
      this.#doubt(kind);
      for (let i = 0; i < held; i++) this.#seeker.feed(carry[i]!);
    }
    // The blank is all that is held: the byte behind it has settled this.
    if (kind === FrameStart.lineAfterBlank) this.#held = this.#total = 0;
    return at;
  }

  #doubt(kind: number): void {
    this.#state = inDoubt;
    this.#resynced = kind === FrameStart.broken;
    if (this.#resynced) this.#counters.framing_resyncs++;
    this.#seeker.reset();
  }

  /** Goes on with the unfinished frame at `at`. Returns the new `at`. */
  #goOn(chunk: Buffer, at: number, receivedAtMs: number): number {
    if (this.#state === inDoubt) return this.#seek(chunk, at, receivedAtMs);
    if (this.#state === inLine) {
      const end = this.#delimiter(chunk, at);
      this.#hold(chunk, at, end);
      if (end === chunk.length) return end;
      const total = this.#total;
      this.#finish(this.#carry, 0, total, total, chunk[end]!, receivedAtMs);
      return end + 1;
    }
    const end = Math.min(at + this.#count - this.#total, chunk.length);
    this.#hold(chunk, at, end);
    if (this.#total === this.#count) this.#finishCounted(receivedAtMs);
    return end;
  }

  #finishCounted(receivedAtMs: number): void {
    this.#finish(this.#carry, 0, this.#count, this.#count, byCount, receivedAtMs);
  }

  /** Takes bytes in doubt up to a delimiter or the next count, as a frame. */
  #seek(chunk: Buffer, at: number, receivedAtMs: number): number {
    const seeker = this.#seeker;
    const end = this.#delimiter(chunk, at);
    for (let i = at; i < end; i++) {
      if (!seeker.feed(chunk[i]!)) continue;
      if (!this.#resynced) this.#counters.framing_resyncs++;
      this.#hold(chunk, at, i + 1);
      const total = this.#total - seeker.length;
      this.#finish(this.#carry, 0, total, total, byNothing, receivedAtMs);
      this.#state = inCounted;
      this.#count = seeker.count;
      this.#pendingSinceMs = receivedAtMs;
      this.#hold(seeker.pri, 0, seeker.priLength);
      if (this.#total === this.#count) this.#finishCounted(receivedAtMs);
      return i + 1;
    }
    this.#hold(chunk, at, end);
    if (end === chunk.length) return end;
    this.#finish(this.#carry, 0, this.#total, this.#total, chunk[end]!, receivedAtMs);
    return end + 1;
  }

  /** Position of the first LF or NUL at or behind `at`, or the chunk's length. */
  #delimiter(chunk: Buffer, at: number): number {
    // Both are remembered: a chunk full of one must not be searched through for the other each time.
    if (this.#nextLf < at) this.#nextLf = positionOf(LF, chunk, at);
    if (this.#nextNul < at) this.#nextNul = positionOf(NUL, chunk, at);
    return Math.min(this.#nextLf, this.#nextNul);
  }

  /** Adds `chunk[from, to)` to the unfinished frame and keeps as much of it as a frame may have. */
  #hold(chunk: Buffer, from: number, to: number): void {
    this.#total += to - from;
    const held = Math.min(this.#total, this.#maxKeptBytes);
    if (held === this.#held) return;
    if (held + maxUndecidedBytes > this.#carry.length) this.#grow(held);
    chunk.copy(this.#carry, this.#held, from, from + held - this.#held);
    this.#held = held;
  }

  #grow(held: number): void {
    let size = Math.max(this.#carry.length, carryBytes / 2) * 2;
    while (size < held + maxUndecidedBytes) size *= 2;
    size = Math.min(size, this.#maxKeptBytes + maxUndecidedBytes);
    const carry = Buffer.allocUnsafe(size);
    this.#carry.copy(carry, 0, 0, this.#held);
    this.#carry = carry;
  }

  /**
   * The frame has ended: hands it over and begins anew.
   * @param bytes hold it from `start` on, at least as far as `#maxKeptBytes`
   * @param total bytes that came of it, with CR or NUL before the LF if there are any
   * @param announced bytes that should have come
   * @param by what ended it: LF, NUL, `byCount` or `byNothing`
   */
  #finish(
    bytes: Buffer,
    start: number,
    total: number,
    announced: number,
    by: number,
    receivedAtMs: number,
  ): void {
    const before = this.#boundary;
    this.#state = atStart;
    this.#held = 0;
    this.#total = 0;
    this.#boundary = by;
    let length = announced;
    if (total === announced && total <= this.#maxKeptBytes) {
      length = withoutDelimiter(bytes, start, start + total) - start;
    }
    if (length === 0 || (length === 1 && bytes[start] === BLANK)) {
      this.#skipEmpty(before, by);
      return;
    }
    this.#afterCounted = by === byCount;
    const kept = Math.min(length, total, this.#maxMessageBytes);
    this.#counters.received_frames++;
    if (kept < length) this.#counters.frames_truncated++;
    this.#sink.frame(bytes, start, start + kept, length, receivedAtMs, this.#peer);
  }

  /** No empty frame, but the rest of a delimiter: LF behind a counted frame, NUL behind LF, LF behind NUL. */
  #skipEmpty(before: number, by: number): void {
    if (before === byCount) return;
    if ((before === LF && by === NUL) || (before === NUL && by === LF)) this.#boundary = byNothing;
    else this.#counters.frames_skipped_empty++;
  }
}

function positionOf(byte: number, chunk: Buffer, at: number): number {
  const position = chunk.indexOf(byte, at);
  return position < 0 ? chunk.length : position;
}
