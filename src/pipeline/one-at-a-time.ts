/** Runs tasks one after the other, in the order in which they were given, and knows how long one takes. */

export class OneAtATime {
  readonly #now: () => number;
  #last: Promise<void> = Promise.resolve();
  #beganMs: number | null = null;

  /** @param now milliseconds of a clock that only goes forward */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Resolves when it is done. A task must not reject: those after it would not run. */
  run(task: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(async () => {
      this.#beganMs = this.#now();
      await task();
      this.#beganMs = null;
    });
    return this.#last;
  }

  /** Resolves when all tasks until now are done. */
  get idle(): Promise<void> {
    return this.#last;
  }

  /** For how long the task that runs has run; 0 if none does. */
  get busyMs(): number {
    return this.#beganMs === null ? 0 : this.#now() - this.#beganMs;
  }
}
