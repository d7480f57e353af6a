/**
 * One output with all that is its own: the lane into its spool, the spool, and who sends what is in it.
 *
 *     lane -> spool -> output
 */
import { OpenBatch } from '../batch/open-batch.js';
import type { Config, Only, OutputName } from '../config/config.js';
import { createForwardEncoder } from '../encode/forward-entry.js';
import { SyslogLineEncoder } from '../encode/syslog-line.js';
import type { Counters, OutputCounters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
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

export class WayOut {
  readonly name: OutputName;
  readonly takenIn: TakenIn;
  readonly lane: Lane;
  readonly output: Output;
  readonly counters: OutputCounters;

  /** @param parts.observes what events teach the baseline is in this spool: true for one output */
  constructor(parts: {
    config: Config;
    takenIn: TakenIn;
    observes: boolean;
    feeds: Feeds;
    counters: Counters;
    log: Logger;
  }) {
    const { takenIn, config } = parts;
    this.name = takenIn.output;
    this.takenIn = takenIn;
    this.counters = takenIn.counters;
    const { encoder, output, only } = stagesOf(parts, this.spool, this.disk);
    this.output = output;
    const { maxMessageBytes } = config.listen;
    const { observes } = parts;
    this.lane = new Lane({
      batch: new OpenBatch({ encoder, maxMessageBytes, closeAtBytes: batchBytes, only, observes }),
      spool: this.spool,
      counters: this.counters,
    });
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

  /** Once nothing is sent any more. */
  async close(): Promise<Undelivered> {
    if (this.takenIn.kind === 'memory') {
      const { spooled_events, events_acked, dead_letter_events } = this.counters;
      return { kept: 0, lost: spooled_events - events_acked - dead_letter_events };
    }
    const { events } = this.takenIn.spool;
    const lost = await this.takenIn.close();
    return { kept: events - lost, lost };
  }
}

function stagesOf(
  parts: { config: Config; takenIn: TakenIn; feeds: Feeds; counters: Counters; log: Logger },
  spool: Spool,
  disk: DiskSpool | null,
): { encoder: Encoder; output: Output; only: Only } {
  const { config, feeds, counters, log, takenIn } = parts;
  const { fluentd, syslog } = config.forward;
  if (takenIn.output === 'syslog') {
    if (syslog === null) throw new Error('an output that is not in the config');
    const own = takenIn.counters;
    const output: Output = new SyslogOutput({ config: syslog, spool, counters: own, log });
    return { encoder: new SyslogLineEncoder(own), output, only: syslog.only };
  }
  const encoder: Encoder = createForwardEncoder({
    ...{ raw: fluentd.raw, names: fluentd.names, resolveLabels: fluentd.resolveLabels },
    ...{ feeds, maxFutureMs: config.detection.maxFutureMs, counters },
  });
  const output: Output = new ForwardOutput({
    ...{ config: fluentd, spool, counters: takenIn.counters },
    ...{ log, deadLetters: disk },
  });
  return { encoder, output, only: fluentd.only };
}
