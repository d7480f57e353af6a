/**
 * Which events of one TCP connection were taken in, told without asking the program. Its promise: at most
 * 100 ms after the last byte came, an event is in the spool. What can be seen from outside is how many
 * bytes it has read (the kernel's queues), and so:
 *
 *     E read ──► then 500 ms ──► B2 written, read ──► then 100 ms ──► B3 written, read: E is taken in
 *
 * "Read" means that the program has read on for `hiddenBytes`, more than a paused stream of its runtime
 * holds back unseen. So when E has been read, its loop has handled E and its timer of 100 ms runs. B2 was
 * written when that timer was due, and B3 when B2 had been read: between these two reads the loop came to
 * its timers, and wrote. Had the write failed, the program would have had to stop reading, and B3 would
 * not have been read. A stopped or starved process reads nothing and proves nothing, however long it
 * lasts. Events that were sent and are not proven may have been taken in or not.
 */
interface Burst {
  readonly from: number;
  readonly count: number;
  /** Bytes of the connection up to and including this burst. */
  readonly end: number;
  readonly writtenAtMs: number;
  /** When the program was seen to have read it, and `hiddenBytes` more. */
  readAtMs: number;
}

/** Numbers `from` to `from + count - 1`. */
export interface Range {
  readonly from: number;
  readonly count: number;
}

/** Node holds 64 KiB back when it pauses, and one read of 64 KiB that it has begun. */
export const hiddenBytes = 136 * 1024;
const dueAfterMs = 500;
const loopAfterMs = 100;

export class TakenInProof {
  readonly #bursts: Burst[] = [];
  #read = 0;

  /** @param atMs before the first byte was written, by a clock that only goes forward */
  wrote(from: number, count: number, end: number, atMs: number): void {
    this.#bursts.push({ from, count, end, writtenAtMs: atMs, readAtMs: Number.NaN });
  }

  /**
   * @param readBytes the program has read at least so many bytes of the connection
   * @param atMs when that had been seen
   * @returns what was taken in, as is known now and was not before
   */
  seen(readBytes: number, atMs: number): Range[] {
    for (let burst = this.#bursts[this.#read]; burst !== undefined; ) {
      if (burst.end + hiddenBytes > readBytes) break;
      burst.readAtMs = atMs;
      burst = this.#bursts[++this.#read];
    }
    const taken: Range[] = [];
    for (let first = this.#bursts[0]; first !== undefined && this.#read > 0; ) {
      const due = this.#readAfter(first.readAtMs + dueAfterMs);
      const after = due === null ? null : this.#readAfter(due.readAtMs + loopAfterMs);
      if (after === null) break;
      taken.push({ from: first.from, count: first.count });
      this.#bursts.shift();
      this.#read--;
      first = this.#bursts[0];
    }
    return taken;
  }

  /** The first burst written at or after this moment, if it has been read. */
  #readAfter(ms: number): Burst | null {
    for (let i = 0; i < this.#read; i++) {
      const burst = this.#bursts[i]!;
      if (burst.writtenAtMs >= ms) return burst;
    }
    return null;
  }
}
