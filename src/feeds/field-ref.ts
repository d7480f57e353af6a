/**
 * A field by the name that a person gives it. Three kinds of name, in this order:
 *
 *     request, RequestURL, requestUrl   a key of the dictionary, its CommonSecurityLog column or full name
 *     FTNTFGTfiletype                   a key of the vendor's own
 *     ContentType                       the text of a label: `cs3Label=ContentType cs3=image/jpeg`
 *
 * All in any case (ASCII). Labels follow the general rule `<key>Label`, since vendors go beyond the
 * dictionary (`cs9`; C38). Fields are the sender's text, up to thousands of them: every look-up is one or
 * two passes over them, whatever they say.
 */
import { keyCount, keys } from '../dictionary/dictionary.js';
import type { FieldRef } from '../feed.js';
import { FieldFlag, type Fields } from '../fields.js';

const suffix = Buffer.from('label');

/** Dictionary id of a label -> id of the field that it names; 0 for what is no label. */
const fieldOfLabel = new Int16Array(keyCount);
for (const { id, key } of keys) {
  if (!key.endsWith('Label')) continue;
  fieldOfLabel[id] = keys.findIndex((named) => named.key === key.slice(0, -suffix.length));
}

/** @param name not empty; white space around it does not count */
export function fieldRef(name: string): FieldRef {
  const folded = foldAscii(name.trim());
  const known =
    keys.find(({ id, key }) => id > 0 && foldAscii(key) === folded) ??
    keys.find(({ id, fullName }) => id > 0 && foldAscii(fullName) === folded) ??
    keys.find(({ id, column }) => id > 0 && foldAscii(column) === folded);
  if (known === undefined) return new VendorField(name, folded);
  return foldAscii(known.key) === folded
    ? new DictionaryField(name, known.id, null)
    : new DictionaryField(name, known.id, new VendorField(name, folded));
}

class DictionaryField implements FieldRef {
  readonly name: string;
  readonly #id: number;
  /** Some devices send a full name for a key (`bytesOut=88`): that is no key of the dictionary. */
  readonly #spelledOut: VendorField | null;

  constructor(name: string, id: number, spelledOut: VendorField | null) {
    this.name = name;
    this.#id = id;
    this.#spelledOut = spelledOut;
  }

