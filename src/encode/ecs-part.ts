/**
 * The extension keys of a record under names of the Elastic Common Schema, flat (`source.ip`). What
 * has none there is `cef.extensions.<key>`, the key as sent: so is a key in a second spelling, and a
 * value that is not of the type that the schema gives its field.
 *
 * `in` and `out` say nothing sure about a direction (vendors differ). What the feed's profile calls
 * received is `destination.bytes` (what the destination sent, that is: the download), and what it
 * calls sent is `source.bytes`. That field moves there if it is `in` or `out`; another one keeps its
 * own name, too.
 */
import { isWhiteSpace } from '../cef-text.js';
import { keyId } from '../dictionary/dictionary.js';
import { firstPresent } from '../feed.js';
import { FieldFlag, type Fields, Problem } from '../fields.js';
import type { Counters } from '../observe/counters.js';
import type { Feeds } from '../stages.js';
import { isAddress } from './address-text.js';
import { type CustomLabels, writeLabelled } from './custom-labels.js';
import { ecsNames, ecsPrefix } from './ecs-names.js';
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
import { isBadPath } from './label-text.js';
import { cutKeyLength, maxKeyLength, writeCutKey, writeWithoutDots } from './long-key.js';
import { Moment } from './moment.js';
import { isBlank, parseInteger } from './number-text.js';
import { NameTable, Piece, stringHeader, stringPiece } from './piece.js';
import { Rfc3339 } from './rfc3339.js';

const inId = keyId('in');
const outId = keyId('out');
const directions: readonly Piece[] = ['inbound', 'outbound'].map(stringPiece);
const timeHeader = stringHeader(24);
const prefix = new Piece(Buffer.from(ecsPrefix, 'latin1'));
/** Numbers below are seconds, or no times at all: 1973. */
const leastEpochMs = 100_000_000_000;

export class EcsPart {
  readonly #names = new NameTable(ecsNames.map(({ name }) => name));
  readonly #codes = Uint8Array.from(ecsNames, ({ code }) => code);
  readonly #inSchema = Uint8Array.from(ecsNames, (entry) => Number(entry.inSchema));
  readonly #downloaded = stringPiece('destination.bytes');
  readonly #uploaded = stringPiece('source.bytes');
  readonly #time = new Rfc3339();
  readonly #moment = new Moment();
  readonly #invalid: InvalidValues;
  readonly #labels: CustomLabels | null;
  readonly #feeds: Feeds | null;
  /** Indexes of the fields that hold received and sent bytes, -1 if there are none. */
  #received = -1;
  #sent = -1;

  /**
   * @param labels null: custom fields keep their keys
   * @param feeds null: `in` is received, `out` is sent
   */
  constructor(counters: Counters, labels: CustomLabels | null, feeds: Feeds | null) {
    this.#invalid = new InvalidValues(counters);
    this.#labels = labels;
    this.#feeds = feeds;
  }

