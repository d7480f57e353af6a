/**
 * The header of RFC 5424 section 6: `VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP
 * MSGID SP STRUCTURED-DATA [SP MSG]`. Some senders stop early and go on with CEF; then what they
 * left out is absent.
 */
import type { Fields } from '../fields.js';
import { Byte, isBlank, isByteOrderMark, isDigit, skipBlanks, wordEnd } from './bytes.js';
import { readStamp, type Stamp } from './stamp.js';

const { BACKSLASH, BRACKET, CLOSING_BRACKET, MINUS, QUOTE } = Byte;

const words = 4;

/**
 * Reads what follows the version.
 *
 * @param wordsEnd where the words of the header end at the latest: at CEF, if there is some
 * @param stamp filled; its `end` is 0 if the header says `-`
 * @returns offset of MSG, or -1 if no time stands at `at`: then this is not RFC 5424
 */
export function readRfc5424(
  into: Fields,
  at: number,
  wordsEnd: number,
  end: number,
  stamp: Stamp,
): number {
  const { bytes } = into;
  stamp.end = 0;
  let i = at;
  if (!isNil(bytes, at, wordEnd(bytes, at, wordsEnd))) {
    if (at === wordsEnd || !isDigit(bytes[at]!)) return -1;
    if (!readStamp(bytes, at, wordsEnd, stamp)) return -1;
    i = stamp.end;
  }
  i = skipBlanks(bytes, wordEnd(bytes, i, wordsEnd), wordsEnd);
  for (let which = 0; which < words && i < wordsEnd; which++) {
    const next = wordEnd(bytes, i, wordsEnd);
    if (!isNil(bytes, i, next)) noteWord(into, which, i, next);
    i = skipBlanks(bytes, next, wordsEnd);
  }
  const data = structuredDataEnd(bytes, i, end);
  if (data > i + 1) {
    into.sdStart = i;
    into.sdEnd = data;
  }
  i = skipBlanks(bytes, data, end);
  return isByteOrderMark(bytes, i, end) ? i + 3 : i;
}

/** NILVALUE, `-`. */
function isNil(bytes: Uint8Array, start: number, end: number): boolean {
  return end === start + 1 && bytes[start] === MINUS;
}

function noteWord(into: Fields, which: number, start: number, end: number): void {
  if (which === 0) {
    into.hostStart = start;
    into.hostEnd = end;
  } else if (which === 1) {
    into.appStart = start;
    into.appEnd = end;
  } else if (which === 2) {
    into.procStart = start;
    into.procEnd = end;
  } else {
    into.msgIdStart = start;
    into.msgIdEnd = end;
  }
}

/**
 * End of `-` or of `[id name="value" …][…]`; `at` if neither is here or an element has no end, so
 * that the text stays part of the message. In quotes, `\"`, `\\` and `\]` are escapes.
 */
function structuredDataEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at < end && bytes[at] === MINUS && (at + 1 === end || isBlank(bytes[at + 1]!))) return at + 1;
  let done = at;
  let quoted = false;
  let open = false;
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    if (!open) {
      if (byte !== BRACKET) break;
      open = true;
    } else if (byte === QUOTE) quoted = !quoted;
    else if (quoted && byte === BACKSLASH) i++;
    else if (!quoted && byte === CLOSING_BRACKET) {
      open = false;
      done = i + 1;
    }
  }
  return done;
}
