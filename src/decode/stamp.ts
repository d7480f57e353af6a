/**
 * Reads date and time as devices write them, from bytes:
 *
 *     MMM d[d][,] [yyyy|yy] HH:mm:ss[.fraction|,fraction] [zone]    (RFC 3164; CEF rev. 25, `rt`)
 *     d[d] MMM yyyy HH:mm:ss[.fraction|,fraction] [zone]            (Imperva)
 *     yyyy-MM-dd(T| )HH:mm[:ss][.fraction|,fraction][ ][zone]       (ISO 8601, RFC 3339, RFC 5424)
 *
 * Months are English, short or in full, in any case. A stamp is only what the text says;
 * `event-time.ts` makes a moment of it.
 */
import { Byte, digitsEnd, isDigit, numberAt, skipBlanks } from './bytes.js';
import { hourMs, minuteMs } from './civil.js';
import { noOffset, readZone } from './zone.js';

const { COLON, COMMA, DOT, MINUS, SPACE, ZERO } = Byte;

/** What a stamp says. Reused: made once, filled for each time that is read. */
export class Stamp {
  /** First byte after the stamp. */
  end = 0;
  /** 0 if the stamp carries none (RFC 3164). */
  year = 0;
  /** 1..12 */
  month = 0;
  day = 0;
  msOfDay = 0;
  /** Minutes east of UTC, or `noOffset` if the stamp names no zone, or none that can be told. */
  offsetMinutes = noOffset;
}

const monthNames = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
].map((name) => Buffer.from(name));

/** By the low five bits of second and third letter, which no two months share -> month, else 0. */
const monthByLetters = new Uint8Array(1 << 10);
/** Month -> its first three letters as one number. */
const lettersOfMonth = new Int32Array(monthNames.length + 1);
monthNames.forEach((name, index) => {
  monthByLetters[((name[1]! & 31) << 5) | (name[2]! & 31)] = index + 1;
  lettersOfMonth[index + 1] = letters(name, 0);
});

/** Three letters in lower case as one number. */
function letters(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]! | 0x202020;
}

/** `1 May 2016 9:29:11` is longer, `May 1 9:29:11` is not shorter; nor is `2016-05-01T09:29`. */
const shortestStamp = 13;

/**
 * Reads the stamp that begins at `at`. @returns false if there is none; `into` is then undefined
 */
export function readStamp(bytes: Uint8Array, at: number, end: number, into: Stamp): boolean {
  into.offsetMinutes = noOffset;
  if (end - at < shortestStamp) return false;
  if (!isDigit(bytes[at]!)) return readMonthFirst(bytes, at, end, into);
  return bytes[at + 4] === MINUS
    ? readIso(bytes, at, end, into)
    : readDayFirst(bytes, at, end, into);
}

function readIso(bytes: Uint8Array, at: number, end: number, into: Stamp): boolean {
  const between = bytes[at + 10]! | 0x20;
  // `T` in either case, or one space.
  if (bytes[at + 7] !== MINUS || (between !== 0x74 && between !== SPACE)) return false;
  const century = twoDigits(bytes, at);
  const year = twoDigits(bytes, at + 2);
  if (century < 0 || year < 0) return false;
  into.year = century * 100 + year;
  into.month = twoDigits(bytes, at + 5);
  into.day = twoDigits(bytes, at + 8);
  return readTimeOfDay(bytes, at + 11, end, true, into);
}

function readDayFirst(bytes: Uint8Array, at: number, end: number, into: Stamp): boolean {
  const day = readDay(bytes, at, end, into);
  const month = day < 0 ? day : skipBlanks(bytes, day, end);
  if (month === day || end - month < 3) return false;
  const year = readMonth(bytes, month, end, into);
  if (year < 0 || digitsEnd(bytes, year, Math.min(end, year + 5)) !== year + 4) return false;
  into.year = numberAt(bytes, year, year + 4);
  const time = skipBlanks(bytes, year + 4, end);
  return time > year + 4 && readTimeOfDay(bytes, time, end, false, into);
}

