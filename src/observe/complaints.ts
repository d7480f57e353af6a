/** Says what goes wrong at most once in a while for each kind, since it may go wrong with every event. */
import type { Logger } from './log.js';

const quietMs = 60_000;

export class Complaints {
  readonly #log: Pick<Logger, 'error'>;
  readonly #facts: object;
  /** A clock in ms. */
  readonly #now: () => number;
  readonly #kinds = new Map<string, { atMs: number; suppressed: number }>();

  /** @param facts what stands beside every line */
  constructor(log: Pick<Logger, 'error'>, facts: object, now: () => number) {
    this.#log = log;
    this.#facts = facts;
    this.#now = now;
  }

  /** @param kind one of a few; those of one kind share one line a minute */
  say(kind: string, text: string): void {
    const now = this.#now();
    const last = this.#kinds.get(kind);
    if (last !== undefined && now - last.atMs < quietMs) {
      last.suppressed++;
      return;
    }
    this.#kinds.set(kind, { atMs: now, suppressed: 0 });
    this.#log.error({ ...this.#facts, suppressed: last?.suppressed ?? 0 }, text);
  }
}
