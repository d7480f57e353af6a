/** Makes the baseline that a config describes and loads what is on disk, telling what was found. */
import { BucketBaseline } from '../baseline/baseline.js';
import { BucketStore } from '../baseline/bucket-store.js';
import type { Config } from '../config/config.js';
import { observationFingerprint } from '../detect/fingerprint.js';
import { hostKeyFor } from '../detect/host.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';

export const msPerHour = 3_600_000;

/** Still empty: its `open` loads what is on disk. */
export function makeBaseline(config: Config, counters: Counters): BucketBaseline {
  const { detection } = config;
  const direction = detection.direction === 'upload' ? 'upload' : 'download';
  return new BucketBaseline({
    lookbackHours: detection.lookbackHours,
    holdbackHours: detection.holdbackHours,
    percentileMilli: detection.percentileMilli,
    maxHosts: config.baseline.maxHosts,
    hostKey: hostKeyFor(detection),
    fingerprint: observationFingerprint(detection),
    counters,
    store: new BucketStore({ path: config.baseline.path, direction }),
  });
}

/** @throws StegwatchError BASELINE_UNUSABLE */
export async function openBaseline(
  config: Config,
  nowMs: number,
  counters: Counters,
  log: Logger,
): Promise<{ readonly baseline: BucketBaseline; readonly newestHour: number | null }> {
  const baseline = makeBaseline(config, counters);
  const byEventTime = config.detection.time === 'event';
  const report = await baseline.open(byEventTime ? null : Math.floor(nowMs / msPerHour));
  for (const { message, ...notice } of report.notices) log.warn(notice, message);
  log.info(
    { path: config.baseline.path, buckets: report.buckets, hosts: report.hosts },
    'baseline loaded',
  );
  return { baseline, newestHour: report.newestHour };
}
