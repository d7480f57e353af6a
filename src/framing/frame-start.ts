/**
 * How does the frame that begins here end: by its octet count (RFC 6587 3.4.1, `MSG-LEN SP MSG`), or
 * by a newline (3.4.2)? The hard part is that a line may begin with a number of its own: a date
 * (`2019-03-01 …`), a year (`2019 Mar 01 …`), a day (`10 Oct …`), a version (`1 2019-03-01T…`), an
 * epoch. So digits are a count only if they match `[1-9]\d{0,8} ` and a message start follows that
 * lies within the counted bytes.
 *
 * All functions look at bytes from left to right and answer at the first byte that settles the
 * question, so the answer is the same wherever the stream is cut into chunks. No byte that was looked
 * at without an answer can be a delimiter.
 */
import { isDelimiter } from './delimiter.js';

/** What `frameStart` says if it is not the (positive) length of a count and its blank. */
export const FrameStart = {
  /** A newline-framed message begins here. */
  line: 0,
  /** Not settled by the bytes at hand, at most `maxUndecidedBytes`. */
  undecided: -1,
  /** A newline-framed message begins after one stray blank. */
  lineAfterBlank: -2,
  /** A counted frame ended here, but this is not how a message begins: its count was wrong. */
  broken: -3,
} as const;

/** A blank, nine digits, a blank and the longest start but its last byte (`2019-03-01`). */
export const maxUndecidedBytes = 21;

const BLANK = 0x20;
const DASH = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const LT = 0x3c;
const GT = 0x3e;
const T = 0x54;

const maxDigits = 9;
const isoDateBytes = 11;
const monthBytes = 3;
const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const cefStart = Buffer.from('CEF:');
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/**
 * @param afterCounted the previous frame of the stream was counted: settles what could be either
 * @param countJustEnded it was, and no delimiter has come since: a message start must follow
 * @returns length of the count and its blank if positive, else one of `FrameStart`
 */
export function frameStart(
  bytes: Buffer,
  at: number,
  end: number,
  afterCounted: boolean,
  countJustEnded: boolean,
): number {
  let from = at;
  let first = bytes[at]!;
  if (first === BLANK) {
    // Cisco ASA now and then puts a blank behind the LF of the message before.
    from++;
    if (from === end) return FrameStart.undecided;
    first = bytes[from]!;
    if (first === LT) return FrameStart.lineAfterBlank;
  }
  const header = countHeader(bytes, from, end, afterCounted);
  if (header > 0) return header + from - at;
  if (header < 0) return FrameStart.undecided;
  if (!countJustEnded || first === LT || isDelimiter(first)) return FrameStart.line;
  const start = messageStart(bytes, from, end);
  if (start < 0) return FrameStart.undecided;
  return start > 0 ? FrameStart.line : FrameStart.broken;
}

/**
 * @returns length of the count and its blank; 0 if there is none; -1 if not settled by these bytes
 */
export function countHeader(bytes: Buffer, at: number, end: number, afterCounted: boolean): number {
  let i = at;
  let count = 0;
  for (; i < end && isDigit(bytes[i]!); i++) {
    if (i - at === maxDigits || (i === at && bytes[i] === ZERO)) return 0;
    count = count * 10 + bytes[i]! - ZERO;
  }
  if (i === end) return -1;
  if (i === at || bytes[i] !== BLANK) return 0;
  i++;
  const start = messageStart(bytes, i, Math.min(end, i + count));
  if (start < 0) return i + count <= end ? 0 : -1;
  if (start === 0) return 0;
  // Before a date, a number may be its day or its year: `10 Oct …`, `2019 Mar 01 …`.
  if (!afterCounted && isDatePart(count) && isDated(bytes[i]!)) return 0;
  return i - at;
}

/** The count that `countHeader` found. */
export function countValue(bytes: Buffer, at: number): number {
  let i = bytes[at] === BLANK ? at + 1 : at;
  let count = 0;
  for (; isDigit(bytes[i]!); i++) count = count * 10 + bytes[i]! - ZERO;
  return count;
}

function isDatePart(count: number): boolean {
  return count <= 31 || (count >= 1970 && count <= 2099);
}

/** The message start that begins with this byte is a date. */
function isDated(byte: number): boolean {
  return byte !== LT && byte !== cefStart[0] && byte !== byteOrderMark[0];
}

/**
 * `<PRI>`, `CEF:`, a byte order mark, `2019-03-01T` or `Mar  1 `.
 * @returns length of the start; 0 if it is none of them; -1 if not settled by these bytes
 */
function messageStart(bytes: Buffer, at: number, end: number): number {
  if (at >= end) return -1;
  const first = bytes[at]!;
  if (first === LT) return priStart(bytes, at, end);
  if (first === cefStart[0]) return literalStart(bytes, at, end, cefStart);
  if (first === byteOrderMark[0]) return literalStart(bytes, at, end, byteOrderMark);
  return isDigit(first) ? isoDateStart(bytes, at, end) : monthStart(bytes, at, end);
}

function literalStart(bytes: Buffer, at: number, end: number, literal: Buffer): number {
  for (let k = 0; k < literal.length; k++) {
    if (at + k === end) return -1;
    if (bytes[at + k] !== literal[k]) return 0;
  }
  return literal.length;
}

/** `<`, one to three digits, `>`. */
function priStart(bytes: Buffer, at: number, end: number): number {
  for (let i = at + 1; i < end; i++) {
    const digits = i - at - 1;
    if (bytes[i] === GT) return digits > 0 ? i + 1 - at : 0;
    if (digits === 3 || !isDigit(bytes[i]!)) return 0;
  }
  return -1;
}

/** `2019-03-01` and `T` or a blank. */
function isoDateStart(bytes: Buffer, at: number, end: number): number {
  for (let k = 0; k < isoDateBytes; k++) {
    if (at + k === end) return -1;
    const byte = bytes[at + k]!;
    if (k === 4 || k === 7) {
      if (byte !== DASH) return 0;
    } else if (k === 10) {
      if (byte !== T && byte !== BLANK) return 0;
    } else if (!isDigit(byte)) return 0;
  }
  return isoDateBytes;
}

/** `Mar 11 `, `Mar  1 ` or `Mar 1 `, as RFC 3164 stamps begin. */
function monthStart(bytes: Buffer, at: number, end: number): number {
  for (let k = 0; k < monthBytes; k++) {
    if (at + k === end) return -1;
    if (!monthGoesOn(bytes, at, k)) return 0;
  }
  let i = at + monthBytes;
  if (i === end) return -1;
  if (bytes[i] !== BLANK) return 0;
  i++;
  if (i === end) return -1;
  const tens = bytes[i]!;
  if (tens !== BLANK && !isDigit(tens)) return 0;
  i++;
  if (i === end) return -1;
  if (bytes[i] === BLANK && tens !== BLANK) return i + 1 - at;
  if (!isDigit(bytes[i]!)) return 0;
  i++;
  if (i === end) return -1;
  return bytes[i] === BLANK ? i + 1 - at : 0;
}

/** Some month's name begins with `bytes[at, at + k]`. */
function monthGoesOn(bytes: Buffer, at: number, k: number): boolean {
  for (let month = 0; month < months.length; month += monthBytes) {
    let same = 0;
    while (same <= k && bytes[at + same] === months.charCodeAt(month + same)) same++;
    if (same > k) return true;
  }
  return false;
}
