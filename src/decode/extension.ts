/**
 * The extension of CEF: `key=value key=value …`, read from left to right.
 *
 * A key begins at the start of the extension or after white space, and is followed by `=`; every
 * other `=` is data (C5). All white space before a key but its last byte belongs to the value
 * before it (C13), unless a line break is among it: that is not legal in a value, so it parts two
 * fields. White space that no key follows is data, line breaks included (C36).
 *
 * The text is passed over eight bytes at a time, and stops only at `=` and at a backslash: what
 * stands before a `=` tells whether it ends a key. No byte is looked at twice on that account but
 * those between a `=` and the one before it, so time is linear.
 */
import { findKey } from '../dictionary/dictionary.js';
import { FieldFlag, type Fields } from '../fields.js';
import { Byte, Class, classOf, isBlank } from './bytes.js';
import { equalsBehind, KeyOrder, keyBefore } from './key-order.js';
import { SeenKeys } from './seen-keys.js';

const { BACKSLASH, COMMA, CR, DOT, EQUALS, LF, SPACE } = Byte;
const { keyByte, wordByte } = Class;
const kinds = classOf;
const { escaped: escapedFlag, exact: exactFlag } = FieldFlag;

/** The same byte four times. */
const fourOf01 = 0x01010101;
const fourEquals = 0x3d3d3d3d;
const fourBackslashes = 0x5c5c5c5c;
const fourTopBits = 0x80808080 | 0;

export class ExtensionReader {
  /** Offset of the first key of the last extension that was read; -1 if it holds none. */
  firstKey = -1;
  /** It holds more fields than the table; the first ones are in the table. */
  overflow = false;
  /** It holds a byte above 0x7f. */
  high = false;
  readonly #order = new KeyOrder();
  readonly #seen = new SeenKeys();
  /** The key that `#readKey` has found: its end, and what `findKey` says of it. */
  #keyEnd = 0;
  #found = 0;

  /** Reads `[from, end)` of `into.bytes` into the table. The byte before `end` is no white space. */
  read(into: Fields, from: number, end: number): void {
    const { bytes, view, keyStart, keyEnd, valueStart, valueEnd, keyId, flags, maxFields } = into;
    const { last, stamp, generation } = into;
    const { next } = this.#order;
    const seen = this.#seen;
    const { lastExact } = seen;
    const pairsEnd = end - 7;
    seen.begin(maxFields);
    this.overflow = false;
    /** The key before, and the one that followed it last time; 0 if none. */
    let previous = 0;
    let expected = next[0]!;
    let count = 0;
    let high = 0;
    /** Of the field whose value we are in. */
    let flag = 0;
    /** Where the value begins that we are in, or the extension. */
    let start = from;
    // No blank stands before the first key, as a rule: it is looked for where it begins.
    const equals = equalsBehind(bytes, expected, from);
    const first = equals >= 0 && equals < end ? from : -1;
    let at = first < 0 ? from : equals;
    while (at < end) {
      // ── to the next `=` or backslash ──
      let stops = 0;
      for (; at < pairsEnd; at += 8) {
        const four = view.getInt32(at, true);
        const next4 = view.getInt32(at + 4, true);
        high |= four | next4;
        stops = stopsIn(four);
        if ((stops | stopsIn(next4)) !== 0) break;
      }
      if (at < pairsEnd) {
        if (stops === 0) {
          at += 4;
          stops = stopsIn(view.getInt32(at, true));
        }
        at += (31 - Math.clz32(stops & -stops)) >> 3;
      } else {
        for (; at < end; at++) {
          const byte = bytes[at]!;
          high |= byte;
          if (byte === EQUALS || byte === BACKSLASH) break;
        }
        if (at >= end) break;
      }
      if (bytes[at] === BACKSLASH) {
        flag |= escapedFlag;
        at++;
        continue;
      }
      // ── does it end a key? ──
      let found = expected;
      let key = count === 0 ? first : keyBefore(view, expected, at);
      let ends = at;
      if (key < start || (count > 0 && key === start)) {
        key = this.#readKey(bytes, start, at, count === 0);
        ends = this.#keyEnd;
        found = this.#found;
      }
      at++;
      if (key < 0) continue;
      if (count > 0) {
        valueEnd[count - 1] = valueEndBefore(bytes, start, key);
        flags[count - 1] = flag;
      }
      if (count === maxFields) {
        this.overflow = true;
        if (hasHighByte(view, at, end)) high |= fourTopBits;
        break;
      }
      keyStart[count] = key;
      keyEnd[count] = ends;
      valueStart[count] = start = at;
      keyId[count] = found < 0 ? -found : found;
      flag = found > 0 ? exactFlag : 0;
      if (found > 0) {
        next[previous] = found;
        previous = found;
        expected = next[found]!;
      }
      if (found > 0 && stamp[found] !== generation) {
        last[found] = lastExact[found] = count + 1;
        stamp[found] = generation;
      } else seen.note(into, count, found);
      count++;
    }
    if (count > 0 && !this.overflow) {
      valueEnd[count - 1] = end;
      flags[count - 1] = flag;
    }
    this.firstKey = count > 0 ? keyStart[0]! : -1;
    this.high = (high & fourTopBits) !== 0;
    into.count = count;
  }

