/**
 * What goes to stdout: answers are put one behind the other, and leave in one write when the input has been
 * worked through, so that nothing waits while the input is idle.
 */
import type { Writable } from 'node:stream';
import type { Counters } from '../../observe/counters.js';

const firstBytes = 128 * 1024;
/** A piece of input of nothing but empty lines has answers of a hundred times its size. */
const writeAtBytes = 256 * 1024;

export class Answers {
  readonly #stdout: Writable;
  readonly #counters: Counters;
  /** Where answers are written, from `at` on. */
  bytes = Buffer.allocUnsafe(firstBytes);
  at = 0;
  #made = 0;
  #written = 0;
  #gone: NodeJS.ErrnoException | null = null;
  /** Set by the owner: the reader takes more again, or has gone. */
  onFree: () => void = () => {};

  constructor(stdout: Writable, counters: Counters) {
    this.#stdout = stdout;
    this.#counters = counters;
    stdout.on('drain', () => this.onFree());
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      this.#gone ??= error;
      this.onFree();
    });
  }

  /** Why nothing can be written any more; null while it can. */
  get gone(): NodeJS.ErrnoException | null {
    return this.#gone;
  }

  /** Answers so far. */
  get made(): number {
    return this.#made;
  }

  /** Those of them that the system has taken. */
  get written(): number {
    return this.#written;
  }

  /** The reader does not keep up: read no more until `onFree`. */
  get full(): boolean {
    return this.#stdout.writableNeedDrain;
  }

  /** Makes room for so many bytes at `at`. */
  reserve(bytes: number): void {
    if (this.at + bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.at + bytes));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }

  /** Copies bytes as they are. */
  copy(from: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    this.bytes.set(from.subarray(start, end), this.at);
    this.at += end - start;
  }

  /** The answer that ends here is whole. */
  done(): void {
    this.#made++;
    this.#counters.filter_answers++;
    if (this.at >= writeAtBytes) this.flush();
  }

  /** Writes what there is. */
  flush(): void {
    if (this.at === 0) return;
    const made = this.#made;
    const piece = Buffer.from(this.bytes.subarray(0, this.at));
    this.at = 0;
    if (this.bytes.length > 8 * writeAtBytes) this.bytes = Buffer.allocUnsafe(firstBytes);
    if (this.#gone !== null) return;
    this.#stdout.write(piece, (error) => {
      if (!error) this.#written = made;
    });
  }

  /** Resolves when all of it is written, the reader has gone, or the time (ms) is up. */
  async settled(deadlineMs: number): Promise<void> {
    this.flush();
    if (this.#written === this.#made || this.#gone !== null) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#stdout.write('', done);
      this.#stdout.once('error', done);
    });
  }
}
