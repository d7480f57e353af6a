/**
 * Wires the stages, starts them downstream first and stops them upstream first, and exchanges them for those of
 * another config between two events. With `listeners.ts` and `way-out.ts` the only place that knows them all.
 *
 *     listeners -> EventPath { decode, detect } -> of each output { encode into the open batch -> spool -> output }
 *         ^                                                                                  |  ^      |
 *         '--------------------------- "full / drained" -------------------------------------'  '- ack -'
 */
import type { Config, OutputName } from '../config/config.js';
import { reloaded } from '../config/reload.js';
import { createDecoder } from '../decode/decode.js';
import { createDetector } from '../detect/detector.js';
import type { Exclusions } from '../detect/exclusions/exclusions.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import { QuietLines } from '../observe/quiet-lines.js';
import type { ClockReading, Detector, Durability, Input } from '../stages.js';
import type { Verdict } from '../verdict.js';
import { Checkpoints } from './checkpoints.js';
import { EventPath } from './event-path.js';
import { Listeners } from './listeners.js';
import type { BucketBaselines, DetectionState } from './open-detection.js';
import type { Safety } from './safe-repeats.js';
import { SpoolJournal } from './spool-journal.js';
import type { Undelivered, WayOut } from './way-out.js';

export interface PipelineParts {
  readonly config: Config;
  readonly exclusions: Exclusions;
  readonly state: DetectionState;
  /** At least one. The first one's spool keeps what events teach the baseline. */
  readonly waysOut: readonly WayOut[];
  readonly counters: Counters;
  readonly log: Logger;
}

export class Pipeline {
  readonly waysOut: readonly WayOut[];
  readonly #first: WayOut;
  readonly #state: DetectionState;
  readonly #log: Logger;
  readonly #counters: Counters;
  readonly #path: EventPath;
  readonly #listeners: Listeners;
  readonly #checkpoints: Checkpoints;
  #config: Config;
  #detector: Detector & { readonly clock: ClockReading };
  /** A disk that fails batch by batch makes a pause of each. */
  readonly #pauseLines = new QuietLines(Date.now);
  #saidPause = false;
  /** Told of each event that alerts, or would have. Must not throw. */
  onAlert: (verdict: Verdict) => void = () => {};

