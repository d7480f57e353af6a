/**
 * Keeps on disk what a detection without a spool has learned: now and then, and at the end. What was learned
 * since is what a crash forgets. (`run` ties this to its spool, and so does more: see pipeline.ts.)
 */
import type { Config } from '../config/config.js';
import { hourOf } from '../hour.js';
import type { Logger } from '../observe/log.js';
import type { ClockReading } from '../stages.js';
import type { DetectionState } from './open-detection.js';
import { SafeRepeats, type Safety } from './safe-repeats.js';

export class Checkpoints {
  readonly #config: Pick<Config, 'baseline' | 'detection'>;
  readonly #state: DetectionState;
  readonly #detector: { readonly clock: ClockReading };
  readonly #repeats: SafeRepeats;
  readonly #log: Pick<Logger, 'error'>;
  #timer: NodeJS.Timeout | null = null;
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: {
    config: Pick<Config, 'baseline' | 'detection'>;
    state: DetectionState;
    /** Whose clock is kept. */
    detector: { readonly clock: ClockReading };
    /** When an alert is sure to have been handed on. */
    safety: Safety;
    log: Pick<Logger, 'error'>;
  }) {
    this.#config = parts.config;
    this.#state = parts.state;
    this.#detector = parts.detector;
    this.#log = parts.log;
    const { repeats, repeatsFile: file } = parts.state;
    this.#repeats = new SafeRepeats({ repeats, file, safety: parts.safety });
  }

  start(): void {
    this.#timer = setTimeout(async () => {
      await this.checkpoint();
      if (this.#timer !== null) this.start();
    }, this.#config.baseline.checkpointMs);
  }

  /** Saves for the last time. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.checkpoint();
  }

  /** The hour of the detection's one clock; null while no event has told the time. */
  currentHour(): number | null {
    const byEventTime = this.#config.detection.time === 'event';
    const clockMs = byEventTime ? this.#detector.clock.ms : Date.now();
    return clockMs > 0 ? hourOf(clockMs) : null;
  }

  /** One at a time. A failure is said, and tried again the next time. */
  checkpoint(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveAll());
    return this.#saving;
  }

  async #saveAll(): Promise<void> {
    const { baselines, clock } = this.#state;
    const hour = this.currentHour();
    for (const baseline of Object.values(baselines)) {
      if (hour !== null) await baseline.upkeep(hour);
      await this.#save('baseline', () => baseline.checkpoint());
    }
    await this.#save('clock', async () => clock.file?.save(this.#detector.clock));
    await this.#save('alerts raised', () => this.#repeats.checkpoint());
  }

  async #save(what: string, save: () => Promise<void>): Promise<void> {
    try {
      await save();
    } catch (error) {
      this.#log.error(
        { err: error, path: this.#config.baseline.path },
        `${what}: could not be saved; trying again at the next checkpoint`,
      );
    }
  }
}
