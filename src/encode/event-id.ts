/**
 * Event ids: ULIDs (github.com/ulid/spec), 26 characters of Crockford's base 32 that sort as text
 * in the order in which they were given.
 *
 *     0        10                  20           26
 *     | time   | process           | counter    |
 *       48 bit   50 bit random       30 bit, from 0 in every millisecond
 *
 * Two processes meet in an id only if they drew the same 50 bits. The counter starts over with each
 * millisecond; should it run out (a clock that was set back is held still), the time moves on by
 * one.
 */
import type { Moment } from './moment.js';
import { Piece } from './piece.js';

const alphabet = Buffer.from('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 'latin1');
const timeEnd = 10;
const processEnd = 20;
const length = 26;
/** Character -> the next one, 0 after the last. */
const next = new Uint8Array(128);
alphabet.forEach((character, i) => {
  next[character] = alphabet[i + 1] ?? 0;
});
const first = alphabet[0]!;

export class EventIds {
  /** The 26 bytes of the id last given. */
  readonly text: Piece;
  #ms = -1;

  /** @param processId at least 7 random bytes that tell this process from all others */
  constructor(processId: Uint8Array) {
    if (processId.length < 7) throw new Error('an event id needs 7 random bytes');
    const text = Buffer.alloc(length, first);
    let bits = 0n;
    for (const byte of processId.subarray(0, 7)) bits = (bits << 8n) | BigInt(byte);
    for (let at = processEnd - 1; at >= timeEnd; at--) {
      text[at] = alphabet[Number(bits & 31n)]!;
      bits >>= 5n;
    }
    this.text = new Piece(text);
  }

  /** Sets `text` to the next id, which sorts after all before it, whatever the clock does. */
  advance(now: Moment): void {
    if (now.ms > this.#ms) this.#startMs(now.ms);
    else this.#count();
  }

  #startMs(ms: number): void {
    const { bytes } = this.text;
    this.#ms = ms;
    let rest = Math.floor(ms);
    for (let at = timeEnd - 1; at >= 0; at--) {
      const above = Math.floor(rest / 32);
      bytes[at] = alphabet[rest - above * 32]!;
      rest = above;
    }
    bytes.fill(first, processEnd, length);
  }

  #count(): void {
    const { bytes } = this.text;
    for (let at = length - 1; at >= processEnd; at--) {
      const character = next[bytes[at]!]!;
      if (character !== 0) {
        bytes[at] = character;
        return;
      }
      bytes[at] = first;
    }
    this.#startMs(this.#ms + 1);
  }
}
