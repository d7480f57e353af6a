/**
 * The hosts of one open bucket that its file does not hold yet, and, while the hour lasts, all of
 * them, so that each goes into the file once.
 *
 *     chunks    names end to end, laid out as in the file: what has to be written is there as it is written
 *     shards    hash tables of positions in the chunks; many small ones, since growing copies one whole
 */
import type { HostBlock } from './bucket-file.js';
import { NameBytes } from './name-bytes.js';

const shardBits = 6;
const smallestShard = 16;
/** Positions are chunk number times this and an offset. */
const chunkBytes = 64 * 1024;
const firstChunkBytes = 4 * 1024;
/** UTF-16 units of all names of one hour; keeps a bucket's file within what can be read in one go. */
const maxUnits = 256 * 1024 * 1024;

/** Names end to end, each after its length in two bytes. */
interface Chunk {
  readonly bytes: Buffer;
  end: number;
  /** Up to here it has been handed over; behind that are so many names. */
  taken: number;
  fresh: number;
}

export class HourHosts {
  readonly #maxHosts: number;
  readonly #name = new NameBytes();
  #shards: (Shard | undefined)[] = [];
  #chunks: Chunk[] = [];
  /** The first chunk that may hold names to hand over. */
  #firstFresh = 0;
  /** To be handed over before those of the chunks. */
  #putBack: HostBlock[] = [];
  #count: number;
  #units = 0;
  #era = {};

  /** @param alreadyStored hosts of this hour that its file holds; they count against the limit */
  constructor(maxHosts: number, alreadyStored: number) {
    this.#maxHosts = maxHosts;
    this.#count = alreadyStored;
  }

  /** As long as this is the same object, a host that was added need not be added again. */
  get era(): object {
    return this.#era;
  }

  /**
   * False if the hour holds as many hosts as it may and this is one more.
   * @param host well-formed, of at most 255 UTF-16 units (`rememberedHost`)
   */
  add(host: string): boolean {
    const name = this.#name.set(host);
    const index = name.place >>> (32 - shardBits);
    const shard = this.#shards[index];
    if (shard?.has(name, this.#chunks)) return true;
    if (this.#count >= this.#maxHosts || this.#units + host.length > maxUnits) return false;
    this.#shards[index] ??= new Shard();
    this.#shards[index].add(name, this.#write(name));
    this.#count++;
    this.#units += host.length;
    return true;
  }

  /** Hands over what has to be written. Give it back with `putBack` if that fails. */
  takeUnsaved(): HostBlock[] {
    const blocks = this.#putBack;
    this.#putBack = [];
    for (; this.#firstFresh < this.#chunks.length; this.#firstFresh++) {
      const chunk = this.#chunks[this.#firstFresh]!;
      const { bytes, taken, end, fresh } = chunk;
      if (fresh > 0) blocks.push({ count: fresh, bytes: bytes.subarray(taken, end) });
      chunk.taken = end;
      chunk.fresh = 0;
    }
    // The last one goes on being filled.
    this.#firstFresh = Math.max(0, this.#chunks.length - 1);
    return blocks;
  }

  putBack(hosts: readonly HostBlock[]): void {
    this.#putBack = [...hosts, ...this.#putBack];
  }

  /**
   * The hour is over and in its file: lets go of the names. One that still comes late is then written
   * a second time, which the reader of the file does not mind.
   */
  release(): void {
    this.#putBack = this.takeUnsaved();
    this.#shards = [];
    this.#chunks = [];
    this.#firstFresh = 0;
    this.#era = {};
  }

  /** Returns its position. */
  #write({ bytes, length }: NameBytes): number {
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.end + 2 + length > chunk.bytes.length) {
      const size = chunk === undefined ? firstChunkBytes : chunkBytes;
      chunk = { bytes: Buffer.allocUnsafeSlow(size), end: 0, taken: 0, fresh: 0 };
      this.#chunks.push(chunk);
    }
    const start = chunk.end;
    const to = chunk.bytes;
    to[start] = length & 0xff;
    to[start + 1] = length >>> 8;
    for (let i = 0; i < length; i++) to[start + 2 + i] = bytes[i]!;
    chunk.end = start + 2 + length;
    chunk.fresh++;
    return (this.#chunks.length - 1) * chunkBytes + start;
  }
}

/** Hash table of positions, with linear probing, at most two thirds full. */
class Shard {
  /** Position + 1, or 0. */
  #places = new Int32Array(smallestShard);
  #hashes = new Int32Array(smallestShard);
  #used = 0;

  has(name: NameBytes, chunks: readonly Chunk[]): boolean {
    const mask = this.#places.length - 1;
    for (let at = name.place & mask; ; at = (at + 1) & mask) {
      const position = this.#places[at]! - 1;
      if (position === -1) return false;
      if (this.#hashes[at] === name.place && isAt(position, name, chunks)) return true;
    }
  }

  /** It must not be there. */
  add({ place }: NameBytes, position: number): void {
    if (this.#used >= (this.#places.length / 3) * 2) this.#grow();
    this.#enter(place, position + 1);
    this.#used++;
  }

  #grow(): void {
    const places = this.#places;
    const hashes = this.#hashes;
    this.#places = new Int32Array(places.length * 2);
    this.#hashes = new Int32Array(places.length * 2);
    for (let at = 0; at < places.length; at++) {
      if (places[at] !== 0) this.#enter(hashes[at]!, places[at]!);
    }
  }

  #enter(hash: number, place: number): void {
    const mask = this.#places.length - 1;
    let at = hash & mask;
    while (this.#places[at] !== 0) at = (at + 1) & mask;
    this.#places[at] = place;
    this.#hashes[at] = hash;
  }
}

function isAt(position: number, { bytes, length }: NameBytes, chunks: readonly Chunk[]): boolean {
  const held = chunks[Math.floor(position / chunkBytes)]!.bytes;
  const start = position % chunkBytes;
  if ((held[start]! | (held[start + 1]! << 8)) !== length) return false;
  for (let i = 0; i < length; i++) if (held[start + 2 + i] !== bytes[i]) return false;
  return true;
}
