/**
 * When the event happened: `rt`, else the stamp of the syslog header, else unknown.
 *
 * The zone of a stamp is, in this order: its own; the event's `dtz` (device time zone); the feed's; UTC,
 * and then the event says so (`Zone.assumed`).
 */
import { keyId } from '../dictionary/dictionary.js';
import { type Fields, Zone } from '../fields.js';
import type { Feeds } from '../stages.js';
import { Byte, digitsEnd, skipBlanks } from './bytes.js';
import { dateMs, dayMs, minuteMs, yearOf } from './civil.js';
import { FeedZones } from './feed-zones.js';
import { isZoneName, NamedZones } from './named-zones.js';
import { fractionMs, readStamp, Stamp } from './stamp.js';
import { noOffset, readZone } from './zone.js';

const { DOT, ZERO } = Byte;

const rtId = keyId('rt');
const dtzId = keyId('dtz');

/**
 * A stamp without a year may be this far ahead of its receipt; beyond, it is of an earlier year
 * (S17).
 */
const maxAheadMs = 2 * dayMs;

/**
 * Epoch numbers are told apart by magnitude (C40): seconds, then ms, us and ns from these values
 * on.
 */
const firstMs = 1e11;
const firstUs = 1e14;
const firstNs = 1e17;
/**
 * 1973-03-03: what is smaller is a placeholder, a counter or a date without separators, not
 * seconds.
 */
const firstSecond = 1e8;
const maxEpochDigits = 19;
/** More would not fit into a small integer. */
const highDigits = 9;
const powersOfTen = Float64Array.from({ length: 11 }, (_, n) => 10 ** n);

export class EventTime {
  readonly #stamp = new Stamp();
  readonly #zones = new NamedZones();
  readonly #feedZones = new FeedZones();
  /** Null: no feed tells a zone. */
  readonly #feeds: Feeds | null;
  /** A zone name behind the stamp of `rt`, in `Fields.bytes`; 0, 0 if there is none. */
  #nameStart = 0;
  #nameEnd = 0;

  constructor(feeds: Feeds | null) {
    this.#feeds = feeds;
  }

  /** Fills `eventTimeMs` and `zone`. @param header what the syslog header says, null if nothing */
  fill(fields: Fields, header: Stamp | null): void {
    fields.zone = Zone.explicit;
    fields.eventTimeMs = Number.NaN;
    const rt = fields.indexOf(rtId);
    if (rt >= 0 && this.#fillFromRt(fields, rt)) return;
    if (header === null) return;
    this.#nameStart = this.#nameEnd = 0;
    this.#resolve(fields, header);
  }

  /** @returns false if `rt` cannot be read */
  #fillFromRt(fields: Fields, rt: number): boolean {
    const { bytes } = fields;
    const start = skipBlanks(bytes, fields.valueStart[rt]!, fields.valueEnd[rt]!);
    const end = fields.trimmedEnd(rt);
    if (readEpoch(bytes, start, end, fields)) return true;
    if (!this.#readStampOfRt(bytes, start, end)) return false;
    this.#resolve(fields, this.#stamp);
    return !Number.isNaN(fields.eventTimeMs);
  }

  /** A stamp that fills the value, but for the name of a zone behind it. */
  #readStampOfRt(bytes: Uint8Array, start: number, end: number): boolean {
    const stamp = this.#stamp;
    if (!readStamp(bytes, start, end, stamp)) return false;
    this.#nameStart = this.#nameEnd = 0;
    const rest = skipBlanks(bytes, stamp.end, end);
    if (rest === end) return true;
    if (rest === stamp.end || !isZoneName(bytes, rest, end)) return false;
    this.#nameStart = rest;
    this.#nameEnd = end;
    return true;
  }

