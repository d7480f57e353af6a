/**
 * Zones that are named as in the tz database (`Europe/Moscow`). Bounded in memory and in time,
 * since the name is a sender's text: a zone takes 0.2 ms to set up, so a sender that changes the
 * name from event to event would otherwise slow everybody down.
 */
import { LRUCache } from 'lru-cache';
import { Byte, Class, classOf } from './bytes.js';
import { NamedZone } from './named-zone.js';

const { MINUS, PLUS } = Byte;
const { wordByte } = Class;
const kinds = classOf;

const SLASH = 0x2f;

const maxZones = 64;
/** The longest name is 32 bytes long. */
const maxNameBytes = 48;
/** Set-ups in stock; `readsPerSetUp` reads earn one more. */
const maxSetUps = 64;
const readsPerSetUp = 64;

export class NamedZones {
  /** `unknown` for a name that is no zone, so that it is not tried again and again. */
  readonly #zones = new LRUCache<string, NamedZone | 'unknown'>({ max: maxZones });
  /**
   * The name read last, as bytes: a feed names one zone, so most reads end here without a string.
   */
  #lastName: Uint8Array = new Uint8Array(0);
  #lastZone: NamedZone | 'unknown' = 'unknown';
  #setUps = maxSetUps;

  /** The zone that `bytes[start, end)` names; null if it names none, or one too many. */
  find(bytes: Uint8Array, start: number, end: number): NamedZone | null {
    if (this.#setUps < maxSetUps) this.#setUps += 1 / readsPerSetUp;
    if (!this.#isLast(bytes, start, end) && !this.#lookUp(bytes, start, end)) return null;
    return this.#lastZone === 'unknown' ? null : this.#lastZone;
  }

  #isLast(bytes: Uint8Array, start: number, end: number): boolean {
    const name = this.#lastName;
    if (name.length !== end - start) return false;
    for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
    return name.length > 0;
  }

  /**
   * @returns false if the name is not looked up: it is not shaped like one, or no set-up is in
   *   stock
   */
  #lookUp(bytes: Uint8Array, start: number, end: number): boolean {
    if (!isZoneName(bytes, start, end)) return false;
    const name = Buffer.from(bytes.subarray(start, end));
    const text = name.toString('latin1');
    let zone = this.#zones.get(text);
    if (zone === undefined) {
      if (this.#setUps < 1) return false;
      this.#setUps--;
      zone = setUp(text);
      this.#zones.set(text, zone);
    }
    this.#lastName = name;
    this.#lastZone = zone;
    return true;
  }
}

function setUp(name: string): NamedZone | 'unknown' {
  try {
    return new NamedZone(name);
  } catch {
    return 'unknown';
  }
}

/** A letter, then letters, digits and `/ _ + -`. */
export function isZoneName(bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end || end - start > maxNameBytes) return false;
  const first = bytes[start]! | 0x20;
  if (first < 0x61 || first > 0x7a) return false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if ((kinds[byte]! & wordByte) !== 0) continue;
    if (byte !== SLASH && byte !== PLUS && byte !== MINUS) return false;
  }
  return true;
}
