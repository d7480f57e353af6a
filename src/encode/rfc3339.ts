/**
 * Epoch milliseconds as RFC 3339 text in UTC, `2026-11-24T10:15:32.123Z`, in a reused buffer.
 * Events come in order of time, so most differ from the one before in the milliseconds only.
 */
import type { Moment } from './moment.js';
import { Piece } from './piece.js';

/** Years 0000 to 9999: what RFC 3339 can say. */
const earliestMs = -62_167_219_200_000;
const latestMs = 253_402_300_799_999;

const zero = 0x30;

export class Rfc3339 {
  /** The 24 bytes of the time last set. */
  readonly text = new Piece(Buffer.from('0000-01-01T00:00:00.000Z', 'latin1'));
  #second = earliestMs / 1000;

  /** Returns false, and sets nothing, for a time that is not finite or has no four-digit year. */
  set(moment: Moment): boolean {
    const epochMs = moment.ms;
    if (!(epochMs >= earliestMs && epochMs <= latestMs)) return false;
    const second = Math.floor(epochMs / 1000);
    if (second !== this.#second) this.#setSecond(second);
    const ms = Math.floor(epochMs - second * 1000);
    const { bytes } = this.text;
    bytes[20] = zero + Math.floor(ms / 100);
    this.#twoDigits(21, ms % 100);
    return true;
  }

  #setSecond(second: number): void {
    const day = Math.floor(second / 86_400);
    if (day !== Math.floor(this.#second / 86_400)) this.#setDay(day);
    this.#second = second;
    const ofDay = second - day * 86_400;
    this.#twoDigits(11, Math.floor(ofDay / 3600));
    this.#twoDigits(14, Math.floor(ofDay / 60) % 60);
    this.#twoDigits(17, ofDay % 60);
  }

  /**
   * Day of the epoch to a date of the proleptic Gregorian calendar. Counted in years that begin on
   * 1 March, so that the leap day is the last, within eras of 400 years (146,097 days).
   */
  #setDay(day: number): void {
    const sinceEra0 = day + 719_468;
    const era = Math.floor(sinceEra0 / 146_097);
    const dayOfEra = sinceEra0 - era * 146_097;
    const leapDays =
      Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
    const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
    const dayOfYear =
      dayOfEra - 365 * yearOfEra - Math.floor(yearOfEra / 4) + Math.floor(yearOfEra / 100);
    // Months from March come in runs of 153 days: 31, 30, 31, 30, 31.
    const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
    const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
    const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
    this.#twoDigits(0, Math.floor(year / 100));
    this.#twoDigits(2, year % 100);
    this.#twoDigits(5, month);
    this.#twoDigits(8, dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1);
  }

  #twoDigits(at: number, value: number): void {
    const tens = Math.floor(value / 10);
    this.text.bytes[at] = zero + tens;
    this.text.bytes[at + 1] = zero + value - tens * 10;
  }
}
