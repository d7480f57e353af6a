/**
 * Makes what the detection of a config rests on: the feeds, a baseline for each direction, and the alerts
 * raised before. Loads what is on disk and tells what was found.
 */
import { BucketBaseline } from '../baseline/baseline.js';
import { BucketStore } from '../baseline/bucket-store.js';
import { RepeatsFile } from '../baseline/repeats-file.js';
import type { Config } from '../config/config.js';
import { observationFingerprint } from '../detect/fingerprint.js';
import { hostKeyFor } from '../detect/host.js';
import { judgedDirections } from '../detect/jpeg-event.js';
import { Repeats } from '../detect/repeats.js';
import { createFeeds } from '../feeds/feeds.js';
import { readingOf } from '../feeds/reading.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import type { Feeds } from '../stages.js';
import type { Direction } from '../verdict.js';

export const msPerHour = 3_600_000;

/** One for each direction that is judged. */
export type BucketBaselines = Readonly<Partial<Record<Direction, BucketBaseline>>>;

export interface DetectionState {
  readonly feeds: Feeds;
  readonly baselines: BucketBaselines;
  readonly repeats: Repeats;
  readonly repeatsFile: RepeatsFile;
  /** The newest hour that a baseline held when it was opened, or null. */
  readonly newestHour: number | null;
}

/** Still empty: `open` of each loads what is on disk. */
export function makeBaselines(
  config: Config,
  counters: Counters,
  readOnly = false,
): BucketBaselines {
  const { detection, feeds } = config;
  const { feedProfiles, time } = detection;
  const reading = readingOf({ feeds, feedProfiles, zones: time === 'event' });
  const fingerprint = observationFingerprint(detection, reading);
  const make = (direction: Direction) =>
    new BucketBaseline({
      lookbackHours: detection.lookbackHours,
      holdbackHours: detection.holdbackHours,
      percentileMilli: detection.percentileMilli,
      maxHosts: config.baseline.maxHosts,
      hostKey: hostKeyFor(detection),
      fingerprint,
      counters,
      store: new BucketStore({ path: config.baseline.path, direction, readOnly }),
    });
  const directions = judgedDirections(detection.direction);
  return Object.fromEntries(directions.map((direction) => [direction, make(direction)]));
}

export interface OpenOptions {
  /**
   * To look on while `run` may be at work: the directory of the baseline stays as it is to the byte, and
   * what was learned or raised after `nowMs` (to the hour, or the millisecond) is left out.
   */
  readonly readOnly?: boolean;
}

/** @throws StegwatchError BASELINE_UNUSABLE */
export async function openDetection(
  config: Config,
  nowMs: number,
  counters: Counters,
  log: Pick<Logger, 'info' | 'warn'>,
  { readOnly = false }: OpenOptions = {},
): Promise<DetectionState> {
  const {
    detection,
    baseline: { path },
  } = config;
  const { feedProfiles, suppress } = detection;
  const baselines = makeBaselines(config, counters, readOnly);
  const newestHours: number[] = [];
  for (const [direction, baseline] of Object.entries(baselines)) {
    const eventsTell = detection.time === 'event' && !readOnly;
    const report = await baseline.open(eventsTell ? null : Math.floor(nowMs / msPerHour));
    for (const { message, ...notice } of report.notices) log.warn(notice, message);
    const { buckets, hosts, newestHour } = report;
    log.info({ path, direction, buckets, hosts }, 'baseline loaded');
    if (newestHour !== null) newestHours.push(newestHour);
  }
  const repeats = new Repeats({ suppress, counters });
  const repeatsFile = new RepeatsFile({ path, counters, readOnly });
  const { alerts, notice } = await repeatsFile.load();
  if (notice !== null) log.warn({ what: notice.what, file: notice.file }, notice.message);
  repeats.restore(readOnly ? alerts.filter(({ atMs }) => atMs <= nowMs) : alerts, nowMs);
  return {
    feeds: createFeeds({ feeds: config.feeds, feedProfiles }),
    baselines,
    repeats,
    repeatsFile,
    newestHour: newestHours.length === 0 ? null : Math.max(...newestHours),
  };
}
