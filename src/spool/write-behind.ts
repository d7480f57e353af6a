/**
 * Batches that are in the window and not yet on disk. Most are delivered and acked within milliseconds: of those
 * only what they taught is written, a few hundred bytes instead of the whole. What is not acked in time is
 * written as it is, in order, before it is *taken in* too late (docs/guarantees.md).
 *
 *     append ─► waits ─┬─ acked ─────────────► record without entries
 *                      └─ its events get old ─► whole record
 */
import type { Batch } from '../stages.js';
import type { Held } from './batch-window.js';

const noEntries = Buffer.alloc(0);
/** Between two looks at how old they are. */
const tickMs = 20;
/** Stored ones that are kept in the list at most: taking each out at once would move all others. */
const maxStored = 256;

export interface WriteBehindOptions {
  /** How old an event may be that is not written, in ms; 0: nothing waits. */
  readonly maxAgeMs: number;
  /** Epoch ms. */
  readonly now: () => number;
  /** Writes `batch`, which is `held` or what is left of it. Must not throw. */
  readonly store: (held: Held, batch: Held) => void;
  /** What could wait no longer has been stored. */
  readonly onStored: () => void;
}

export class WriteBehind {
  readonly #options: WriteBehindOptions;
  /** In order; what is before `#head` has been stored. */
  readonly #waiting: Held[] = [];
  #head = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WriteBehindOptions) {
    this.#options = options;
  }

  /** False if it is to be written at once: an alert is in it, or its events are old by now. */
  mayWait({ alertCount, oldestMs }: Batch): boolean {
    return alertCount === 0 && !this.#isDue(oldestMs);
  }

  /** The oldest that waits, or null. */
  get first(): Held | null {
    return this.#waiting[this.#head] ?? null;
  }

  /** Of the records that wait, whole. */
  get bytes(): number {
    return this.#bytes;
  }

  push(held: Held): void {
    this.#bytes += held.recordBytes;
    this.#waiting.push(held);
    this.#timer ??= setTimeout(this.#onTick, tickMs);
  }

  /** Whole records of all that wait. */
  storeAll(): void {
    this.#storeWhile(all, whole);
  }

  /** Those up to `seq` are delivered, and still in the window. */
  storeDelivered(seq: number): void {
    this.#storeWhile((held) => held.seq <= seq, withoutEntries);
  }

  /** Whole records of all, and nothing waits any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.storeAll();
  }

  /** So that at the next look it would be too late; by a clock that was set back everything is. */
  #isDue(oldestMs: number): boolean {
    const ageMs = this.#options.now() - oldestMs;
    return ageMs < 0 || ageMs + 1.5 * tickMs >= this.#options.maxAgeMs;
  }

  #storeWhile(isNext: (held: Held) => boolean, partOf: (held: Held) => Held): void {
    for (let { first } = this; first !== null && isNext(first); { first } = this) {
      this.#head++;
      this.#bytes -= first.recordBytes;
      this.#options.store(first, partOf(first));
    }
    if (this.#head < maxStored) return;
    this.#waiting.splice(0, this.#head);
    this.#head = 0;
  }

  readonly #onTick = (): void => {
    this.#timer = undefined;
    const { first } = this;
    this.#storeWhile(({ oldestMs }) => this.#isDue(oldestMs), whole);
    if (this.first !== null) this.#timer = setTimeout(this.#onTick, tickMs);
    if (this.first !== first) this.#options.onStored();
  };
}

function all(): boolean {
  return true;
}

function whole(held: Held): Held {
  return held;
}

function withoutEntries(held: Held): Held {
  return { ...held, entries: noEntries, alertsAt: 0 };
}
