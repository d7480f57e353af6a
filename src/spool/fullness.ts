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

  /** @returns whether it has become full, or has drained */
  update(diskBytes: number, storing: boolean): boolean {
    if (diskBytes >= this.#maxBytes) this.#tooLarge = true;
    else if (diskBytes <= this.#maxBytes * drainedShare) this.#tooLarge = false;
    const before = this.#full;
    this.#full = this.#tooLarge || !storing;
    return this.#full !== before;
  }
}
