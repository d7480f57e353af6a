/**
 * Reads date and time as devices write them, from bytes:
 *
 *     MMM d[d][,] [yyyy|yy] HH:mm:ss[.fraction|,fraction] [zone]      (RFC 3164; CEF rev. 25, `rt`)
 *     d[d] MMM yyyy HH:mm:ss[.fraction|,fraction] [zone]              (Imperva)
 *     yyyy-MM-dd(T| )HH:mm[:ss][.fraction|,fraction][ ][zone]         (ISO 8601, RFC 3339, RFC 5424)
 *
 * Months are English, short or in full, in any case. A stamp is only what the text says; `event-time.ts`
 * makes a moment of it.
 */
import { Byte, Class, classOf, digitsEnd, isDigit, numberAt, skipBlanks } from './bytes.js';
import { hourMs, minuteMs } from './civil.js';
import { noOffset, readZone } from './zone.js';

const { COLON, COMMA, DOT, MINUS, SPACE, ZERO } = Byte;
const { blankByte } = Class;
const kinds = classOf;

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

/** The first three letters, in lower case, as one number -> month. Plain `Map`: twelve entries. */
const monthByLetters = new Map(
  monthNames.map((name, index) => [(name[0]! << 16) | (name[1]! << 8) | name[2]!, index + 1]),
);

/** `1 May 2016 9:29:11` is longer, `May 1 9:29:11` is not shorter; nor is `2016-05-01T09:29`. */
const shortestStamp = 13;

/** Reads the stamp that begins at `at`. @returns false if there is none; `into` is then undefined */
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
  if (digitsEnd(bytes, at, at + 4) !== at + 4) return false;
  if (digitsEnd(bytes, at + 5, at + 7) !== at + 7) return false;
  if (digitsEnd(bytes, at + 8, at + 10) !== at + 10) return false;
  into.year = numberAt(bytes, at, at + 4);
  into.month = numberAt(bytes, at + 5, at + 7);
  into.day = numberAt(bytes, at + 8, at + 10);
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
  next = digitsEnd(bytes, i, Math.min(end, i + 5));
  if (next - i === 4) into.year = numberAt(bytes, i, next);
  else if (next < end && next - i === 2 && bytes[next] !== COLON) {
    into.year = fullYear(numberAt(bytes, i, next));
  }
  if (into.year > 0) {
    // FireEye ETP: `Mar 03 2021:20:07:54`
    i = next < end && bytes[next] === COLON ? next + 1 : skipBlanks(bytes, next, end);
    if (i === next) return false;
  }
  return readTimeOfDay(bytes, i, end, false, into);
}

/** One or two digits. @returns first byte behind them, or -1 */
function readDay(bytes: Uint8Array, at: number, end: number, into: Stamp): number {
  const next = digitsEnd(bytes, at, Math.min(end, at + 3));
  if (next === at || next - at > 2) return -1;
  into.day = numberAt(bytes, at, next);
  return next;
}

/** Two digits, as POSIX reads `%y`: 69..99 are of the last century. */
function fullYear(twoDigits: number): number {
  return twoDigits < 69 ? 2000 + twoDigits : 1900 + twoDigits;
}

/** A month and white space. @returns first byte behind them, or -1 */
function readMonth(bytes: Uint8Array, at: number, end: number, into: Stamp): number {
  const letters =
    ((bytes[at]! | 0x20) << 16) | ((bytes[at + 1]! | 0x20) << 8) | (bytes[at + 2]! | 0x20);
  const month = monthByLetters.get(letters);
  if (month === undefined) return -1;
  into.month = month;
  let i = at + 3;
  if ((kinds[bytes[i]!]! & blankByte) === 0) {
    const name = monthNames[month - 1]!;
    while (i < end && i - at < name.length && (bytes[i]! | 0x20) === name[i - at]) i++;
    if (i - at !== name.length) return -1;
  }
  const next = skipBlanks(bytes, i, end);
  return next === i ? -1 : next;
}

/** `HH:mm:ss`, seconds optional if `bare`; then a fraction and a zone if they are there. */
function readTimeOfDay(
  bytes: Uint8Array,
  at: number,
  end: number,
  bare: boolean,
  into: Stamp,
): boolean {
  let i = digitsEnd(bytes, at, Math.min(end, at + 2));
  if (i === at || end - i < 3 || bytes[i] !== COLON) return false;
  const hour = numberAt(bytes, at, i);
  if (digitsEnd(bytes, i + 1, i + 3) !== i + 3) return false;
  const minute = numberAt(bytes, i + 1, i + 3);
  i += 3;
  let ms = 0;
  if (end - i >= 3 && bytes[i] === COLON) {
    if (digitsEnd(bytes, i + 1, i + 3) !== i + 3) return false;
    ms = numberAt(bytes, i + 1, i + 3) * 1000;
    i += 3;
    if (i + 1 < end && (bytes[i] === DOT || bytes[i] === COMMA) && isDigit(bytes[i + 1]!)) {
      const fraction = i + 1;
      i = digitsEnd(bytes, fraction, end);
      ms += fractionMs(bytes, fraction, i);
    }
  } else if (!bare) return false;
  // A leap second is the first second of the next minute.
  if (hour > 23 || minute > 59 || ms >= 61_000) return false;
  into.msOfDay = hour * hourMs + minute * minuteMs + ms;
  into.end = i;
  readZone(bytes, i, end, into);
  return true;
}

/** The first three digits of a fraction as milliseconds; the rest is cut off. */
function fractionMs(bytes: Uint8Array, start: number, end: number): number {
  let ms = 0;
  for (let i = 0; i < 3; i++) ms = ms * 10 + (start + i < end ? bytes[start + i]! - ZERO : 0);
  return ms;
}
