/**
 * Unescapes a value on its way into a record, in one pass from left to right (C2, C8, C9), so that
 * `C:\\new` is never taken for a line feed. A backslash that escapes nothing stays (C10, C11).
 */
import { backslash, type Escapes } from '../cef-text.js';
import type { EntryWriter } from './entry-writer.js';

/**
 * Writes `bytes[start, end)` as an unescaped string. `bytes` must be what the writer reads from.
 */
export function writeUnescaped(
  writer: EntryWriter,
  bytes: Uint8Array,
  start: number,
  end: number,
  meanings: Escapes,
): void {
  // One pass: the header is that of the whole run, and put right at the end.
  const header = writer.openString(end - start);
  const textStart = writer.at;
  copyUnescaped(writer, bytes, start, end, meanings);
  writer.closeString(header, textStart);
}

/** Bytes that `copyUnescaped` writes. */
export function unescapedLength(
  bytes: Uint8Array,
  start: number,
  end: number,
  meanings: Escapes,
): number {
  const last = end - 1;
  let pairs = 0;
  for (let i = start; i < last; i++) {
    if (bytes[i] === backslash && meanings[bytes[i + 1]!] !== 0) {
      pairs++;
      i++;
    }
  }
  return end - start - pairs;
}

/** Writes `bytes[start, end)` unescaped, without the header of a string. */
export function copyUnescaped(
  writer: EntryWriter,
  bytes: Uint8Array,
  start: number,
  end: number,
  meanings: Escapes,
): void {
  const last = end - 1;
  let runStart = start;
  for (let i = start; i < last; i++) {
    if (bytes[i] !== backslash) continue;
    const meaning = meanings[bytes[i + 1]!]!;
    if (meaning === 0) continue;
    writer.copy(runStart, i);
    writer.byte(meaning);
    runStart = i + 2;
    i++;
  }
  writer.copy(runStart, end);
}
