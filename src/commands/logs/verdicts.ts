/**
 * The two ways of asking old logs. `judgeAt` is the query run at one moment, by exact event times;
 * `judgeEach` is what the sidecar would have said, each event at its own moment and hours as buckets.
 * Percentiles are exact in both.
 */
import type { DetectionConfig } from '../../config/config.js';
import { ratioOf } from '../../detect/alert/alert.js';
import { hostKeyFor } from '../../detect/event/host.js';
import { ExactBaseline } from '../../detect/exact-baseline.js';
import {
  type BaselineView,
  type Comparison,
  compare,
  hostToLearn,
  leastKnown,
} from '../../detect/rule.js';
import { hourOf, msPerHour } from '../../hour.js';
import { nearestRank } from '../../nearest-rank.js';
import type { HostState, Threshold } from '../../stages.js';
import type { Direction } from '../../verdict.js';
import type { JpegEvents, SideColumns } from './jpeg-events.js';

/** One direction of an event that calls for an alert. */
export interface AlertingSide {
  readonly direction: Direction;
  readonly bytes: number;
  readonly comparison: Comparison;
}

/** A would-be alert. */
export interface Finding {
  /** Index of the event. */
  readonly index: number;
  /** The one with the highest ratio first. */
  readonly sides: readonly [AlertingSide, ...AlertingSide[]];
}

export interface Verdicts {
  /** In order of time. */
  readonly findings: readonly Finding[];
  /** Would-be alerts that an exclusion holds back. */
  readonly excluded: number;
  /** JPEG events of the time that is judged. */
  readonly looked: number;
  /** Of these: skipped, or no upload where uploads are judged. */
  readonly skipped: number;
  /** Of these, compared with a threshold: they had a size, and the baseline was ready. */
  readonly judged: number;
  readonly withoutBytes: number;
  readonly withoutHost: number;
  /** One for each side, at the moment asked for, or at the last event's; empty if there is no event. */
  readonly thresholds: readonly Threshold[];
}

/**
 * Events in `(now - holdback, now]` against those in `[now - lookback, now - holdback]`, as
 * `between(ago(7d)..ago(1d))` and `> ago(1d)` have it.
 */
export function judgeAt(events: JpegEvents, nowMs: number, detection: DetectionConfig): Verdicts {
  const fromMs = nowMs - detection.lookbackHours * msPerHour;
  const untilMs = nowMs - detection.holdbackHours * msPerHour;
  const { timesMs, sides } = events;
  const between = (from: (ms: number) => boolean, to: (ms: number) => boolean) =>
    events.order.filter((index) => from(timesMs[index]!) && to(timesMs[index]!));
  const lookback = between(
    (ms) => ms >= fromMs,
    (ms) => ms <= untilMs,
  );
  const judged = between(
    (ms) => ms > untilMs,
    (ms) => ms <= nowMs,
  );

  const views = sides.map((side) => {
    const history = lookback.filter((index) => isHistory(events, side, index));
    const threshold = exactThreshold(events, side, history, detection.percentileMilli);
    const view = new LookbackView(events, detection, threshold);
    for (const index of history) view.add(index, side, true);
    return view;
  });
  const tally = new Tally(events, detection);
  for (const index of judged) {
    tally.judge(index, 0, views);
    for (const [at, side] of sides.entries()) {
      if (isHistory(events, side, index)) views[at]!.add(index, side, false);
    }
  }
  return tally.verdicts(views.map((view) => view.threshold()));
}

function isHistory({ learned }: JpegEvents, { looked }: SideColumns, index: number): boolean {
  return learned[index] === 1 && looked[index] === 1;
}

/** One for each side of the events, null where it is not looked at. */
export type Comparisons = readonly (Comparison | null)[];

/**
 * Each event at its own hour, then learned; in order of time.
 * @param onJudged sees each event as it is judged
 */
export function judgeEach(
  events: JpegEvents,
  detection: DetectionConfig,
  onJudged?: (index: number, comparisons: Comparisons) => void,
): Verdicts {
  const hostKey = remembering(hostKeyFor(detection));
  const baselines = events.sides.map(() => new ExactBaseline(detection, hostKey));
  const tally = new Tally(events, detection);
  for (const index of events.order) {
    const hour = hourOf(events.timesMs[index]!);
    const comparisons = tally.judge(index, hour, baselines);
    onJudged?.(index, comparisons);
    if (events.learned[index] === 0) continue;
    for (const [at, comparison] of comparisons.entries()) {
      if (comparison === null) continue;
      const side = events.sides[at]!;
      const { learnedHost, threshold: compared } = comparison;
      const host = hostToLearn(learnedHost, side.bytes[index]!, compared, detection);
      baselines[at]!.learn(hour, side.learnedBytes[index]!, host);
    }
  }
  const last = events.order.at(-1);
  if (last === undefined) return tally.verdicts([]);
  const lastHour = hourOf(events.timesMs[last]!);
  return tally.verdicts(baselines.map((baseline) => baseline.threshold(lastHour)));
}

/** Applies the rule to one event after the other and counts. */
class Tally {
  readonly #events: JpegEvents;
  readonly #detection: DetectionConfig;
  readonly #findings: Finding[] = [];
  #excluded = 0;
  #looked = 0;
  #skipped = 0;
  #judged = 0;
  #withoutBytes = 0;
  #withoutHost = 0;

