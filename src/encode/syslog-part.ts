/** The map `syslog` of a record: what the syslog header said, as far as it said it. */
import type { Fields } from '../fields.js';
import type { EntryWriter } from './entry-writer.js';
import { joinPieces, type Piece, stringPiece } from './piece.js';
import { facilities, severities } from './syslog-names.js';

export class SyslogPart {
  readonly #name = stringPiece('syslog');
  readonly #hostname = stringPiece('hostname');
  readonly #appName = stringPiece('app_name');
  readonly #procId = stringPiece('proc_id');
  readonly #msgId = stringPiece('msg_id');
  readonly #structuredData = stringPiece('structured_data');
  /** By PRI: `facility` and `severity` with their values. */
  readonly #priority = Array.from({ length: facilities.length * severities.length }, (_, pri) =>
    joinPieces(
      stringPiece('facility'),
      stringPiece(facilities[pri >> 3]!),
      stringPiece('severity'),
      stringPiece(severities[pri & 7]!),
    ),
  );

  /** Returns the number of record fields written: 1, or 0 if there was no syslog header. */
  write(writer: EntryWriter, fields: Fields): number {
    const priority = this.#priority[fields.pri];
    const entries =
      (priority === undefined ? 0 : 2) +
      Number(fields.hostEnd > fields.hostStart) +
      Number(fields.appEnd > fields.appStart) +
      Number(fields.procEnd > fields.procStart) +
      Number(fields.msgIdEnd > fields.msgIdStart) +
      Number(fields.sdEnd > fields.sdStart);
    if (entries === 0) return 0;
    writer.piece(this.#name);
    writer.mapHeader(entries);
    if (priority !== undefined) writer.piece(priority);
    text(writer, this.#hostname, fields.hostStart, fields.hostEnd);
    text(writer, this.#appName, fields.appStart, fields.appEnd);
    text(writer, this.#procId, fields.procStart, fields.procEnd);
    text(writer, this.#msgId, fields.msgIdStart, fields.msgIdEnd);
    text(writer, this.#structuredData, fields.sdStart, fields.sdEnd);
    return 1;
  }
}

function text(writer: EntryWriter, name: Piece, start: number, end: number): void {
  if (end <= start) return;
  writer.piece(name);
  writer.text(start, end);
}
