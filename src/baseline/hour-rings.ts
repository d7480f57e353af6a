/**
 * One ring of hours per slot: a bit for each of the last `span` hours, counted back from the newest
 * hour marked in that slot. First and last alone would not do, since a host may have been seen eight
 * days ago and today, and not in between.
 *
 *     newest = 1000, span = 32:   bit 1000 % 32 is hour 1000, the one below it 999, … down to 969
 *
 * Nothing happens when the hour rolls: bits that have left a ring are cleared when the slot is next
 * marked. Slots live in chunks, so that growth allocates a little and never copies. A freed slot
 * keeps the number of the next free one in place of its newest hour. All of a slot lies together, since
 * among a million of them each array that is touched is a wait for memory:
 *
 *     newest hour, generation, bits …     32-bit words
 */
const chunkBits = 12;
const chunkSlots = 1 << chunkBits;
const inChunk = chunkSlots - 1;
const noSlot = -1;
/** Words of a slot before its bits. */
const generationAt = 1;
const bitsAt = 2;

export class HourRings {
  /** Hours a ring can hold, a multiple of 32. */
  readonly span: number;
  readonly #stride: number;
  readonly #chunks: Int32Array[] = [];
  #allocated = 0;
  #firstFree = noSlot;

  /** @param hours how far apart two hours of one slot may be */
  constructor(hours: number) {
    const words = Math.ceil(hours / 32);
    this.span = words * 32;
    this.#stride = bitsAt + words;
  }

  /** A slot whose only hour is `hour`. */
  allocate(hour: number): number {
    let slot = this.#firstFree;
    if (slot === noSlot) {
      slot = this.#allocated++;
      if ((slot & inChunk) === 0) {
        this.#chunks.push(new Int32Array(chunkSlots * this.#stride));
      }
    } else {
      this.#firstFree = this.newest(slot);
    }
    this.#setNewest(slot, hour);
    this.#setBit(slot, hour);
    return slot;
  }

  free(slot: number): void {
    this.#clearAll(slot);
    this.#setNewest(slot, this.#firstFree);
    this.#firstFree = slot;
    this.#chunkOf(slot)[this.#startOf(slot) + generationAt]!++;
  }

  /** Differs from what it was if the slot has been freed since. */
  generation(slot: number): number {
    return this.#chunkOf(slot)[this.#startOf(slot) + generationAt]!;
  }

  /** Hours too far behind the newest one of the slot are not remembered. */
  mark(slot: number, hour: number): void {
    const newest = this.newest(slot);
    if (hour > newest) {
      if (hour - newest >= this.span) this.#clearAll(slot);
      else this.#clearRange(slot, newest + 1, hour);
      this.#setNewest(slot, hour);
    }
    if (newest - hour < this.span) this.#setBit(slot, hour);
  }

  /** Takes one hour out. False if the slot holds no hour any more; it must then be freed. */
  unmark(slot: number, hour: number): boolean {
    const newest = this.newest(slot);
    if (hour > newest || newest - hour >= this.span) return true;
    this.#clearBit(slot, hour);
    if (hour < newest) return true;
    for (let older = newest - 1; older > newest - this.span; older--) {
      if (this.firstIn(slot, older, older + 1) !== -1) {
        this.#setNewest(slot, older);
        return true;
      }
    }
    return false;
  }

  newest(slot: number): number {
    return this.#chunkOf(slot)[this.#startOf(slot)]!;
  }

  /** The first hour h with from <= h < to that is marked, or -1. */
  firstIn(slot: number, from: number, to: number): number {
    const newest = this.newest(slot);
    const end = Math.min(to, newest + 1);
    const bits = this.#chunkOf(slot);
    const base = this.#startOf(slot) + bitsAt;
    // A word at a time: `span` is a multiple of 32, so a ring wraps between two words.
    for (let hour = Math.max(from, newest - this.span + 1, 0); hour < end; ) {
      const position = hour % this.span;
      const word = bits[base + (position >>> 5)]! >>> (position & 31);
      const length = 32 - (position & 31);
      if (word !== 0) {
        const found = hour + (31 - Math.clz32(word & -word));
        return found < end ? found : -1;
      }
      hour += length;
    }
    return -1;
  }

  #chunkOf(slot: number): Int32Array {
    return this.#chunks[slot >>> chunkBits]!;
  }

  #startOf(slot: number): number {
    return (slot & inChunk) * this.#stride;
  }

  #setNewest(slot: number, hour: number): void {
    this.#chunkOf(slot)[this.#startOf(slot)] = hour;
  }

  #setBit(slot: number, hour: number): void {
    const bits = this.#chunkOf(slot);
    const position = hour % this.span;
    const at = this.#startOf(slot) + bitsAt + (position >>> 5);
    bits[at] = bits[at]! | (1 << (position & 31));
  }

  #clearBit(slot: number, hour: number): void {
    const bits = this.#chunkOf(slot);
    const position = hour % this.span;
    const at = this.#startOf(slot) + bitsAt + (position >>> 5);
    bits[at] = bits[at]! & ~(1 << (position & 31));
  }

  /** Hours from <= h < to, fewer than `span`. A word at a time, as in `firstIn`. */
  #clearRange(slot: number, from: number, to: number): void {
    const bits = this.#chunkOf(slot);
    const base = this.#startOf(slot) + bitsAt;
    for (let hour = from; hour < to; ) {
      const position = hour % this.span;
      const first = position & 31;
      const length = Math.min(32 - first, to - hour);
      const at = base + (position >>> 5);
      bits[at] = bits[at]! & ~((0xffffffff >>> (32 - length)) << first);
      hour += length;
    }
  }

  #clearAll(slot: number): void {
    const start = this.#startOf(slot);
    this.#chunkOf(slot).fill(0, start + bitsAt, start + this.#stride);
  }
}
