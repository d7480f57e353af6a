/**
 * Which field is the last one of its key: the last one counts (C39), earlier ones of the same bytes
 * are superseded, and all repeats are counted, in whatever case (C7).
 *
 * Keys in the spelling of the dictionary are told apart by id. Unknown ones, and known ones in
 * another case, go by their bytes through an open-addressing table that is never cleared: a slot
 * counts only if it bears the stamp of the present event. Those keys are the sender's choice, so
 * the hash is keyed with random numbers of this process: nobody outside can prepare keys that
 * collide.
 */
import { randomFillSync } from 'node:crypto';
import { keyCount } from '../dictionary/dictionary.js';
import { FieldFlag, type Fields } from '../fields.js';

/** One random number per byte value. */
const secret = randomFillSync(new Int32Array(256));
const [seed, factor] = randomFillSync(new Int32Array(2)) as unknown as [number, number];
/** A multiplier must be odd, or high bits would get lost. */
const multiplier = factor | 1;

/** Above this, generations would no longer be small integers, which cost V8 nothing. */
const lastGeneration = 0x3fff_ffff;

export class SeenKeys {
  /** Dictionary id -> 1 + index of the last field spelled exactly so, 0 if none; see `#find`. */
  readonly #exact = new Int32Array(keyCount);
  #generation = 0;
  #stamps = new Int32Array(0);
  /** Slot -> index of the last field with this key. */
  #fields = new Int32Array(0);

  /**
   * Notes each field of the table: where the last one of each key is, which ones are superseded.
   */
  index(into: Fields): void {
    const { count, keyId, flags, last, stamp, generation } = into;
    this.#begin(into.maxFields);
    for (let index = 0; index < count; index++) {
      const id = keyId[index]!;
      const isExact = (flags[index]! & FieldFlag.exact) !== 0;
      const again = id > 0 && stamp[id] === generation;
      if (!isExact || again) this.#findEarlier(into, index, id, isExact, again);
      else this.#exact[id] = index + 1;
      if (id === 0) continue;
      last[id] = index + 1;
      stamp[id] = generation;
    }
  }

  #findEarlier(into: Fields, index: number, id: number, isExact: boolean, again: boolean): void {
    let earlier = -1;
    if (isExact) {
      earlier = this.#exact[id]! - 1;
      this.#exact[id] = index + 1;
    } else {
      earlier = this.#note(into, index);
      if (!again) this.#exact[id] = 0;
    }
    if (again || (id === 0 && earlier >= 0)) into.duplicates++;
    if (earlier >= 0) into.flags[earlier]! |= FieldFlag.superseded;
  }

  /** A new event begins, of at most `maxFields` fields. */
  #begin(maxFields: number): void {
    if (this.#stamps.length < maxFields * 2) this.#grow(maxFields);
    if (this.#generation === lastGeneration) {
      this.#stamps.fill(0);
      this.#generation = 0;
    }
    this.#generation++;
  }

  /** Notes a key by its bytes. @returns the earlier field whose key has the same bytes, or -1 */
  #note(fields: Fields, index: number): number {
    const { bytes } = fields;
    const start = fields.keyStart[index]!;
    const end = fields.keyEnd[index]!;
    const mask = this.#stamps.length - 1;
    let slot = hash(bytes, start, end) & mask;
    // At most half of the slots are taken, so there is a free one.
    while (this.#stamps[slot] === this.#generation) {
      const other = this.#fields[slot]!;
      if (sameBytes(bytes, fields.keyStart[other]!, fields.keyEnd[other]!, start, end)) {
        this.#fields[slot] = index;
        return other;
      }
      slot = (slot + 1) & mask;
    }
    this.#stamps[slot] = this.#generation;
    this.#fields[slot] = index;
    return -1;
  }

  #grow(maxFields: number): void {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(maxFields, 1) * 2));
    this.#stamps = new Int32Array(slots);
    this.#fields = new Int32Array(slots);
    this.#generation = 0;
  }
}

function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = seed;
  for (let i = start; i < end; i++) h = Math.imul(h ^ secret[bytes[i]!]!, multiplier);
  return h ^ (h >>> 15);
}

function sameBytes(
  bytes: Uint8Array,
  start: number,
  end: number,
  otherStart: number,
  otherEnd: number,
): boolean {
  const length = end - start;
  if (length !== otherEnd - otherStart) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== bytes[otherStart + i]) return false;
  return true;
}
