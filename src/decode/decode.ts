/**
 * One frame in, one filled table out: which parts of the bytes are what (see `fields.ts`). It never
 * throws, makes no string and no object on the ordinary path, and takes time in proportion to the
 * length of the frame whatever is in it.
 */
import { isUtf8 } from 'node:buffer';
import { type Fields, Header, Problem } from '../fields.js';
import type { Counters } from '../observe/counters.js';
import type { Decode, Feeds, Peer } from '../stages.js';
import { Byte, digitsEnd, isByteOrderMark, numberAt, skipBlanks } from './bytes.js';
import { type HeaderEnd, readCefHeader } from './cef-header.js';
import { isCef } from './cef-start.js';
import { EventTime } from './event-time.js';
import { ExtensionReader, hasHighByte } from './extension.js';
import { SyslogReader } from './syslog.js';

const { GREATER, LESS, QUOTE, SPACE, ZERO } = Byte;

/** Above this, generations would no longer be small integers, which cost V8 nothing. */
const lastGeneration = 0x3fff_ffff;
/** RFC 6587 sets no limit; no frame here is longer. */
const maxCountDigits = 9;

/** @param options.feeds tell the zone of a stamp that names none; asked for those only */
export function createDecoder(options: { counters: Counters; feeds?: Feeds }): Decode {
  const decoder = new Decoder(options.counters, options.feeds ?? null);
  return (bytes, start, end, originalLength, receivedAtMs, peer, into) =>
    decoder.decode(bytes, start, end, originalLength, receivedAtMs, peer, into);
}

class Decoder {
  readonly #counters: Counters;
  readonly #syslog = new SyslogReader();
  readonly #extension = new ExtensionReader();
  readonly #eventTime: EventTime;
  readonly #headerEnd: HeaderEnd = { at: 0, next: 0, high: false };

  constructor(counters: Counters, feeds: Feeds | null) {
    this.#counters = counters;
    this.#eventTime = new EventTime(feeds);
  }

  decode(
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    receivedAtMs: number,
    peer: Peer,
    into: Fields,
  ): void {
    into.raw = bytes;
    into.rawStart = start;
    into.rawEnd = end;
    into.originalLength = originalLength;
    into.receivedAtMs = receivedAtMs;
    into.peer = peer;
    into.pointAt(bytes);
    into.start = start;
    into.end = originalLength > end - start ? wholeEnd(bytes, start, end) : end;
    into.repaired = false;
    const high = this.#read(into);
    if (high && !isUtf8(bytes.subarray(start, into.end))) {
      into.pointAt(Buffer.from(bytes.toString('utf8', start, into.end)));
      into.start = 0;
      into.end = into.bytes.length;
      into.repaired = true;
      this.#read(into);
    }
    this.#eventTime.fill(into, this.#syslog.hasStamp ? this.#syslog.stamp : null);
    this.#count(into);
  }

  #count(into: Fields): void {
    const counters = this.#counters;
    counters.events++;
    if (into.isCef) counters.events_cef++;
    if (into.problem !== Problem.none) this.#countProblem(into.problem);
    if (into.repaired) counters.invalid_utf8++;
    if (into.isCef && this.#extension.overflow) counters.too_many_fields++;
    counters.duplicate_keys += into.duplicates;
  }

