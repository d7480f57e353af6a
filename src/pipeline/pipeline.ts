/**
 * Builds the stages, wires them, starts them downstream first and stops them upstream first. With `way-out.ts`
 * the only place that knows them all.
 *
 *     inputs -> EventPath { decode, detect } -> of each output { encode into the open batch -> spool -> output }
 *        ^                                                                                  |  ^      |
 *        '--------------------------- "full / drained" -------------------------------------'  '- ack -'
 */
import type { ClockFile } from '../baseline/clock-file.js';
import type { Config, OutputName } from '../config/config.js';
import { createDecoder } from '../decode/decode.js';
import { createDetector } from '../detect/detector.js';
import type { Exclusions } from '../detect/exclusions/exclusions.js';
import type { StegwatchError } from '../errors.js';
import { hourOf } from '../hour.js';
import { AllowList } from '../input/allow-list.js';
import { createRelpInput } from '../input/relp/relp.js';
import { createTcpInput } from '../input/tcp.js';
import { TlsInput } from '../input/tls.js';
import { UdpInput } from '../input/udp.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import { QuietLines } from '../observe/quiet-lines.js';
import type { DiskSpool } from '../spool/disk-spool.js';
import type { Durability, Input, Journal } from '../stages.js';
import { EventPath } from './event-path.js';
import type { BaselineLock } from './lock-baseline.js';
import type { BucketBaselines, DetectionState } from './open-detection.js';
import { SafeRepeats, type Safety } from './safe-repeats.js';
import type { Undelivered, WayOut } from './way-out.js';

export class Pipeline {
  readonly inputs: readonly Input[];
  /** The first one's spool keeps what events teach the baseline. */
  readonly waysOut: readonly WayOut[];
  readonly #first: WayOut;
  readonly #lock: BaselineLock;
  /** Null where nothing is kept. */
  readonly #disk: DiskSpool | null;
  readonly #journal: Journal | null;
  readonly baselines: BucketBaselines;
  readonly #repeats: SafeRepeats;
  readonly #clockFile: ClockFile | null;
  readonly #config: Config;
  readonly #log: Logger;
  readonly #counters: Counters;
  readonly #path: EventPath;
  readonly #detector: ReturnType<typeof createDetector>;
  #checkpointTimer: NodeJS.Timeout | null = null;
  /** A disk that fails batch by batch makes a pause of each. */
  readonly #pauseLines = new QuietLines(Date.now);
  #saidPause = false;
  #saving: Promise<void> = Promise.resolve();
  #checkpointWaits = false;