function readMonthFirst(bytes: Uint8Array, at: number, end: number, into: Stamp): boolean {
  const day = readMonth(bytes, at, end, into);
  let next = day < 0 ? day : readDay(bytes, day, end, into);
  if (next < 0) return false;
  if (next < end && bytes[next] === COMMA) next++;
  let i = skipBlanks(bytes, next, end);
  if (i === next) return false;
  into.year = 0;
  // Hour or year?
  if (end - i > 2 && bytes[i + 1] !== COLON && bytes[i + 2] !== COLON) {
    i = readYear(bytes, i, end, into);
    if (i < 0) return false;
  }
  return readTimeOfDay(bytes, i, end, false, into);
}

/** `2026 `, `26 `, `2026:` (FireEye ETP). @returns first byte behind it, or -1 */
function readYear(bytes: Uint8Array, at: number, end: number, into: Stamp): number {
  const next = digitsEnd(bytes, at, Math.min(end, at + 5));
  const digits = next - at;
  if (digits !== 4 && digits !== 2) return -1;
  const year = numberAt(bytes, at, next);
  into.year = digits === 4 ? year : fullYear(year);
  if (digits === 4 && next < end && bytes[next] === COLON) return next + 1;
  const i = skipBlanks(bytes, next, end);
  return i === next ? -1 : i;
}

/** One or two digits. @returns first byte behind them, or -1 */
function readDay(bytes: Uint8Array, at: number, end: number, into: Stamp): number {
  if (at === end || !isDigit(bytes[at]!)) return -1;
  const first = bytes[at]! - ZERO;
  if (at + 1 === end || !isDigit(bytes[at + 1]!)) {
    into.day = first;
    return at + 1;
  }
  into.day = first * 10 + bytes[at + 1]! - ZERO;
  return at + 2;
}

/** Two digits, as POSIX reads `%y`: 69..99 are of the last century. */
function fullYear(twoDigits: number): number {
  return twoDigits < 69 ? 2000 + twoDigits : 1900 + twoDigits;
}

/** A month and white space. @returns first byte behind them, or -1 */
function readMonth(bytes: Uint8Array, at: number, end: number, into: Stamp): number {
  const month = monthByLetters[((bytes[at + 1]! & 31) << 5) | (bytes[at + 2]! & 31)]!;
  if (month === 0 || letters(bytes, at) !== lettersOfMonth[month]) return -1;
  into.month = month;
  const short = at + 3;
  let next = skipBlanks(bytes, short, end);
  if (next > short) return next;
  const name = monthNames[month - 1]!;
  const long = at + name.length;
  for (let i = short; i < long; i++) {
    if (i >= end || (bytes[i]! | 0x20) !== name[i - at]) return -1;
  }
  next = skipBlanks(bytes, long, end);
  return next === long ? -1 : next;
}

/** `HH:mm:ss`, seconds optional if `bare`; then a fraction and a zone if they are there. */
function readTimeOfDay(
  bytes: Uint8Array,
  at: number,
  end: number,
  bare: boolean,
  into: Stamp,
): boolean {
  let i = bytes[at + 1] === COLON ? at + 1 : at + 2;
  if (end - i < 3 || bytes[i] !== COLON || !isDigit(bytes[at]!)) return false;
  const hour = i === at + 2 ? twoDigits(bytes, at) : bytes[at]! - ZERO;
  const minute = twoDigits(bytes, i + 1);
  i += 3;
  let ms = 0;
  if (end - i >= 3 && bytes[i] === COLON) {
    ms = twoDigits(bytes, i + 1) * 1000;
    i += 3;
    if (i + 1 < end && (bytes[i] === DOT || bytes[i] === COMMA) && isDigit(bytes[i + 1]!)) {
      const fraction = i + 1;
      i = digitsEnd(bytes, fraction, end);
      ms += fractionMs(bytes, fraction, i);
    }
  } else if (!bare) return false;
  // A leap second is the first second of the next minute.
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || ms < 0 || ms >= 61_000) return false;
  into.msOfDay = hour * hourMs + minute * minuteMs + ms;
  into.end = i;
  readZone(bytes, i, end, into);
  return true;
}

/** The number that two digits make, below 0 if they are no digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}

/** The first three digits of a fraction as milliseconds; the rest is cut off. */
export function fractionMs(bytes: Uint8Array, start: number, end: number): number {
  let ms = 0;
  for (let i = 0; i < 3; i++) ms = ms * 10 + (start + i < end ? bytes[start + i]! - ZERO : 0);
  return ms;
}
