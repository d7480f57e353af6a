/**
 * Reads numbers from text bytes without making a string. White space around a number is allowed
 * (CEF leaves blanks before the next key in the value, C13); anything else makes it NaN.
 */

import { isWhiteSpace } from '../cef-text.js';

/** True if `bytes[start, end)` holds nothing but white space. */
export function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  return skipBlanks(bytes, start, end) === end;
}

/** Decimal integer with optional sign, within ±(2^53 - 1); else NaN. */
export function parseInteger(bytes: Uint8Array, start: number, end: number): number {
  let at = skipBlanks(bytes, start, end);
  const sign = at < end ? bytes[at]! : 0;
  if (sign === minus || sign === plus) at++;
  const first = at;
  let value = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    // Checked at each step, so the sum is exact whenever it passes.
    if (value > Number.MAX_SAFE_INTEGER) return Number.NaN;
  }
  if (at === first || skipBlanks(bytes, at, end) < end) return Number.NaN;
  // `0 - value` rather than `-value`: minus zero is no integer of MessagePack.
  return sign === minus ? 0 - value : value;
}

/** Decimal number, with optional sign, fraction and exponent, finite; else NaN. */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  const first = skipBlanks(bytes, start, end);
  let at = first;
  const sign = at < end ? bytes[at]! : 0;
  if (sign === minus || sign === plus) at++;
  let digits = 0;
  let mantissa = 0;
  let scale = 0;
  let inFraction = false;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === point && !inFraction) {
      inFraction = true;
      continue;
    }
    if (byte < 0x30 || byte > 0x39) break;
    mantissa = mantissa * 10 + (byte - 0x30);
    digits++;
    if (inFraction) scale++;
  }
  if (digits === 0) return Number.NaN;
  const hasExponent = at < end && (bytes[at]! | 0x20) === 0x65;
  if (hasExponent) at = skipExponent(bytes, at + 1, end);
  if (at < 0 || skipBlanks(bytes, at, end) < end) return Number.NaN;
  // Up to 15 digits both operands are exact, so one division rounds correctly. The rest (long
  // mantissas, exponents) is rare enough for a string.
  if (digits <= 15 && !hasExponent) {
    const value = mantissa / powersOfTen[scale]!;
    return sign === minus ? -value : value;
  }
  const value = Number(String.fromCharCode(...bytes.subarray(first, at)));
  return Number.isFinite(value) ? value : Number.NaN;
}

/** Exact as doubles. */
const powersOfTen = Array.from({ length: 16 }, (_, i) => Number(`1e${i}`));

const plus = 0x2b;
const minus = 0x2d;
const point = 0x2e;

/** End of the exponent's digits, -1 if there are none. */
function skipExponent(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  if (at < end && (bytes[at] === minus || bytes[at] === plus)) at++;
  const first = at;
  while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39) at++;
  return at === first ? -1 : at;
}

function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isWhiteSpace(bytes[at]!)) at++;
  return at;
}
