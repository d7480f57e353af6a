/** Lines of a stream, each as it lies in the piece that came; only what a border cuts is copied. */

export interface LineSink {
  /**
   * @param bytes valid only during the call; the line is `bytes[start, end)`, without LF or CR LF
   * @param originalLength bytes that came; more than `end - start` if it was cut at the bound
   */
  line(
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    receivedAtMs: number,
  ): void;
}

const lf = 0x0a;
const cr = 0x0d;
const firstBytes = 4096;

export class Lines {
  readonly #maxBytes: number;
  readonly #sink: LineSink;
  #carry: Buffer = Buffer.allocUnsafe(firstBytes);
  #held = 0;
  /** Bytes of the unfinished line; more than `#held` if it is too long. */
  #total = 0;

  /** @param maxBytes of a line; of a longer one the rest is read past */
  constructor(maxBytes: number, sink: LineSink) {
    this.#maxBytes = maxBytes;
    this.#sink = sink;
  }

  push(chunk: Buffer, receivedAtMs: number): void {
    let at = 0;
    for (;;) {
      const end = chunk.indexOf(lf, at);
      if (end < 0) break;
      if (this.#total === 0) {
        this.#finish(chunk, at, end - at, receivedAtMs);
      } else {
        this.#hold(chunk, at, end);
        this.#finishHeld(receivedAtMs);
      }
      at = end + 1;
    }
    this.#hold(chunk, at, chunk.length);
  }

  /**
   * Hands over an unterminated last line.
   * @param whole the stream has ended; else more of it would have come, and it counts as cut
   */
  end(receivedAtMs: number, whole: boolean): void {
    if (this.#total === 0) return;
    if (whole) {
      this.#finishHeld(receivedAtMs);
      return;
    }
    const kept = Math.min(this.#held, this.#maxBytes);
    this.#sink.line(this.#carry, 0, kept, this.#total + 1, receivedAtMs);
    this.#held = 0;
    this.#total = 0;
  }

  #finishHeld(receivedAtMs: number): void {
    const total = this.#total;
    this.#held = 0;
    this.#total = 0;
    this.#finish(this.#carry, 0, total, receivedAtMs);
    if (this.#carry.length > 16 * firstBytes) this.#carry = Buffer.allocUnsafe(firstBytes);
  }

  #finish(bytes: Buffer, start: number, total: number, receivedAtMs: number): void {
    let length = total;
    if (total <= this.#maxBytes + 1 && total > 0 && bytes[start + total - 1] === cr) length--;
    const kept = Math.min(length, this.#maxBytes);
    this.#sink.line(bytes, start, start + kept, length, receivedAtMs);
  }

  /** One byte more than a line may have, so that a CR behind a line that just fits does not cut it. */
  #hold(chunk: Buffer, from: number, to: number): void {
    this.#total += to - from;
    const held = Math.min(this.#total, this.#maxBytes + 1);
    if (held === this.#held) return;
    if (held > this.#carry.length) {
      const larger = Buffer.allocUnsafe(Math.min(2 * held, this.#maxBytes + 1));
      this.#carry.copy(larger, 0, 0, this.#held);
      this.#carry = larger;
    }
    chunk.copy(this.#carry, this.#held, from, from + held - this.#held);
    this.#held = held;
  }
}
