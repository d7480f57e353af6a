/**
 * Hosts with a number each, in two lists by when they were last used: what an `lru-cache` would be, without
 * a string or an object per host. Small on purpose (some 4,000 hosts): growing copies it whole.
 *
 *     places      hash table with linear probing: id + 1, or 0
 *     by id       hash, start and length of the name, number, tier, neighbours in its list
 *     names       the names end to end; what removed ones leave is cleared up when room is needed
 *
 * All of it in typed arrays, some 60 bytes a host with its name, allocated as it fills.
 */
import type { NameBytes } from './name-bytes.js';

/** One of the two lists. */
export type Tier = 0 | 1;

const smallest = 16;
const smallestNames = 512;
/** Neighbour of the first and of the last of a list; ids are 16 bits, and below it. */
const none = 0xffff;

export class HostTable {
  readonly #max: number;
  #capacity = 0;
  #places = new Uint16Array(0);
  #mask = 0;
  #hashes = new Int32Array(0);
  #starts = new Uint32Array(0);
  #lengths = new Uint16Array(0);
  #numbers = new Int32Array(0);
  #tiers = new Uint8Array(0);
  #older = new Uint16Array(0);
  #newer = new Uint16Array(0);
  #names = new Uint8Array(0);
  /** Of `names`: what has been written, and what of it is held. */
  #namesEnd = 0;
  #namesHeld = 0;
  /** Ids ever given out, and the first of those free again, chained by `newer`. */
  #given = 0;
  #firstFree = none;
  readonly #oldest: [number, number] = [none, none];
  readonly #newest: [number, number] = [none, none];
  readonly #sizes: [number, number] = [0, 0];

  /** @param max hosts, fewer than 65,534; the caller sees to it */
  constructor(max: number) {
    this.#max = max;
  }

  /** Hosts in a tier. */
  size(tier: Tier): number {
    return this.#sizes[tier];
  }

  /** Its id, good until it is removed, or -1. */
  find(name: NameBytes): number {
    if (this.#capacity === 0) return -1;
    const { place } = name;
    for (let at = place & this.#mask; ; at = (at + 1) & this.#mask) {
      const id = this.#places[at]! - 1;
      if (id === -1) return -1;
      if (this.#hashes[id] === place && this.#isNamed(id, name)) return id;
    }
  }

  numberOf(id: number): number {
    return this.#numbers[id]!;
  }

  tierOf(id: number): Tier {
    return this.#tiers[id] as Tier;
  }

  /** The least recently used of a tier, or -1. */
  oldest(tier: Tier): number {
    const id = this.#oldest[tier];
    return id === none ? -1 : id;
  }

  /** The one used next after `id` in its tier, or -1. */
  newerThan(id: number): number {
    const newer = this.#newer[id]!;
    return newer === none ? -1 : newer;
  }

  /** Adds a host that is not there, as the most recently used of the tier. Returns its id. */
  add(name: NameBytes, number: number, tier: Tier): number {
    const id = this.#takeId();
    this.#hashes[id] = name.place;
    this.#numbers[id] = number;
    this.#writeName(id, name);
    this.#link(id, tier);
    this.#enter(id);
    return id;
  }

  /** Makes it the most recently used of the tier, which may be the one that it is in. */
  use(id: number, tier: Tier): void {
    if (this.#newest[tier] === id) return;
    this.#unlink(id);
    this.#link(id, tier);
  }

  remove(id: number): void {
    this.#leave(id);
    this.#unlink(id);
    this.#namesHeld -= this.#lengths[id]!;
    this.#newer[id] = this.#firstFree;
    this.#firstFree = id;
  }

  #isNamed(id: number, { bytes, length }: NameBytes): boolean {
    if (this.#lengths[id] !== length) return false;
    const names = this.#names;
    const start = this.#starts[id]!;
    for (let i = 0; i < length; i++) if (names[start + i] !== bytes[i]) return false;
    return true;
  }

  #link(id: number, tier: Tier): void {
    const last = this.#newest[tier];
    this.#tiers[id] = tier;
    this.#older[id] = last;
    this.#newer[id] = none;
    if (last === none) this.#oldest[tier] = id;
    else this.#newer[last] = id;
    this.#newest[tier] = id;
    this.#sizes[tier]++;
  }

  #unlink(id: number): void {
    const tier = this.tierOf(id);
    const older = this.#older[id]!;
    const newer = this.#newer[id]!;
    if (older === none) this.#oldest[tier] = newer;
    else this.#newer[older] = newer;
    if (newer === none) this.#newest[tier] = older;
    else this.#older[newer] = older;
    this.#sizes[tier]--;
  }

  #enter(id: number): void {
    let at = this.#hashes[id]! & this.#mask;
    while (this.#places[at] !== 0) at = (at + 1) & this.#mask;
    this.#places[at] = id + 1;
  }

  /** Moves those up that lie behind it only because it was in their way. */
  #leave(id: number): void {
    const mask = this.#mask;
    let hole = this.#hashes[id]! & mask;
    while (this.#places[hole] !== id + 1) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; this.#places[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashes[this.#places[at]! - 1]! & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      this.#places[hole] = this.#places[at]!;
      hole = at;
    }
    this.#places[hole] = 0;
  }

