/** What the text of a label must be to become a name: see custom-labels.ts. */
import { isWhiteSpace } from '../cef-text.js';
import { findKey } from '../dictionary/dictionary.js';
import type { Fields } from '../fields.js';
import { Code } from './extension-values.js';
import { Piece } from './piece.js';
import { isReserved } from './record-names.js';
import { holdsUnseen } from './unseen-characters.js';

/** Elasticsearch's limit for the depth of a `flattened` field is 20 levels. */
export const maxDots = 16;
/** Bytes of a label. */
export const maxLabelLength = 64;
/** By the code of a type: what a name that a label gives ends in. */
export const typeSuffixes: readonly Piece[] = ['', ' (integer)', ' (float)'].map(
  (text) => new Piece(Buffer.from(text)),
);

const dot = 0x2e;

/** Where the text of a label begins: behind the white space before it. */
export function labelStart(fields: Fields, label: number): number {
  const end = fields.valueEnd[label]!;
  let start = fields.valueStart[label]!;
  while (start < end && isWhiteSpace(fields.bytes[start]!)) start++;
  return start;
}

/** @param code the type of the value that is to be named so */
export function isUsable(bytes: Uint8Array, start: number, end: number, code: number): boolean {
  const length = end - start;
  if (length < 1 || length > maxLabelLength || !isWordByte(bytes[start]!)) return false;
  let firstDot = end;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte < 0x20 || byte === 0x7f) return false;
    if (byte === 0x3b || byte === 0x3d || byte === 0x5c) return false;
    if (byte !== dot) continue;
    if (firstDot === end) firstDot = i;
    // What is a path to one receiver must not lead through the name of a number.
    if (endsInType(bytes, start, i)) return false;
  }
  if (isBadPath(bytes, start, end) || holdsUnseen(bytes, start, end)) return false;
  if (code === Code.string && endsInType(bytes, start, end)) return false;
  return !isReserved(bytes, start, end) && findKey(bytes, start, firstDot) === 0;
}

/**
 * True if receivers that take dots for a path (Elasticsearch) refuse a record with such a name: there
 * is nothing between two dots, or behind the last or before the first, or the path is too deep.
 */
export function isBadPath(bytes: Uint8Array, start: number, end: number): boolean {
  let afterDot = true;
  let dots = 0;
  for (let i = start; i < end; i++) {
    const isDot = bytes[i] === dot;
    if (isDot && (afterDot || ++dots > maxDots)) return true;
    afterDot = isDot;
  }
  return afterDot;
}

/** A letter or digit, or a byte of a character outside ASCII. */
function isWordByte(byte: number): boolean {
  const lower = byte | 0x20;
  return byte >= 0x80 || (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
}

function endsInType(bytes: Uint8Array, start: number, end: number): boolean {
  // Most names end in no parenthesis.
  if (end === start || bytes[end - 1] !== 0x29) return false;
  return typeSuffixes.some(
    (suffix) => suffix.length > 0 && endsIn(bytes, start, end, suffix.bytes, suffix.length),
  );
}

function endsIn(
  bytes: Uint8Array,
  start: number,
  end: number,
  suffix: Uint8Array,
  length: number,
): boolean {
  const from = end - length;
  if (from < start) return false;
  for (let i = 0; i < length; i++) if (bytes[from + i] !== suffix[i]) return false;
  return true;
}
