/**
 * Builds the stages, wires them, starts them downstream first and stops them upstream first. The only
 * place that knows them all.
 *
 *     inputs -> EventPath { decode, detect, encode into the open batch } -> spool -> output
 *        ^                                                                   |  ^       |
 *        '------------------- "full / drained" -----------------------------'  '- ack --'
 */
import type { ClockFile } from '../baseline/clock-file.js';
import { OpenBatch } from '../batch/open-batch.js';
import type { Config } from '../config/config.js';
import { createDecoder } from '../decode/decode.js';
import { createDetector } from '../detect/detector.js';
import type { Exclusions } from '../detect/exclusions/exclusions.js';
import { createForwardEncoder } from '../encode/forward-entry.js';
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
import { ForwardOutput } from '../output/forward-output.js';
import type { DiskSpool } from '../spool/disk-spool.js';
import type { Durability, Input, Journal, Spool } from '../stages.js';
import { EventPath } from './event-path.js';
import { OneAtATime } from './one-at-a-time.js';
import type { BucketBaselines, DetectionState } from './open-detection.js';
import type { TakenIn } from './open-taken-in.js';
import { SafeRepeats, type Safety } from './safe-repeats.js';

/** 64 KiB: about a hundred events, so that per-batch work is noise, and at most 60 ms of them. */
const batchBytes = 64 * 1024;

/** Seconds are the most that a checkpoint of a million hosts takes on a disk that answers. */
const hungAfterMs = 5 * 60_000;

/** Events that were taken in and not delivered. */
export interface Undelivered {
  /** They are on disk: the next start delivers them. */
  readonly kept: number;
  readonly lost: number;
}

export class Pipeline {
  readonly inputs: readonly Input[];
  readonly spool: Spool;
  /** Bytes that the spool may take. */
  readonly spoolMaxBytes: number;
  readonly #takenIn: TakenIn;
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
  readonly #output: ForwardOutput;
  readonly #detector: ReturnType<typeof createDetector>;
  #checkpointTimer: NodeJS.Timeout | null = null;
  /** A disk that fails batch by batch makes a pause of each. */
  readonly #pauseLines = new QuietLines(Date.now);
  #saidPause = false;
  readonly #saving = new OneAtATime(() => performance.now());
  #checkpointWaits = false;

