/**
 * The pipeline without sockets: the stages that `pipeline.ts` wires, made of a config as `run` makes them,
 * between a frame that a test hands over and the entries in the spool. Clocks are arguments.
 */
import { OpenBatch } from '../../src/batch/open-batch.js';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load.js';
import { createDecoder } from '../../src/decode/decode.js';
import { createDetector } from '../../src/detect/detector.js';
import { compileExclusions } from '../../src/detect/exclusions/exclusions.js';
import { createForwardEncoder } from '../../src/encode/forward-entry.js';
import type { Fields } from '../../src/fields.js';
import { hourOf } from '../../src/hour.js';
import { Counters, OutputCounters } from '../../src/observe/counters.js';
import { EventPath } from '../../src/pipeline/event-path.js';
import { Lane } from '../../src/pipeline/lane.js';
import { type DetectionState, openDetection } from '../../src/pipeline/open-detection.js';
import { MemorySpool } from '../../src/spool/memory-spool.js';
import type { ClockReading, Peer, StoredBatch } from '../../src/stages.js';
import type { Verdict } from '../../src/verdict.js';

const peer: Peer = { address: '192.0.2.7' };

/** What was forwarded since the last look. */
export interface Forwarded {
  readonly batches: readonly StoredBatch[];
  /** Entries of all of them, one after the other. */
  readonly entries: Buffer;
}

export class WholePath {
  readonly config: Config;
  readonly counters: Counters;
  readonly state: DetectionState;
  readonly path: EventPath;
  /** The table and the verdict of the last frame. */
  fields!: Fields;
  verdict!: Verdict;
  readonly #spool: MemorySpool;
  readonly #clock: { readonly clock: ClockReading };
  #read = 0;

  /**
   * @param yaml without `baseline.path`
   * @param folder of the baseline; what it holds is loaded
   */
  static async open(yaml: string, folder: string, nowMs: number): Promise<WholePath> {
    const text = `${yaml}\nbaseline: { path: ${JSON.stringify(folder)}, max_hosts: 10000 }\n`;
    const config = loadConfig({ text, env: {} });
    const counters = new Counters();
    const log = { info() {}, warn() {} };
    const state = await openDetection(config, nowMs, counters, log);
    return new WholePath(config, counters, state);
  }

  private constructor(config: Config, counters: Counters, state: DetectionState) {
    this.config = config;
    this.counters = counters;
    this.state = state;
    const { feeds, baselines, repeats, clock } = state;
    const { detection, listen, forward } = config;
    const { fluentd } = forward;
    const detector = createDetector({
      detection,
      exclusions: compileExclusions(config.exclusions).exclusions,
      feeds,
      baselines,
      repeats,
      counters,
      clock: clock.reading,
    });
    this.#clock = detector;
    this.#spool = new MemorySpool({ maxBytes: 1e12 });
    const decode = createDecoder({ counters, feeds });
    const encoder = createForwardEncoder({
      ...{ raw: fluentd.raw, names: fluentd.names, resolveLabels: fluentd.resolveLabels },
      ...{ feeds, maxFutureMs: detection.maxFutureMs, counters },
    });
    this.path = new EventPath({
      maxFields: listen.maxFields,
      decode: (bytes, start, end, originalLength, receivedAtMs, from, into) => {
        this.fields = into;
        decode(bytes, start, end, originalLength, receivedAtMs, from, into);
      },
      detector: {
        judge: (fields, into) => {
          this.verdict = into;
          detector.judge(fields, into);
        },
      },
      lanes: [
        new Lane({
          batch: new OpenBatch({
            encoder,
            maxMessageBytes: listen.maxMessageBytes,
            closeAtBytes: 64 * 1024,
            only: fluentd.only,
            observes: true,
          }),
          spool: this.#spool,
          counters: new OutputCounters(),
        }),
      ],
    });
  }

  get clock(): ClockReading {
    return this.#clock.clock;
  }

  /** One frame, cut at `max_message` as framing would. */
  frame(bytes: Buffer, receivedAtMs: number): void {
    const end = Math.min(bytes.length, this.config.listen.maxMessageBytes);
    this.path.frame(bytes, 0, end, bytes.length, receivedAtMs, peer);
  }

  /** Closes the open batch, hands out what was forwarded since the last call, and acks it. */
  take(): Forwarded {
    this.path.closeBatches();
    const batches: StoredBatch[] = [];
    for (let next = this.#spool.after(this.#read); next !== null; ) {
      batches.push(next);
      this.#read = next.seq;
      next = this.#spool.after(next.seq);
    }
    const entries = Buffer.concat(batches.map((batch) => batch.entries));
    this.#spool.ack(this.#read);
    return { batches, entries };
  }

  /** What `Pipeline.checkpoint` does, at a wall time. */
  async checkpoint(wallMs: number): Promise<void> {
    const { baselines, repeats, repeatsFile, clock } = this.state;
    const clockMs = this.config.detection.time === 'event' ? this.clock.ms : wallMs;
    for (const baseline of Object.values(baselines)) {
      if (clockMs > 0) await baseline.upkeep(hourOf(clockMs));
      await baseline.checkpoint();
    }
    await clock.file?.save(this.clock);
    await repeatsFile.save(repeats);
  }
}
