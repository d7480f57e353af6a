/**
 * Characters that no one sees, yet that change what is seen: the C1 controls, the separators of lines
 * and paragraphs, and those of Unicode's category Cf, which turn the direction of text or join it
 * (Unicode 15.1, "General_Category"). In the name of a field they make two names look like one.
 */

/** First and last of each range, ascending. */
// biome-ignore format: a table.
const ranges = Int32Array.from([
  0x80, 0x9f, 0xad, 0xad, 0x600, 0x605, 0x61c, 0x61c, 0x6dd, 0x6dd, 0x70f, 0x70f, 0x890, 0x891,
  0x8e2, 0x8e2, 0x180e, 0x180e, 0x200b, 0x200f, 0x2028, 0x202e, 0x2060, 0x206f, 0xfeff, 0xfeff,
  0xfff9, 0xfffb, 0x110bd, 0x110bd, 0x110cd, 0x110cd, 0x13430, 0x1343f, 0x1bca0, 0x1bca3,
  0x1d173, 0x1d17a, 0xe0001, 0xe007f,
]);

/** True if `bytes[start, end)`, valid UTF-8, holds one of them. ASCII has none here. */
export function holdsUnseen(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let character = lead & (0x7f >> length);
    for (let n = 1; n < length; n++) character = (character << 6) | (bytes[at + n]! & 0x3f);
    if (isUnseen(character)) return true;
    at += length;
  }
  return false;
}

function isUnseen(character: number): boolean {
  let n = 0;
  while (n < ranges.length && ranges[n + 1]! < character) n += 2;
  return n < ranges.length && ranges[n]! <= character;
}