  constructor(parts: {
    config: Config;
    exclusions: Exclusions;
    state: DetectionState;
    /** At least one. */
    waysOut: readonly WayOut[];
    /** Of the baseline; let go of at the end. */
    lock: BaselineLock;
    counters: Counters;
    log: Logger;
  }) {
    const { config, counters, log, waysOut } = parts;
    const { feeds, baselines, repeats, repeatsFile, clock } = parts.state;
    const { maxMessageBytes, maxFields } = config.listen;
    this.#config = config;
    this.#log = log;
    this.#counters = counters;
    this.baselines = baselines;
    this.#clockFile = clock.file;

    this.waysOut = waysOut;
    this.#first = waysOut[0]!;
    this.#disk = this.#first.disk;
    this.#lock = parts.lock;
    this.#journal = this.#disk && this.#journalOf(this.#disk);
    this.#repeats = new SafeRepeats({
      repeats,
      file: repeatsFile,
      safety: this.#safety(),
    });
    this.#detector = createDetector({
      detection: config.detection,
      exclusions: parts.exclusions,
      feeds,
      baselines,
      repeats,
      counters,
      clock: clock.reading,
    });
    this.#path = new EventPath({
      maxFields,
      decode: createDecoder({ counters, feeds }),
      detector: this.#detector,
      lanes: waysOut.map(({ lane }) => lane),
    });

    const allow = new AllowList(config.listen.allow);
    const shared = { maxMessageBytes, allow, sink: this.#path, counters, log };
    this.inputs = [
      ...config.listen.udp.map((udp) => new UdpInput(udp, shared)),
      ...config.listen.tcp.map((tcp) => createTcpInput(tcp, shared)),
      ...config.listen.tls.map((tls) => new TlsInput(tls, shared)),
      ...config.listen.relp.map((relp) =>
        createRelpInput(relp, { ...shared, durability: this.#untilStored() }),
      ),
    ];
    for (const { blocks, spool } of waysOut) {
      if (!blocks) continue;
      spool.onFull = () => this.#pause();
      spool.onDrained = () => this.#resume();
    }
    if (this.#disk !== null) this.#disk.onCheckpointDue = () => this.#checkpointSoon();
    // The others keep nothing that a baseline could lose.
    for (const { disk } of waysOut.slice(1)) {
      if (disk !== null) disk.onCheckpointDue = () => disk.cover(disk.ackedSeq);
    }
  }

  /** Rejects if a listener cannot start; what had started by then is stopped again. */
  async start(): Promise<void> {
    for (const { output } of this.waysOut) output.start();
    try {
      for (const input of this.inputs) await input.start();
    } catch (error) {
      await this.stop(0);
      throw error;
    }
    if (this.full) this.#pause();
    this.#scheduleCheckpoint();
  }

  /**
   * Stops listening, takes in what was read, saves the baseline and delivers what the spools hold
   * until the deadline (ms from now), then saves which alerts were raised.
   */
  async stop(deadlineMs: number): Promise<ReadonlyMap<OutputName, Undelivered>> {
    if (this.#checkpointTimer !== null) clearTimeout(this.#checkpointTimer);
    this.#checkpointTimer = null;
    await Promise.all(this.inputs.map((input) => input.stop()));
    this.#path.closeBatches();
    await this.checkpoint();
    await Promise.all(this.waysOut.map(({ output }) => output.stop(deadlineMs)));
    // Once more: what could not be written may have been delivered from memory meanwhile.
    await this.checkpoint();
    await this.#lock.release();
    return new Map(
      await Promise.all(this.waysOut.map(async (way) => [way.name, await way.close()] as const)),
    );
  }

  /** An output whose outage holds the inputs up has no room in its spool. */
  get full(): boolean {
    return this.waysOut.some(({ blocks, spool }) => blocks && spool.full);
  }

  /** Certificates and keys anew, for connections to come; says of each input how it went. */
  async reloadCertificates(): Promise<void> {
    for (const input of this.inputs) {
      if (input.reloadCertificates === undefined) continue;
      try {
        await input.reloadCertificates();
        this.#log.info({ listener: input.name }, 'certificates reloaded, for new connections');
      } catch (error) {
        const { message: why, hint } = error as StegwatchError;
        this.#log.error(
          { listener: input.name, why, hint },
          'certificates could not be reloaded: the old ones stay in use',
        );
      }
    }
  }

  /**
   * The hour of the detection's one clock: wall time, or event time if so configured; null while no
   * event has told the time.
   */
  currentHour(): number | null {
    const byEventTime = this.#config.detection.time === 'event';
    const clockMs = byEventTime ? this.#detector.clock.ms : Date.now();
    return clockMs > 0 ? hourOf(clockMs) : null;
  }

  /**
   * Saves what the baselines have learned, the clock, and of the alerts raised those that cannot be lost;
   * one at a time. A failure is said and tried again later.
   */
  async checkpoint(): Promise<void> {
    await this.#oneAtATime(async () => {
      const hour = this.currentHour();
      const position = this.#journal?.position() ?? null;
      for (const { disk } of this.waysOut.slice(1)) disk?.cover(disk.ackedSeq);
      let saved = true;
      for (const baseline of Object.values(this.baselines)) {
        if (hour !== null) await baseline.upkeep(hour);
        // While the spool takes nothing in, what it would have to hold cannot be saved before it.
        if (this.#journal !== null && this.#journal.position() === null) saved = false;
        else saved &&= await this.#save('baseline', () => baseline.checkpoint(this.#journal));
      }
      this.#cover(position, saved);
      const clock = this.#clockFile;
      if (clock !== null) await this.#save('clock', () => clock.save(this.#detector.clock));
    });
    await this.#saveRepeats();
  }

  /** Out of turn. Who asks while one waits for its turn shares it: a disk that fails asks with each batch. */
  #checkpointSoon(): void {
    if (this.#checkpointWaits) return;
    this.#checkpointWaits = true;
    void this.#saving.then(() => {
      this.#checkpointWaits = false;
      return this.checkpoint();
    });
  }

  #saveRepeats(): Promise<void> {
    return this.#oneAtATime(async () => {
      await this.#save('alerts raised', () => this.#repeats.checkpoint());
    });
  }

  #oneAtATime(task: () => Promise<void>): Promise<void> {
    this.#saving = this.#saving.then(task);
    return this.#saving;
  }

  /** Lets the spool go of what the saved baselines have learned from. */
  #cover(position: number | null, saved: boolean): void {
    if (this.#disk === null || position === null) return;
    if (saved) {
      this.#disk.cover(position);
    } else if (this.#disk.waitsForCheckpoint || this.#first.spool.full) {
      this.#log.error(
        'delivered events pile up in the spool and the baseline cannot be saved: they are let go of, ' +
          'and after a crash the baseline will not know what they taught it',
      );
      this.#disk.cover(position);
    }
  }

  /** When an alert is sure to be delivered. */
  #safety(): Safety {
    const { spool, blocks } = this.#first;
    const disk = blocks ? this.#disk : null;
    return {
      lastSeq: () => spool.lastSeq,
      isSafe: async (seq) => spool.ackedSeq >= seq || (disk !== null && (await disk.sync())),
    };
  }

  #journalOf(disk: DiskSpool): Journal {
    return {
      id: disk.id,
      position: () => {
        this.#first.lane.closeBatch();
        return disk.writeAll() ? disk.lastSeq : null;
      },
      sync: () => disk.sync(),
    };
  }

  /** Returns whether it could. */
  async #save(what: string, save: () => Promise<void>): Promise<boolean> {
    try {
      await save();
      return true;
    } catch (error) {
      this.#log.error(
        { err: error, path: this.#config.baseline.path },
        `${what}: could not be saved; trying again at the next checkpoint`,
      );
      return false;
    }
  }

  #scheduleCheckpoint(): void {
    this.#checkpointTimer = setTimeout(async () => {
      await this.checkpoint();
      if (this.#checkpointTimer !== null) this.#scheduleCheckpoint();
    }, this.#config.baseline.checkpointMs);
  }

  /**
   * One for each input that asks. A spool in memory has none: the config refuses RELP with it. One that may
   * drop what it holds vouches for nothing, and is not asked, unless it is the only one.
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
      const [way] = this.waysOut.filter(({ blocks, spool }) => blocks && spool.full);
      this.#log.warn(
        { output: way?.name, spoolBytes: way?.spool.bytes, heldBack },
        way?.disk?.storing === false
          ? 'the spool cannot be written to: TCP stops reading, UDP drops and counts until it can'
          : 'the spool is full: TCP stops reading, UDP drops and counts until events are delivered',
      );
    }
    for (const input of this.inputs) input.pause();
    // What is delivered may be waiting for this alone.
    this.#checkpointSoon();
  }

  #resume(): void {
    if (this.full) return;
    if (this.#saidPause) this.#log.info('the spool has room again: reading goes on');
    for (const input of this.inputs) input.resume();
  }
}
