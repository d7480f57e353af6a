/** The seven header fields of CEF in a record, under each of the three kinds of name. */
import { headerEscapes } from '../cef-text.js';
import type { FluentdConfig } from '../config/config.js';
import { headerNames } from '../dictionary/header-names.js';
import { type Fields, Header } from '../fields.js';
import type { EntryWriter } from './entry-writer.js';
import { parseInteger } from './number-text.js';
import { NameTable, stringPiece } from './piece.js';
import { writeUnescaped } from './unescape.js';

/** How the fields of a record are named; docs/record.md has a table of each. */
export type Names = FluentdConfig['names'];

const order: readonly number[] = [
  Header.vendor,
  Header.product,
  Header.deviceVersion,
  Header.classId,
  Header.name,
  Header.severity,
  Header.version,
];

/** By header position. */
export function headerNamesAs(names: Names): readonly string[] {
  return headerNames.map(({ record, column, ecs }) => {
    if (names === 'commonsecuritylog') return column === '' ? record : column;
    if (names !== 'ecs') return record;
    // A number in ECS, while devices send `3` and `High` alike: see `write`.
    return record === 'severity' ? 'cef.severity' : ecs;
  });
}

export class HeaderPart {
  readonly #names: NameTable;
  readonly #ecs: boolean;
  readonly #severity = stringPiece('event.severity');

  constructor(names: Names) {
    this.#names = new NameTable(headerNamesAs(names));
    this.#ecs = names === 'ecs';
  }

  /** Returns the number of record fields written. */
  write(writer: EntryWriter, fields: Fields): number {
    let count = 0;
    for (let i = 0; i < order.length; i++) {
      const which = order[i]!;
      const start = fields.headerStart[which]!;
      const end = fields.headerEnd[which]!;
      if (end === 0) continue;
      if (fields.headerEscaped & (1 << which)) {
        writer.name(this.#names, which);
        writeUnescaped(writer, fields.bytes, start, end, headerEscapes);
      } else {
        writer.field(this.#names, which, start, end);
      }
      count++;
    }
    return this.#ecs ? count + this.#numericSeverity(writer, fields) : count;
  }

  #numericSeverity(writer: EntryWriter, fields: Fields): number {
    const start = fields.headerStart[Header.severity]!;
    const end = fields.headerEnd[Header.severity]!;
    const value = parseInteger(fields.bytes, start, end);
    if (Number.isNaN(value)) return 0;
    writer.piece(this.#severity);
    writer.integer(value);
    return 1;
  }
}
