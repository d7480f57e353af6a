/**
 * `stegwatch learn`: fills the baseline from old logs, so that the first day can alert. An hour that the
 * baseline already holds is left as it is, so that the same log given twice teaches once.
 *
 * The lookback is that of the detection's clock: of the wall or, where events tell the time, of where the
 * clock of `run` would stand had it seen the logs.
 */
import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { BucketBaseline } from '../baseline/baseline.js';
import type { Config, DetectionConfig } from '../config/config.js';
import { boundedHost } from '../detect/event/host.js';
import type { Exclusions } from '../detect/exclusions/exclusions.js';
import { compare, hostToLearn } from '../detect/rule.js';
import { warmUp } from '../detect/warm-up.js';
import { StegwatchError } from '../errors.js';
import { hourOf, msPerHour } from '../hour.js';
import { count } from '../observe/counted.js';
import { Counters } from '../observe/counters.js';
import { createLogger, type Logger } from '../observe/log.js';
import { lockBaseline } from '../pipeline/lock-baseline.js';
import { type OpenedClock, openBaselines } from '../pipeline/open-detection.js';
import {
  type DiskTakenIn,
  openTakenIn,
  relearn,
  spoolFolder,
  teachingOutput,
} from '../pipeline/open-taken-in.js';
import { createProgress } from '../platform/progress.js';
import type { Journal } from '../stages.js';
import { type JpegEvents, readJpegEvents, type SideColumns } from './logs/jpeg-events.js';
import { TextOutput } from './text-output.js';

/** Drawing the bar, and letting it be drawn, each so many events. */
const eventsPerTurn = 20_000;