  constructor(events: JpegEvents, detection: DetectionConfig) {
    this.#events = events;
    this.#detection = detection;
  }

  /** @param views one for each of the events' sides */
  judge(index: number, hour: number, views: readonly BaselineView[]): Comparisons {
    const { sides } = this.#events;
    const hosts = this.#events.hostsOf(index);
    const comparisons = sides.map(({ bytes, looked }, at) =>
      looked[index] === 0 ? null : compare(bytes[index]!, hosts, hour, views[at]!, this.#detection),
    );
    this.#count(index, comparisons, hosts);
    const alerting = sides.flatMap(({ direction, bytes }, at) => {
      const comparison = comparisons[at];
      return comparison?.alerts ? [{ direction, bytes: bytes[index]!, comparison }] : [];
    });
    if (alerting.length > 0) this.#find(index, alerting);
    return comparisons;
  }

  #find(index: number, alerting: readonly AlertingSide[]): void {
    if (this.#events.excluded[index] === 1) {
      this.#excluded++;
      return;
    }
    const ratio = ({ bytes, comparison }: AlertingSide) =>
      ratioOf(bytes, comparison.threshold.bytes!);
    const [first, ...others] = alerting.toSorted((a, b) => ratio(b) - ratio(a));
    this.#findings.push({ index, sides: [first!, ...others] });
  }

  /** What is judged both ways is counted once, by what was received. */
  #count(index: number, comparisons: Comparisons, hosts: readonly string[]): void {
    this.#looked++;
    if (comparisons.some((comparison) => comparison?.compared)) this.#judged++;
    const at = comparisons.findIndex((comparison) => comparison !== null);
    if (at < 0) {
      this.#skipped++;
      return;
    }
    if (Number.isNaN(this.#events.sides[at]!.bytes[index]!)) this.#withoutBytes++;
    if (hosts.length === 0) this.#withoutHost++;
  }

  verdicts(thresholds: readonly Threshold[]): Verdicts {
    return {
      findings: this.#findings,
      excluded: this.#excluded,
      looked: this.#looked,
      skipped: this.#skipped,
      judged: this.#judged,
      withoutBytes: this.#withoutBytes,
      withoutHost: this.#withoutHost,
      thresholds,
    };
  }
}

/** Hosts of the lookback, and of the newer events up to the one that is being judged. */
class LookbackView implements BaselineView {
  readonly #events: JpegEvents;
  readonly #detection: DetectionConfig;
  readonly #threshold: Threshold;
  readonly #hostKey: (host: string) => string;
  readonly #known = new Set<string>();
  readonly #firstSeenMs = new Map<string, number>();

  constructor(events: JpegEvents, detection: DetectionConfig, threshold: Threshold) {
    this.#events = events;
    this.#detection = detection;
    this.#threshold = threshold;
    this.#hostKey = remembering(hostKeyFor(detection));
  }

  threshold(): Threshold {
    return this.#threshold;
  }

  add(index: number, side: SideColumns, inLookback: boolean): void {
    const { learnedHost } = leastKnown(this.#events.hostsOf(index), 0, this);
    const bytes = side.bytes[index]!;
    const learned = hostToLearn(learnedHost, bytes, this.#threshold, this.#detection);
    if (learned === '') return;
    const key = this.#hostKey(learned);
    if (inLookback) this.#known.add(key);
    // As the baseline does it: the hour of the first event.
    const hourMs = hourOf(this.#events.timesMs[index]!) * msPerHour;
    if (!this.#firstSeenMs.has(key)) this.#firstSeenMs.set(key, hourMs);
  }

  hostState(host: string): Exclude<HostState, 'absent'> {
    const key = this.#hostKey(host);
    if (this.#known.has(key)) return 'known';
    return this.#firstSeenMs.has(key) ? 'pending' : 'never_seen';
  }

  firstSeenMs(host: string): number {
    return this.#firstSeenMs.get(this.#hostKey(host)) ?? 0;
  }
}

/** @param history indexes of the lookback's events, in order of time */
function exactThreshold(
  events: JpegEvents,
  side: SideColumns,
  history: Uint32Array,
  percentileMilli: number,
): Threshold {
  const timeMs = (at: number) => events.timesMs[history[at]!]!;
  const sizes = Float64Array.from(history, (index) => side.learnedBytes[index]!)
    .filter((bytes) => !Number.isNaN(bytes))
    .sort();
  const hours = new Set(Array.from(history, (_, at) => hourOf(timeMs(at))));
  return {
    bytes: sizes.length === 0 ? null : sizes[nearestRank(sizes.length, percentileMilli) - 1]!,
    samples: sizes.length,
    hours: hours.size,
    fromMs: history.length === 0 ? 0 : timeMs(0),
    toMs: history.length === 0 ? 0 : timeMs(history.length - 1),
  };
}

/** The same hosts come again and again, and to key one takes a look-up in the public suffix list. */
export function remembering(hostKey: (host: string) => string): (host: string) => string {
  const known = new Map<string, string>();
  return (host) => {
    let key = known.get(host);
    if (key === undefined) {
      key = hostKey(host);
      known.set(host, key);
    }
    return key;
  };
}