  /**
   * Reads backwards from a `=` that the expected key does not stand before.
   *
   * @param start where the value or the extension begins that the `=` is in
   * @param first no key has been read yet, so one may begin at `start`
   * @returns where a key begins that this `=` ends, then `#keyEnd` and `#found` tell of it; else -1
   */
  #readKey(bytes: Uint8Array, start: number, equals: number, first: boolean): number {
    let key = plainStart(bytes, start, equals);
    let end = equals;
    const apart = key === equals;
    if (apart) {
      // C15: `foo =bar`.
      while (end > start && isBlank(bytes[end - 1]!)) end--;
      key = plainStart(bytes, start, end);
      if (key === end || end === equals) return -1;
    }
    const beginsWord = key === start ? first : isBlank(bytes[key - 1]!);
    if (!beginsWord || !isKey(bytes, key, end)) return -1;
    this.#keyEnd = end;
    this.#found = findKey(bytes, key, end);
    // Only a key of the dictionary may have white space before its `=`; other words are prose.
    return apart && this.#found <= 0 ? -1 : key;
  }
}

/** The top bits of the bytes that are `=` or a backslash; those above the lowest may be wrong. */
function stopsIn(four: number): number {
  const likeEquals = four ^ fourEquals;
  const likeBackslash = four ^ fourBackslashes;
  // As subtraction borrows, only the lowest one, the first in the frame, is sure to be right.
  return (
    (((likeEquals - fourOf01) & ~likeEquals) | ((likeBackslash - fourOf01) & ~likeBackslash)) &
    fourTopBits
  );
}

/** Start of the run of plain bytes that ends at `end`: none of `isStop`. */
function plainStart(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && !isStop(bytes[i - 1]!)) i--;
  return i;
}

/** A space or control, `=`, a backslash or a byte above 0x7f. */
function isStop(byte: number): boolean {
  return byte <= SPACE || byte === EQUALS || byte === BACKSLASH || byte >= 0x80;
}

/** `[A-Za-z0-9_][A-Za-z0-9_.\-[\]]*`; behind a dot also commas: ArcSight's `ad.Error_,Code`. */
function isKey(bytes: Uint8Array, start: number, end: number): boolean {
  if ((kinds[bytes[start]!]! & wordByte) === 0) return false;
  let dotted = false;
  for (let i = start + 1; i < end; i++) {
    const byte = bytes[i]!;
    if ((kinds[byte]! & keyByte) === 0 && !(dotted && byte === COMMA)) return false;
    dotted ||= byte === DOT;
  }
  return true;
}

/** End of the value that begins at `valueStart` and is followed by the key at `key`. */
function valueEndBefore(bytes: Uint8Array, valueStart: number, key: number): number {
  const last = key - 1;
  const isPlain = last === valueStart || bytes[last - 1]! > SPACE;
  if (isPlain && !isLineBreak(bytes[last]!)) return last;
  let lineBreak = isLineBreak(bytes[last]!);
  let i = last;
  while (i > valueStart && isBlank(bytes[i - 1]!)) {
    i--;
    lineBreak ||= isLineBreak(bytes[i]!);
  }
  return lineBreak ? i : last;
}

function isLineBreak(byte: number): boolean {
  return byte === LF || byte === CR;
}

/** There is a byte above 0x7f in `[at, end)`. @param view on all of the bytes */
export function hasHighByte(view: DataView, at: number, end: number): boolean {
  let all = 0;
  let i = at;
  for (; i < end - 3; i += 4) all |= view.getInt32(i, true);
  for (; i < end; i++) all |= view.getInt8(i);
  return (all & fourTopBits) !== 0;
}
