/**
 * The extension keys of a record, under the names that CEF gives them. A key has one type for ever:
 * what the dictionary calls a number is written as a number, or, if the text is none, into the map
 * `invalid`; all else is a string.
 */
import { keys } from '../dictionary/dictionary.js';
import { FieldFlag, type Fields } from '../fields.js';
import type { Counters } from '../observe/counters.js';
import { type CustomLabels, writeLabelled } from './custom-labels.js';
import type { EntryWriter } from './entry-writer.js';
import {
  Code,
  InvalidValues,
  numberOf,
  plainMask,
  typeCodes,
  writeNumber,
  writeText,
} from './extension-values.js';
import { NameTable, Piece } from './piece.js';
import { isReserved, keyPrefix } from './record-names.js';

/** Output names and types by dictionary id. Of the module: constants to compiled code. */
const names = new NameTable(keys.map(({ key }) => key));
const codes = Uint8Array.from(typeCodes);
const noPrefix = new Piece(new Uint8Array(0));

export class ExtensionPart {
  readonly #prefix = new Piece(keyPrefix);
  readonly #invalid: InvalidValues;
  readonly #labels: CustomLabels | null;

  /** @param labels null: custom fields keep their keys */
  constructor(counters: Counters, labels: CustomLabels | null) {
    this.#invalid = new InvalidValues(counters);
    this.#labels = labels;
  }

  /** Writes all extension keys and `invalid`; returns the number of record fields written. */
  write(writer: EntryWriter, fields: Fields): number {
    const labels = this.#labels?.find(fields) ? this.#labels : null;
    const { count, flags, keyId, valueStart, valueEnd } = fields;
    this.#invalid.begin(fields);
    let written = 0;
    for (let i = 0; i < count; i++) {
      if (flags[i]! & FieldFlag.superseded) continue;
      if (labels !== null && labels.place[i] !== 0) {
        if (writeLabelled(writer, fields, i, labels.place[i]!, noPrefix)) written++;
        continue;
      }
      const code = codes[keyId[i]!]!;
      if (code !== Code.string) {
        if (this.#number(writer, fields, i, code)) written++;
        continue;
      }
      if ((flags[i]! & plainMask) === FieldFlag.exact) {
        writer.field(names, keyId[i]!, valueStart[i]!, valueEnd[i]!);
      } else {
        this.#name(writer, fields, i);
        writeText(writer, fields, i);
      }
      written++;
    }
    return written + this.#invalid.write(writer, fields);
  }

  #name(writer: EntryWriter, fields: Fields, i: number): void {
    if (fields.flags[i]! & FieldFlag.exact) {
      writer.name(names, fields.keyId[i]!);
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

  /** Returns false if nothing was written: the value is empty, or to be written as invalid. */
  #number(writer: EntryWriter, fields: Fields, i: number, code: number): boolean {
    const value = numberOf(fields, i, code);
    if (Number.isNaN(value)) {
      this.#invalid.add(fields, i);
      return false;
    }
    this.#name(writer, fields, i);
    writeNumber(writer, value, code);
    return true;
  }
}
