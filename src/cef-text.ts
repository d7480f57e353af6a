/** The rules of CEF's text that reading a value and writing it into a record share. */

/** What may stand around a value. */
export function isWhiteSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** Byte after a backslash -> the byte that the two stand for, 0 if they stand for themselves. */
export type Escapes = Uint8Array;

/** Header fields: `\\`, `\|` (C2). */
export const headerEscapes: Escapes = escapes({ '\\': '\\', '|': '|' });
/** Extension values: `\\`, `\=`, `\n`, `\r` (C8, C9). */
export const extensionEscapes: Escapes = escapes({ '\\': '\\', '=': '=', n: '\n', r: '\r' });

export const backslash = 0x5c;

/**
 * `bytes[start, end)` unescaped, as a string. One pass from left to right; a backslash that escapes
 * nothing stays (C10, C11). Over bytes, since a callback per escape makes 64 KiB of backslashes cost
 * tens of milliseconds.
 */
export function unescaped(
  bytes: Uint8Array,
  start: number,
  end: number,
  meanings: Escapes,
): string {
  const out = Buffer.allocUnsafe(end - start);
  let length = 0;
  for (let i = start; i < end; i++) {
    let byte = bytes[i]!;
    const meaning = byte === backslash && i + 1 < end ? meanings[bytes[i + 1]!]! : 0;
    if (meaning !== 0) {
      byte = meaning;
      i++;
    }
    out[length++] = byte;
  }
  return out.toString('utf8', 0, length);
}

function escapes(pairs: Readonly<Record<string, string>>): Escapes {
  const meanings = new Uint8Array(256);
  for (const [letter, meaning] of Object.entries(pairs)) {
    meanings[letter.charCodeAt(0)] = meaning.charCodeAt(0);
  }
  return meanings;
}
