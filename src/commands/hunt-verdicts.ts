/**
 * The two ways of asking old logs. `judgeAt` is the query run at one moment, by exact event times;
 * `judgeEach` is what the sidecar would have said, each event at its own moment and hours as buckets.
 * Percentiles are exact in both.
 */
import type { DetectionConfig } from '../config/config.js';
import { ExactBaseline, nearestRank } from '../detect/exact-baseline.js';
import { hostKeyFor } from '../detect/host.js';
import { isCompared, isLarge } from '../detect/rule.js';
import type { HostState, Threshold } from '../stages.js';
import type { JpegEvents } from './hunt-events.js';

const msPerHour = 3_600_000;

/** A would-be alert. */
export interface Finding {
  /** Index of the event. */
  readonly index: number;
  readonly hostState: HostState;
  readonly threshold: Threshold;
  /** 0 if never. */
  readonly firstSeenMs: number;
}

export interface Verdicts {
  /** In order of time. */
  readonly findings: readonly Finding[];
  /** Would-be alerts that an exclusion holds back. */
  readonly excluded: number;
  /** JPEG events that the rule looked at. */
  readonly looked: number;
  /** Of these, compared with a threshold: they had a size, and the baseline was ready. */
  readonly judged: number;
  readonly withoutBytes: number;
  readonly withoutHost: number;
  /** At the moment asked for, or at the last event's; null if there is no event. */
  readonly threshold: Threshold | null;
}

/**
 * Events in `(now - holdback, now]` against those in `[now - lookback, now - holdback]`, as
 * `between(ago(7d)..ago(1d))` and `> ago(1d)` have it.
 */
export function judgeAt(events: JpegEvents, nowMs: number, detection: DetectionConfig): Verdicts {
  const fromMs = nowMs - detection.lookbackHours * msPerHour;
  const untilMs = nowMs - detection.holdbackHours * msPerHour;
  const { timesMs } = events;
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

  const history = lookback.filter((index) => events.learned[index] === 1);
  const threshold = exactThreshold(events, history, detection.percentileMilli);
  const hosts = new HostHistory(events, detection);
  for (const index of history) hosts.add(index, true);
  const tally = new Tally(events, detection);
  for (const index of judged) {
    tally.judge(index, threshold, hosts);
    if (events.learned[index] === 1) hosts.add(index, false);
  }
  return tally.verdicts(threshold);
}

/** Each event at its own hour, then learned; in order of time. */
export function judgeEach(events: JpegEvents, detection: DetectionConfig): Verdicts {
  const baseline = new ExactBaseline(detection, remembering(hostKeyFor(detection)));
  const tally = new Tally(events, detection);
  let threshold: Threshold | null = null;
  for (const index of events.order) {
    const hour = Math.floor(events.timesMs[index]! / msPerHour);
    threshold = baseline.threshold(hour);
    tally.judge(index, threshold, {
      state: (host) => baseline.hostState(host, hour),
      firstSeenMs: (host) => baseline.firstSeenMs(host),
    });
    const host = events.hosts[events.hostIds[index]!]!;
    if (events.learned[index] === 1) baseline.learn(hour, events.bytes[index]!, host);
  }
  return tally.verdicts(threshold);
}

interface Hosts {
  state(host: string): Exclude<HostState, 'absent'>;
  firstSeenMs(host: string): number;
}

/** Applies the rule to one event after the other and counts. */
class Tally {
  readonly #events: JpegEvents;
  readonly #detection: DetectionConfig;
  readonly #findings: Finding[] = [];
  #excluded = 0;
  #looked = 0;
  #judged = 0;
  #withoutBytes = 0;
  #withoutHost = 0;

  constructor(events: JpegEvents, detection: DetectionConfig) {
    this.#events = events;
    this.#detection = detection;
  }

  judge(index: number, threshold: Threshold, hosts: Hosts): void {
    const bytes = this.#events.bytes[index]!;
    const host = this.#events.hosts[this.#events.hostIds[index]!]!;
    this.#looked++;
    if (isCompared(bytes, threshold, this.#detection)) this.#judged++;
    if (Number.isNaN(bytes)) this.#withoutBytes++;
    if (host === '') this.#withoutHost++;
    if (!isLarge(bytes, threshold, this.#detection)) return;
    const hostState = host === '' ? 'absent' : hosts.state(host);
    if (hostState === 'known') return;
    if (this.#events.excluded[index] === 1) {
      this.#excluded++;
      return;
    }
    const firstSeenMs = host === '' ? 0 : hosts.firstSeenMs(host);
    this.#findings.push({ index, hostState, threshold, firstSeenMs });
  }

  verdicts(threshold: Threshold | null): Verdicts {
    return {
      findings: this.#findings,
      excluded: this.#excluded,
      looked: this.#looked,
      judged: this.#judged,
      withoutBytes: this.#withoutBytes,
      withoutHost: this.#withoutHost,
      threshold,
    };
  }
}

/** Hosts of the lookback, and of the newer events up to the one that is being judged. */
class HostHistory implements Hosts {
  readonly #events: JpegEvents;
  readonly #hostKey: (host: string) => string;
  readonly #known = new Set<string>();
  readonly #firstSeenMs = new Map<string, number>();

  constructor(events: JpegEvents, detection: DetectionConfig) {
    this.#events = events;
    this.#hostKey = remembering(hostKeyFor(detection));
  }

  add(index: number, inLookback: boolean): void {
    const host = this.#events.hosts[this.#events.hostIds[index]!]!;
    if (host === '') return;
    const key = this.#hostKey(host);
    if (inLookback) this.#known.add(key);
    // As the baseline does it: the hour of the first event.
    const hourMs = Math.floor(this.#events.timesMs[index]! / msPerHour) * msPerHour;
    if (!this.#firstSeenMs.has(key)) this.#firstSeenMs.set(key, hourMs);
  }

  state(host: string): Exclude<HostState, 'absent'> {
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
  history: Uint32Array,
  percentileMilli: number,
): Threshold {
  const timeMs = (at: number) => events.timesMs[history[at]!]!;
  const sizes = Float64Array.from(history, (index) => events.bytes[index]!)
    .filter((bytes) => !Number.isNaN(bytes))
    .sort();
  const hours = new Set(Array.from(history, (_, at) => Math.floor(timeMs(at) / msPerHour)));
  return {
    bytes: sizes.length === 0 ? null : sizes[nearestRank(percentileMilli, sizes.length) - 1]!,
    samples: sizes.length,
    hours: hours.size,
    fromMs: history.length === 0 ? 0 : timeMs(0),
    toMs: history.length === 0 ? 0 : timeMs(history.length - 1),
  };
}

/** The same hosts come again and again, and to key one takes a look-up in the public suffix list. */
function remembering(hostKey: (host: string) => string): (host: string) => string {
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
