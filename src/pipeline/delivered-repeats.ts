/**
 * Saves the alerts raised, once they have been delivered: an alert that is on disk as raised holds back
 * its repeats after a restart, and if nobody was ever sent it, nobody would hear of that host.
 *
 *     checkpoint    copy of the alerts raised ----> waits ----> file
 *                                                     ^
 *                   the batch that was newest then, acked
 *
 * While one copy waits no other is taken: a newer one would have to wait for newer batches, and with a
 * steady backlog none would ever be written. So a crash forgets, and raises once more, what was raised
 * since the last copy that was delivered; it never holds back what was not.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RaisedAlerts, RepeatsFile } from '../baseline/repeats-file.js';
import type { RaisedAlert, Spool } from '../stages.js';

interface Waiting {
  readonly copy: RaisedAlerts;
  /** Every alert in the copy is in this batch of the spool or an older one. */
  readonly seq: number;
}

export class DeliveredRepeats {
  readonly #repeats: RaisedAlerts;
  readonly #file: Pick<RepeatsFile, 'save' | 'isSaved'>;
  readonly #spool: Pick<Spool, 'lastSeq' | 'ackedSeq'>;
  #waiting: Waiting | null = null;

  constructor(parts: {
    readonly repeats: RaisedAlerts;
    readonly file: Pick<RepeatsFile, 'save' | 'isSaved'>;
    readonly spool: Pick<Spool, 'lastSeq' | 'ackedSeq'>;
  }) {
    this.#repeats = parts.repeats;
    this.#file = parts.file;
    this.#spool = parts.spool;
  }

  /**
   * Writes what has been delivered since. Calls must not overlap.
   * @throws StegwatchError BASELINE_UNUSABLE; the next call tries again
   */
  async checkpoint(): Promise<void> {
    await this.#saveDelivered();
    if (this.#waiting !== null || this.#file.isSaved(this.#repeats.version)) return;
    const copy = await copyOf(this.#repeats);
    // Only now: alerts that were raised while it was made may be in it.
    this.#waiting = { copy, seq: this.#spool.lastSeq };
    await this.#saveDelivered();
  }

  async #saveDelivered(): Promise<void> {
    if (this.#waiting === null) return;
    const { copy, seq } = this.#waiting;
    if (this.#spool.ackedSeq < seq) return;
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
