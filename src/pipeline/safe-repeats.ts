/**
 * Saves the alerts raised, once nothing can lose them any more: an alert that is on disk as raised holds
 * back its repeats after a restart, and if nobody was ever sent it, nobody would hear of that host. In a
 * spool that is lost with the process an alert is safe once it is delivered, on disk once it is there.
 *
 *     checkpoint    copy of the alerts raised ----> waits ----> file
 *                                                     ^
 *                   the batch that was newest then, safe
 *
 * While one copy waits no other is taken: a newer one would have to wait for newer batches, and with a
 * steady backlog none would ever be written. So a crash forgets, and raises once more, what was raised
 * since the last copy that was saved; it never holds back what nobody hears of.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RaisedAlerts, RepeatsFile } from '../baseline/repeats-file.js';
import type { RaisedAlert } from '../stages.js';

/** What is told of the batches that carry alerts. */
export interface Safety {
  /** Number of the newest batch. */
  lastSeq(): number;
  /** True once all batches up to this one are sure to be delivered some day, or have been. */
  isSafe(seq: number): Promise<boolean>;
}

interface Waiting {
  readonly copy: RaisedAlerts;
  /** Every alert in the copy is in this batch of the spool or an older one. */
  readonly seq: number;
}

export class SafeRepeats {
  readonly #repeats: RaisedAlerts;
  readonly #file: Pick<RepeatsFile, 'save' | 'isSaved'>;
  readonly #safety: Safety;
  #waiting: Waiting | null = null;

  constructor(parts: {
    readonly repeats: RaisedAlerts;
    readonly file: Pick<RepeatsFile, 'save' | 'isSaved'>;
    readonly safety: Safety;
  }) {
    this.#repeats = parts.repeats;
    this.#file = parts.file;
    this.#safety = parts.safety;
  }

  /**
   * Writes what has become safe since. Calls must not overlap.
   * @throws StegwatchError BASELINE_UNUSABLE; the next call tries again
   */
  async checkpoint(): Promise<void> {
    await this.#saveSafe();
    if (this.#waiting !== null || this.#file.isSaved(this.#repeats.version)) return;
    const copy = await copyOf(this.#repeats);
    // Only now: alerts that were raised while it was made may be in it.
    this.#waiting = { copy, seq: this.#safety.lastSeq() };
    await this.#saveSafe();
  }

  async #saveSafe(): Promise<void> {
    if (this.#waiting === null) return;
    const { copy, seq } = this.#waiting;
    if (!(await this.#safety.isSafe(seq))) return;
    await this.#file.save(copy);
    this.#waiting = null;
  }
}

/** Block by block, so that the loop turns; the version is that of before. */
async function copyOf(repeats: RaisedAlerts): Promise<RaisedAlerts> {
  const { version } = repeats;
  const blocks: (readonly RaisedAlert[])[] = [];
  for (const block of repeats.snapshot()) {
    blocks.push(block);
    await nextTurn();
  }
  return { version, snapshot: () => blocks };
}
