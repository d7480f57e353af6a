/** Makes a pipeline with all that it rests on: loads what is on disk, and mends what a crash has left. */
import type { Config } from '../config/config.js';
import type { Exclusions } from '../detect/exclusions/exclusions.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import type { Feeds } from '../stages.js';
import { type BaselineLock, lockBaseline } from './lock-baseline.js';
import { openDetection } from './open-detection.js';
import { openTakenIn, relearn } from './open-taken-in.js';
import { Pipeline } from './pipeline.js';

export interface OpenedPipeline {
  readonly pipeline: Pipeline;
  readonly feeds: Feeds;
}

/** @throws StegwatchError SPOOL_UNUSABLE, BASELINE_UNUSABLE, BASELINE_IN_USE */
export async function openPipeline(parts: {
  config: Config;
  exclusions: Exclusions;
  counters: Counters;
  log: Logger;
}): Promise<OpenedPipeline> {
  const { config, counters, log } = parts;
  const takenIn = await openTakenIn(config, counters, log);
  let lock: BaselineLock | null = null;
  try {
    lock = await lockBaseline(config, log);
    const state = await openDetection(config, Date.now(), counters, log);
    await relearn(takenIn, config, state.baselines, counters, log);
    return { pipeline: new Pipeline({ ...parts, state, takenIn, lock }), feeds: state.feeds };
  } catch (error) {
    if (takenIn.kind === 'disk') await takenIn.close();
    await lock?.release();
    throw error;
  }
}
