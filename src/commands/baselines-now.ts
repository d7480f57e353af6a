/** The baseline of each direction as it stands: what the log, `/metrics` and the status page all tell, told here once. */
import type { BaselineFacts } from '../admin/observed.js';
import { type WarmUp, warmUp } from '../detect/warm-up.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { Direction } from '../verdict.js';

export interface BaselineNow extends Omit<BaselineFacts, 'ready' | 'text'> {
  readonly warmUp: WarmUp;
}

export function baselinesNow(pipeline: Pipeline): readonly BaselineNow[] {
  const hour = pipeline.currentHour() ?? 0;
  return Object.entries(pipeline.baselines).map(([direction, baseline]) => ({
    direction: direction as Direction,
    warmUp: warmUp(baseline.threshold(hour), pipeline.config.detection),
    ...baseline.stats(hour),
    sizes: () => baseline.sizes(hour),
  }));
}

/** By the name under which lines of the log have them. */
export function warmUps(baselines: readonly BaselineNow[]): Record<string, WarmUp> {
  return byLogName(baselines, (one) => one.warmUp);
}

/** For a line of the log: each under its name. */
export function baselinesInLog(baselines: readonly BaselineNow[]): Record<string, object> {
  return byLogName(baselines, (one) => ({
    ...one.warmUp,
    threshold_bytes: one.thresholdBytes,
    samples: one.samples,
    hours: one.hours,
    known_hosts: one.knownHosts,
    pending_hosts: one.pendingHosts,
    new_hosts: one.newHosts,
    max_hosts: one.maxHosts,
  }));
}

function byLogName<T>(
  baselines: readonly BaselineNow[],
  of: (baseline: BaselineNow) => T,
): Record<string, T> {
  return Object.fromEntries(
    baselines.map((one) => [
      one.direction === 'download' ? 'baseline' : 'upload_baseline',
      of(one),
    ]),
  );
}
