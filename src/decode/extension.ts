/**
 * The extension of CEF: `key=value key=value …`, read from left to right.
 *
 * A key begins at the start of the extension or after white space, and is followed by `=`; every
 * other `=` is data (C5). All white space before a key but its last byte belongs to the value
 * before it (C13), unless a line break is among it: that is not legal in a value, so it parts two
 * fields. White space that no key follows is data, line breaks included (C36).
 */
import { findKey } from '../dictionary/dictionary.js';
import { FieldFlag, type Fields } from '../fields.js';
import { Byte, Class, classOf, isBlank } from './bytes.js';
import { KeyOrder } from './key-order.js';
import { SeenKeys } from './seen-keys.js';

const { BACKSLASH, COMMA, CR, DOT, EQUALS, LF, SPACE } = Byte;
const { keyByte, wordByte } = Class;
const kinds = classOf;
const { escaped: escapedFlag, exact: exactFlag } = FieldFlag;

/** The same byte four times. */
const fourOf01 = 0x01010101;
const fourOf21 = 0x21212121;
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
  /** The key that `#readWord` has found: its bounds, and what `findKey` says of it. */
  #keyStart = 0;
  #keyEnd = 0;
  #found = 0;
  /** The word before the present white space, if it could be a key (C15: `foo =bar`); else 0, 0. */
  #wordStart = 0;
  #wordEnd = 0;

  /**
   * Reads `[from, end)` of `into.bytes` into the table. The byte before `end` is no white space.
   *
   * @param view a view on all of `into.bytes` if there is one: then plain bytes are passed by fours
   */
  read(into: Fields, from: number, end: number, view: DataView | null): void {
    const { bytes, keyStart, keyEnd, valueStart, valueEnd, keyId, flags, maxFields } = into;
    const { last, stamp, generation } = into;
    const order = this.#order;
    const seen = this.#seen;
    order.begin();
    seen.begin(maxFields);
    this.#wordEnd = 0;
    this.overflow = false;
    let count = 0;
    let high = 0;
    let escaped = 0;
    let at = from;
    while (at < end) {
      let key = at;
      let found = order.expected;
      let equals = order.match(bytes, view, at, end);
      let ends = equals;
      if (equals < 0) {
        equals = this.#readWord(bytes, at, end);
        key = this.#keyStart;
        ends = this.#keyEnd;
        found = this.#found;
      }
      if (equals >= 0) {
        if (count > 0) {
          valueEnd[count - 1] = valueEndBefore(bytes, valueStart[count - 1]!, key);
          flags[count - 1]! |= escaped;
        }
        escaped = 0;
        if (count === maxFields) {
          this.overflow = true;
          high |= hasHighByte(bytes, equals, end) ? 0x80 : 0;
          break;
        }
        keyStart[count] = key;
        keyEnd[count] = ends;
        valueStart[count] = equals + 1;
        keyId[count] = found < 0 ? -found : found;
        flags[count] = found > 0 ? exactFlag : 0;
        if (found > 0) order.found(found);
        if (found > 0 && stamp[found] !== generation) {
          last[found] = seen.lastExact[found] = count + 1;
          stamp[found] = generation;
        } else seen.note(into, count, found);
        count++;
        at = equals + 1;
        this.#wordEnd = 0;
      } else at = ~equals;
      // The rest of this word, up to white space, is value.
      if (view !== null) at = plainRunEnd(view, at, end);
      for (; at < end; at++) {
        const byte = bytes[at]!;
        high |= byte;
        if (byte > SPACE && byte !== BACKSLASH) continue;
        if (byte === BACKSLASH) escaped = escapedFlag;
        else if (isBlank(byte)) break;
      }
      at++;
    }
    if (count > 0 && !this.overflow) {
      valueEnd[count - 1] = end;
      flags[count - 1]! |= escaped;
    }
    this.firstKey = count > 0 ? keyStart[0]! : -1;
    this.high = high >= 0x80;
    into.count = count;
  }

  /**
   * Reads a word that is not the expected key.
   *
   * @returns offset of the `=` if a key stands before it, then `#key…` and `#found` say which; else
   *   `~offset` of where the word goes on as value, or of the white space behind it
   */
  #readWord(bytes: Uint8Array, at: number, end: number): number {
    const next = plainEnd(bytes, at, end);
    if (next === end) return ~end;
    const byte = bytes[next]!;
    if (isBlank(byte)) {
      // White space after white space leaves the word before it as it is.
      if (next > at) {
        this.#wordStart = at;
        this.#wordEnd = next;
      }
      return ~next;
    }
    if (byte === EQUALS) {
      if (next > at ? isKey(bytes, at, next) : this.#wordEnd > 0) {
        this.#keyStart = next > at ? at : this.#wordStart;
        this.#keyEnd = next > at ? next : this.#wordEnd;
        this.#found = findKey(bytes, this.#keyStart, this.#keyEnd);
        // Only a key of the dictionary may have white space before its `=`; other words are prose.
        if (next > at || this.#found > 0) return next;
      }
    }
    this.#wordEnd = 0;
    return ~next;
  }
}

/**
 * First offset of white space, a control, a backslash or a byte above 0x7f, by four bytes at a
 * time; or an offset less than four bytes before `end` up to which there is none.
 */
function plainRunEnd(view: DataView, at: number, end: number): number {
  const last = end - 4;
  let i = at;
  for (; i <= last; i += 4) {
    const four = view.getInt32(i, true);
    const likeBackslash = four ^ fourBackslashes;
    // The top bit of a byte says that it is below 0x21, above 0x7f, or a backslash. Above such a
    // byte the bits may be wrong, as subtraction borrows; the lowest one is the first in the frame,
    // and right.
    const stops =
      ((four - fourOf21) | four | ((likeBackslash - fourOf01) & ~likeBackslash)) & fourTopBits;
    if (stops !== 0) return i + ((31 - Math.clz32(stops & -stops)) >> 3);
  }
  return i;
}

/**
 * First offset in `[at, end)` of a space or control, `=`, a backslash or a byte above 0x7f, else
 * `end`.
 */
function plainEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  for (; i < end; i++) {
    const byte = bytes[i]!;
    if (byte <= SPACE || byte === EQUALS || byte === BACKSLASH || byte >= 0x80) break;
  }
  return i;
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

/** There is a byte above 0x7f in `[at, end)`. */
export function hasHighByte(bytes: Uint8Array, at: number, end: number): boolean {
  let all = 0;
  for (let i = at; i < end; i++) all |= bytes[i]!;
  return all >= 0x80;
}
