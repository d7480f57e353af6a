/**
 * Bytes that mean something to syslog and CEF, and a table that sorts all bytes into classes.
 *
 * Files on the hot path copy what they need of `Byte`, `Class` and `classOf` into constants of
 * their own: V8 folds a constant of the same module, but loads one that is imported or exported at
 * each use, which took a third of the time of decode.
 */

export const Byte = {
  TAB: 0x09,
  LF: 0x0a,
  CR: 0x0d,
  SPACE: 0x20,
  QUOTE: 0x22,
  PERCENT: 0x25,
  PLUS: 0x2b,
  COMMA: 0x2c,
  MINUS: 0x2d,
  DOT: 0x2e,
  ZERO: 0x30,
  COLON: 0x3a,
  LESS: 0x3c,
  EQUALS: 0x3d,
  GREATER: 0x3e,
  BRACKET: 0x5b,
  BACKSLASH: 0x5c,
  CLOSING_BRACKET: 0x5d,
  PIPE: 0x7c,
} as const;

/** Bits of `classOf`. */
export const Class = {
  /** White space between fields: space, TAB, CR, LF. */
  blankByte: 1,
  digitByte: 2,
  /** `[A-Za-z0-9_]`: a CEF key may begin with it. */
  wordByte: 4,
  /** `[A-Za-z0-9_.\-[\]]`: a CEF key may go on with it (C16, C17). */
  keyByte: 8,
  /** Ends a run of plain bytes in a CEF header field: a pipe, a backslash, a byte above 0x7f. */
  headerStop: 16,
  /**
   * May stand in a host name or address, a relay chain (`a/b`) or an interface (`fe80::1%eth0`).
   */
  hostByte: 32,
  /** May stand in the tag of RFC 3164: `named`, `%ASA-6-302013`, `postfix/smtpd`, `CRON(root)`. */
  tagByte: 64,
} as const;

const { ZERO } = Byte;
const { blankByte, digitByte, wordByte, keyByte, headerStop, hostByte, tagByte } = Class;

const table = sortBytes();

/** Byte -> bits of `Class`. */
export const classOf: Uint8Array = table;

function sortBytes(): Uint8Array {
  const classes = new Uint8Array(256);
  const mark = (bit: number, text: string): void => {
    for (let i = 0; i < text.length; i++) classes[text.charCodeAt(i)]! |= bit;
  };
  const digits = '0123456789';
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  mark(blankByte, ' \t\r\n');
  mark(digitByte, digits);
  mark(wordByte | keyByte | hostByte | tagByte, `${digits}${letters}${letters.toUpperCase()}_`);
  mark(keyByte, '.-[]');
  mark(headerStop, '|\\');
  mark(hostByte, '.-:/%');
  mark(tagByte, '.-/%()@#$&');
  for (let byte = 0x80; byte < 0x100; byte++) classes[byte]! |= headerStop;
  return classes;
}

export function isBlank(byte: number): boolean {
  return (table[byte]! & blankByte) !== 0;
}

export function isDigit(byte: number): boolean {
  return (table[byte]! & digitByte) !== 0;
}

/** First offset in `[at, end)` that is no white space, else `end`. */
export function skipBlanks(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && (table[bytes[i]!]! & blankByte) !== 0) i++;
  return i;
}

/** First offset in `[at, end)` that is white space, else `end`. */
export function wordEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && (table[bytes[i]!]! & blankByte) === 0) i++;
  return i;
}

/** First offset in `[at, end)` that is no digit, else `end`. */
export function digitsEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && (table[bytes[i]!]! & digitByte) !== 0) i++;
  return i;
}

/** Value of the digits in `bytes[start, end)`; exact up to 15 of them. */
export function numberAt(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) value = value * 10 + bytes[i]! - ZERO;
  return value;
}

/** U+FEFF, the byte order mark, in UTF-8. */
export function isByteOrderMark(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 2 < end && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
}
