/**
 * Values as strings, each made once while it keeps coming back: a feed names the same few thousand
 * hosts, methods and actions again and again. A value is found by its bytes. Each has one slot; the
 * next with the same slot takes it over, so the table is bounded whatever the sender writes, and at
 * worst saves nothing.
 */
import { FieldFlag, type Fields } from '../../fields.js';

const slots = 4096;
/** Longer values, hardly ever a host's name, are not kept. */
const maxBytes = 64;

export class RecentTexts {
  /** Slot n holds `#lengths[n]` bytes from `n * maxBytes` on. */
  readonly #bytes = new Uint8Array(slots * maxBytes);
  readonly #lengths = new Uint8Array(slots);
  readonly #texts: string[] = new Array(slots).fill('');

  /** `fields.trimmed(index)`. */
  trimmed(fields: Fields, index: number): string {
    const start = fields.valueStart[index]!;
    const length = fields.valueEnd[index]! - start;
    const isPlain = (fields.flags[index]! & FieldFlag.escaped) === 0;
    if (length > maxBytes || length === 0 || !isPlain) return fields.trimmed(index);
    const slot = slotOf(fields.bytes, start, length);
    if (this.#holds(slot, fields.bytes, start, length)) return this.#texts[slot]!;
    for (let i = 0; i < length; i++) this.#bytes[slot * maxBytes + i] = fields.bytes[start + i]!;
    this.#lengths[slot] = length;
    const text = fields.trimmed(index);
    this.#texts[slot] = text;
    return text;
  }

  #holds(slot: number, bytes: Uint8Array, start: number, length: number): boolean {
    if (this.#lengths[slot] !== length) return false;
    const known = this.#bytes;
    const shift = slot * maxBytes - start;
    for (let i = start; i < start + length; i++) if (known[i + shift] !== bytes[i]) return false;
    return true;
  }
}

/** Nobody gains by values that share a slot, so the hash is no secret. */
function slotOf(bytes: Uint8Array, start: number, length: number): number {
  let hash = length;
  for (let i = start; i < start + length; i++) hash = Math.imul(hash, 31) + bytes[i]!;
  return (hash ^ (hash >>> 15)) & (slots - 1);
}
