/** What an output waits for. */

/** The one wait of a loop that waits for nothing else meanwhile: for a time, or for something to do. */
export class Waits {
  #wake: () => void = () => {};
  #wakeForWork: () => void = () => {};

  /** Ends the present wait, if there is one. */
  wake(): void {
    this.#wake();
  }

  /** The same, if it is a wait for something to do. */
  wakeForWork(): void {
    this.#wakeForWork();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  sleepForWork(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#wakeForWork = resolve;
    });
  }
}

/** What a stop waits for: that all is delivered, or that nothing more can be. */
export class Drained {
  #resolve: () => void = () => {};

  /** Resolves with the next `now`, or after `ms`. */
  within(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#resolve = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** It is so. Nothing happens if nobody waits. */
  now(): void {
    this.#resolve();
  }
}
