/**
 * The extension keys of a record as columns of CommonSecurityLog. What has no column goes into
 * `AdditionalExtensions`, as it does in the table: one string `key=value;key=value`, values
 * unescaped. (Nothing tells a `;` in a value from one between two; the table has the same.)
 */
import { extensionEscapes } from '../cef-text.js';
import { keyId, keys } from '../dictionary/dictionary.js';
import { FieldFlag, type Fields, Problem } from '../fields.js';
import type { Counters } from '../observe/counters.js';
import type { CustomLabels } from './custom-labels.js';
import type { EntryWriter } from './entry-writer.js';
import {
  Code,
  InvalidValues,
  numberOf,
  typeCodes,
  writeNumber,
  writeText,
} from './extension-values.js';
import { labelStart } from './label-text.js';
import { NameTable, stringPiece } from './piece.js';
import { copyUnescaped, unescapedLength } from './unescape.js';

const equals = 0x3d;
const semicolon = 0x3b;

export class ColumnPart {
  readonly #names = new NameTable(keys.map(({ column }) => column));
  readonly #codes: Uint8Array;
  readonly #invalid: InvalidValues;
  readonly #labels: CustomLabels | null;
  readonly #extrasName = stringPiece('AdditionalExtensions');
  /** Indexes of fields without a column, and the bytes that they take. */
  #extras = new Int32Array(0);
  #extraCount = 0;
  #extraBytes = 0;

  /** @param labels null: custom fields keep their keys. Those with columns keep them anyhow */
  constructor(counters: Counters, labels: CustomLabels | null) {
    this.#invalid = new InvalidValues(counters);
    this.#labels = labels;
    this.#codes = Uint8Array.from(keys, ({ id, column }) =>
      column === '' ? Code.extra : typeCodes[id]!,
    );
    // A number in the dictionary, a string in the table.
    this.#codes[keyId('deviceDirection')] = Code.string;
    this.#codes[keyId('msg')] = Code.message;
  }

  /** Writes all columns and `invalid`; returns the number of record fields written. */
  write(writer: EntryWriter, fields: Fields): number {
    const labels = this.#labels?.find(fields) ? this.#labels : null;
    const { count, flags, keyId: ids, last, valueStart, valueEnd } = fields;
    // Read once: in the loop each would be a load.
    const codes = this.#codes;
    const names = this.#names;
    const hasMessage = fields.problem !== Problem.none;
    this.#invalid.begin(fields);
    if (this.#extras.length < fields.maxFields) this.#extras = new Int32Array(fields.maxFields);
    this.#extraCount = 0;
    this.#extraBytes = 0;
    let written = 0;
    for (let i = 0; i < count; i++) {
      if (flags[i]! & FieldFlag.superseded) continue;
      const id = ids[i]!;
      const code = codes[id]!;
      // Of one key in several spellings the last has the column. Names of columns are not told apart
      // by case everywhere, so `Message` does not stand beside stegwatch's own `message`.
      if (code === Code.extra || last[id] !== i + 1 || (code === Code.message && hasMessage)) {
        this.#addExtra(fields, i, labels);
        continue;
      }
      if (code === Code.integer || code === Code.float) {
        const value = numberOf(fields, i, code);
        if (Number.isNaN(value)) {
          this.#invalid.add(fields, i);
          continue;
        }
        writer.name(names, id);
        writeNumber(writer, value, code);
      } else if ((flags[i]! & FieldFlag.escaped) === 0) {
        writer.field(names, id, valueStart[i]!, valueEnd[i]!);
      } else {
        writer.name(names, id);
        writeText(writer, fields, i);
      }
      written++;
    }
    if (this.#extraCount > 0) {
      this.#writeExtras(writer, fields, labels);
      written++;
    }
    return written + this.#invalid.write(writer, fields);
  }

  #addExtra(fields: Fields, i: number, labels: CustomLabels | null): void {
    const place = labels === null ? 0 : labels.place[i]!;
    if (place < 0) return;
    const { bytes, keyStart, keyEnd, valueStart, valueEnd } = fields;
    const nameLength =
      place === 0
        ? keyEnd[i]! - keyStart[i]!
        : fields.trimmedEnd(place - 1) - labelStart(fields, place - 1);
    const valueLength = unescapedLength(bytes, valueStart[i]!, valueEnd[i]!, extensionEscapes);
    this.#extras[this.#extraCount++] = i;
    this.#extraBytes += nameLength + 1 + valueLength;
  }

  #writeExtras(writer: EntryWriter, fields: Fields, labels: CustomLabels | null): void {
    const { bytes, keyStart, keyEnd, valueStart, valueEnd } = fields;
    writer.piece(this.#extrasName);
    writer.stringHeader(this.#extraBytes + this.#extraCount - 1);
    for (let n = 0; n < this.#extraCount; n++) {
      const i = this.#extras[n]!;
      const place = labels === null ? 0 : labels.place[i]!;
      if (n > 0) writer.byte(semicolon);
      if (place === 0) writer.copy(keyStart[i]!, keyEnd[i]!);
      else writer.copy(labelStart(fields, place - 1), fields.trimmedEnd(place - 1));
      writer.byte(equals);
      copyUnescaped(writer, bytes, valueStart[i]!, valueEnd[i]!, extensionEscapes);
    }
  }
}
