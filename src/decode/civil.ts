/** Dates of the proleptic Gregorian calendar as plain arithmetic: no `Date` object is made. */

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

const firstYear = 1970;
const lastYear = 9999;
/** Days before each month of a common year; index 1 is January. */
const daysBefore = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
/** Leap days before 1970-01-01, counted from year 1. */
const leapDaysBefore1970 = leapDaysBefore(firstYear);

function leapDaysBefore(year: number): number {
  const years = year - 1;
  return Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Epoch ms of midnight UTC; NaN if there is no such day or it is not in 1970..9999. */
export function dateMs(year: number, month: number, day: number): number {
  if (year < firstYear || year > lastYear || month < 1 || month > 12 || day < 1) return Number.NaN;
  const leap = isLeap(year) ? 1 : 0;
  const length = daysBefore[month + 1]! - daysBefore[month]! + (month === 2 ? leap : 0);
  if (day > length) return Number.NaN;
  const leapDays = leapDaysBefore(year) - leapDaysBefore1970 + (month > 2 ? leap : 0);
  return ((year - firstYear) * 365 + leapDays + daysBefore[month]! + day - 1) * dayMs;
}

/** Year (UTC) of a moment at or after 1970. */
export function yearOf(epochMs: number): number {
  let year = firstYear + Math.floor(epochMs / (dayMs * 365.2425));
  // The mean year is at most a day off, so the guess is at most one year off.
  if (epochMs < dateMs(year, 1, 1)) year--;
  else if (epochMs >= dateMs(year + 1, 1, 1)) year++;
  return year;
}
