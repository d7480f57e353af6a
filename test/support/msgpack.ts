/**
 * Reads MessagePack (github.com/msgpack/msgpack, spec.md) strictly: each value must be in its
 * shortest form, strings must be valid UTF-8, and no map may hold a key twice. Maps become objects
 * without a prototype, so that `__proto__` is a key like any other.
 */

/** Fluentd's EventTime, ext type 0. */
export interface EventTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** A float64 of MessagePack, told apart from integers. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

export type Decoded =
  | string
  | number
  | boolean
  | null
  | Float
  | Buffer
  | EventTime
  | Decoded[]
  | { [key: string]: Decoded };

/** Reads all values of `bytes`; throws on anything that is not whole and canonical. */
export function decodeAll(bytes: Uint8Array): Decoded[] {
  const reader = new Reader(bytes);
  const values: Decoded[] = [];
  while (reader.at < bytes.length) values.push(reader.value());
  return values;
}

/** Reads the one value that `bytes` must hold. */
export function decodeOne(bytes: Uint8Array): Decoded {
  const values = decodeAll(bytes);
  if (values.length !== 1) throw new Error(`${values.length} values, not one`);
  return values[0]!;
}

/** Numbers for `Float`s, deeply: for comparing with what is not about types. */
export function plain(value: Decoded): unknown {
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  }
  return value;
}

class Reader {
  at = 0;
  readonly #bytes: Buffer;
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  value(): Decoded {
    const type = this.#uint(1);
    if (type < 0x80) return type;
    if (type < 0x90) return this.#map(type & 0x0f);
    if (type < 0xa0) return this.#array(type & 0x0f);
    if (type < 0xc0) return this.#string(type & 0x1f);
    if (type >= 0xe0) return type - 0x100;
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xcb:
        return new Float(this.#take(8).readDoubleBE());
      case 0xcc:
        return atLeast(0x80, this.#uint(1));
      case 0xcd:
        return atLeast(0x100, this.#uint(2));
      case 0xce:
        return atLeast(0x10000, this.#uint(4));
      case 0xcf:
        return atLeast(0x100000000, Number(this.#take(8).readBigUInt64BE()));
      case 0xd0:
        return atMost(-0x21, this.#take(1).readInt8());
      case 0xd1:
        return atMost(-0x81, this.#take(2).readInt16BE());
      case 0xd2:
        return atMost(-0x8001, this.#take(4).readInt32BE());
      case 0xd3:
        return atMost(-0x80000001, Number(this.#take(8).readBigInt64BE()));
      case 0xd7:
        return this.#eventTime();
      case 0xd9:
        return this.#string(atLeast(32, this.#uint(1)));
      case 0xda:
        return this.#string(atLeast(0x100, this.#uint(2)));
      case 0xdb:
        return this.#string(atLeast(0x10000, this.#uint(4)));
      case 0xdc:
        return this.#array(atLeast(16, this.#uint(2)));
      case 0xde:
        // The one liberty taken: a record's map is written before its size is known, as map16.
        return this.#map(this.#uint(2));
      default:
        throw new Error(`type 0x${type.toString(16)} at ${this.at - 1} is not of a record`);
    }
  }

  #eventTime(): EventTime {
    if (this.#uint(1) !== 0) throw new Error(`not ext type 0 at ${this.at - 1}`);
    const seconds = this.#uint(4);
    const nanoseconds = this.#uint(4);
    if (nanoseconds >= 1e9) throw new Error(`${nanoseconds} nanoseconds`);
    return { seconds, nanoseconds };
  }

  #string(length: number): string {
    return this.#utf8.decode(this.#take(length));
  }

  #array(length: number): Decoded[] {
    return Array.from({ length }, () => this.value());
  }

  #map(size: number): { [key: string]: Decoded } {
    const map: { [key: string]: Decoded } = Object.create(null);
    for (let i = 0; i < size; i++) {
      const key = this.value();
      if (typeof key !== 'string') throw new Error(`a key that is no string at ${this.at}`);
      if (key in map) throw new Error(`key ${key} twice`);
      map[key] = this.value();
    }
    return map;
  }

  #uint(length: number): number {
    return this.#take(length).readUIntBE(0, length);
  }

  #take(length: number): Buffer {
    const end = this.at + length;
    if (end > this.#bytes.length) throw new Error(`cut short at ${this.#bytes.length}`);
    const taken = this.#bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }
}

function atLeast(least: number, value: number): number {
  if (value < least) throw new Error(`${value} is not in its shortest form`);
  return value;
}

function atMost(most: number, value: number): number {
  if (value > most) throw new Error(`${value} is not in its shortest form`);
  return value;
}
