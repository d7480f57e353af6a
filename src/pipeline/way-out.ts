/**
 * One output with all that is its own: the lane into its spool, the spool, and who sends what is in it.
 *
 *     lane -> spool -> output
 */
import { isDeepStrictEqual } from 'node:util';
import { OpenBatch } from '../batch/open-batch.js';
import type { Config, Only, OutputName } from '../config/config.js';
import { createForwardEncoder } from '../encode/forward-entry.js';
import { JsonLineEncoder } from '../encode/json-line.js';
import { SyslogLineEncoder } from '../encode/syslog-line.js';
import type { Counters, OutputCounters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import { FileOutput } from '../output/file/file-output.js';
import { ForwardOutput } from '../output/forward/forward-output.js';
import { SyslogOutput } from '../output/syslog/syslog-output.js';
import type { DiskSpool } from '../spool/disk-spool.js';
import type { Encoder, Feeds, Output, Spool } from '../stages.js';
import { Lane } from './lane.js';
import type { TakenIn } from './open-taken-in.js';

/** 64 KiB: about a hundred events, so that per-batch work is noise, and at most 60 ms of them. */
const batchBytes = 64 * 1024;

/** Events that were taken in and not delivered. */
export interface Undelivered {
  /** They are on disk: the next start delivers them. */
  readonly kept: number;
  readonly lost: number;
}

export interface WayOutParts {
  readonly config: Config;
  readonly takenIn: TakenIn;
  /** What events teach the baseline is in this spool: true for one output. */
  readonly observes: boolean;
  readonly feeds: Feeds;
  readonly counters: Counters;
  readonly log: Logger;
}

export class WayOut {
  readonly name: OutputName;
  readonly takenIn: TakenIn;
  readonly lane: Lane;
  readonly counters: OutputCounters;
  readonly #parts: WayOutParts;
  #config: Config;
  #output: Output;

  constructor(parts: WayOutParts) {
    const { takenIn, config } = parts;
    this.#parts = parts;
    this.#config = config;
    this.name = takenIn.output;
    this.takenIn = takenIn;
    this.counters = takenIn.counters;
    this.#output = this.#makeOutput(config);
    const { spool, counters } = this;
    this.lane = new Lane({ batch: this.#makeBatch(config), spool, counters });
  }

  get output(): Output {
    return this.#output;
  }

  /** Goes on with another config. What is on its way is sent again if the output itself is another. */
  async change(config: Config): Promise<void> {
    if (isDeepStrictEqual(this.#settings(this.#config), this.#settings(config))) return;
    this.lane.use(this.#makeBatch(config));
    const old = this.#output;
    this.#output = this.#makeOutput(config);
    await old.stop(0);
    this.#output.start();
    this.#config = config;
  }

  #settings({ forward, detection }: Config): readonly unknown[] {
    return [forward[this.name], detection.maxFutureMs];
  }

  #makeBatch(config: Config): OpenBatch {
    const { observes } = this.#parts;
    const { maxMessageBytes } = config.listen;
    const { encoder, only } = encoding(config, this.#parts);
    return new OpenBatch({ encoder, maxMessageBytes, closeAtBytes: batchBytes, only, observes });
  }

  #makeOutput({ forward }: Config): Output {
    const { log } = this.#parts;
    const { spool, counters, disk } = this;
    const shared = { spool, counters, log };
    if (this.name === 'syslog') {
      return new SyslogOutput({ config: given(forward.syslog), ...shared });
    }
    if (this.name === 'file') return new FileOutput({ config: given(forward.file), ...shared });
    return new ForwardOutput({ config: forward.fluentd, ...shared, deadLetters: disk });
  }

  get spool(): Spool {
    return this.takenIn.spool;
  }

  /** Null where nothing is kept. */
  get disk(): DiskSpool | null {
    return this.takenIn.kind === 'disk' ? this.takenIn.spool : null;
  }

  /** Its spool holds the inputs up when it is full. */
  get blocks(): boolean {
    return this.takenIn.whenFull === 'block';
  }

  /** In its spool: taken in, and neither delivered nor given up. */
  get events(): number {
    if (this.takenIn.kind === 'disk') return this.takenIn.spool.events;
    // Without a disk nothing is set aside, and nothing is dropped for want of room.
    const { spooled_events, events_acked, dead_letter_events_dropped } = this.counters;
    return spooled_events - events_acked - dead_letter_events_dropped;
  }

  /** Once nothing is sent any more. */
  async close(): Promise<Undelivered> {
    const { events } = this;
    if (this.takenIn.kind === 'memory') return { kept: 0, lost: events };
    const lost = await this.takenIn.close();
    return { kept: events - lost, lost };
  }
}

/** How events are written for the output, and which. */
function encoding(
  { forward, detection, listen }: Config,
  { takenIn, feeds, counters }: WayOutParts,
): { readonly encoder: Encoder; readonly only: Only } {
  const { maxFutureMs } = detection;
  if (takenIn.output === 'syslog') {
    const { only } = given(forward.syslog);
    return { encoder: new SyslogLineEncoder(takenIn.counters), only };
  }
  if (takenIn.output === 'file') {
    const { raw, names, only } = given(forward.file);
    const records = createForwardEncoder({ raw, names, feeds, maxFutureMs, counters });
    return { encoder: new JsonLineEncoder(records, listen.maxMessageBytes), only };
  }
  const { raw, names, resolveLabels, only } = forward.fluentd;
  const encoder = createForwardEncoder({
    ...{ raw, names, resolveLabels, feeds, maxFutureMs, counters },
  });
  return { encoder, only };
}

/** Of an output that is used. */
function given<T>(config: T | null): T {
  if (config === null) throw new Error('an output that is not in the config');
  return config;
}
