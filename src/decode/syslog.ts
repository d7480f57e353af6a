/**
 * The syslog header in front of a message: PRI, then RFC 5424 if a version and its time follow,
 * else what RFC 3164 describes and devices make of it. Nothing in it is required; what cannot be
 * told is absent.
 */
import type { Fields } from '../fields.js';
import { Byte, digitsEnd, isByteOrderMark, numberAt, skipBlanks } from './bytes.js';
import { findCef, isSplitCef, versionStart } from './cef-start.js';
import { readWords, readWordsBeforeCef } from './rfc3164.js';
import { readRfc5424 } from './rfc5424.js';
import { readStamp, Stamp } from './stamp.js';

const { COLON, GREATER, LESS, SPACE } = Byte;

const maxPri = 191;
const maxVersionDigits = 3;

export class SyslogReader {
  /** What the header's stamp says, where `hasStamp`. */
  readonly stamp = new Stamp();
  hasStamp = false;
  /** Where CEF begins in the message that was read last, or -1. */
  cef = -1;
  /** First byte of its version, where `cef` is not -1. */
  version = 0;

  /** Reads the header of `[at, end)` of `into.bytes`. @returns offset of the message behind it */
  read(into: Fields, at: number, end: number): number {
    const { bytes } = into;
    let i = skipBlanks(bytes, readPri(into, at, end), end);
    if (isByteOrderMark(bytes, i, end)) i += 3;
    const version = digitsEnd(bytes, i, Math.min(end, i + maxVersionDigits));
    if (into.pri >= 0 && version > i && version < end && bytes[version] === SPACE) {
      const message = this.#readRfc5424(into, version + 1, end);
      if (message >= 0) return message;
    }
    return this.#readRfc3164(into, i, end);
  }

  #readRfc5424(into: Fields, at: number, end: number): number {
    const { bytes } = into;
    this.cef = findCef(bytes, at, end);
    const wordsEnd = this.cef < 0 ? end : this.cef;
    const message = readRfc5424(into, at, wordsEnd, end, this.stamp);
    if (message < 0) return -1;
    this.hasStamp = this.stamp.end > 0;
    // What was found may be a value in the structured data.
    if (this.cef >= 0 && this.cef < message) this.cef = findCef(bytes, message, end);
    if (this.cef < 0 && isSplitCef(bytes, into.appStart, into.appEnd, message, end)) {
      into.appStart = into.appEnd = 0;
      this.cef = this.version = message;
    } else if (this.cef >= 0) this.version = versionStart(bytes, this.cef, end);
    return this.cef < 0 ? message : this.cef;
  }

  #readRfc3164(into: Fields, at: number, end: number): number {
    const { bytes } = into;
    this.cef = findCef(bytes, at, end);
    let headerEnd = this.cef < 0 ? end : this.cef;
    if (this.cef - 3 >= at && isByteOrderMark(bytes, this.cef - 3, this.cef)) headerEnd -= 3;
    this.hasStamp = readStamp(bytes, at, headerEnd, this.stamp);
    let i = at;
    if (this.hasStamp) {
      i = this.stamp.end;
      // Cisco: `Mar  1 18:48:50 UTC: %SYS-5-…`
      if (i < headerEnd && bytes[i] === COLON) i++;
      i = skipBlanks(bytes, i, headerEnd);
    }
    if (this.cef >= 0) {
      this.version = versionStart(bytes, this.cef, end);
      readWordsBeforeCef(into, i, headerEnd, this.hasStamp);
      return this.cef;
    }
    if (!this.hasStamp && into.pri < 0) return at;
    const message = readWords(into, i, end, this.hasStamp);
    return isByteOrderMark(bytes, message, end) ? message + 3 : message;
  }
}

/** `<0>` to `<191>`. @returns first byte behind it, `at` if there is none */
function readPri(into: Fields, at: number, end: number): number {
  const { bytes } = into;
  if (at === end || bytes[at] !== LESS) return at;
  const digits = digitsEnd(bytes, at + 1, Math.min(end, at + 4));
  if (digits === at + 1 || digits === end || bytes[digits] !== GREATER) return at;
  const pri = numberAt(bytes, at + 1, digits);
  if (pri > maxPri) return at;
  into.pri = pri;
  return digits + 1;
}