export interface LearnOptions {
  readonly config: Config;
  readonly exclusions: Exclusions;
  readonly files: readonly string[];
  /** Learn hours anew that the baseline already holds. */
  readonly replace: boolean;
  readonly nowMs: number;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** What of the logs can be learned: indexes of events by time, and why others cannot. */
interface Selection {
  readonly indexes: readonly number[];
  /** Before the lookback. */
  readonly old: number;
  /** More than `max_future` ahead of the wall. */
  readonly future: number;
  /** Excluded, skipped, or JPEGs that the lookback of the query does not count. */
  readonly unlearned: number;
}

/**
 * @throws StegwatchError INPUT_UNREADABLE, NOTHING_TO_LEARN, BASELINE_UNUSABLE, BASELINE_IN_USE, SPOOL_UNUSABLE
 */
export async function learn(options: LearnOptions): Promise<number> {
  const { config } = options;
  const log = createLogger('warn');
  const output = teachingOutput(config);
  const folder = spoolFolder(config, output);
  // First, and before the logs are read, which may take minutes.
  const lock = await lockBaseline(config, log);
  let disk: DiskTakenIn | null = null;
  try {
    // Its lock keeps `run` away meanwhile; and what a crash has left in it is learned first, else twice.
    const isThere = folder !== null && existsSync(folder);
    const takenIn = isThere ? await openTakenIn(config, output, log) : null;
    disk = takenIn?.kind === 'disk' ? takenIn : null;
    return await learnInto(options, disk, log);
  } finally {
    await disk?.close();
    await lock.release();
  }
}

async function learnInto(
  options: LearnOptions,
  disk: DiskTakenIn | null,
  log: Logger,
): Promise<number> {
  const { config, nowMs } = options;
  const events = await readJpegEvents({
    ...options,
    referenceMs: nowMs,
    keepsFrame: () => false,
  });
  if (events.counts.jpegs === 0) throw noJpegs(events.counts);

  const errors = new TextOutput(options.stderr);
  const { clock, notices, ...opened } = await openBaselines(config, nowMs, new Counters());
  for (const { message } of notices) await errors.line(`stegwatch: ${message}`);
  const baselines = Object.values(opened.baselines);
  if (disk !== null) await relearn(disk, config, opened.baselines, new Counters(), log);

  const untilMs = nowMs + config.detection.maxFutureMs;
  const clockMs = clockAfter(events, clock, nowMs, untilMs);
  const currentHour = hourOf(clockMs);
  const wanted = { fromMs: (currentHour - config.detection.lookbackHours) * msPerHour, untilMs };
  const selection = select(events, wanted);
  if (selection.indexes.length === 0) throw nothingToLearn(events, selection, wanted, nowMs);

  const hours = await chooseHours(baselines, events, selection, options.replace);
  const learned = await teach(baselines, events, selection, hours.free, options);
  for (const baseline of baselines) {
    await baseline.upkeep(currentHour);
    await baseline.checkpoint(disk && journalOf(disk.spool));
  }
  disk?.spool.cover(disk.spool.lastSeq);
  await clock.file?.save({ ...clock.reading, ms: clockMs });

  const output = new TextOutput(options.stdout);
  const report = { events, selection, hours, learned, currentHour };
  for (const line of summary(report, baselines, config)) await output.line(line);
  return 0;
}

/** Nothing is taken in meanwhile. */
function journalOf(spool: DiskTakenIn['spool']): Journal {
  return { id: spool.id, position: () => spool.lastSeq, sync: () => spool.sync() };
}

/** What may be learned, bounds included: the lookback in whole hours and the newest day, which will be in it. */
interface Wanted {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The wall, or where the clock of `run` would stand had it seen the events. */
function clockAfter(
  { order, timesMs }: JpegEvents,
  { reading, file }: OpenedClock,
  nowMs: number,
  untilMs: number,
): number {
  if (file === null) return nowMs;
  const newest = order.findLast((index) => timesMs[index]! <= untilMs);
  const clockMs = newest === undefined ? reading.ms : Math.max(reading.ms, timesMs[newest]!);
  return clockMs > 0 ? clockMs : nowMs;
}

function select(events: JpegEvents, { fromMs, untilMs }: Wanted): Selection {
  const indexes: number[] = [];
  let old = 0;
  let future = 0;
  let unlearned = 0;
  for (const index of events.order) {
    const timeMs = events.timesMs[index]!;
    if (timeMs < fromMs) old++;
    else if (timeMs > untilMs) future++;
    else if (!isLearnable(events, index)) unlearned++;
    else indexes.push(index);
  }
  return { indexes, old, future, unlearned };
}

function isLearnable({ learned, sides }: JpegEvents, index: number): boolean {
  return learned[index] === 1 && sides.some(({ looked }) => looked[index] === 1);
}

interface Hours {
  /** To be learned. */
  readonly free: ReadonlySet<number>;
  /** Left as they are. */
  readonly held: number;
  /** Forgotten, and among `free`. */
  readonly replaced: number;
}

/** An hour that one direction's baseline holds is held. */
async function chooseHours(
  baselines: readonly BucketBaseline[],
  events: JpegEvents,
  { indexes }: Selection,
  replace: boolean,
): Promise<Hours> {
  const free = new Set<number>();
  let held = 0;
  let replaced = 0;
  const hours = new Set(indexes.map((index) => hourAt(events, index)));
  for (const hour of hours) {
    if (baselines.some((baseline) => baseline.hasBucket(hour))) {
      if (!replace) {
        held++;
        continue;
      }
      for (const baseline of baselines) await baseline.forget(hour);
      replaced++;
    }
    free.add(hour);
  }
  return { free, held, replaced };
}

/** Returns the number of events learned. */
async function teach(
  baselines: readonly BucketBaseline[],
  events: JpegEvents,
  { indexes }: Selection,
  free: ReadonlySet<number>,
  { config, stderr }: LearnOptions,
): Promise<number> {
  const progress = createProgress(stderr, 'learning');
  let learned = 0;
  for (const [done, index] of indexes.entries()) {
    if (done % eventsPerTurn === 0) {
      progress.update(done, indexes.length);
      await new Promise(setImmediate);
    }
    if (!free.has(hourAt(events, index))) continue;
    for (const [at, side] of events.sides.entries()) {
      if (side.looked[index] === 1) {
        teachSide(baselines[at]!, events, side, index, config.detection);
      }
    }
    learned++;
  }
  progress.stop();
  return learned;
}

function teachSide(
  baseline: BucketBaseline,
  events: JpegEvents,
  side: SideColumns,
  index: number,
  detection: DetectionConfig,
): void {
  const hour = hourAt(events, index);
  const learnedBytes = side.learnedBytes[index]!;
  const hosts = events.hostsOf(index);
  if (detection.newSource !== 'large_host' && hosts.length < 2) {
    baseline.learn(hour, learnedBytes, boundedHost(hosts[0] ?? ''));
    return;
  }
  // What is remembered depends on what was known at that moment: events come in order of time.
  const bytes = side.bytes[index]!;
  const { learnedHost, threshold } = compare(bytes, hosts, hour, baseline, detection);
  baseline.learn(hour, learnedBytes, hostToLearn(learnedHost, bytes, threshold, detection));
}

function hourAt(events: JpegEvents, index: number): number {
  return hourOf(events.timesMs[index]!);
}

function summary(
  report: {
    readonly events: JpegEvents;
    readonly selection: Selection;
    readonly hours: Hours;
    readonly learned: number;
    readonly currentHour: number;
  },
  baselines: readonly BucketBaseline[],
  { detection, baseline: { path } }: Config,
): readonly string[] {
  const { events, selection, hours, learned, currentHour } = report;
  const { counts } = events;
  const lines = [
    `learned ${count(learned)} JPEG events of ${count(hours.free.size)} hours into ${path}`,
    `read ${count(counts.lines)} lines, ${count(counts.jpegs)} JPEG events with a time among them`,
  ];
  const noted: readonly (readonly [number, string])[] = [
    [hours.held, 'hours kept as the baseline already held them (--replace learns them anew)'],
    [hours.replaced, 'hours learned anew'],
    [selection.old, 'JPEG events left out: older than the lookback'],
    [selection.future, 'JPEG events left out: in the future'],
    [
      selection.unlearned,
      'JPEG events left out: excluded, skipped, or not counted by the lookback',
    ],
    [counts.withoutUrl, 'JPEGs by their type left out: without a URL'],
    [counts.switchedOff, 'events left out: of feeds with judge: false'],
    [counts.withoutTime, 'events left out: without a time'],
    [counts.unparseable, 'lines left out: not CEF'],
    [counts.cut, 'lines left out: longer than listen.max_message'],
  ];
  for (const [number, words] of noted) if (number > 0) lines.push(`${count(number)} ${words}`);
  const newest = currentHour - detection.holdbackHours;
  const pending = selection.indexes.filter((index) => hourAt(events, index) >= newest).length;
  if (pending > 0) {
    const holdback = `${detection.holdbackHours} hours`;
    lines.push(
      `${count(pending)} of the JPEG events are younger than ${holdback}: they count later`,
    );
  }
  for (const [at, baseline] of baselines.entries()) {
    const which = baselines.length === 1 ? '' : ` of ${events.sides[at]!.direction}s`;
    const { text } = warmUp(baseline.threshold(currentHour), detection);
    lines.push(`the baseline${which} is ${text}`);
  }
  return lines;
}

function noJpegs(counts: JpegEvents['counts']): StegwatchError {
  const others = [
    `${count(counts.others)} events that are no JPEGs`,
    `${count(counts.withoutTime)} events without a time`,
    `${count(counts.unparseable)} lines that are not CEF`,
  ];
  return new StegwatchError(
    'NOTHING_TO_LEARN',
    `the logs hold no JPEG event with a time, in ${count(counts.lines)} lines`,
    `they hold ${others.join(', ')}; detection.jpeg says what a JPEG is`,
  );
}

function nothingToLearn(
  { order, timesMs }: JpegEvents,
  selection: Selection,
  { fromMs }: Wanted,
  nowMs: number,
): StegwatchError {
  const covered = `${iso(timesMs[order[0]!]!)} to ${iso(timesMs[order[order.length - 1]!]!)}`;
  if (selection.unlearned > 0) {
    return new StegwatchError(
      'NOTHING_TO_LEARN',
      `the logs cover ${covered}, but no JPEG event of the lookback in them may be learned`,
      `${count(selection.unlearned)} are excluded, skipped, or not counted by the lookback`,
    );
  }
  return new StegwatchError(
    'NOTHING_TO_LEARN',
    `the logs lie wholly outside the lookback: their JPEG events cover ${covered}, ` +
      `wanted is ${iso(fromMs)} to ${iso(nowMs)}`,
    'give logs of that time, raise detection.lookback, or learn into another baseline.path',
  );
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