  #takeId(): number {
    const free = this.#firstFree;
    if (free !== none) {
      this.#firstFree = this.#newer[free]!;
      return free;
    }
    if (this.#given === this.#capacity) this.#grow();
    return this.#given++;
  }

  /** Only when every id is in use. */
  #grow(): void {
    const doubled = Math.max(smallest, this.#capacity * 2);
    const capacity = Math.max(this.#capacity + 1, Math.min(doubled, this.#max));
    this.#capacity = capacity;
    this.#hashes = longer(this.#hashes, new Int32Array(capacity));
    this.#starts = longer(this.#starts, new Uint32Array(capacity));
    this.#lengths = longer(this.#lengths, new Uint16Array(capacity));
    this.#numbers = longer(this.#numbers, new Int32Array(capacity));
    this.#tiers = longer(this.#tiers, new Uint8Array(capacity));
    this.#older = longer(this.#older, new Uint16Array(capacity));
    this.#newer = longer(this.#newer, new Uint16Array(capacity));
    // At most two thirds full.
    this.#mask = 2 ** Math.ceil(Math.log2(capacity * 1.5)) - 1;
    this.#places = new Uint16Array(this.#mask + 1);
    for (let id = 0; id < this.#given; id++) this.#enter(id);
  }

  #writeName(id: number, { bytes, length }: NameBytes): void {
    this.#lengths[id] = length;
    if (this.#namesEnd + length > this.#names.length) this.#makeRoom(length);
    const start = this.#namesEnd;
    const names = this.#names;
    for (let i = 0; i < length; i++) names[start + i] = bytes[i]!;
    this.#starts[id] = start;
    this.#namesEnd = start + length;
    this.#namesHeld += length;
  }

  /** Copies the names that are held; half as much again is left free. */
  #makeRoom(length: number): void {
    const from = this.#names;
    const to = new Uint8Array(Math.max(smallestNames, Math.ceil((this.#namesHeld + length) * 1.5)));
    this.#names = to;
    if (this.#namesHeld === this.#namesEnd) {
      to.set(from.subarray(0, this.#namesEnd));
      return;
    }
    let end = 0;
    for (const tier of [0, 1] as const) {
      for (let id = this.oldest(tier); id !== -1; id = this.newerThan(id)) {
        const start = this.#starts[id]!;
        this.#starts[id] = end;
        for (let i = 0; i < this.#lengths[id]!; i++) to[end++] = from[start + i]!;
      }
    }
    this.#namesEnd = end;
  }
}

/** What is in `old`, at the beginning of `into`. */
export function longer<T extends Int32Array | Uint32Array | Uint16Array | Uint8Array>(
  old: T,
  into: T,
): T {
  into.set(old);
  return into;
}
