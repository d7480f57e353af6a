/**
 * Tells IP addresses from other text without making a string: receivers that give a field the type
 * of an address refuse, or do not index, what is none.
 */

/** The longest text of an IPv6 address, with an IPv4 address at its end. */
const maxLength = 45;
const dot = 0x2e;
const colon = 0x3a;

/** True if `bytes[start, end)` is an IPv4 or IPv6 address (RFC 4291, section 2.2), and no more. */
export function isAddress(bytes: Uint8Array, start: number, end: number): boolean {
  return isIPv4(bytes, start, end) || isIPv6(bytes, start, end);
}

/** Four decimal numbers up to 255, without leading zeros. */
function isIPv4(bytes: Uint8Array, start: number, end: number): boolean {
  let dots = 0;
  /** Of the number that is read, -1 before its first digit. */
  let value = -1;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit >= 0 && digit <= 9) {
      if (value === 0) return false;
      value = value < 0 ? digit : value * 10 + digit;
      if (value > 255) return false;
    } else {
      if (bytes[i] !== dot || value < 0) return false;
      dots++;
      value = -1;
    }
  }
  return dots === 3 && value >= 0;
}

/** Eight groups of up to four hexadecimal digits; `::` once for one or more of them. */
function isIPv6(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 || end - start > maxLength) return false;
  let groups = 0;
  let gap = false;
  let at = start;
  if (bytes[at] === colon) {
    if (bytes[at + 1] !== colon) return false;
    gap = true;
    at += 2;
  }
  while (at < end) {
    const groupEnd = hexEnd(bytes, at, end);
    if (groupEnd === at || groupEnd - at > 4) return false;
    if (groupEnd < end && bytes[groupEnd] === dot) {
      if (!isIPv4(bytes, at, end)) return false;
      groups += 2;
      break;
    }
    groups++;
    at = groupEnd;
    if (at === end) break;
    if (bytes[at] !== colon || at + 1 === end) return false;
    at++;
    if (bytes[at] !== colon) continue;
    if (gap) return false;
    gap = true;
    at++;
  }
  return gap ? groups < 8 : groups === 8;
}

function hexEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    const lower = byte | 0x20;
    const isHex = (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66);
    if (!isHex) break;
  }
  return at;
}
