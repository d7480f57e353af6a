/** Transaction numbers that await their ack, oldest first, and the answer frames for them. */

/** First room; doubled when it is full. The default window of rsyslog's sender is 128. */
const firstRoom = 256;
const answer = Buffer.from(' rsp 6 200 OK\n');
const maxDigits = 9;

export class Unacked {
  #numbers = new Uint32Array(firstRoom);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param txnr at most 9 digits */
  add(txnr: number): void {
    if (this.#size === this.#numbers.length) {
      const numbers = new Uint32Array(this.#size * 2);
      numbers.set(this.#numbers);
      this.#numbers = numbers;
    }
    this.#numbers[this.#size++] = txnr;
  }

  /** Takes the `count` oldest away and returns their answers in one buffer. */
  answers(count: number): Buffer {
    const out = Buffer.allocUnsafe(count * (maxDigits + answer.length));
    let at = 0;
    for (let i = 0; i < count; i++) {
      at = writeNumber(this.#numbers[i]!, out, at);
      answer.copy(out, at);
      at += answer.length;
    }
    this.#numbers.copyWithin(0, count, this.#size);
    this.#size -= count;
    return out.subarray(0, at);
  }

  clear(): void {
    this.#size = 0;
  }
}

function writeNumber(value: number, out: Buffer, at: number): number {
  let end = at + 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) end++;
  for (let i = end - 1, rest = value; i >= at; i--) {
    out[i] = 0x30 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return end;
}
