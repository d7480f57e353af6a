/**
 * The judged size: ReceivedBytes, the CEF key `in`. Whole numbers of bytes up to 2^53 - 1, spaces around
 * them allowed; a sign, a decimal point, a separator or a word is no number, and an event without a
 * number never alerts and does not count in the percentile.
 */
import { keyId } from '../dictionary/dictionary.js';
import type { Fields } from '../fields.js';

const inId = keyId('in');

/** Bytes, or NaN if the event carries none that can be read. Makes no string. */
export function receivedBytes(fields: Fields): number {
  const index = fields.indexOf(inId);
  if (index < 0) return Number.NaN;
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
