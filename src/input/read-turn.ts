/**
 * Bounds the work of one turn of the event loop, whatever the number of connections. libuv reads what each ready
 * socket has before the loop turns: some that flood would hold up timers, acks and UDP for as long as that takes to
 * judge. A connection that has had its share, or finds the turn full, is paused and waits, oldest first:
 *
 *     reads ──► share used up, or the turn is full ──► waits ──► one of the next turns ──► reads
 *
 * What it has not read is in the kernel and with the sender, not lost.
 */

/** About 400 events, 2 ms of work: of one connection in one turn. */
export const turnShareBytes = 256 * 1024;
/** Of all connections in one turn: some 8 ms of work. Those that are ready for the first time read once all the same. */
export const turnBytes = 1024 * 1024;
/** Each of those that are let on reads 64 KiB at least. */
const servedPerTurn = 16;

export class ReadTurn {
  readonly #waiting: (() => void)[] = [];
  #number = 0;
  #bytes = 0;
  #ending = false;

  /** Number of this turn. */
  get number(): number {
    return this.#number;
  }

  /** Nothing more is to be read in this turn. */
  get full(): boolean {
    return this.#bytes >= turnBytes;
  }

  /** Somebody waits. */
  get waited(): boolean {
    return this.#waiting.length > 0;
  }

  /** So much has been read. */
  takes(bytes: number): void {
    this.#bytes += bytes;
    this.#endSoon();
  }

  /** Calls `readOn` in a later turn, after those of all who wait by now. */
  wait(readOn: () => void): void {
    this.#waiting.push(readOn);
    this.#endSoon();
  }

  #endSoon(): void {
    if (this.#ending) return;
    this.#ending = true;
    setImmediate(this.#next);
  }

  /** Lets all go on that wait, at the last: none of them has another turn for certain. */
  serveAll(): void {
    for (const readOn of this.#waiting.splice(0)) readOn();
  }

  readonly #next = (): void => {
    this.#ending = false;
    this.#number++;
    this.#bytes = 0;
    for (const readOn of this.#waiting.splice(0, servedPerTurn)) readOn();
    if (this.#waiting.length > 0) this.#endSoon();
  };
}
