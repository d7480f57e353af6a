/**
 * The names that one record has so far, as runs of the event's bytes: an open-addressing table that
 * is never cleared, since a slot counts only if it bears the stamp of the present event. The names
 * are the sender's choice, so the hash is keyed with random numbers of this process.
 */
import { randomFillSync } from 'node:crypto';

/** One random number per byte value. */
const secret = randomFillSync(new Int32Array(256));
/** Above this, stamps would no longer be small integers, which cost V8 nothing. */
const lastStamp = 0x3fff_ffff;

export class NameSet {
  #stamp = 0;
  #stamps = new Int32Array(0);
  #kinds = new Uint8Array(0);
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);
  /** What `add` was given with the name. */
  #values = new Int32Array(0);

  /** Forgets all names; at most `most` follow. */
  begin(most: number): void {
    if (this.#stamps.length < most * 2 || this.#stamp === lastStamp) this.#grow(most);
    this.#stamp++;
  }

  /** False if the name is there already, of the same kind: then nothing is noted. */
  add(bytes: Uint8Array, start: number, end: number, kind: number, value: number): boolean {
    const slot = this.#slotOf(bytes, start, end, kind);
    if (this.#stamps[slot] === this.#stamp) return false;
    this.#stamps[slot] = this.#stamp;
    this.#kinds[slot] = kind;
    this.#starts[slot] = start;
    this.#ends[slot] = end;
    this.#values[slot] = value;
    return true;
  }

  /** The value that a name was noted with, or -1. */
  find(bytes: Uint8Array, start: number, end: number, kind: number): number {
    const slot = this.#slotOf(bytes, start, end, kind);
    return this.#stamps[slot] === this.#stamp ? this.#values[slot]! : -1;
  }

  /** The slot of this name, or the free one where it belongs. */
  #slotOf(bytes: Uint8Array, start: number, end: number, kind: number): number {
    const mask = this.#stamps.length - 1;
    let h = secret[kind]!;
    for (let i = start; i < end; i++) h = Math.imul(h ^ secret[bytes[i]!]!, 0x01000193);
    let slot = (h ^ (h >>> 15)) & mask;
    while (this.#stamps[slot] === this.#stamp) {
      if (this.#kinds[slot] === kind && this.#isAt(slot, bytes, start, end)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #isAt(slot: number, bytes: Uint8Array, start: number, end: number): boolean {
    const other = this.#starts[slot]!;
    if (this.#ends[slot]! - other !== end - start) return false;
    for (let i = start; i < end; i++) if (bytes[i] !== bytes[other + i - start]) return false;
    return true;
  }

  #grow(most: number): void {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(most, 1) * 2));
    this.#stamps = new Int32Array(slots);
    this.#kinds = new Uint8Array(slots);
    this.#starts = new Int32Array(slots);
    this.#ends = new Int32Array(slots);
    this.#values = new Int32Array(slots);
    this.#stamp = 0;
  }
}
