/**
 * Keys that are too long for a name. Lucene takes no term of more than 32,766 bytes, and the term of
 * a `flattened` field is its key and its value: for a longer one Elasticsearch refuses the whole
 * record, and a text in an event would keep an alert out of the SIEM.
 *
 * Such a key is cut, and `;` and its SHA-256 follow. No key holds a `;`, what is cut is longer than
 * any other name, and two keys with one hash are not known to exist: no two keys meet in one name.
 */
import { createHash } from 'node:crypto';
import type { EntryWriter } from './entry-writer.js';

/** Bytes of a key that stays as it is; 2,766 are left for it beside a value of 7,500 characters. */
export const maxKeyLength = 1024;
const dot = 0x2e;
const semicolon = 0x3b;
const digits = Buffer.from('0123456789abcdef', 'latin1');
const hashLength = 32;
/** Bytes of the name of a cut key. */
export const cutKeyLength = maxKeyLength + 1 + 2 * hashLength;

/** Writes the name of a key of more than `maxKeyLength` bytes, without the header of a string. */
export function writeCutKey(
  writer: EntryWriter,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  writeWithoutDots(writer, bytes, start, start + maxKeyLength);
  writer.byte(semicolon);
  // Nobody sends such keys by accident, so objects may be made here.
  const hash = createHash('sha256').update(bytes.subarray(start, end)).digest();
  for (let n = 0; n < hashLength; n++) {
    writer.byte(digits[hash[n]! >> 4]!);
    writer.byte(digits[hash[n]! & 15]!);
  }
}

/** Copies a key with `;` for its dots: no path, whatever the receiver. No key holds a `;`. */
export function writeWithoutDots(
  writer: EntryWriter,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    writer.byte(byte === dot ? semicolon : byte);
  }
}
