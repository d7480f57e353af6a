/**
 * A host name as bytes, which is how tables hold and compare it: a million strings would be a million
 * things for the garbage collector to walk, and it stands still for tens of milliseconds to do so.
 */
import { randomInt } from 'node:crypto';

/** What a table's place is found by; nobody who does not know it can make names that share a place. */
const basis = randomInt(0xffffffff) | 0;
const multiplier = randomInt(0x40000000, 0x7fffffff) | 1;
/** Lengths are written in two bytes, in memory as in a bucket's file. */
const longestName = 0xffff;

/** One name at a time: `set` overwrites the one before. */
export class NameBytes {
  /** UTF-8 in the first `length` bytes. */
  bytes = new Uint8Array(512);
  length = 0;
  /** 32 bits, signed, as tables keep it. Differs from process to process: for places in memory only. */
  place = 0;
  /** FNV-1a of the UTF-16 units, the same everywhere; not negative. */
  spread = 0;

  /**
   * @param text well-formed UTF-16: two that differ in lone surrogates only would be one
   * @throws RangeError if it takes more than 65,535 bytes
   */
  set(text: string): this {
    const { length } = text;
    const { bytes } = this;
    let spread = 0x811c9dc5;
    let place = basis;
    let seen = 0;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      seen |= unit;
      spread = Math.imul(spread ^ unit, 0x01000193);
      place = Math.imul(place ^ unit, multiplier);
      place ^= place >>> 15;
      bytes[i] = unit; // beyond its end, nothing is written
    }
    this.spread = spread >>> 0;
    this.place = place;
    if (seen < 0x80 && length <= bytes.length) this.length = length;
    else this.#setSlowly(text);
    return this;
  }

  /** As `set`, with what it had made of the name of `from[start..end)`. */
  setBytes(from: Uint8Array, start: number, end: number, place: number, spread: number): void {
    const length = end - start;
    if (length > this.bytes.length) this.bytes = new Uint8Array(length);
    const { bytes } = this;
    for (let i = 0; i < length; i++) bytes[i] = from[start + i]!;
    this.length = length;
    this.place = place;
    this.spread = spread;
  }

  #setSlowly(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    if (bytes.length > longestName) throw new RangeError(`a name of ${bytes.length} bytes`);
    if (bytes.length > this.bytes.length) this.bytes = new Uint8Array(bytes.length);
    this.bytes.set(bytes);
    this.length = bytes.length;
  }
}
