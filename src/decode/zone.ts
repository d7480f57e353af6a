/**
 * Time zones as text: `Z`, `+02:00`, `-0500`, `UTC`, `GMT+1`, and the abbreviations that mean one
 * offset: those of RFC 5322 section 4.3, of the United States, of Europe, and a few that only one
 * country uses. `IST`, `BST` and the like are recognised as zones but not told: three countries
 * each claim them.
 */
import {
  Byte,
  Class,
  classOf,
  digitsEnd,
  isBlank,
  isDigit,
  numberAt,
  skipBlanks,
} from './bytes.js';

const { COLON, MINUS, PLUS } = Byte;
const { wordByte } = Class;
const kinds = classOf;

/** No zone, or none that can be told. Outside of any real offset in minutes. */
export const noOffset = 1 << 20;

/** Minutes east of UTC. */
const offsets = new Map<number, number>(
  Object.entries({
    Z: 0,
    UT: 0,
    UTC: 0,
    GMT: 0,
    EST: -300,
    EDT: -240,
    CST: -360,
    CDT: -300,
    MST: -420,
    MDT: -360,
    PST: -480,
    PDT: -420,
    AKST: -540,
    AKDT: -480,
    HST: -600,
    WET: 0,
    WEST: 60,
    CET: 60,
    CEST: 120,
    EET: 120,
    EEST: 180,
    MSK: 180,
    SGT: 480,
    HKT: 480,
    JST: 540,
    KST: 540,
    AEST: 600,
    AEDT: 660,
    NZST: 720,
    NZDT: 780,
    IST: noOffset,
    BST: noOffset,
    AST: noOffset,
    ADT: noOffset,
  }).map(([name, minutes]) => [packed(Buffer.from(name), 0, name.length), minutes]),
);

/** Up to four capital letters as one number. */
function packed(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = (value << 8) | bytes[i]!;
  return value;
}

/** Where a zone is noted; a `Stamp` is one. */
export interface ZoneNote {
  /** First byte after the zone. */
  end: number;
  /** Minutes east of UTC, or `noOffset`. */
  offsetMinutes: number;
}

/**
 * Reads the zone at `at`, or after white space. Leaves `into` as it is if there is none. A zone
 * ends at white space, at a colon (`UTC: %SYS-5`) or at the end of the text.
 */
export function readZone(bytes: Uint8Array, at: number, end: number, into: ZoneNote): void {
  const start = skipBlanks(bytes, at, end);
  if (start === end) return;
  const first = bytes[start]!;
  if (first === PLUS || first === MINUS) {
    const next = offsetEnd(bytes, start, end);
    if (next < 0 || !endsWord(bytes, next, end)) return;
    into.end = next;
    into.offsetMinutes = offsetAt(bytes, start, next);
    return;
  }
  let next = start;
  // RFC 3339 allows a small `z`, too.
  if (first === 0x7a && start === at && endsWord(bytes, start + 1, end)) {
    into.end = start + 1;
    into.offsetMinutes = 0;
    return;
  }
  while (next < end && next - start < 5 && isCapital(bytes[next]!)) next++;
  if (next === start || next - start > 4) return;
  const minutes = offsets.get(packed(bytes, start, next));
  if (minutes === undefined) return;
  if (endsWord(bytes, next, end)) {
    into.end = next;
    into.offsetMinutes = minutes;
  } else if (minutes === 0 && next - start > 1) {
    // `GMT+1`, `UTC-05:00`
    const last = offsetEnd(bytes, next, end);
    if (last < 0 || !endsWord(bytes, last, end)) return;
    into.end = last;
    into.offsetMinutes = offsetAt(bytes, next, last);
  }
}

function isCapital(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function endsWord(bytes: Uint8Array, at: number, end: number): boolean {
  return at === end || isBlank(bytes[at]!) || bytes[at] === COLON;
}

/** End of `+h`, `+hh`, `+hhmm`, `+h:mm` or `+hh:mm` within 15 hours; -1 if none of them is here. */
function offsetEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== PLUS && bytes[at] !== MINUS) return -1;
  const digits = digitsEnd(bytes, at + 1, Math.min(end, at + 6));
  const count = digits - at - 1;
  let last = digits;
  if (count === 1 || count === 2) {
    const minutes = digitsEnd(bytes, digits + 1, Math.min(end, digits + 3));
    if (digits < end && bytes[digits] === COLON && minutes === digits + 3) last = minutes;
  } else if (count !== 4) return -1;
  if (last < end && (kinds[bytes[last]!]! & wordByte) !== 0) return -1;
  const hours = numberAt(bytes, at + 1, count === 1 ? at + 2 : at + 3);
  const minutes = last - at - 1 > 2 ? numberAt(bytes, last - 2, last) : 0;
  return hours <= 15 && minutes <= 59 ? last : -1;
}

/** Minutes of what `offsetEnd` has checked. */
function offsetAt(bytes: Uint8Array, start: number, end: number): number {
  const hoursEnd = start + 2 < end && isDigit(bytes[start + 2]!) ? start + 3 : start + 2;
  const hours = numberAt(bytes, start + 1, hoursEnd);
  const minutes = end > hoursEnd ? numberAt(bytes, end - 2, end) : 0;
  return (bytes[start] === MINUS ? -1 : 1) * (hours * 60 + minutes);
}
