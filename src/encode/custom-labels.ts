/**
 * Custom fields named by their label: `cs1=Sales cs1Label=Department` becomes `Department: Sales`.
 * The rule is `<key>` and `<key>Label`, for the custom fields of the dictionary and for all keys
 * that are not in it (`cs9`, C38). A standard key keeps its name, whatever a label says of it.
 *
 * The text of a label is the sender's. Where it cannot be a name, key and label stay as they are:
 *
 * - it is empty, longer than 64 bytes, begins with something else than a letter or digit, or holds
 *   a control character, `=`, `;`, a backslash, an empty part between dots, or
 *   more than 16 dots;
 * - it reads like a name of stegwatch or a key of the dictionary, in any case;
 * - the event has a key, or an earlier label, of that name;
 * - the value is not of its type.
 *
 * A name has one type for ever, and labels are free text: the same one may stand beside a string
 * here and a number there. So a number's name ends in its type, ` (integer)` or ` (float)`, which
 * no key can and no label of a string may.
 */
import { findKey, keyCount, keys } from '../dictionary/dictionary.js';
import { FieldFlag, type Fields } from '../fields.js';
import type { EntryWriter } from './entry-writer.js';
import { Code, numberOf, typeCodes } from './extension-values.js';
import { NameSet } from './name-set.js';
import { Piece } from './piece.js';
import { isReserved } from './record-names.js';

/** Elasticsearch's limit for the depth of a `flattened` field is 20 levels. */
const maxDots = 16;
/** Bytes of a label. */
const maxLabelLength = 64;
const suffix = Buffer.from('Label', 'latin1');
const typeSuffixes: readonly Piece[] = ['', ' (integer)', ' (float)'].map(
  (text) => new Piece(Buffer.from(text)),
);
const valueIdOf = valueIds();

export class CustomLabels {
  /**
   * By field: 0 it keeps its name, -1 it is the label of another and not written, else 1 + index of
   * its label. Valid if `find` has returned true.
   */
  place = new Int32Array(0);
  readonly #names = new NameSet();
  readonly #knownToo: boolean;

  /** @param knownToo false: only keys outside the dictionary are named by their labels */
  constructor(knownToo: boolean) {
    this.#knownToo = knownToo;
  }

  /** True if at least one field takes the name of its label. */
  find(fields: Fields): boolean {
    const { bytes, count, flags, keyId, keyStart, keyEnd } = fields;
    if (this.place.length < fields.maxFields) this.place = new Int32Array(fields.maxFields);
    this.#names.begin(fields.maxFields * 2);
    for (let i = 0; i < count; i++) {
      this.place[i] = 0;
      if (keyId[i] === 0 && !(flags[i]! & FieldFlag.superseded)) {
        this.#names.add(bytes, keyStart[i]!, keyEnd[i]!, Code.string, i);
      }
    }
    let found = false;
    for (let i = 0; i < count; i++) {
      if (flags[i]! & FieldFlag.superseded) continue;
      const value = this.#valueOf(fields, i);
      if (value >= 0 && this.#pair(fields, value, i)) found = true;
    }
    return found;
  }

  /** Index of the field that field `i` is the label of, or -1. */
  #valueOf(fields: Fields, i: number): number {
    const id = fields.keyId[i]!;
    if (id !== 0) {
      const valueId = valueIdOf[id]!;
      const isLast = fields.last[id] === i + 1;
      return this.#knownToo && valueId !== 0 && isLast ? fields.indexOf(valueId) : -1;
    }
    const start = fields.keyStart[i]!;
    const baseEnd = fields.keyEnd[i]! - suffix.length;
    if (baseEnd <= start) return -1;
    for (let n = 0; n < suffix.length; n++) {
      if (fields.bytes[baseEnd + n] !== suffix[n]) return -1;
    }
    return this.#names.find(fields.bytes, start, baseEnd, Code.string);
  }

  #pair(fields: Fields, value: number, label: number): boolean {
    const { place } = this;
    if (place[value] !== 0 || place[label] !== 0) return false;
    if (fields.flags[label]! & FieldFlag.escaped) return false;
    const start = labelStart(fields, label);
    const end = fields.trimmedEnd(label);
    const code = typeCodes[fields.keyId[value]!]!;
    if (!isUsable(fields.bytes, start, end, code)) return false;
    if (code !== Code.string && Number.isNaN(numberOf(fields, value, code))) return false;
    if (!this.#names.add(fields.bytes, start, end, code, value)) return false;
    place[value] = label + 1;
    place[label] = -1;
    return true;
  }
}

/** Writes the name that the label in field `label` gives to a value of this type. */
export function writeLabelName(
  writer: EntryWriter,
  fields: Fields,
  label: number,
  prefix: Piece,
  code: number,
): void {
  const start = labelStart(fields, label);
  const end = fields.trimmedEnd(label);
  const typeSuffix = typeSuffixes[code]!;
  writer.stringHeader(prefix.length + end - start + typeSuffix.length);
  writer.piece(prefix);
  writer.copy(start, end);
  writer.piece(typeSuffix);
}

/** Where the text of a label begins: behind the white space before it. */
export function labelStart(fields: Fields, label: number): number {
  const end = fields.valueEnd[label]!;
  let start = fields.valueStart[label]!;
  while (start < end && fields.bytes[start]! <= 0x20) start++;
  return start;
}

function isUsable(bytes: Uint8Array, start: number, end: number, code: number): boolean {
  const length = end - start;
  if (length < 1 || length > maxLabelLength || !isWordByte(bytes[start]!)) return false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte < 0x20 || byte === 0x7f) return false;
    if (byte === 0x3b || byte === 0x3d || byte === 0x5c) return false;
  }
  if (isBadPath(bytes, start, end)) return false;
  if (code === Code.string && endsInType(bytes, start, end)) return false;
  return !isReserved(bytes, start, end) && findKey(bytes, start, end) === 0;
}

/**
 * True if receivers that take dots for a path (Elasticsearch) refuse a record with such a name: there
 * is nothing between two dots, or behind the last or before the first, or the path is too deep.
 */
export function isBadPath(bytes: Uint8Array, start: number, end: number): boolean {
  let afterDot = true;
  let dots = 0;
  for (let i = start; i < end; i++) {
    const isDot = bytes[i] === 0x2e;
    if (isDot && (afterDot || ++dots > maxDots)) return true;
    afterDot = isDot;
  }
  return afterDot;
}

/** A letter or digit, or a byte of a character outside ASCII. */
function isWordByte(byte: number): boolean {
  const lower = byte | 0x20;
  return byte >= 0x80 || (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
}

function endsInType(bytes: Uint8Array, start: number, end: number): boolean {
  return typeSuffixes.some((typeSuffix) => {
    const from = end - typeSuffix.length;
    if (typeSuffix.length === 0 || from < start) return false;
    for (let i = from; i < end; i++) if (bytes[i] !== typeSuffix.bytes[i - from]) return false;
    return true;
  });
}

/** Dictionary id of a label -> id of what it is the label of, else 0. */
function valueIds(): Int16Array {
  const idOf = new Map(keys.map(({ key, id }) => [key, id]));
  const ids = new Int16Array(keyCount);
  for (const { key, id } of keys) {
    if (key.endsWith('Label')) ids[id] = idOf.get(key.slice(0, -suffix.length)) ?? 0;
  }
  return ids;
}