  /** Writes all extension keys and `invalid`; returns the number of record fields written. */
  write(writer: EntryWriter, fields: Fields): number {
    const labels = this.#labels?.find(fields) ? this.#labels : null;
    const { bytes, count, flags, keyId: ids, last, valueStart, valueEnd } = fields;
    // Read once: in the loop each would be a load.
    const codes = this.#codes;
    const names = this.#names;
    this.#invalid.begin(fields);
    if (count > 0) this.#findSizes(fields);
    let written = 0;
    for (let i = 0; i < count; i++) {
      const flag = flags[i]!;
      if (flag & FieldFlag.superseded) continue;
      if (labels !== null && labels.place[i] !== 0) {
        if (writeLabelled(writer, fields, i, labels.place[i]!, prefix)) written++;
        continue;
      }
      const id = ids[i]!;
      if ((flag & plainMask) === FieldFlag.exact && last[id] === i + 1) {
        const code = codes[id]!;
        const start = valueStart[i]!;
        const end = valueEnd[i]!;
        if (code === Code.string || (code === Code.address && isAddress(bytes, start, end))) {
          writer.field(names, id, start, end);
          written++;
          continue;
        }
        if (code === Code.integer) {
          if (this.#integer(writer, fields, i, id)) written++;
          continue;
        }
      }
      if (this.#other(writer, fields, i)) written++;
    }
    if (count > 0) {
      written += this.#copySize(writer, fields, this.#downloaded, this.#received);
      written += this.#copySize(writer, fields, this.#uploaded, this.#sent);
    }
    return written + this.#invalid.write(writer, fields);
  }

  /** What is not a plain string or address. Returns false if nothing was written. */
  #other(writer: EntryWriter, fields: Fields, i: number): boolean {
    const id = fields.keyId[i]!;
    const inSchema = this.#inSchema[id] === 1;
    // Of one key in several spellings the last has the name of the schema.
    const named = inSchema && fields.last[id] === i + 1;
    const code = inSchema && !named ? typeCodes[id]! : this.#codes[id]!;
    switch (code) {
      case Code.integer:
        if (id === inId || id === outId) return this.#integer(writer, fields, i, id);
        return this.#number(writer, fields, i, code, named);
      case Code.float:
        return this.#number(writer, fields, i, code, named);
      case Code.address:
        return this.#address(writer, fields, i);
      case Code.time:
        return this.#epoch(writer, fields, i);
      case Code.direction:
        return this.#direction(writer, fields, i);
      case Code.message:
        this.#name(writer, fields, i, fields.problem === Problem.none);
        break;
      default:
        this.#name(writer, fields, i, named);
    }
    writeText(writer, fields, i);
    return true;
  }

  /** An integer whose key is spelled as in the dictionary, or `in` or `out` in any case. */
  #integer(writer: EntryWriter, fields: Fields, i: number, id: number): boolean {
    const value = parseInteger(fields.bytes, fields.valueStart[i]!, fields.valueEnd[i]!);
    if (Number.isNaN(value)) {
      this.#invalid.add(fields, i);
      return false;
    }
    const isSize = value >= 0 && (id === inId || id === outId);
    if (isSize && i === this.#received) writer.piece(this.#downloaded);
    else if (isSize && i === this.#sent) writer.piece(this.#uploaded);
    else this.#name(writer, fields, i, this.#inSchema[id] === 1);
    writer.integer(value);
    return true;
  }

  #number(writer: EntryWriter, fields: Fields, i: number, code: Code, named: boolean): boolean {
    const value = numberOf(fields, i, code);
    if (Number.isNaN(value)) {
      this.#invalid.add(fields, i);
      return false;
    }
    this.#name(writer, fields, i, named);
    writeNumber(writer, value, code);
    return true;
  }

  #address(writer: EntryWriter, fields: Fields, i: number): boolean {
    const { bytes } = fields;
    let start = fields.valueStart[i]!;
    const end = fields.trimmedEnd(i);
    while (start < end && isWhiteSpace(bytes[start]!)) start++;
    if (start === end) return false;
    if (!isAddress(bytes, start, end)) return this.#extra(writer, fields, i);
    writer.field(this.#names, fields.keyId[i]!, start, end);
    return true;
  }

  #epoch(writer: EntryWriter, fields: Fields, i: number): boolean {
    const value = numberOf(fields, i, Code.integer);
    this.#moment.ms = value;
    if (value >= leastEpochMs && this.#time.set(this.#moment)) {
      this.#name(writer, fields, i, true);
      writer.piece(timeHeader);
      writer.piece(this.#time.text);
      return true;
    }
    if (isBlank(fields.bytes, fields.valueStart[i]!, fields.valueEnd[i]!)) return false;
    return this.#extra(writer, fields, i);
  }

  #direction(writer: EntryWriter, fields: Fields, i: number): boolean {
    this.#name(writer, fields, i, true);
    const word = directions[numberOf(fields, i, Code.integer)];
    if (word !== undefined) writer.piece(word);
    else writeText(writer, fields, i);
    return true;
  }

  /** A value that is not of the type that the schema gives its field. */
  #extra(writer: EntryWriter, fields: Fields, i: number): boolean {
    this.#name(writer, fields, i, false);
    writeText(writer, fields, i);
    return true;
  }

  /** @param named false: `cef.extensions.` and the key as sent */
  #name(writer: EntryWriter, fields: Fields, i: number, named: boolean): void {
    const id = fields.keyId[i]!;
    if (named || (this.#inSchema[id] === 0 && fields.flags[i]! & FieldFlag.exact)) {
      writer.name(this.#names, id);
      return;
    }
    const start = fields.keyStart[i]!;
    const end = fields.keyEnd[i]!;
    const isLong = end - start > maxKeyLength;
    writer.stringHeader(prefix.length + (isLong ? cutKeyLength : end - start));
    writer.piece(prefix);
    if (isLong) writeCutKey(writer, fields.bytes, start, end);
    // Elasticsearch refuses a whole record for a bad path.
    else if (id === 0 && isBadPath(fields.bytes, start, end)) {
      writeWithoutDots(writer, fields.bytes, start, end);
    } else writer.copy(start, end);
  }

  #findSizes(fields: Fields): void {
    if (this.#feeds === null) {
      this.#received = fields.indexOf(inId);
      this.#sent = fields.indexOf(outId);
      return;
    }
    const { received, sent } = this.#feeds.of(fields).profile;
    this.#received = firstPresent(fields, received);
    this.#sent = firstPresent(fields, sent);
  }

  /** For a size in another field than `in` and `out`. Returns the number of record fields written. */
  #copySize(writer: EntryWriter, fields: Fields, name: Piece, i: number): number {
    if (i < 0) return 0;
    const id = fields.keyId[i]!;
    if (id === inId || id === outId) return 0;
    const value = parseInteger(fields.bytes, fields.valueStart[i]!, fields.valueEnd[i]!);
    if (!(value >= 0)) return 0;
    writer.piece(name);
    writer.integer(value);
    return 1;
  }
}
