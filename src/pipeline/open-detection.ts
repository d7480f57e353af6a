/**
 * Makes what the detection of a config rests on: the feeds, a baseline for each direction, the clock, and
 * the alerts raised before. Loads what is on disk and tells what was found.
 */
import { BucketBaseline, type OpenReport } from '../baseline/baseline.js';
import { type BucketNotice, BucketStore } from '../baseline/bucket-store.js';
import { ClockFile } from '../baseline/clock-file.js';
import { RepeatsFile } from '../baseline/repeats-file.js';
import type { Config } from '../config/config.js';
import { hostKeyFor } from '../detect/event/host.js';
import { judgedDirections } from '../detect/event/jpeg-event.js';
import { observationFingerprint } from '../detect/fingerprint.js';
import { Repeats } from '../detect/repeats/repeats.js';
import { createFeeds } from '../feeds/feeds.js';
import { readingOf } from '../feeds/reading.js';
import { hourOf, msPerHour } from '../hour.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import type { ClockReading, Feeds } from '../stages.js';
import type { Direction } from '../verdict.js';

/** One for each direction that is judged. */
export type BucketBaselines = Readonly<Partial<Record<Direction, BucketBaseline>>>;

export interface DetectionState {
  readonly feeds: Feeds;
  readonly baselines: BucketBaselines;
  readonly repeats: Repeats;
  readonly repeatsFile: RepeatsFile;
  readonly clock: OpenedClock;
}

/** The clock of detection as it is found at start. */
export interface OpenedClock {
  readonly reading: ClockReading;
  /** Where it is kept; null if events do not tell the time. */
  readonly file: ClockFile | null;
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

export interface OpenedBaselines {
  readonly baselines: BucketBaselines;
  /** What was found of each. */
  readonly reports: readonly (readonly [Direction, OpenReport])[];
  readonly clock: OpenedClock;
  /** What the owner of the files should be told. */
  readonly notices: readonly BucketNotice[];
}

/** @throws StegwatchError BASELINE_UNUSABLE */
export async function openBaselines(
  config: Config,
  nowMs: number,
  counters: Counters,
  { readOnly = false }: OpenOptions = {},
): Promise<OpenedBaselines> {
  const eventsTell = config.detection.time === 'event' && !readOnly;
  const baselines = makeBaselines(config, counters, readOnly);
  const reports: (readonly [Direction, OpenReport])[] = [];
  const notices: BucketNotice[] = [];
  const latestMs = nowMs + config.detection.maxFutureMs;
  for (const [direction, baseline] of Object.entries(baselines)) {
    const hour = eventsTell ? null : hourOf(nowMs);
    const report = await baseline.open(hour, hourOf(latestMs));
    reports.push([direction as Direction, report]);
    notices.push(...report.notices);
  }
  if (!eventsTell) {
    const clock = { reading: { ms: 0, timedReceiptMs: 0 }, file: null };
    return { baselines, reports, clock, notices };
  }
  const file = new ClockFile({ path: config.baseline.path, counters });
  const { reading: kept, notice } = await file.load();
  if (notice !== null) notices.push(notice);
  const hoursMs = reports.map(([, { newestHour }]) => (newestHour ?? 0) * msPerHour);
  const reading = {
    ms: Math.min(Math.max(kept?.ms ?? 0, ...hoursMs), latestMs),
    timedReceiptMs: Math.min(kept?.timedReceiptMs ?? 0, nowMs),
  };
  return { baselines, reports, clock: { reading, file }, notices };
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
    detection: { feedProfiles, suppress },
    baseline: { path },
  } = config;
  const opened = await openBaselines(config, nowMs, counters, { readOnly });
  for (const { message, ...notice } of opened.notices)
    log.warn({ code: 'BASELINE_FILE_FAULT', ...notice }, message);
  for (const [direction, { buckets, hosts }] of opened.reports) {
    log.info({ path, direction, buckets, hosts }, 'baseline loaded');
  }
  const repeats = new Repeats({ suppress, counters });
  const repeatsFile = new RepeatsFile({ path, counters, readOnly });
  const { alerts, notice } = await repeatsFile.load();
  if (notice !== null) {
    const { message, ...facts } = notice;
    log.warn({ code: 'BASELINE_FILE_FAULT', ...facts }, message);
  }
  repeats.restore(readOnly ? alerts.filter(({ atMs }) => atMs <= nowMs) : alerts, nowMs);
  return {
    feeds: createFeeds({ feeds: config.feeds, feedProfiles }),
    baselines: opened.baselines,
    repeats,
    repeatsFile,
    clock: opened.clock,
  };
}
