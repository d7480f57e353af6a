/**
 * Keeps on disk what was learned, the clock, and which alerts were raised: now and then, and at the end. With a
 * journal nothing learned is forgotten by a crash, since the journal keeps it until it is saved here; without
 * one, what was learned since the last checkpoint is.
 */
import type { Config } from '../config/config.js';
import { hourOf } from '../hour.js';
import type { Logger } from '../observe/log.js';
import { QuietLines } from '../observe/quiet-lines.js';
import type { ClockReading } from '../stages.js';
import { OneAtATime } from './one-at-a-time.js';
import type { DetectionState } from './open-detection.js';
import { SafeRepeats, type Safety } from './safe-repeats.js';
import type { SpoolJournal } from './spool-journal.js';

/** Seconds are the most that a checkpoint of a million hosts takes on a disk that answers. */
const hungAfterMs = 5 * 60_000;

export interface CheckpointsOptions {
  readonly config: Pick<Config, 'baseline' | 'detection'>;
  readonly state: DetectionState;
  /** Whose clock is kept. */
  readonly detector: { readonly clock: ClockReading };
  /** When an alert is sure to have been handed on. */
  readonly safety: Safety;
  /** Null: none. */
  readonly journal?: SpoolJournal | null;
  readonly log: Pick<Logger, 'error'>;
  /** A clock in ms that only goes forward. */
  readonly now?: () => number;
}

export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #repeats: SafeRepeats;
  readonly #journal: SpoolJournal | null;
  #timer: NodeJS.Timeout | null = null;
  readonly #saving: OneAtATime;
  /** A disk that fails has them tried with each batch. */
  readonly #lines: QuietLines;
  /** Somebody who asked waits for its turn. */
  #waits = false;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#journal = options.journal ?? null;
    const { now = () => performance.now() } = options;
    this.#saving = new OneAtATime(now);
    this.#lines = new QuietLines(now);
    const { repeats, repeatsFile: file } = options.state;
    this.#repeats = new SafeRepeats({ repeats, file, safety: options.safety });
  }

  start(): void {
    this.#timer = setTimeout(async () => {
      await this.checkpoint();
      if (this.#timer !== null) this.start();
    }, this.#options.config.baseline.checkpointMs);
  }

  /** Saves for the last time. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.checkpoint();
  }

  /** False if a checkpoint takes so long that its disk does not answer any more. */
  get alive(): boolean {
    return this.#saving.busyMs < hungAfterMs;
  }

  /** The hour of the detection's one clock; null while no event has told the time. */
  currentHour(): number | null {
    const { config, detector } = this.#options;
    const byEventTime = config.detection.time === 'event';
    const clockMs = byEventTime ? detector.clock.ms : Date.now();
    return clockMs > 0 ? hourOf(clockMs) : null;
  }

  /** One at a time. A failure is said, and tried again the next time. */
  async checkpoint(): Promise<void> {
    await this.#saving.run(() => this.#saveLearned());
    await this.#saving.run(async () => {
      await this.#save('alerts raised', () => this.#repeats.checkpoint());
    });
  }

  /** Out of turn. Who asks while one waits for its turn shares it: a disk that fails asks with each batch. */
  soon(): void {
    if (this.#waits) return;
    this.#waits = true;
    void this.#saving.idle.then(() => {
      this.#waits = false;
      return this.checkpoint();
    });
  }

  async #saveLearned(): Promise<void> {
    const { state, detector } = this.#options;
    const journal = this.#journal;
    const hour = this.currentHour();
    const position = journal?.position() ?? null;
    let saved = true;
    for (const baseline of Object.values(state.baselines)) {
      if (hour !== null) await baseline.upkeep(hour);
      // While the journal takes nothing in, what it would have to hold cannot be saved before it.
      if (journal !== null && journal.position() === null) saved = false;
      else saved &&= await this.#save('baseline', () => baseline.checkpoint(journal));
    }
    this.#cover(position, saved);
    await this.#save('clock', async () => state.clock.file?.save(detector.clock));
  }

  /** Lets the journal go of what the saved baselines have learned from. */
  #cover(position: number | null, saved: boolean): void {
    if (this.#journal === null || position === null) return;
    if (!saved && !this.#journal.pressed) return;
    const heldBack = saved ? null : this.#lines.mayWrite('not covered');
    if (heldBack !== null) {
      this.#options.log.error(
        { code: 'BASELINE_NOT_COVERED', heldBack },
        'delivered events pile up in the spool and the baseline cannot be saved: they are let go of, ' +
          'and after a crash the baseline will not know what they taught it',
      );
    }
    this.#journal.cover(position);
  }

  /** Returns whether it could. */
  async #save(what: string, save: () => Promise<void>): Promise<boolean> {
    try {
      await save();
      return true;
    } catch (error) {
      const heldBack = this.#lines.mayWrite(what);
      if (heldBack === null) return false;
      const { path } = this.#options.config.baseline;
      this.#options.log.error(
        { code: 'BASELINE_NOT_SAVED', err: error, path, heldBack },
        `${what}: could not be saved; trying again at the next checkpoint`,
      );
      return false;
    }
  }
}
