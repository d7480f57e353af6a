/**
 * Makes hostile bytes of valid ones: the one mutator that all fuzz targets share. The same random numbers
 * give the same bytes, so a seed and a number say everything about an input.
 */

/** Numbers in [0, 1). */
export type Random = () => number;

export interface MutateOptions {
  /** Valid inputs; others of them are spliced in. Not empty. */
  readonly seeds: readonly Buffer[];
  /** What means something in the format. */
  readonly tokens: readonly Buffer[];
  /** No output is longer. */
  readonly maxLength?: number;
}

const defaultMaxLength = 96 * 1024;
/** Bytes that are on a border of something: signs, ends of ranges, delimiters, UTF-8. */
const borders = Buffer.from(
  '\0\x01\t\n\r "%()=\\|<>[]09:AZaz\x7f\x80\xbf\xc0\xe2\xf0\xff',
  'latin1',
);
/** Lengths that are on a border of something. */
const lengths = [0, 1, 15, 16, 255, 256, 0x7fff, 0xffff, 0x10000, 0x100000, 0x7fffffff, 0xffffffff];

type Mutation = (bytes: Buffer, random: Random, options: MutateOptions) => Buffer;

/** A whole number in [0, end). */
export function below(random: Random, end: number): number {
  return Math.floor(random() * end);
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[below(random, list.length)]!;
}

/** One of the seeds after one to eight mutations. */
export function mutated(random: Random, options: MutateOptions): Buffer {
  const { seeds, maxLength = defaultMaxLength } = options;
  let bytes = Buffer.from(pick(random, seeds));
  const times = 1 + below(random, 1 + below(random, 8));
  for (let i = 0; i < times; i++) {
    bytes = Buffer.from(pick(random, mutations)(bytes, random, options).subarray(0, maxLength));
  }
  return bytes;
}

/** The two ends of a range within `length` bytes; short ranges are likelier. */
function range(random: Random, length: number): [from: number, to: number] {
  const from = below(random, length + 1);
  const most = random() < 0.7 ? Math.min(16, length - from) : length - from;
  return [from, from + below(random, most + 1)];
}

function inserted(bytes: Buffer, at: number, more: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
}

const mutations: readonly Mutation[] = [
  function flipBit(bytes, random) {
    if (bytes.length > 0) bytes[below(random, bytes.length)]! ^= 1 << below(random, 8);
    return bytes;
  },
  function setByte(bytes, random) {
    const byte = random() < 0.5 ? borders[below(random, borders.length)]! : below(random, 256);
    if (bytes.length > 0) bytes[below(random, bytes.length)] = byte;
    return bytes;
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, below(random, bytes.length + 1));
  },
  function remove(bytes, random) {
    const [from, to] = range(random, bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  function repeat(bytes, random) {
    const [from, to] = range(random, bytes.length);
    const times = random() < 0.9 ? 1 : 1 + below(random, 200);
    return inserted(bytes, to, Buffer.alloc((to - from) * times, bytes.subarray(from, to)));
  },
  function move(bytes, random) {
    const [from, to] = range(random, bytes.length);
    const rest = Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
    return inserted(rest, below(random, rest.length + 1), bytes.subarray(from, to));
  },
  function insertToken(bytes, random, { tokens }) {
    return inserted(bytes, below(random, bytes.length + 1), pick(random, tokens));
  },
  function insertRun(bytes, random) {
    const byte = borders[below(random, borders.length)]!;
    const length = random() < 0.9 ? below(random, 40) : below(random, 70_000);
    return inserted(bytes, below(random, bytes.length + 1), Buffer.alloc(length, byte));
  },
  function insertNoise(bytes, random) {
    const noise = Buffer.from(Array.from({ length: below(random, 24) }, () => below(random, 256)));
    return inserted(bytes, below(random, bytes.length + 1), noise);
  },
  function splice(bytes, random, { seeds }) {
    const other = pick(random, seeds);
    const head = bytes.subarray(0, below(random, bytes.length + 1));
    return Buffer.concat([head, other.subarray(below(random, other.length + 1))]);
  },
  function setLength(bytes, random) {
    const width = pick(random, [2, 4]);
    if (bytes.length < width) return bytes;
    const value = pick(random, lengths) % 2 ** (8 * width);
    bytes.writeUIntLE(value, below(random, bytes.length - width + 1), width);
    return bytes;
  },
  function setDouble(bytes, random) {
    if (bytes.length < 8) return bytes;
    const values = [Number.NaN, Number.POSITIVE_INFINITY, -1, -0, 1e308, 8.64e15, 2 ** 53, 0.5];
    bytes.writeDoubleLE(pick(random, values), below(random, bytes.length - 7));
    return bytes;
  },
];
