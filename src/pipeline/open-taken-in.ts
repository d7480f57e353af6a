/**
 * What has been taken in for one output and not yet been delivered, or not yet been learned for good: its
 * spool, on disk or in memory, and what a crash has left in it.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { readObservations } from '../batch/observation.js';
import { memorySpoolBytes, outputSpool } from '../config/build.js';
import type { Config, OutputName, OutputSpoolConfig } from '../config/config.js';
import { observationFingerprint } from '../detect/fingerprint.js';
import { StegwatchError } from '../errors.js';
import { readingOf } from '../feeds/reading.js';
import { type Counters, OutputCounters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import { type DirectoryLock, lockDirectory } from '../platform/directory-lock.js';
import type { DiskSpool } from '../spool/disk-spool.js';
import { MemorySpool } from '../spool/memory-spool.js';
import { diskFolder, type KeptObservations, openSpool, unusable } from '../spool/open-spool.js';
import type { BucketBaselines } from './open-detection.js';

/** The time after which an event is *taken in*: acked by Fluentd, or written. Batches are closed well before. */
const maxUnwrittenAgeMs = 100;

/** One of the two. */
export type TakenIn = DiskTakenIn | MemoryTakenIn;

interface OfOutput {
  readonly output: OutputName;
  /** Those of its spool are counted from the start. */
  readonly counters: OutputCounters;
  readonly maxBytes: number;
  readonly whenFull: OutputSpoolConfig['whenFull'];
}

export interface MemoryTakenIn extends OfOutput {
  readonly kind: 'memory';
  readonly spool: MemorySpool;
}

export interface DiskTakenIn extends OfOutput {
  readonly kind: 'disk';
  readonly spool: DiskSpool;
  /** What may not be in a saved baseline; to be asked for before anything is delivered. */
  uncovered(): AsyncGenerator<KeptObservations>;
  /** Closes the spool and lets go of its lock. Returns how many events are lost: those never written. */
  close(): Promise<number>;
}

/** The folder of the output's spool; null if it is in memory. Each output has one of its own. */
export function spoolFolder({ spool }: Pick<Config, 'spool'>, output: OutputName): string | null {
  return spool.path === null ? null : join(spool.path, output);
}

/** The output whose spool keeps what events teach the baseline: the first. */
export function teachingOutput({ forward }: Pick<Config, 'forward'>): OutputName {
  return forward.outputs[0]!;
}

/** @throws StegwatchError SPOOL_UNUSABLE */
export async function openTakenIn(
  config: Config,
  output: OutputName,
  log: Logger,
): Promise<TakenIn> {
  const { spool: settings } = config;
  const { maxBytes: most, whenFull } = outputSpool(config, output);
  const counters = new OutputCounters();
  const path = spoolFolder(config, output);
  if (path === null) {
    const maxBytes = Math.min(most, memorySpoolBytes);
    const spool = new MemorySpool({ maxBytes });
    return { kind: 'memory', output, counters, spool, maxBytes, whenFull };
  }
  const lock = await lockOf(path, log);
  const { spool, notices, maxBytes, events, uncovered } = await openSpool({
    folder: diskFolder(path),
    tag: tagOf(config),
    maxBytes: most,
    diskShare: 1 / config.forward.outputs.length,
    whenFull,
    sync: settings.sync,
    syncIntervalMs: settings.syncIntervalMs,
    maxUnwrittenAgeMs,
    isJournal: output === teachingOutput(config),
    counters,
    log,
  }).catch(async (error) => {
    await lock?.release();
    throw error;
  });
  for (const { code, text } of notices) log.warn({ code, spool: path }, text);
  if (events > 0) {
    const facts = { spool: path, events, atMostBytes: spool.bytes };
    log.info(facts, `the spool of ${output} holds ${events} events that are still to be delivered`);
  }
  const close = async (): Promise<number> => {
    const lost = await spool.close();
    await lock?.release();
    return lost;
  };
  return { kind: 'disk', output, counters, spool, maxBytes, whenFull, uncovered, close };
}

/** Two owners of one spool would write over each other's segments. */
async function lockOf(path: string, log: Logger): Promise<DirectoryLock | null> {
  const result = await locked(path);
  if (result.kind === 'locked') return result.lock;
  if (result.kind === 'held') {
    throw new StegwatchError(
      'SPOOL_UNUSABLE',
      `The spool in ${path} is in use by another stegwatch.`,
      'Stop that process, or give this one a spool.path and a baseline.path of its own.',
    );
  }
  log.warn(
    { code: 'SPOOL_NOT_LOCKED', spool: path, reason: result.reason },
    'the spool cannot be locked on this file system: make sure that no other process uses it',
  );
  return null;
}

async function locked(path: string): Promise<Awaited<ReturnType<typeof lockDirectory>>> {
  try {
    await diskFolder(path).make();
    return await lockDirectory(path);
  } catch (error) {
    throw unusable(path, error);
  }
}

/** Says by which settings observations were made: those of others are never mixed in. */
function tagOf({ detection, feeds }: Config): number {
  const { feedProfiles, time } = detection;
  const reading = readingOf({ feeds, feedProfiles, zones: time === 'event' });
  return crc32(observationFingerprint(detection, reading));
}

/**
 * Teaches the baselines what was taken in before a crash and not saved in time. Before the first event, and
 * before anything is delivered.
 */
export async function relearn(
  takenIn: TakenIn,
  config: Config,
  baselines: BucketBaselines,
  counters: Counters,
  log: Logger,
): Promise<void> {
  if (takenIn.kind === 'memory') return;
  const { spool } = takenIn;
  const tag = tagOf(config);
  let otherSettings = 0;
  for await (const kept of takenIn.uncovered()) {
    if (kept.tag !== tag) otherSettings++;
    else relearnBatch(kept, spool.id, baselines, counters);
  }
  const learned = Object.values(baselines).map((baseline) => baseline.learnedFrom(spool.id));
  spool.skipTo(Math.max(0, ...learned));
  const { observations_relearned: observations } = counters;
  if (observations > 0) {
    log.info({ observations }, 'the baseline has learned what a crash had kept from being saved');
  }
  if (otherSettings > 0) {
    log.warn(
      { code: 'BASELINE_NOT_RELEARNED', batches: otherSettings },
      'what a crash had kept from being saved was observed under other settings: it is not learned',
    );
  }
}

function relearnBatch(
  { seq, observations }: KeptObservations,
  journal: string,
  baselines: BucketBaselines,
  counters: Counters,
): void {
  for (const { hour, bytes, host, direction } of readObservations(observations)) {
    const isNew = baselines[direction]?.relearn({ journal, seq }, hour, bytes, host) ?? false;
    if (isNew) counters.observations_relearned++;
  }
}
