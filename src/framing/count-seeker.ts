/**
 * Finds the next `MSG-LEN SP <PRI>` in a stream that lost step because an octet count was wrong. The
 * usual cause is a sender that counts characters, not bytes: each message beyond ASCII leaves a tail,
 * and no newline may ever follow. Fed byte by byte, so that chunk borders do not matter; everything
 * matched is known from its own state, so nothing needs to be read again.
 */
const idle = 0;
const inDigits = 1;
const afterBlank = 2;
const inPri = 3;
const inLongNumber = 4;

const maxDigits = 9;
const maxPriBytes = 5;

export class CountSeeker {
  /** The count found. */
  count = 0;
  /** `<PRI>` of the message found, in its first `priLength` bytes. */
  readonly pri = Buffer.alloc(maxPriBytes);
  priLength = 0;
  readonly #maxCount: number;
  #digits = 0;
  #state = idle;

  /** @param maxCount a larger count is not believed: it would swallow more than it could save */
  constructor(maxCount: number) {
    this.#maxCount = maxCount;
  }

  /** Bytes of count, blank and `<PRI>`. */
  get length(): number {
    return this.#digits + 1 + this.priLength;
  }

  reset(): void {
    this.#state = idle;
  }

  /** True if `byte` completes a count and its `<PRI>`. */
  feed(byte: number): boolean {
    if (byte >= 0x30 && byte <= 0x39) {
      this.#digit(byte);
    } else if (byte === 0x20) {
      this.#state = this.#state === inDigits ? afterBlank : idle;
    } else if (byte === 0x3c && this.#state === afterBlank) {
      this.#state = inPri;
      this.pri[0] = byte;
      this.priLength = 1;
    } else if (byte === 0x3e && this.#state === inPri && this.priLength > 1) {
      this.#state = idle;
      this.pri[this.priLength++] = byte;
      return this.count >= this.priLength && this.count <= this.#maxCount;
    } else {
      this.#state = idle;
    }
    return false;
  }

  #digit(byte: number): void {
    if (this.#state === inPri && this.priLength < maxPriBytes - 1) {
      this.pri[this.priLength++] = byte;
    } else if (this.#state === inDigits) {
      this.count = this.count * 10 + byte - 0x30;
      if (++this.#digits > maxDigits) this.#state = inLongNumber;
    } else if (this.#state !== inLongNumber && byte !== 0x30) {
      this.#state = inDigits;
      this.count = byte - 0x30;
      this.#digits = 1;
    } else if (this.#state !== inLongNumber) {
      this.#state = idle;
    }
  }
}