  #countProblem(problem: Problem): void {
    const counters = this.#counters;
    counters.parse_errors++;
    if (problem === Problem.notCef) counters.parse_errors_not_cef++;
    else if (problem === Problem.headerCut) counters.parse_errors_header_cut++;
    else if (problem === Problem.textBeforeFirstKey) counters.parse_errors_text_before_key++;
    else if (problem === Problem.tooManyFields) counters.parse_errors_too_many_fields++;
    else if (problem === Problem.empty) counters.parse_errors_empty++;
  }

  /** Reads `into.bytes`. @returns true if a byte above 0x7f is in it */
  #read(into: Fields): boolean {
    clear(into);
    const { bytes } = into;
    let end = trimmedEnd(bytes, into.start, into.end);
    let at = skipBlanks(bytes, into.start, end);
    if (isByteOrderMark(bytes, at, end)) at += 3;
    const outer = at;
    const outerEnd = end;
    if (end - at > 1 && bytes[at] === QUOTE && bytes[end - 1] === QUOTE) {
      // The whole message in quotes (C22); if it turns out not to be CEF, they are put back.
      at++;
      end = trimmedEnd(bytes, at, end - 1);
    }
    const body = skipCount(bytes, at, end);
    const message = this.#syslog.read(into, body, end);
    const isCefMessage = this.#syslog.cef >= 0;
    into.isCef = isCefMessage;
    into.messageStart = message === at && !isCefMessage ? outer : message;
    into.messageEnd = message === at && !isCefMessage ? outerEnd : end;
    if (isCefMessage)
      return this.#readCef(into, end) || hasHighByte(into.view, into.start, message);
    clearHeader(into, Header.version);
    into.problem = into.messageStart < into.messageEnd ? Problem.notCef : Problem.empty;
    return hasHighByte(into.view, into.start, into.end);
  }

  /** @returns true if a byte above 0x7f is in the CEF */
  #readCef(into: Fields, end: number): boolean {
    const extension = this.#extension;
    const ended = this.#headerEnd;
    const { bytes } = into;
    readCefHeader(bytes, this.#syslog.version, end, into, ended);
    clearHeader(into, ended.next);
    const from = skipBlanks(bytes, ended.at, end);
    extension.read(into, from, end);
    const textEnd = extension.firstKey < 0 ? end : extension.firstKey;
    if (ended.next <= Header.severity) readCutHeader(into, ended, textEnd);
    else if (textEnd > from) into.problem = Problem.textBeforeFirstKey;
    if (extension.overflow && into.problem === Problem.none) into.problem = Problem.tooManyFields;
    return ended.high || extension.high;
  }
}

/**
 * The header ended before its seventh pipe: what stands before the first key is one more header
 * field, and the rest has been read as extension (C23). A severity without a pipe behind it is no
 * damage.
 */
function readCutHeader(into: Fields, ended: HeaderEnd, textEnd: number): void {
  const end = trimmedEnd(into.bytes, ended.at, textEnd);
  let fields = ended.next;
  if (end > ended.at) {
    into.headerStart[fields] = ended.at;
    into.headerEnd[fields] = end;
    fields++;
  }
  if (fields <= Header.severity) into.problem = Problem.headerCut;
}

/** Header fields are all written again if they are all there, so only the others are cleared. */
function clearHeader(into: Fields, from: number): void {
  for (let i = from; i <= Header.severity; i++) into.headerStart[i] = into.headerEnd[i] = 0;
}

function clear(into: Fields): void {
  if (into.generation >= lastGeneration) {
    into.stamp.fill(0);
    into.generation = 0;
  }
  into.generation++;
  into.pri = -1;
  into.hostStart = into.hostEnd = 0;
  into.appStart = into.appEnd = 0;
  into.procStart = into.procEnd = 0;
  into.msgIdStart = into.msgIdEnd = 0;
  into.sdStart = into.sdEnd = 0;
  into.problem = Problem.none;
  into.headerEscaped = 0;
  into.count = 0;
  into.duplicates = 0;
}

/** `end` of a frame that was cut, without the first bytes of a character that the cut has split. */
function wholeEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let length = 1; length <= 3 && end - length >= start; length++) {
    const byte = bytes[end - length]!;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const needed = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return needed > length ? end - length : end;
  }
  return end;
}

/**
 * `end` without the white space and NUL bytes before it (C14; RFC 6587 3.4.2 names NUL as a
 * trailer).
 */
function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start) {
    const byte = bytes[i - 1]!;
    if (byte !== 0 && byte !== SPACE && (byte < 0x09 || byte > 0x0d)) break;
    i--;
  }
  return i;
}

/**
 * An octet count that was pasted in front of a datagram or a line (S3): taken for one only if PRI
 * or CEF follows, or if it counts exactly what follows; a date or a year may also begin a message
 * (T4).
 */
function skipCount(bytes: Uint8Array, at: number, end: number): number {
  const digits = digitsEnd(bytes, at, Math.min(end, at + maxCountDigits + 1));
  const length = digits - at;
  if (length === 0 || length > maxCountDigits || bytes[at] === ZERO) return at;
  if (digits === end || bytes[digits] !== SPACE) return at;
  const body = digits + 1;
  const fits = isPri(bytes, body, end) || isCef(bytes, body, end);
  return fits || numberAt(bytes, at, digits) === end - body ? body : at;
}

/** `<`, one to three digits, `>`. */
function isPri(bytes: Uint8Array, at: number, end: number): boolean {
  if (at === end || bytes[at] !== LESS) return false;
  const digits = digitsEnd(bytes, at + 1, Math.min(end, at + 4));
  return digits > at + 1 && digits < end && bytes[digits] === GREATER;
}
