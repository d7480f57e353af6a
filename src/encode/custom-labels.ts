/**
 * Custom fields named by their label: `cs1=Sales cs1Label=Department` becomes `Department: Sales`.
 * The rule is `<key>` and `<key>Label`, for the custom fields of the dictionary and for all keys
 * that are not in it (`cs9`, C38). A standard key keeps its name, whatever a label says of it.
 *
 * The text of a label is the sender's. Where it cannot be a name, key and label stay as they are:
 *
 * - it is empty, longer than 64 bytes, begins with something else than a letter or digit, or holds
 *   a control or format character (bidi and the like), `=`, `;`, a backslash, an empty part between
 *   dots, or more than 16 dots;
 * - it, or what it has before its first dot, reads like a name of stegwatch or a key of the
 *   dictionary, in any case;
 * - the event has a key, or an earlier label, of that name, or one that is a path to it or through it
 *   (`a` and `a.b`): receivers that take a dot for a path refuse a record with both;
 * - the value is not of its type.
 *
 * A name has one type for ever, and labels are free text: the same one may stand beside a string
 * here and a number there. So a number's name ends in its type, ` (integer)` or ` (float)`, which
 * no key can and no label of a string may.
 */
import { keyCount, keys } from '../dictionary/dictionary.js';
import { FieldFlag, type Fields } from '../fields.js';
import type { EntryWriter } from './entry-writer.js';
import { Code, numberOf, typeCodes, writeNumber, writeText } from './extension-values.js';
import { isUsable, labelStart, maxDots, maxLabelLength, typeSuffixes } from './label-text.js';
import { NameSet } from './name-set.js';
import type { Piece } from './piece.js';

const suffix = Buffer.from('Label', 'latin1');
const dot = 0x2e;
/** The kind of what stands before a dot of a name; the others are the types of names. */
const pathKind = 3;
/** A name that a label can be a path to has one dot more than a label may have. */
const maxPaths = maxDots + 1;
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
    // Each field has a key and may get a name, of which one has paths.
    this.#names.begin(count * (2 + maxPaths));
    for (let i = 0; i < count; i++) {
      this.place[i] = 0;
      if (keyId[i] === 0 && !(flags[i]! & FieldFlag.superseded)) {
        this.#names.add(bytes, keyStart[i]!, keyEnd[i]!, Code.string, i);
        this.#addPaths(bytes, keyStart[i]!, keyEnd[i]!);
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
    if (code === Code.string && this.#names.find(fields.bytes, start, end, pathKind) >= 0) {
      return false;
    }
    if (this.#leadsThroughName(fields.bytes, start, end)) return false;
    if (!this.#names.add(fields.bytes, start, end, code, value)) return false;
    this.#addPaths(fields.bytes, start, end);
    place[value] = label + 1;
    place[label] = -1;
    return true;
  }

  /** Notes what stands before each dot, as far as a label could be it. */
  #addPaths(bytes: Uint8Array, start: number, end: number): void {
    const last = Math.min(end, start + maxLabelLength + 1);
    let paths = 0;
    for (let i = start; i < last && paths < maxPaths; i++) {
      if (bytes[i] !== dot) continue;
      this.#names.add(bytes, start, i, pathKind, 0);
      paths++;
    }
  }

  /** True if what the label has before one of its dots is a name of the event. */
  #leadsThroughName(bytes: Uint8Array, start: number, end: number): boolean {
    for (let i = start; i < end; i++) {
      if (bytes[i] === dot && this.#names.find(bytes, start, i, Code.string) >= 0) return true;
    }
    return false;
  }
}

/**
 * Writes field `i` under the name that its label gives it.
 * @param place as in `CustomLabels.place`, not 0
 * @returns false if nothing was written: it is a label itself
 */
export function writeLabelled(
  writer: EntryWriter,
  fields: Fields,
  i: number,
  place: number,
  prefix: Piece,
): boolean {
  if (place < 0) return false;
  const label = place - 1;
  const code = typeCodes[fields.keyId[i]!]!;
  const start = labelStart(fields, label);
  const end = fields.trimmedEnd(label);
  const typeSuffix = typeSuffixes[code]!;
  writer.stringHeader(prefix.length + end - start + typeSuffix.length);
  writer.piece(prefix);
  writer.copy(start, end);
  writer.piece(typeSuffix);
  if (code === Code.string) writeText(writer, fields, i);
  else writeNumber(writer, numberOf(fields, i, code), code);
  return true;
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
