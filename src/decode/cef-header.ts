/**
 * The seven header fields of CEF (rev. 25, "Header Information"): left to right, one pass (C1, C2).
 */
import { type Fields, Header } from '../fields.js';
import { Byte, Class, classOf } from './bytes.js';
import { versionEnd } from './cef-start.js';

const { BACKSLASH, PIPE } = Byte;
const { headerStop } = Class;
const kinds = classOf;

/** What ended the header; a reused record, see `readCefHeader`. */
export interface HeaderEnd {
  /** First byte after the last PIPE that was read. */
  at: number;
  /** Header field that begins there, one of `Header`; 7 if all seven are ended by a pipe. */
  next: number;
  /** A byte above 0x7f was seen. */
  high: boolean;
}

/**
 * Notes the header fields that a pipe ends. Only `\|` and `\\` are escapes; any other backslash,
 * and any `=` (C4), is text.
 *
 * @param version first byte of the version; `isCef` has seen that a pipe follows it
 */
export function readCefHeader(
  bytes: Uint8Array,
  version: number,
  end: number,
  into: Fields,
  ended: HeaderEnd,
): void {
  const { headerStart, headerEnd } = into;
  let i = versionEnd(bytes, version, end);
  headerStart[Header.version] = version;
  headerEnd[Header.version] = i;
  let start = ++i;
  let which: number = Header.vendor;
  ended.high = false;
  while (i < end) {
    const byte = bytes[i]!;
    i++;
    if ((kinds[byte]! & headerStop) === 0) continue;
    if (byte === PIPE) {
      headerStart[which] = start;
      headerEnd[which] = i - 1;
      start = i;
      if (++which > Header.severity) break;
    } else if (byte === BACKSLASH) {
      into.headerEscaped |= 1 << which;
      if (i < end && (bytes[i] === PIPE || bytes[i] === BACKSLASH)) i++;
    } else {
      ended.high = true;
    }
  }
  ended.at = start;
  ended.next = which;
}