  indexIn(fields: Fields): number {
    const index = fields.indexOf(this.#id);
    return index < 0 && this.#spelledOut !== null ? this.#spelledOut.indexIn(fields) : index;
  }

  /** Under its full name it is one more occurrence: text can forge the key beside it. */
  allIn(fields: Fields): readonly number[] {
    const index = fields.indexOf(this.#id);
    const spelledOut = this.#spelledOut?.allIn(fields) ?? [];
    if (index < 0) return spelledOut;
    if (fields.duplicates === 0 && spelledOut.length === 0) return [index];
    return [...indexes(fields, (i) => fields.keyId[i] === this.#id), ...spelledOut].sort(ascending);
  }

  repeatsIn(fields: Fields): boolean {
    if (fields.duplicates > 0) {
      const index = fields.indexOf(this.#id);
      for (let i = 0; i < index; i++) if (fields.keyId[i] === this.#id) return true;
    }
    const spelledOut = this.#spelledOut;
    if (spelledOut === null || spelledOut.indexIn(fields) < 0) return false;
    return fields.indexOf(this.#id) >= 0 || spelledOut.repeatsIn(fields);
  }
}

class VendorField implements FieldRef {
  readonly name: string;
  readonly #folded: string;
  readonly #bytes: Buffer;
  readonly #mayBeEscaped: boolean;

  constructor(name: string, folded: string) {
    this.name = name;
    this.#folded = folded;
    this.#bytes = Buffer.from(folded);
    this.#mayBeEscaped = /[\\=\r\n]/.test(folded);
  }

  indexIn(fields: Fields): number {
    const { bytes, keyId, keyEnd } = fields;
    let byDictionary = -1;
    let label = -1;
    for (let i = fields.count - 1; i >= 0; i--) {
      const id = keyId[i]!;
      if (id > 0) {
        if (fieldOfLabel[id] === 0) continue;
      } else {
        if (this.#isKey(fields, i)) return i;
        // Most keys are told from a label by one letter.
        if ((bytes[keyEnd[i]! - suffix.length]! | 0x20) !== suffix[0]) continue;
      }
      if (!this.#isLabel(fields, i)) continue;
      const named = fieldOfLabel[id]!;
      if (named > 0) byDictionary = Math.max(byDictionary, fields.indexOf(named));
      else if (label < 0) label = i;
      // Two labels outside the dictionary with one text: not worth a quick way, only a linear one.
      else return this.#rarely(fields);
    }
    return label < 0 ? byDictionary : Math.max(byDictionary, namedBy(fields, label));
  }

  #rarely(fields: Fields): number {
    return this.#own(fields).at(-1) ?? this.#labelled(fields).at(-1) ?? -1;
  }

  repeatsIn(fields: Fields): boolean {
    let keys = 0;
    let labels = 0;
    let label = -1;
    for (let i = 0; i < fields.count; i++) {
      if (fields.keyId[i] === 0 && this.#isKey(fields, i)) keys++;
      if (!this.#isLabel(fields, i)) continue;
      labels++;
      label = i;
    }
    if (labels === 0) return keys > 1;
    if (labels === 1 && keys === 0) return namedBy(fields, label, namedBy(fields, label)) >= 0;
    // Said in more than one way: rare, and made for hiding something.
    return this.allIn(fields).length > 1;
  }

  allIn(fields: Fields): readonly number[] {
    const own = this.#own(fields);
    const labelled = this.#labelled(fields);
    if (own.length === 0) return labelled;
    return [...new Set([...own, ...labelled])].sort(ascending);
  }

  #own(fields: Fields): readonly number[] {
    return indexes(fields, (i) => fields.keyId[i] === 0 && this.#isKey(fields, i));
  }

  #labelled(fields: Fields): readonly number[] {
    const labels = indexes(fields, (i) => this.#isLabel(fields, i));
    if (labels.length === 0) return labels;
    const named = new Set(labels.map((i) => foldAscii(fields.key(i)).slice(0, -suffix.length)));
    return indexes(fields, (i) => named.has(foldAscii(fields.key(i))));
  }

  #isKey(fields: Fields, index: number): boolean {
    const start = fields.keyStart[index]!;
    const end = fields.keyEnd[index]!;
    return (
      end - start === this.#bytes.length && equalsFolded(fields.bytes, start, end, this.#bytes)
    );
  }

  /** A label that holds, that is the last of its key, and says this name. */
  #isLabel(fields: Fields, index: number): boolean {
    const id = fields.keyId[index]!;
    if (id > 0) {
      if (fieldOfLabel[id] === 0 || fields.indexOf(id) !== index) return false;
    } else {
      if ((fields.flags[index]! & FieldFlag.superseded) !== 0) return false;
      const end = fields.keyEnd[index]!;
      const at = end - suffix.length;
      if (at <= fields.keyStart[index]! || !equalsFolded(fields.bytes, at, end, suffix)) {
        return false;
      }
    }
    return this.#says(fields, index);
  }

  #says(fields: Fields, index: number): boolean {
    if ((fields.flags[index]! & FieldFlag.escaped) !== 0) {
      // With a backslash in it a label can only say a name that holds what escapes stand for.
      if (!this.#mayBeEscaped) return false;
      return foldAscii(fields.trimmed(index)) === this.#folded;
    }
    const end = fields.trimmedEnd(index);
    let start = fields.valueStart[index]!;
    while (start < end && fields.bytes[start]! <= 0x20) start++;
    return equalsFolded(fields.bytes, start, end, this.#bytes);
  }
}

/**
 * The last field `<key>` before `end` of the label `<key>Label` at `label`, in any case; -1 if there is
 * none.
 */
function namedBy(fields: Fields, label: number, end = fields.count): number {
  const { bytes, keyStart, keyEnd } = fields;
  const start = keyStart[label]!;
  const length = keyEnd[label]! - suffix.length - start;
  for (let i = end - 1; i >= 0; i--) {
    const at = keyStart[i]!;
    if (keyEnd[i]! - at !== length) continue;
    let same = 0;
    while (same < length && fold(bytes[at + same]!) === fold(bytes[start + same]!)) same++;
    if (same === length) return i;
  }
  return -1;
}

const ascending = (a: number, b: number): number => a - b;

function indexes(fields: Fields, is: (index: number) => boolean): number[] {
  const found: number[] = [];
  for (let i = 0; i < fields.count; i++) if (is(i)) found.push(i);
  return found;
}

/** @param folded what to compare with, its capitals folded */
function equalsFolded(bytes: Uint8Array, start: number, end: number, folded: Buffer): boolean {
  const { length } = folded;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++) if (fold(bytes[start + i]!) !== folded[i]) return false;
  return true;
}

function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** Small letters for capitals, of ASCII only, so that bytes and strings are compared alike. */
function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}
