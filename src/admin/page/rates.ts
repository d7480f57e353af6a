/** Events per second over the last minutes, from what is counted anyway. */
import type { Counters } from '../../observe/counters.js';

const stepMs = 5000;
/** A quarter of an hour. */
const steps = 180;

export interface Rate {
  /** End of the step, epoch ms. */
  readonly at: number;
  readonly events: number;
  readonly jpegs: number;
}

export class Rates {
  readonly #counters: Pick<Counters, 'events' | 'jpeg_events'>;
  readonly #now: () => number;
  readonly #rates: Rate[] = [];
  #before: { readonly at: number; readonly events: number; readonly jpegs: number };
  #timer: NodeJS.Timeout | null = null;

  /** @param now epoch ms */
  constructor(counters: Pick<Counters, 'events' | 'jpeg_events'>, now: () => number) {
    this.#counters = counters;
    this.#now = now;
    this.#before = this.#read();
  }

  start(): void {
    this.#timer = setInterval(() => this.step(), stepMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Called by the timer. */
  step(): void {
    const read = this.#read();
    const seconds = (read.at - this.#before.at) / 1000;
    if (seconds > 0) {
      const per = (key: 'events' | 'jpegs') =>
        Math.round((10 * (read[key] - this.#before[key])) / seconds) / 10;
      this.#rates.push({ at: read.at, events: per('events'), jpegs: per('jpegs') });
      if (this.#rates.length > steps) this.#rates.shift();
    }
    this.#before = read;
  }

  /** The oldest first. */
  get all(): readonly Rate[] {
    return this.#rates;
  }

  #read() {
    const { events, jpeg_events: jpegs } = this.#counters;
    return { at: this.#now(), events, jpegs };
  }
}
