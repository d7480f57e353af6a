/**
 * Where a value of MessagePack ends, found without making anything of it (github.com/msgpack/msgpack, spec.md).
 * In pieces as they come, and without recursion: however deep a sender nests, what is kept is one count.
 */

/** There is no such type (0xc1). */
export const invalidValue = -2;
/** The bytes end within the value. */
export const unfinishedValue = -1;

export class MsgpackWalk {
  /** Where it stands: what lies before need not be shown to it again. */
  at = 0;
  /** Values that are still to come, the one at `at` included. */
  #left = 1;
  /** Bytes of a string or the like that are still to be passed. */
  #toPass = 0;

  /** Begins with the value at `at`. */
  begin(at: number): void {
    this.at = at;
    this.#left = 1;
    this.#toPass = 0;
  }

  /** The end of the value if it is in `bytes[at, end)`, else `unfinishedValue` or, at `at`, `invalidValue`. */
  end(bytes: Buffer, end: number): number {
    let at = this.at;
    for (;;) {
      if (this.#toPass > 0) {
        const passed = Math.min(this.#toPass, end - at);
        this.#toPass -= passed;
        at += passed;
      }
      if (this.#toPass > 0 || this.#left === 0 || at >= end) break;
      const length = headerLength(bytes[at]!);
      if (length === 0) {
        this.at = at;
        return invalidValue;
      }
      if (at + length > end) break;
      this.#left += itemsOf(bytes, at) - 1;
      this.#toPass = payloadOf(bytes, at);
      at += length;
    }
    this.at = at;
    return this.#left === 0 && this.#toPass === 0 ? at : unfinishedValue;
  }
}

const one = new MsgpackWalk();

/** End of the value at `at`, which is whole. */
export function valueEnd(bytes: Buffer, at: number): number {
  one.begin(at);
  return one.end(bytes, bytes.length);
}

/** Entries of the map at `at`; -1 if it is none. */
export function mapSize(bytes: Buffer, at: number): number {
  const type = bytes[at]!;
  if ((type & 0xf0) === 0x80) return type & 0x0f;
  if (type === 0xde) return bytes.readUInt16BE(at + 1);
  return type === 0xdf ? bytes.readUInt32BE(at + 1) : -1;
}

/** Where the text or the binary bytes of the value at `at` begin; -1 if it is neither. They end with the value. */
export function textStart(bytes: Buffer, at: number): number {
  const type = bytes[at]!;
  const isText = (type & 0xe0) === 0xa0 || (type >= 0xd9 && type <= 0xdb);
  return isText || (type >= 0xc4 && type <= 0xc6) ? at + headerLength(type) : -1;
}

/** Bytes of type and length; 0 for a type that does not exist. */
export function headerLength(type: number): number {
  return headerLengths[type]!;
}

/** By type, from 0xc0 to 0xdf; all others have one byte. */
const longHeaders: readonly number[] = [
  ...[1, 0, 1, 1], // nil, the one that does not exist, false, true
  ...[2, 3, 5], // bin
  ...[3, 4, 6], // ext, with its own type
  ...[1, 1, 1, 1, 1, 1, 1, 1, 1, 1], // float, uint, int
  ...[2, 2, 2, 2, 2], // fixext
  ...[2, 3, 5], // str
  ...[3, 5, 3, 5], // array, map
];
const headerLengths = Uint8Array.from({ length: 256 }, (_, type) => longHeaders[type - 0xc0] ?? 1);

/** Values within the value at `at`. */
function itemsOf(bytes: Buffer, at: number): number {
  const type = bytes[at]!;
  if ((type & 0xf0) === 0x90) return type & 0x0f;
  if (type === 0xdc) return bytes.readUInt16BE(at + 1);
  if (type === 0xdd) return bytes.readUInt32BE(at + 1);
  return Math.max(0, 2 * mapSize(bytes, at));
}

/** Bytes behind the header that belong to the value itself. */
function payloadOf(bytes: Buffer, at: number): number {
  const type = bytes[at]!;
  if ((type & 0xe0) === 0xa0) return type & 0x1f;
  switch (type) {
    case 0xc4:
    case 0xc7:
    case 0xd9:
      return bytes[at + 1]!;
    case 0xc5:
    case 0xc8:
    case 0xda:
      return bytes.readUInt16BE(at + 1);
    case 0xc6:
    case 0xc9:
    case 0xdb:
      return bytes.readUInt32BE(at + 1);
    default:
      return fixedPayloads.get(type) ?? 0;
  }
}

/** Numbers: float 32 and 64, uint and int of 8 to 64 bits; fixext of 1 to 16 bytes. */
const fixedPayloads: ReadonlyMap<number, number> = new Map([
  ...([4, 8, 1, 2, 4, 8, 1, 2, 4, 8] as const).map((bytes, i) => [0xca + i, bytes] as const),
  ...([1, 2, 4, 8, 16] as const).map((bytes, i) => [0xd4 + i, bytes] as const),
]);