  constructor(parts: PipelineParts) {
    const { config, counters, log, waysOut, state } = parts;
    this.#config = config;
    this.#log = log;
    this.#counters = counters;
    this.#state = state;
    this.waysOut = waysOut;
    this.#first = waysOut[0]!;
    this.#detector = this.#makeDetector(config, parts.exclusions, state.clock.reading);
    this.#path = new EventPath({
      maxFields: config.listen.maxFields,
      decode: createDecoder({ counters, feeds: state.feeds }),
      detector: this.#detector,
      lanes: waysOut.map(({ lane }) => lane),
      onAlert: (verdict) => this.onAlert(verdict),
    });
    const { disk, lane } = this.#first;
    const pipeline = this;
    this.#checkpoints = new Checkpoints({
      ...{ config, state, log },
      detector: {
        get clock() {
          return pipeline.#detector.clock;
        },
      },
      safety: this.#safety(),
      journal: disk && new SpoolJournal(disk, lane),
    });
    this.#listeners = new Listeners(config.listen, {
      ...{ sink: this.#path, counters, log },
      durability: () => this.#untilStored(),
    });
    for (const { blocks, spool } of waysOut) {
      if (!blocks) continue;
      spool.onFull = () => this.#pause();
      spool.onDrained = () => this.#resume();
    }
    if (disk !== null) disk.onCheckpointDue = () => this.#checkpoints.soon();
  }

  /** As it is in force. */
  get config(): Config {
    return this.#config;
  }

  get inputs(): readonly Input[] {
    return this.#listeners.inputs;
  }

  get baselines(): BucketBaselines {
    return this.#state.baselines;
  }

  /** An output whose outage holds the inputs up has no room in its spool. */
  get full(): boolean {
    return this.waysOut.some(({ blocks, spool }) => blocks && spool.full);
  }

  /** False if its disk does not answer any more. */
  get alive(): boolean {
    return this.#checkpoints.alive;
  }

  /** The hour of the detection's one clock; null while no event has told the time. */
  currentHour(): number | null {
    return this.#checkpoints.currentHour();
  }

  /** Saves what was learned, now. */
  checkpoint(): Promise<void> {
    return this.#checkpoints.checkpoint();
  }

  /** Rejects if a listener cannot start; what had started by then is stopped again, and nothing was sent. */
  async start(): Promise<void> {
    try {
      await this.#listeners.start();
    } catch (error) {
      await this.stop(0);
      throw error;
    }
    for (const { output } of this.waysOut) output.start();
    if (this.full) this.#pause();
    this.#checkpoints.start();
  }

  /**
   * Stops listening, takes in what was read, saves the baseline and delivers what the spools hold
   * until the deadline (ms from now), then saves which alerts were raised.
   */
  async stop(deadlineMs: number): Promise<ReadonlyMap<OutputName, Undelivered>> {
    await this.#listeners.stop();
    this.#path.closeBatches();
    await this.#checkpoints.stop();
    await Promise.all(this.waysOut.map(({ output }) => output.stop(deadlineMs)));
    // Once more: what could not be written may have been delivered from memory meanwhile.
    await this.#checkpoints.checkpoint();
    return new Map(
      await Promise.all(this.waysOut.map(async (way) => [way.name, await way.close()] as const)),
    );
  }

  /**
   * Goes on with another config, which has been checked. What did not change goes on as it is, connections
   * included; no event is lost. Rejects if a listener cannot start: then the old config stays in force.
   *
   * @returns keys of the config that only a restart can change; they keep their values
   */
  async reload(next: Config, exclusions: Exclusions): Promise<readonly string[]> {
    const { config, fixed } = reloaded(this.#config, next);
    await this.#listeners.change(config.listen);
    const { detection } = config;
    for (const baseline of Object.values(this.baselines)) {
      baseline.usePercentile(detection.percentileMilli);
    }
    this.#state.repeats.use(detection.suppress);
    this.#detector = this.#makeDetector(config, exclusions, this.#detector.clock);
    this.#path.use(this.#detector);
    for (const way of this.waysOut) await way.change(config);
    this.#config = config;
    return fixed;
  }

  /** Certificates and keys anew, for connections to come; says of each input how it went. */
  reloadCertificates(): Promise<void> {
    return this.#listeners.reloadCertificates();
  }

  #makeDetector({ detection }: Config, exclusions: Exclusions, clock: ClockReading) {
    const { feeds, baselines, repeats } = this.#state;
    const counters = this.#counters;
    return createDetector({ detection, exclusions, feeds, baselines, repeats, counters, clock });
  }

  /** When an alert is sure to be delivered. */
  #safety(): Safety {
    const { spool, blocks } = this.#first;
    const disk = blocks ? this.#first.disk : null;
    return {
      lastSeq: () => spool.lastSeq,
      isSafe: async (seq) => spool.ackedSeq >= seq || (disk !== null && (await disk.sync())),
    };
  }

  /**
   * One for each input that asks. A spool in memory has none: the config refuses RELP with it. One that may
   * drop what it holds vouches for nothing, and is not asked, unless it is the first.
   */
  #untilStored(): Durability {
    const asked = this.waysOut.filter((way) => way.blocks || way === this.#first);
    const vouchers = asked.map(({ spool, disk }) => ({ spool, disk, vouched: spool.lastSeq }));
    return {
      flush: async () => {
        this.#path.closeBatches();
        const stored = vouchers.map((voucher) => {
          // What an earlier call covered is not asked for again: its sender sends it anew.
          const from = voucher.vouched;
          voucher.vouched = voucher.spool.lastSeq;
          return voucher.disk?.syncFrom(from) ?? false;
        });
        return (await Promise.all(stored)).every((is) => is);
      },
    };
  }

  #pause(): void {
    this.#counters.input_pauses++;
    const heldBack = this.#pauseLines.mayWrite('pause');
    this.#saidPause = heldBack !== null;
    if (heldBack !== null) {
      const way = this.waysOut.find(({ blocks, spool }) => blocks && spool.full);
      this.#log.warn(
        { code: 'INTAKE_PAUSED', output: way?.name, spoolBytes: way?.spool.bytes, heldBack },
        way?.disk?.storing === false
          ? 'the spool cannot be written to: TCP stops reading, UDP drops and counts until it can'
          : 'the spool is full: TCP stops reading, UDP drops and counts until events are delivered',
      );
    }
    this.#listeners.pause();
    // What is delivered may be waiting for this alone.
    this.#checkpoints.soon();
  }

  #resume(): void {
    if (this.full) return;
    if (this.#saidPause) this.#log.info('the spool has room again: reading goes on');
    this.#listeners.resume();
  }
}
