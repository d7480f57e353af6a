/**
 * When a spool is full, for two reasons. By its size it must drain well below the bound before inputs go on,
 * to avoid flapping; of a disk that did not take a batch it is enough that it takes bytes again.
 */

/** The part of `maxBytes` to which it must drain. */
const drainedShare = 3 / 4;

export class Fullness {
  readonly #maxBytes: number;
  #tooLarge = false;
  #full = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get full(): boolean {
    return this.#full;
  }

  /**
   * @param storing false: it does not take bytes at the moment
   * @returns whether it has become full, or has drained
   */
  update(bytes: number, storing = true): boolean {
    if (bytes >= this.#maxBytes) this.#tooLarge = true;
    else if (bytes <= this.#maxBytes * drainedShare) this.#tooLarge = false;
    const before = this.#full;
    this.#full = this.#tooLarge || !storing;
    return this.#full !== before;
  }
}
