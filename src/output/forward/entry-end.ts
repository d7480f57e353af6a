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

export interface ValueHead {
  readonly kind: 'array' | 'map' | 'bytes';
  /** Width of the count (items of a map are pairs) or length that follows the first byte. */
  readonly countBytes: number;
  /** Without such a field: the count, or bytes of payload. */
  readonly count: number;
}

/** What a first byte says of its value; null if it begins none. An ext's type is one byte of payload. */
export function headOf(first: number): ValueHead | null {
  return heads[first]!;
}

const heads: readonly (ValueHead | null)[] = Array.from({ length: 256 }, (_, first) => {
  if (first < 0x80 || first >= 0xe0) return { kind: 'bytes', countBytes: 0, count: 0 };
  if (first < 0x90) return { kind: 'map', countBytes: 0, count: first & 0x0f };
  if (first < 0xa0) return { kind: 'array', countBytes: 0, count: first & 0x0f };
  if (first < 0xc0) return { kind: 'bytes', countBytes: 0, count: first & 0x1f };
  const head = headBytes[first - 0xc0]!;
  if (head === 0) return null;
  if (first >= array16) {
    return { kind: first >= map16 ? 'map' : 'array', countBytes: head - 1, count: 0 };
  }
  const countBytes = lengthBytes[first - 0xc0]!;
  return { kind: 'bytes', countBytes, count: countBytes > 0 ? 0 : head - 1 };
});
