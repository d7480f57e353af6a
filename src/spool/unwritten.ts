/** Batches that could not be written yet, oldest first. They may be delivered from here. */
import type { Held } from './batch-window.js';
import type { BlockPool } from './block-pool.js';
import { eventsIn } from './record.js';

interface Waiting {
  readonly held: Held;
  /** Else it comes after what is on disk only. */
  inWindow: boolean;
}

export class Unwritten {
  readonly #pool: BlockPool;
  readonly #waiting: Waiting[] = [];

  constructor(pool: BlockPool) {
    this.#pool = pool;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  get first(): Held | null {
    return this.#waiting[0]?.held ?? null;
  }

  get events(): number {
    return this.#waiting.reduce((sum, { held }) => sum + eventsIn(held), 0);
  }

  push(held: Held, inWindow: boolean): void {
    this.#waiting.push({ held, inWindow });
  }

  /** The first has been written: unless it is in the window, it is read from disk when its turn comes. */
  written(eventsUpTo: number): void {
    const { held, inWindow } = this.#waiting.shift()!;
    held.eventsUpTo = eventsUpTo;
    if (!inWindow) this.#pool.release(held.block);
  }

  /** Lets go of those up to `seq`: delivered without ever having been on disk. */
  forget(seq: number): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.held.seq <= seq) {
      const { held, inWindow } = this.#waiting.shift()!;
      if (!inWindow) this.#pool.release(held.block);
    }
  }

  /** All that is on disk is in the window: those that are not follow it. */
  *takeIntoWindow(): Generator<Held> {
    for (const waiting of this.#waiting) {
      if (waiting.inWindow) continue;
      waiting.inWindow = true;
      yield waiting.held;
    }
  }
}
