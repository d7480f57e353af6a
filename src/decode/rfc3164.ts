/**
 * The words between stamp and message (RFC 3164 sections 4.1.2, 4.1.3): host and tag, either of
 * which may be missing, and nothing says which.
 *
 * Before CEF all words are header: `host`, `host tag[pid]:`, `host app pid …`, `tag[pid]:`,
 * `host:`. Before other text only what is certain is taken: a word of prose is no tag.
 */
import type { Fields } from '../fields.js';
import { Byte, Class, classOf, digitsEnd, skipBlanks, wordEnd } from './bytes.js';

const { BRACKET, CLOSING_BRACKET, COLON, DOT, MINUS, PERCENT } = Byte;
const { digitByte, hostByte, tagByte } = Class;
const kinds = classOf;

/** Host, tag and process of a header that ends where CEF begins. */
export function readWordsBeforeCef(into: Fields, at: number, end: number, hasStamp: boolean): void {
  const { bytes } = into;
  let i = skipBlanks(bytes, at, end);
  if (i === end) return;
  let next = wordEnd(bytes, i, end);
  // Behind a stamp stands the host, with a colon or not; without one, `word:` is what RFC 3164
  // calls tag.
  if (hasProcess(bytes, i, next) || (!hasStamp && bytes[next - 1] === COLON)) {
    noteTag(into, i, next);
    return;
  }
  if (!hasStamp && !hasLetterOrDot(bytes, i, next)) return;
  if (!noteHost(into, i, next)) return;
  i = afterHost(bytes, next, end);
  if (i === end) return;
  next = wordEnd(bytes, i, end);
  noteTag(into, i, next);
  i = skipBlanks(bytes, next, end);
  if (i === end || into.procEnd > 0) return;
  next = wordEnd(bytes, i, end);
  if (bytes[next - 1] === COLON) next--;
  if (next > i && digitsEnd(bytes, i, next) === next) {
    into.procStart = i;
    into.procEnd = next;
  }
}

/** Host, tag and process in front of text that is not CEF. @returns offset of the text */
export function readWords(into: Fields, at: number, end: number, hasStamp: boolean): number {
  const { bytes } = into;
  let i = skipBlanks(bytes, at, end);
  if (i === end) return i;
  let next = wordEnd(bytes, i, end);
  // Behind a stamp, `word:` is the host, but for what Cisco calls a mnemonic, `%SYS-5-CONFIG_I:`.
  const isOnlyTag = !hasStamp || bytes[i] === PERCENT || hasProcess(bytes, i, next);
  if (isOnlyTag && isTag(bytes, i, next)) {
    noteTag(into, i, next);
    return skipBlanks(bytes, next, end);
  }
  const second = afterHost(bytes, next, end);
  const secondEnd = wordEnd(bytes, second, end);
  if (!hasStamp && !isAddress(bytes, i, next)) {
    // `proxy.example.com app[12]: …`
    if (!hasDot(bytes, i, next) || !hasProcess(bytes, second, secondEnd)) return i;
  }
  if (!noteHost(into, i, next)) return i;
  const hadColon = bytes[next - 1] === COLON;
  i = second;
  next = secondEnd;
  if (hadColon || !isTag(bytes, i, next)) return i;
  noteTag(into, i, next);
  return skipBlanks(bytes, next, end);
}

/** Behind the host, and behind a colon that stands alone (`fw01 : %ASA-6-…`). */
function afterHost(bytes: Uint8Array, hostEnd: number, end: number): number {
  const i = skipBlanks(bytes, hostEnd, end);
  const standsAlone = i < end && bytes[i] === COLON && wordEnd(bytes, i, end) === i + 1;
  return standsAlone ? skipBlanks(bytes, i + 1, end) : i;
}

/** Notes the word as host, without a colon behind it. @returns false if it cannot be one */
function noteHost(into: Fields, start: number, wordEnd: number): boolean {
  const { bytes } = into;
  // An address may end in two colons: `fe80::`.
  const hasColon = bytes[wordEnd - 1] === COLON && bytes[wordEnd - 2] !== COLON;
  const end = hasColon ? wordEnd - 1 : wordEnd;
  if (end === start || bytes[start] === PERCENT) return false;
  if (!consistsOf(bytes, start, end, hostByte)) return false;
  if (isNil(bytes, start, end)) return true;
  into.hostStart = start;
  into.hostEnd = end;
  return true;
}

/** Notes `app`, `app:`, `app[process]` or `app[process]:`. */
function noteTag(into: Fields, start: number, wordEnd: number): void {
  const { bytes } = into;
  let end = bytes[wordEnd - 1] === COLON ? wordEnd - 1 : wordEnd;
  const open = processBracket(bytes, start, end);
  if (open >= 0) {
    if (end - open > 2 && !isNil(bytes, open + 1, end - 1)) {
      into.procStart = open + 1;
      into.procEnd = end - 1;
    }
    end = open;
  }
  if (end === start || isNil(bytes, start, end)) return;
  into.appStart = start;
  into.appEnd = end;
}

/** `-`, which stands for nothing. */
function isNil(bytes: Uint8Array, start: number, end: number): boolean {
  return end === start + 1 && bytes[start] === MINUS;
}

/** Offset of the bracket in `app[process]`, -1 if the word has not this form. */
function processBracket(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 3 || bytes[end - 1] !== CLOSING_BRACKET) return -1;
  let i = start;
  while (i < end && bytes[i] !== BRACKET) i++;
  return i < end && i > start ? i : -1;
}

/** `app[process]`, `app[process]:` */
function hasProcess(bytes: Uint8Array, start: number, wordEnd: number): boolean {
  if (wordEnd === start) return false;
  const end = bytes[wordEnd - 1] === COLON ? wordEnd - 1 : wordEnd;
  return processBracket(bytes, start, end) >= 0;
}

/** `app:`, `app[process]`, `app[process]:` */
function isTag(bytes: Uint8Array, start: number, wordEnd: number): boolean {
  if (wordEnd === start) return false;
  const end = bytes[wordEnd - 1] === COLON ? wordEnd - 1 : wordEnd;
  const open = processBracket(bytes, start, end);
  if (open < 0 && end === wordEnd) return false;
  return end > start && consistsOf(bytes, start, open < 0 ? end : open, tagByte);
}

/**
 * `10.1.2.3`, `2001:db8::1`: digits (hexadecimal with colons), at least three dots or two colons.
 */
function isAddress(bytes: Uint8Array, start: number, end: number): boolean {
  let dots = 0;
  let colons = 0;
  let letters = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    const small = byte | 0x20;
    if (byte === DOT) dots++;
    else if (byte === COLON) colons++;
    else if (small >= 0x61 && small <= 0x66) letters++;
    else if ((kinds[byte]! & digitByte) === 0) return false;
  }
  return colons >= 2 || (dots === 3 && colons === 0 && letters === 0);
}

function hasLetterOrDot(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const small = bytes[i]! | 0x20;
    if ((small >= 0x61 && small <= 0x7a) || bytes[i] === DOT) return true;
  }
  return false;
}

function hasDot(bytes: Uint8Array, start: number, end: number): boolean {
  let i = start;
  while (i < end && bytes[i] !== DOT) i++;
  return i < end;
}

function consistsOf(bytes: Uint8Array, start: number, end: number, kind: number): boolean {
  let i = start;
  while (i < end && (kinds[bytes[i]!]! & kind) !== 0) i++;
  return i === end;
}
