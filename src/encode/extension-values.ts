/** How the value of an extension field goes into a record, whatever its name there. */
import { extensionEscapes } from '../cef-text.js';
import { keys } from '../dictionary/dictionary.js';
import { FieldFlag, type Fields } from '../fields.js';
import type { Counters } from '../observe/counters.js';
import type { EntryWriter } from './entry-writer.js';
import { isBlank, parseDecimal, parseInteger } from './number-text.js';
import { stringPiece } from './piece.js';
import { writeUnescaped } from './unescape.js';

/** A field is plain if its key is spelled as in the dictionary and its value holds no escape. */
export const plainMask = FieldFlag.exact | FieldFlag.escaped;

/** What is written for a value. The first three are the types of the dictionary. */
export const Code = {
  string: 0,
  integer: 1,
  float: 2,
  /** Not under a name of its own. */
  extra: 3,
  /** An IP address; other text is an extra. */
  address: 4,
  /** Epoch milliseconds, written as RFC 3339; other text is an extra. */
  time: 5,
  /** 0 and 1 as words; other text as it is. */
  direction: 6,
  /** A string, but an extra where stegwatch's own `message` is in the record. */
  message: 7,
} as const;
export type Code = (typeof Code)[keyof typeof Code];

/** By dictionary id. */
export const typeCodes: readonly Code[] = keys.map(({ type }) => Code[type]);

/** The value of field `i` as a string. */
export function writeText(writer: EntryWriter, fields: Fields, i: number): void {
  const start = fields.valueStart[i]!;
  const end = fields.valueEnd[i]!;
  if (fields.flags[i]! & FieldFlag.escaped) {
    writeUnescaped(writer, fields.bytes, start, end, extensionEscapes);
  } else {
    writer.text(start, end);
  }
}

/** The value of field `i`, NaN if it is none of its type. */
export function numberOf(fields: Fields, i: number, code: number): number {
  const { bytes, valueStart, valueEnd } = fields;
  return code === Code.integer
    ? parseInteger(bytes, valueStart[i]!, valueEnd[i]!)
    : parseDecimal(bytes, valueStart[i]!, valueEnd[i]!);
}

export function writeNumber(writer: EntryWriter, value: number, code: number): void {
  if (code === Code.integer) writer.integer(value);
  else writer.float(value);
}

/** The map `invalid`: values that are not of their key's type, under the keys that were sent. */
export class InvalidValues {
  readonly #counters: Counters;
  readonly #name = stringPiece('invalid');
  /** Indexes of fields. */
  #fields = new Int32Array(0);
  #count = 0;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  begin(fields: Fields): void {
    if (this.#fields.length < fields.maxFields) this.#fields = new Int32Array(fields.maxFields);
    this.#count = 0;
  }

  /** Empty means absent (C19), and there is no number that says "empty": such a value is left out. */
  add(fields: Fields, i: number): void {
    if (!isBlank(fields.bytes, fields.valueStart[i]!, fields.valueEnd[i]!)) {
      this.#fields[this.#count++] = i;
    }
  }

  /** Returns the number of record fields written. */
  write(writer: EntryWriter, fields: Fields): number {
    if (this.#count === 0) return 0;
    this.#counters.invalid_values += this.#count;
    writer.piece(this.#name);
    writer.mapHeader(this.#count);
    for (let n = 0; n < this.#count; n++) {
      const i = this.#fields[n]!;
      writer.text(fields.keyStart[i]!, fields.keyEnd[i]!);
      writeText(writer, fields, i);
    }
    return 1;
  }
}
