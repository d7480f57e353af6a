/**
 * Which events of one TCP connection were taken in, told without asking the program. Its promise: at most
 * 100 ms after the last byte came, an event is in the spool. What can be seen from outside is how many
 * bytes it has read (the kernel's queues), and so:
 *
 *     E passed ──► then 500 ms ──► B2 written, read ──► then 100 ms ──► B3 written, passed: E is taken in
 *
 * "Passed" means that the program has read it and `hiddenBytes` more, which is more than a paused stream
 * of its runtime holds back unseen. So when E has been passed, its loop has handled E and its timer of
 * 100 ms runs. B2 was written when that timer was due, and B3 when B2 had been read: between these two
 * reads the loop came to its timers, and wrote. Had the write failed, the program would have had to stop
 * reading, and B3 would not have been passed. A stopped or starved process reads nothing and proves
 * nothing, however long it lasts. Events that were sent and are not proven may have been taken in or not.
 */
interface Burst {
  readonly from: number;
  readonly count: number;
  /** Bytes of the connection up to and including this burst. */
  readonly end: number;
  readonly writtenAtMs: number;
  /** When the program was seen to have read it. */
  readAtMs: number;
  /** When it was seen to have read `hiddenBytes` more. */
  passedAtMs: number;
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
  #passed = 0;

  /** @param atMs before the first byte was written, by a clock that only goes forward */
  wrote(from: number, count: number, end: number, atMs: number): void {
    const [readAtMs, passedAtMs] = [Number.NaN, Number.NaN];
    this.#bursts.push({ from, count, end, writtenAtMs: atMs, readAtMs, passedAtMs });
  }

  /**
   * @param readBytes the program has read at least so many bytes of the connection
   * @param atMs when that had been seen
   * @returns what was taken in, as is known now and was not before
   */
  seen(readBytes: number, atMs: number): Range[] {
    const bursts = this.#bursts;
    for (; (bursts[this.#read]?.end ?? Number.NaN) <= readBytes; this.#read++) {
      bursts[this.#read]!.readAtMs = atMs;
    }
    for (; (bursts[this.#passed]?.end ?? Number.NaN) + hiddenBytes <= readBytes; this.#passed++) {
      bursts[this.#passed]!.passedAtMs = atMs;
    }
    const taken: Range[] = [];
    while (this.#passed > 0 && this.#isTakenIn(bursts[0]!)) {
      const { from, count } = bursts.shift()!;
      taken.push({ from, count });
      this.#read--;
      this.#passed--;
    }
    return taken;
  }

  #isTakenIn({ passedAtMs }: Burst): boolean {
    const due = this.#writtenFrom(passedAtMs + dueAfterMs, this.#read);
    return due !== null && this.#writtenFrom(due.readAtMs + loopAfterMs, this.#passed) !== null;
  }

  /** The first burst written at or after this moment, if it is among the first `count`. */
  #writtenFrom(ms: number, count: number): Burst | null {
    for (let i = 0; i < count; i++) {
      const burst = this.#bursts[i]!;
      if (burst.writtenAtMs >= ms) return burst;
    }
    return null;
  }
}