  /** Makes a moment of what a stamp says. */
  #resolve(fields: Fields, stamp: Stamp): void {
    fields.zone = Zone.explicit;
    if (stamp.offsetMinutes !== noOffset) {
      resolveWith(fields, stamp, stamp.offsetMinutes, null);
      return;
    }
    if (this.#nameEnd > 0) {
      const zone = this.#zones.find(fields.bytes, this.#nameStart, this.#nameEnd);
      if (resolveWith(fields, stamp, noOffset, zone)) return;
    }
    const dtz = fields.indexOf(dtzId);
    if (dtz >= 0 && this.#resolveWithDtz(fields, stamp, dtz)) return;
    if (this.#feeds !== null && fields.isCef) {
      const { timezone } = this.#feeds.of(fields).profile;
      fields.zone = Zone.feed;
      const zone = timezone === '' ? null : this.#feedZones.of(timezone);
      if (resolveWith(fields, stamp, noOffset, zone)) return;
    }
    // No time at all: nothing was assumed of it.
    fields.zone = resolveWith(fields, stamp, 0, null) ? Zone.assumed : Zone.explicit;
  }

  #resolveWithDtz(fields: Fields, stamp: Stamp, dtz: number): boolean {
    const { bytes } = fields;
    const start = skipBlanks(bytes, fields.valueStart[dtz]!, fields.valueEnd[dtz]!);
    const end = fields.trimmedEnd(dtz);
    zoneNote.end = start;
    zoneNote.offsetMinutes = noOffset;
    readZone(bytes, start, end, zoneNote);
    fields.zone = Zone.dtz;
    const isOffset = zoneNote.end === end && zoneNote.offsetMinutes !== noOffset;
    return isOffset
      ? resolveWith(fields, stamp, zoneNote.offsetMinutes, null)
      : resolveWith(fields, stamp, noOffset, this.#zones.find(bytes, start, end));
  }
}

/**
 * Notes the moment of a stamp in a zone that is given by its offset, or, if that is `noOffset`, by what
 * makes epoch ms of its civil times. Without a year: C40, S17.
 *
 * @returns false if there is no such zone, or no such moment; `eventTimeMs` is then NaN
 */
function resolveWith(
  fields: Fields,
  stamp: Stamp,
  offset: number,
  zone: { toEpoch(localMs: number): number } | null,
): boolean {
  fields.eventTimeMs = Number.NaN;
  if (offset === noOffset && zone === null) return false;
  const latest = fields.receivedAtMs + maxAheadMs;
  const newest = stamp.year === 0 ? yearOf(latest) : stamp.year;
  const oldest = stamp.year === 0 ? newest - 1 : stamp.year;
  for (let year = newest; year >= oldest; year--) {
    const localMs = dateMs(year, stamp.month, stamp.day) + stamp.msOfDay;
    if (Number.isNaN(localMs)) continue;
    const moment = zone === null ? localMs - offset * minuteMs : zone.toEpoch(localMs);
    if (stamp.year !== 0 || moment <= latest) {
      fields.eventTimeMs = moment;
      return true;
    }
  }
  return false;
}

const zoneNote = { end: 0, offsetMinutes: noOffset };

/**
 * An epoch number, seconds with a fraction included. @returns false if the text is anything else
 */
function readEpoch(bytes: Uint8Array, start: number, end: number, fields: Fields): boolean {
  // Two integers, since one would not fit and floating point is slow here.
  let high = 0;
  let low = 0;
  let i = start;
  for (; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) break;
    if (i - start < highDigits) high = high * 10 + digit;
    else low = low * 10 + digit;
    if (i - start === maxEpochDigits) return false;
  }
  const lowDigits = i - start - highDigits;
  const value = lowDigits > 0 ? high * powersOfTen[lowDigits]! + low : high;
  if (value < firstSecond) return false;
  if (i < end) {
    if (value >= firstMs || !isFraction(bytes, i, end)) return false;
    fields.eventTimeMs = value * 1000 + fractionMs(bytes, i + 1, end);
  } else if (value < firstMs) fields.eventTimeMs = value * 1000;
  else if (value < firstUs) fields.eventTimeMs = value;
  else fields.eventTimeMs = Math.floor(value / (value < firstNs ? 1e3 : 1e6));
  return true;
}

/** `.123` */
function isFraction(bytes: Uint8Array, at: number, end: number): boolean {
  return bytes[at] === DOT && at + 1 < end && digitsEnd(bytes, at + 1, end) === end;
}
