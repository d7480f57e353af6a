/**
 * The extension keys of a record. A key has one type for ever: what the dictionary calls a number
 * is written as a number, or, if the text is none, into the map `invalid`; all else is a string.
 */
import { extensionEscapes } from '../cef-text.js';
import { keys } from '../dictionary/dictionary.js';
import type { KeyType } from '../dictionary/keys.js';
import { FieldFlag, type Fields } from '../fields.js';
import type { Counters } from '../observe/counters.js';
import type { EntryWriter } from './entry-writer.js';
import { isBlank, parseDecimal, parseInteger } from './number-text.js';
import { NameTable, Piece, stringPiece } from './piece.js';
import { isReserved, keyPrefix } from './record-names.js';
import { writeUnescaped } from './unescape.js';

/** A field is plain if its key is spelled as in the dictionary and its value holds no escape. */
const plainMask = FieldFlag.exact | FieldFlag.escaped;

const typeCodes: Readonly<Record<KeyType, number>> = { string: 0, integer: 1, float: 2 };

export class ExtensionPart {
  readonly #counters: Counters;
  readonly #prefix = new Piece(keyPrefix);
  readonly #invalidName = stringPiece('invalid');
  /** Output names and types by dictionary id. */
  readonly #names = new NameTable(keys.map(({ key }) => key));
  readonly #types = Uint8Array.from(keys, ({ type }) => typeCodes[type]);
  /** Indexes of the fields of this event that are not of their type. */
  #invalid = new Int32Array(0);
  #invalidCount = 0;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** Writes all extension keys and `invalid`; returns the number of record fields written. */
  write(writer: EntryWriter, fields: Fields): number {
    if (this.#invalid.length < fields.maxFields) this.#invalid = new Int32Array(fields.maxFields);
    this.#invalidCount = 0;
    const { count, flags, keyId, valueStart, valueEnd } = fields;
    let written = 0;
    for (let i = 0; i < count; i++) {
      if (flags[i]! & FieldFlag.superseded) continue;
      const type = this.#types[keyId[i]!]!;
      if (type !== typeCodes.string) {
        if (this.#number(writer, fields, i, type)) written++;
        continue;
      }
      if ((flags[i]! & plainMask) === FieldFlag.exact) {
        writer.field(this.#names, keyId[i]!, valueStart[i]!, valueEnd[i]!);
      } else {
        this.#name(writer, fields, i);
        this.#text(writer, fields, i);
      }
      written++;
    }
    return this.#invalidCount === 0 ? written : written + this.#writeInvalid(writer, fields);
  }

  #name(writer: EntryWriter, fields: Fields, i: number): void {
    if (fields.flags[i]! & FieldFlag.exact) {
      writer.name(this.#names, fields.keyId[i]!);
      return;
    }
    const start = fields.keyStart[i]!;
    const end = fields.keyEnd[i]!;
    // No dictionary key is a reserved name, in any case (held by a test).
    if (fields.keyId[i] === 0 && isReserved(fields.bytes, start, end)) {
      writer.stringHeader(keyPrefix.length + end - start);
      writer.piece(this.#prefix);
      writer.copy(start, end);
      return;
    }
    writer.text(start, end);
  }

  #text(writer: EntryWriter, fields: Fields, i: number): void {
    const start = fields.valueStart[i]!;
    const end = fields.valueEnd[i]!;
    if (fields.flags[i]! & FieldFlag.escaped) {
      writeUnescaped(writer, fields.bytes, start, end, extensionEscapes);
    } else {
      writer.text(start, end);
    }
  }

  /** Returns false if nothing was written: the value is empty, or to be written as invalid. */
  #number(writer: EntryWriter, fields: Fields, i: number, type: number): boolean {
    const { bytes } = fields;
    const start = fields.valueStart[i]!;
    const end = fields.valueEnd[i]!;
    const isInteger = type === typeCodes.integer;
    const value = isInteger ? parseInteger(bytes, start, end) : parseDecimal(bytes, start, end);
    if (Number.isNaN(value)) {
      // Empty means absent (C19), and there is no number that says "empty".
      if (!isBlank(bytes, start, end)) this.#invalid[this.#invalidCount++] = i;
      return false;
    }
    this.#name(writer, fields, i);
    if (isInteger) writer.integer(value);
    else writer.float(value);
    return true;
  }

  #writeInvalid(writer: EntryWriter, fields: Fields): number {
    this.#counters.invalid_values += this.#invalidCount;
    writer.piece(this.#invalidName);
    writer.mapHeader(this.#invalidCount);
    for (let n = 0; n < this.#invalidCount; n++) {
      this.#name(writer, fields, this.#invalid[n]!);
      this.#text(writer, fields, this.#invalid[n]!);
    }
    return 1;
  }
}