  constructor(parts: {
    config: Config;
    exclusions: Exclusions;
    state: DetectionState;
    takenIn: TakenIn;
    counters: Counters;
    log: Logger;
  }) {
    const { config, counters, log } = parts;
    const { feeds, baselines, repeats, repeatsFile, clock } = parts.state;
    const { maxMessageBytes, maxFields } = config.listen;
    this.#config = config;
    this.#log = log;
    this.#counters = counters;
    this.baselines = baselines;
    this.#clockFile = clock.file;

    this.#takenIn = parts.takenIn;
    this.spool = parts.takenIn.spool;
    this.spoolMaxBytes = parts.takenIn.maxBytes;
    this.#disk = parts.takenIn.kind === 'disk' ? parts.takenIn.spool : null;
    this.#journal = this.#disk && this.#journalOf(this.#disk);
    this.#repeats = new SafeRepeats({
      repeats,
      file: repeatsFile,
      safety: this.#safety(),
    });
    this.#output = new ForwardOutput({
      config: config.forward.fluentd,
      spool: this.spool,
      counters,
      log,
      deadLetters: this.#disk,
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
    const encoder = createForwardEncoder({
      raw: config.forward.fluentd.raw,
      names: config.forward.fluentd.names,
      resolveLabels: config.forward.fluentd.resolveLabels,
      feeds,
      maxFutureMs: config.detection.maxFutureMs,
      counters,
    });
    this.#path = new EventPath({
      maxFields,
      decode: createDecoder({ counters, feeds }),
      detector: this.#detector,
      batch: new OpenBatch({
        encoder,
        maxMessageBytes,
        closeAtBytes: batchBytes,
        only: config.forward.fluentd.only,
      }),
      spool: this.spool,
      counters,
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
    this.spool.onFull = () => this.#pause();
    this.spool.onDrained = () => this.#resume();
    if (this.#disk !== null) this.#disk.onCheckpointDue = () => this.#checkpointSoon();
  }

  /** Rejects if a listener cannot start; what had started by then is stopped again. */
  async start(): Promise<void> {
    this.#output.start();
    try {
      for (const input of this.inputs) await input.start();
    } catch (error) {
      await this.stop(0);
      throw error;
    }
    if (this.spool.full) this.#pause();
    this.#scheduleCheckpoint();
  }

  /**
   * Stops listening, takes in what was read, saves the baseline and delivers what the spool holds
   * until the deadline (ms from now), then saves which alerts were raised.
   */
  async stop(deadlineMs: number): Promise<Undelivered> {
    if (this.#checkpointTimer !== null) clearTimeout(this.#checkpointTimer);
    this.#checkpointTimer = null;
    await Promise.all(this.inputs.map((input) => input.stop()));
    this.#path.closeBatch();
    await this.checkpoint();
    await this.#output.stop(deadlineMs);
    // Once more: what could not be written may have been delivered from memory meanwhile.
    await this.checkpoint();
    if (this.#takenIn.kind === 'memory') {
      const { spooled_events, events_acked, dead_letter_events } = this.#counters;
      return { kept: 0, lost: spooled_events - events_acked - dead_letter_events };
    }
    const { events } = this.#takenIn.spool;
    const lost = await this.#takenIn.close();
    return { kept: events - lost, lost };
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

  /** False if a checkpoint takes so long that its disk does not answer any more. */
  get alive(): boolean {
    return this.#saving.busyMs < hungAfterMs;
  }

  /**
   * Saves what the baselines have learned, the clock, and of the alerts raised those that cannot be lost;
   * one at a time. A failure is said and tried again later.
   */
  async checkpoint(): Promise<void> {
    await this.#saving.run(async () => {
      const hour = this.currentHour();
      const position = this.#journal?.position() ?? null;
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
    void this.#saving.idle.then(() => {
      this.#checkpointWaits = false;
      return this.checkpoint();
    });
  }

  #saveRepeats(): Promise<void> {
    return this.#saving.run(async () => {
      await this.#save('alerts raised', () => this.#repeats.checkpoint());
    });
  }

  /** Lets the spool go of what the saved baselines have learned from. */
  #cover(position: number | null, saved: boolean): void {
    if (this.#disk === null || position === null) return;
    if (saved) {
      this.#disk.cover(position);
    } else if (this.#disk.waitsForCheckpoint || this.spool.full) {
      this.#log.error(
        'delivered events pile up in the spool and the baseline cannot be saved: they are let go of, ' +
          'and after a crash the baseline will not know what they taught it',
      );
      this.#disk.cover(position);
    }
  }

  /** When an alert is sure to be delivered. */
  #safety(): Safety {
    const { spool } = this;
    const disk = this.#config.spool.whenFull === 'block' ? this.#disk : null;
    return {
      lastSeq: () => spool.lastSeq,
      isSafe: async (seq) => spool.ackedSeq >= seq || (disk !== null && (await disk.sync())),
    };
  }

  #journalOf(disk: DiskSpool): Journal {
    return {
      id: disk.id,
      position: () => {
        this.#path.closeBatch();
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

  /** One for each input that asks. A spool in memory has none: the config refuses RELP with it. */
  #untilStored(): Durability {
    let vouched = this.spool.lastSeq;
    return {
      flush: async () => {
        this.#path.closeBatch();
        // What an earlier call covered is not asked for again: its sender sends it anew.
        const from = vouched;
        vouched = this.spool.lastSeq;
        return this.#disk !== null && (await this.#disk.syncFrom(from));
      },
    };
  }

  #pause(): void {
    this.#counters.input_pauses++;
    const heldBack = this.#pauseLines.mayWrite('pause');
    this.#saidPause = heldBack !== null;
    if (heldBack !== null) {
      this.#log.warn(
        { spoolBytes: this.spool.bytes, heldBack },
        this.#disk?.storing === false
          ? 'the spool cannot be written to: TCP stops reading, UDP drops and counts until it can'
          : 'the spool is full: TCP stops reading, UDP drops and counts until events are delivered',
      );
    }
    for (const input of this.inputs) input.pause();
    // What is delivered may be waiting for this alone.
    this.#checkpointSoon();
  }

  #resume(): void {
    if (this.#saidPause) {
      this.#log.info({ spoolBytes: this.spool.bytes }, 'the spool has room again: reading goes on');
    }
    for (const input of this.inputs) input.resume();
  }
}
