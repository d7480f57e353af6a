/**
 * Tells turns of the event loop apart, so that a connection can stop at its share of one. Without, libuv
 * reads up to 2 MiB from each ready socket (32 reads of 64 KiB) before the loop turns: some that flood
 * would hold up timers, acks and UDP for as long as that takes to judge.
 */
export class ReadTurn {
  #number = 0;
  #ending = false;

  /** Number of this turn. */
  get number(): number {
    if (!this.#ending) {
      this.#ending = true;
      setImmediate(() => {
        this.#ending = false;
        this.#number++;
      });
    }
    return this.#number;
  }
}

/** About 130 events. Each ready connection gets as much in each turn, whoever else floods. */
export const turnShareBytes = 64 * 1024;
