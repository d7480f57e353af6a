/**
 * Hosts and the hours they were seen in, put together so that `KnownHosts` can take them a shard at a time. Taken
 * as they come, each one waits for memory some ten times: its shard has left the cache since it was last needed.
 *
 *     words     per sighting, in the order they came: place, spread, hour, length of the name, the name
 *     starts    where each begins
 *     order     the starts by shard, within one in the order they came
 *
 * All of one lies together, so that it is in one or two lines of the cache when its turn has come.
 */
import { longer } from './host-table.js';
import type { NameBytes } from './name-bytes.js';

/** A quarter of a baseline of a million hosts: each shard then has a thousand at a time. */
const manySightings = 256 * 1024;
const manyWords = 4 * 1024 * 1024;
/** Room for as many, and some more until they are taken. It costs memory only as it is used. */
const firstSightings = manySightings + 16 * 1024;
const firstWords = manyWords;
/** Words before the name. */
const headerWords = 4;

export class Sightings {
  #count = 0;
  #starts = new Uint32Array(firstSightings);
  #words = new Int32Array(firstWords);
  #bytes = new Uint8Array(this.#words.buffer);
  #end = 0;

  get count(): number {
    return this.#count;
  }

  /** They are enough to be taken. More may be added all the same. */
  get many(): boolean {
    return this.#count >= manySightings || this.#end >= manyWords;
  }

  add(name: NameBytes, hour: number): void {
    const { bytes, length } = name;
    const start = this.#end;
    const end = start + headerWords + ((length + 3) >>> 2);
    if (this.#count === this.#starts.length) this.#growStarts();
    if (end > this.#words.length) this.#growWords(end);
    const words = this.#words;
    words[start] = name.place;
    words[start + 1] = name.spread;
    words[start + 2] = hour;
    words[start + 3] = length;
    const to = this.#bytes;
    const first = 4 * (start + headerWords);
    for (let i = 0; i < length; i++) to[first + i] = bytes[i]!;
    this.#starts[this.#count++] = start;
    this.#end = end;
  }

  /** Puts the name of the sighting that begins at `start` into `name`. Returns its hour. */
  copyName(start: number, name: NameBytes): number {
    const words = this.#words;
    const first = 4 * (start + headerWords);
    const end = first + words[start + 3]!;
    name.setBytes(this.#bytes, first, end, words[start]!, words[start + 1]! >>> 0);
    return words[start + 2]!;
  }

  /** For each shard where its sightings end in `order`; they begin where those of the one before end. */
  byShard(shards: number): { readonly order: Uint32Array; readonly ends: Uint32Array } {
    const starts = this.#starts;
    const words = this.#words;
    const ends = new Uint32Array(shards);
    for (let i = 0; i < this.#count; i++) ends[(words[starts[i]! + 1]! >>> 0) % shards]!++;
    let first = 0;
    for (let shard = 0; shard < shards; shard++) {
      const count = ends[shard]!;
      ends[shard] = first;
      first += count;
    }
    const order = new Uint32Array(this.#count);
    for (let i = 0; i < this.#count; i++) {
      const start = starts[i]!;
      order[ends[(words[start + 1]! >>> 0) % shards]!++] = start;
    }
    return { order, ends };
  }

  /** For the next ones; the memory stays. */
  clear(): void {
    this.#count = 0;
    this.#end = 0;
  }

  #growStarts(): void {
    this.#starts = longer(this.#starts, new Uint32Array(2 * this.#count));
  }

  #growWords(end: number): void {
    this.#words = longer(this.#words, new Int32Array(2 * end));
    this.#bytes = new Uint8Array(this.#words.buffer);
  }
}
