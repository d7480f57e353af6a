/**
 * Recognises CEF keys from bytes, without a string. Keys are matched whatever their case (vendors
 * spell `cs6label`, `Request`), by a perfect hash whose multiplier is searched for once at start.
 */
import { type KeyRow, type KeyType, keyRows } from './keys.js';

export interface Key {
  /** 1 .. keyCount - 1; 0 means "not in the dictionary". */
  readonly id: number;
  readonly key: string;
  readonly fullName: string;
  readonly column: string;
  readonly ecs: string;
  readonly type: KeyType;
}

const none: KeyRow = ['', '', '', '', 'string'];

/** By id; entry 0 stands for "unknown". */
export const keys: readonly Key[] = [none, ...keyRows].map(
  ([key, fullName, column, ecs, type], id) => ({ id, key, fullName, column, ecs, type }),
);

export const keyCount = keys.length;

/** 4096 slots of 2 bytes: a few dozen tries find a multiplier for 170 keys; 2048 take thousands. */
const slots = 4096;
const spelled: readonly Buffer[] = keys.map((k) => Buffer.from(k.key, 'latin1'));
const { multiplier, idBySlot } = perfectHash();

function hash(bytes: Uint8Array, start: number, end: number, factor: number): number {
  let h = end - start;
  for (let i = start; i < end; i++) h = Math.imul(h, factor) + (bytes[i]! | 0x20);
  return (h ^ (h >>> 15)) & (slots - 1);
}

function perfectHash(): { multiplier: number; idBySlot: Int16Array } {
  for (let factor = 31; factor < 1_000_000; factor += 2) {
    const table = new Int16Array(slots);
    let free = true;
    for (let id = 1; id < keyCount && free; id++) {
      const slot = hash(spelled[id]!, 0, spelled[id]!.length, factor);
      free = table[slot] === 0;
      table[slot] = id;
    }
    if (free) return { multiplier: factor, idBySlot: table };
  }
  throw new Error('no perfect hash for the CEF dictionary: enlarge `slots`');
}

/**
 * Dictionary id of the key in `bytes[start, end)`; negated if it differs in case only; 0 if
 * unknown.
 */
export function findKey(bytes: Uint8Array, start: number, end: number): number {
  const id = idBySlot[hash(bytes, start, end, multiplier)]!;
  const known = spelled[id]!;
  if (id === 0 || known.length !== end - start) return 0;
  let exact = true;
  for (let i = 0; i < known.length; i++) {
    const a = bytes[start + i]!;
    const b = known[i]!;
    if (a === b) continue;
    // Same letter, other case: `|0x20` alone would also equate, say, `[` with `{`.
    const lower = a | 0x20;
    if (lower !== (b | 0x20) || lower < 0x61 || lower > 0x7a) return 0;
    exact = false;
  }
  return exact ? id : -id;
}

/** Id of a key of the dictionary; throws on any other name (a programmer's error). */
export function keyId(key: string): number {
  const id = keys.findIndex((k) => k.key === key);
  if (id < 1) throw new Error(`not a CEF dictionary key: ${key}`);
  return id;
}
