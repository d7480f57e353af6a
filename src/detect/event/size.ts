/**
 * The judged size. Whole numbers of bytes up to 2^53 - 1, spaces around them allowed; a sign, a decimal
 * point, a separator or a word is no number, and an event without a number never alerts and does not
 * count in the percentile.
 */
import type { Fields } from '../../fields.js';

/** Bytes, or NaN if field `index` holds none that can be read. Makes no string. */
export function sizeAt(fields: Fields, index: number): number {
  const { bytes } = fields;
  let at = fields.valueStart[index]!;
  const end = fields.trimmedEnd(index);
  while (at < end && bytes[at] === 0x20) at++;
  if (at === end) return Number.NaN;
  let number = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
    if (number > Number.MAX_SAFE_INTEGER) return Number.NaN;
  }
  return number;
}

/** The largest readable size among these fields, NaN if there is none. */
export function largestSize(fields: Fields, indexes: readonly number[]): number {
  let largest = Number.NaN;
  for (const index of indexes) {
    const size = sizeAt(fields, index);
    if (!Number.isNaN(size) && !(largest >= size)) largest = size;
  }
  return largest;
}

/** The smallest readable size among these fields, NaN if there is none. */
export function smallestSize(fields: Fields, indexes: readonly number[]): number {
  let smallest = Number.NaN;
  for (const index of indexes) {
    const size = sizeAt(fields, index);
    if (!Number.isNaN(size) && !(smallest <= size)) smallest = size;
  }
  return smallest;
}
