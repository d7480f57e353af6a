/** Makes a pipeline with all that it rests on: loads what is on disk, and mends what a crash has left. */
import type { Config } from '../config/config.js';
import type { Exclusions } from '../detect/exclusions/exclusions.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import type { Feeds } from '../stages.js';
import { openDetection } from './open-detection.js';
import { openTakenIn, relearn, type TakenIn } from './open-taken-in.js';
import { Pipeline } from './pipeline.js';
import { WayOut } from './way-out.js';

export interface OpenedPipeline {
  readonly pipeline: Pipeline;
  readonly feeds: Feeds;
}

/**
 * Whoever calls it holds the lock of the baseline until the pipeline has stopped, or is alone with it (the demo).
 *
 * @throws StegwatchError BASELINE_UNUSABLE, SPOOL_UNUSABLE
 */
export async function openPipeline(parts: {
  config: Config;
  exclusions: Exclusions;
  counters: Counters;
  log: Logger;
}): Promise<OpenedPipeline> {
  const { config, counters, log } = parts;
  const opened: TakenIn[] = [];
  try {
    for (const output of config.forward.outputs) {
      opened.push(await openTakenIn(config, output, log));
    }
    const state = await openDetection(config, Date.now(), counters, log);
    const { feeds } = state;
    await relearn(opened[0]!, config, state.baselines, counters, log);
    const waysOut = opened.map(
      (takenIn, i) => new WayOut({ config, takenIn, observes: i === 0, feeds, counters, log }),
    );
    return { pipeline: new Pipeline({ ...parts, state, waysOut }), feeds };
  } catch (error) {
    for (const takenIn of opened) if (takenIn.kind === 'disk') await takenIn.close();
    throw error;
  }
}
