/** The offsets of one zone of the tz database, asked of `Intl` once a day and kept. */
import { dayMs, minuteMs } from './civil.js';

/** Days that are kept, direct-mapped. */
const days = 512;

export class NamedZone {
  readonly #format: Intl.DateTimeFormat;
  /** Slot -> the UTC day (since the epoch) that it holds. */
  readonly #day = new Float64Array(days).fill(Number.NaN);
  /** Minutes east of UTC when the day begins, and when it ends. */
  readonly #first = new Int16Array(days);
  readonly #last = new Int16Array(days);
  /** Epoch ms from which the second holds. */
  readonly #change = new Float64Array(days);

  /** @throws RangeError if there is no such zone */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      timeZoneName: 'longOffset',
    });
  }

  /** Minutes east of UTC at a moment. */
  offsetAt(epochMs: number): number {
    const day = Math.floor(epochMs / dayMs);
    const slot = ((day % days) + days) % days;
    if (this.#day[slot] !== day) this.#fill(slot, day);
    return epochMs < this.#change[slot]! ? this.#first[slot]! : this.#last[slot]!;
  }

  /**
   * Epoch ms of a civil time in this zone. Of a time that a change of the clocks repeats, the first is
   * taken; one that it skips is read with the offset before the change.
   */
  toEpoch(localMs: number): number {
    const before = localMs - this.offsetAt(localMs - dayMs) * minuteMs;
    const after = localMs - this.offsetAt(localMs + dayMs) * minuteMs;
    if (before === after) return before;
    const isBefore = localMs - this.offsetAt(before) * minuteMs === before;
    const isAfter = localMs - this.offsetAt(after) * minuteMs === after;
    return isBefore || !isAfter ? before : after;
  }

  #fill(slot: number, day: number): void {
    const start = day * dayMs;
    const first = this.#ask(start);
    const last = this.#ask(start + dayMs - 1);
    let low = 0;
    if (first !== last) {
      // The first minute with the new offset. St. John's changed its clocks a minute past midnight.
      let high = dayMs / minuteMs;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.#ask(start + middle * minuteMs) === first) low = middle + 1;
        else high = middle;
      }
    }
    this.#first[slot] = first;
    this.#last[slot] = last;
    this.#change[slot] = start + low * minuteMs;
    this.#day[slot] = day;
  }

  /** Reads `GMT` and `GMT+05:30`. */
  #ask(epochMs: number): number {
    const parts = this.#format.formatToParts(epochMs);
    const text = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
    const offset = /^GMT([+-])(\d\d):(\d\d)/.exec(text);
    if (offset === null) return 0;
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return offset[1] === '-' ? -minutes : minutes;
  }
}
