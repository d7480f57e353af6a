/**
 * Finds where one MessagePack value ends, without decoding it (MessagePack specification, "Formats").
 * Used only to cut a batch part that is too large for one chunk between two of its entries.
 */

/** For the bytes 0xc0..0xdf: bytes of the head, length field and fixed payload included; 0 is no format. */
const headBytes = Uint8Array.from([
  1, 0, 1, 1, 2, 3, 5, 3, 4, 6, 5, 9, 2, 3, 5, 9, 2, 3, 5, 9, 3, 4, 6, 10, 18, 2, 3, 5, 3, 5, 3, 5,
]);
/** For the same bytes: width of a length field that counts payload bytes (bin, ext, str). */
const lengthBytes = Uint8Array.from([
  0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 0, 0, 0, 0,
]);
const array16 = 0xdc;
const map16 = 0xde;

/**
 * @returns the end of the value that starts at `at`, or -1 if it is malformed or reaches beyond the
 * bytes. Never throws; takes time in proportion to what it passes over.
 */
export function valueEnd(bytes: Buffer, at: number): number {
  let end = at;
  for (let values = 1; values > 0; values--) {
    if (end >= bytes.length) return -1;
    const first = bytes[end]!;
    if (first < 0x80 || first >= 0xe0) {
      end += 1;
    } else if (first < 0x90) {
      values += 2 * (first & 0x0f);
      end += 1;
    } else if (first < 0xa0) {
      values += first & 0x0f;
      end += 1;
    } else if (first < 0xc0) {
      end += 1 + (first & 0x1f);
    } else {
      const head = headBytes[first - 0xc0]!;
      if (head === 0 || end + head > bytes.length) return -1;
      if (first >= array16) values += countIn(bytes, end, head, first);
      else {
        const width = lengthBytes[first - 0xc0]!;
        if (width > 0) end += bytes.readUIntBE(end + 1, width);
      }
      end += head;
    }
  }
  return end <= bytes.length ? end : -1;
}

/** Values inside an array or map with a 16 or 32 bit count. */
function countIn(bytes: Buffer, at: number, head: number, first: number): number {
  const count = bytes.readUIntBE(at + 1, head - 1);
  return first >= map16 ? 2 * count : count;
}
