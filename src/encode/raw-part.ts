/**
 * The line as received: `raw` as configured, and `raw_base64` of every line that is not valid
 * UTF-8, since its text in the record is a repaired copy.
 */
import { type Fields, viewOf } from '../fields.js';
import type { EntryWriter } from './entry-writer.js';
import { stringPiece } from './piece.js';

const alphabet = Buffer.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  'latin1',
);
const padding = 0x3d;

export class RawPart {
  readonly #raw = stringPiece('raw');
  readonly #base64 = stringPiece('raw_base64');

  /** Returns the number of record fields written. The writer may read from elsewhere afterwards. */
  write(writer: EntryWriter, fields: Fields, wanted: boolean): number {
    const { raw, rawStart, rawEnd } = fields;
    if (fields.repaired) {
      writer.piece(this.#base64);
      writer.stringHeader(4 * Math.ceil((rawEnd - rawStart) / 3));
      writeBase64(writer, raw, rawStart, rawEnd);
      return 1;
    }
    if (!wanted) return 0;
    writer.piece(this.#raw);
    if (raw !== fields.bytes) writer.readFrom(raw, viewOf(raw));
    writer.text(rawStart, rawEnd);
    return 1;
  }
}

/** RFC 4648, section 4, without making a string. */
function writeBase64(writer: EntryWriter, bytes: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i += 3) {
    const a = bytes[i]!;
    const b = i + 1 < end ? bytes[i + 1]! : 0;
    const c = i + 2 < end ? bytes[i + 2]! : 0;
    writer.byte(alphabet[a >> 2]!);
    writer.byte(alphabet[((a & 3) << 4) | (b >> 4)]!);
    writer.byte(i + 1 < end ? alphabet[((b & 15) << 2) | (c >> 6)]! : padding);
    writer.byte(i + 2 < end ? alphabet[c & 63]! : padding);
  }
}
