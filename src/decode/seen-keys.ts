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
  /**
   * Dictionary id -> 1 + index of the last field spelled exactly so, 0 if none. Valid where
   * `Fields.stamp` is of this event; the reader writes it for keys that are new in the event.
   */
  readonly lastExact = new Int32Array(keyCount);
  #generation = 0;
  #stamps = new Int32Array(0);
  /** Slot -> index of the last field with this key. */
  #fields = new Int32Array(0);

  /** A new event begins, of at most `maxFields` fields. */
  begin(maxFields: number): void {
    if (this.#stamps.length < maxFields * 2) this.#grow(maxFields);
    if (this.#generation === lastGeneration) {
      this.#stamps.fill(0);
      this.#generation = 0;
    }
    this.#generation++;
  }

  /**
   * Notes the key of field `index`, whose bounds are in the table: marks and counts what it
   * repeats.
   *
   * @param found what `findKey` says of it
   */
  note(into: Fields, index: number, found: number): void {
    const id = found < 0 ? -found : found;
    const again = id > 0 && into.stamp[id] === into.generation;
    let earlier = -1;
    if (found > 0) {
      if (again) earlier = this.lastExact[id]! - 1;
      this.lastExact[id] = index + 1;
    } else {
      earlier = this.#findByBytes(into, index);
      if (!again) this.lastExact[id] = 0;
    }
    if (again || (id === 0 && earlier >= 0)) into.duplicates++;
    if (earlier >= 0) into.flags[earlier]! |= FieldFlag.superseded;
    if (id === 0) return;
    into.last[id] = index + 1;
    into.stamp[id] = into.generation;
  }

  /** @returns the earlier field whose key has the same bytes, or -1; remembers this one */
  #findByBytes(fields: Fields, index: number): number {
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
