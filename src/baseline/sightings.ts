/**
 * Hosts and the hours they were seen in, put together so that `KnownHosts` can take them a shard at a time. Taken
 * as they come, each one waits for memory some ten times: its shard has left the cache since it was last needed.
 *
 *     by sighting   name's start and length in `names`, place, spread, hour     in the order they came
 *     order         the sightings by shard, within one in the order they came
 */
import { longer } from './host-table.js';
import type { NameBytes } from './name-bytes.js';

/** A quarter of a baseline of a million hosts: each shard then has a thousand at a time. */
const manySightings = 256 * 1024;
const manyBytes = 16 * 1024 * 1024;
/** Room for as many, and some more until they are taken. It costs memory only as it is used. */
const firstSightings = manySightings + 16 * 1024;
const firstBytes = manyBytes / 2;

export class Sightings {
  #count = 0;
  #starts = new Uint32Array(firstSightings);
  #lengths = new Uint16Array(firstSightings);
  #places = new Int32Array(firstSightings);
  #spreads = new Uint32Array(firstSightings);
  #hours = new Int32Array(firstSightings);
  #names = new Uint8Array(firstBytes);
  #namesEnd = 0;

  get count(): number {
    return this.#count;
  }

  /** They are enough to be taken. More may be added all the same. */
  get many(): boolean {
    return this.#count >= manySightings || this.#namesEnd >= manyBytes;
  }

  add(name: NameBytes, hour: number): void {
    const { bytes, length } = name;
    if (this.#count === this.#starts.length) this.#grow();
    if (this.#namesEnd + length > this.#names.length) this.#growNames(length);
    const at = this.#count++;
    const start = this.#namesEnd;
    for (let i = 0; i < length; i++) this.#names[start + i] = bytes[i]!;
    this.#namesEnd = start + length;
    this.#starts[at] = start;
    this.#lengths[at] = length;
    this.#places[at] = name.place;
    this.#spreads[at] = name.spread;
    this.#hours[at] = hour;
  }

  hour(at: number): number {
    return this.#hours[at]!;
  }

  /** Puts the name of a sighting into `name`. */
  copyName(at: number, name: NameBytes): void {
    const start = this.#starts[at]!;
    const place = this.#places[at]!;
    name.setBytes(this.#names, start, start + this.#lengths[at]!, place, this.#spreads[at]!);
  }

  /** For each shard where its sightings end in `order`; they begin where those of the one before end. */
  byShard(shards: number): { readonly order: Uint32Array; readonly ends: Uint32Array } {
    const ends = new Uint32Array(shards);
    for (let at = 0; at < this.#count; at++) ends[this.#spreads[at]! % shards]!++;
    let start = 0;
    for (let shard = 0; shard < shards; shard++) {
      const count = ends[shard]!;
      ends[shard] = start;
      start += count;
    }
    const order = new Uint32Array(this.#count);
    for (let at = 0; at < this.#count; at++) order[ends[this.#spreads[at]! % shards]!++] = at;
    return { order, ends };
  }

  /** For the next ones; the memory stays. */
  clear(): void {
    this.#count = 0;
    this.#namesEnd = 0;
  }

  #grow(): void {
    const room = this.#count * 2;
    this.#starts = longer(this.#starts, new Uint32Array(room));
    this.#lengths = longer(this.#lengths, new Uint16Array(room));
    this.#places = longer(this.#places, new Int32Array(room));
    this.#spreads = longer(this.#spreads, new Uint32Array(room));
    this.#hours = longer(this.#hours, new Int32Array(room));
  }

  #growNames(length: number): void {
    this.#names = longer(this.#names, new Uint8Array(2 * (this.#namesEnd + length)));
  }
}
