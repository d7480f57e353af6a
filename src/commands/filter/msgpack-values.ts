/** Values of a stream of MessagePack, each with its bounds; only what a border cuts is copied. */
import { invalidValue, MsgpackWalk, unfinishedValue } from '../../encode/msgpack-walk.js';

export interface ValueSink {
  /** One value, which is `bytes[start, end)`; valid only during the call. */
  value(bytes: Buffer, start: number, end: number, receivedAtMs: number): void;
  /** Bytes that are no value, or one that is too long or cut short: `bytes[start, end)` is what is left of it. */
  broken(
    why: 'invalid' | 'long' | 'unfinished',
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    receivedAtMs: number,
  ): void;
}

const firstBytes = 64 * 1024;

export class MsgpackValues {
  readonly #maxBytes: number;
  readonly #sink: ValueSink;
  readonly #walk = new MsgpackWalk();
  #carry: Buffer = Buffer.allocUnsafe(firstBytes);
  #held = 0;
  /** Bytes of the unfinished value that were read past, since it is too long. */
  #past = 0;

  /** @param maxBytes of a value; a longer one is read past */
  constructor(maxBytes: number, sink: ValueSink) {
    this.#maxBytes = maxBytes;
    this.#sink = sink;
  }

  push(chunk: Buffer, receivedAtMs: number): void {
    const isCarried = this.#held > 0;
    if (isCarried) this.#hold(chunk, 0);
    const bytes = isCarried ? this.#carry : chunk;
    const end = isCarried ? this.#held : chunk.length;
    let start = 0;
    if (!isCarried && this.#past === 0) this.#walk.begin(0);
    while (start < end) {
      const to = this.#walk.end(bytes, end);
      if (to === unfinishedValue) break;
      start = this.#finish(bytes, start, to, receivedAtMs);
      this.#walk.begin(start);
    }
    this.#keep(bytes, start, end);
  }

  /** Hands over what is left of a value that will not be whole. */
  end(receivedAtMs: number): void {
    if (this.#held + this.#past === 0) return;
    const length = this.#held + this.#past;
    this.#sink.broken('unfinished', this.#carry, 0, this.#held, length, receivedAtMs);
    this.#held = 0;
    this.#past = 0;
  }

  /** Returns where the next value begins. */
  #finish(bytes: Buffer, start: number, to: number, receivedAtMs: number): number {
    const end = to === invalidValue ? this.#walk.at + 1 : to;
    const length = end - start + this.#past;
    this.#past = 0;
    if (to === invalidValue) {
      this.#sink.broken('invalid', bytes, start, end, length, receivedAtMs);
    } else if (length > this.#maxBytes) {
      this.#sink.broken('long', bytes, start, end, length, receivedAtMs);
    } else {
      this.#sink.value(bytes, start, end, receivedAtMs);
    }
    return end;
  }

  /** Of a value that is too long only what the walk has not seen yet is kept, a few bytes at most. */
  #keep(bytes: Buffer, start: number, end: number): void {
    const isLong = this.#past + end - start > this.#maxBytes;
    const from = isLong ? this.#walk.at : start;
    this.#past += from - start;
    this.#walk.at -= from;
    if (bytes === this.#carry) {
      this.#carry.copyWithin(0, from, end);
      this.#held = end - from;
    } else {
      this.#hold(bytes, from);
    }
    if (this.#held === 0 && this.#carry.length > 4 * firstBytes) {
      this.#carry = Buffer.allocUnsafe(firstBytes);
    }
  }

  #hold(chunk: Buffer, from: number): void {
    const held = this.#held + chunk.length - from;
    if (held > this.#carry.length) {
      const larger = Buffer.allocUnsafe(2 * held);
      this.#carry.copy(larger, 0, 0, this.#held);
      this.#carry = larger;
    }
    chunk.copy(this.#carry, this.#held, from);
    this.#held = held;
  }
}
