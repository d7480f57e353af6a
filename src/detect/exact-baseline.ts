/**
 * The baseline kept whole: every size of every hour, and for every host its hours. Exact where the
 * sidecar's sketch is near; it grows with the events and is meant for tools that read a bounded log.
 */
import type { DetectionConfig } from '../config/config.js';
import { msPerHour } from '../hour.js';
import { nearestRank } from '../nearest-rank.js';
import type { Baseline, HostState, Threshold } from '../stages.js';

type Window = Pick<DetectionConfig, 'lookbackHours' | 'holdbackHours' | 'percentileMilli'>;

/** Sizes of one hour, ascending once `sorted`. */
interface HourOfSizes {
  readonly sizes: number[];
  sorted: boolean;
}

export class ExactBaseline implements Baseline {
  readonly #window: Window;
  readonly #hostKey: (host: string) => string;
  readonly #hours = new Map<number, HourOfSizes>();
  readonly #hoursOfHost = new Map<string, number[]>();
  #cachedHour = Number.NaN;
  /** The hour last judged or learned: a host's first hour is one of its lookback, or newer. */
  #lastHour = 0;
  #cached: Threshold = { bytes: null, samples: 0, hours: 0, fromMs: 0, toMs: 0 };

  constructor(window: Window, hostKey: (host: string) => string) {
    this.#window = window;
    this.#hostKey = hostKey;
  }

  threshold(hour: number): Threshold {
    if (hour !== this.#cachedHour) {
      this.#cached = this.#thresholdAt(hour);
      this.#cachedHour = hour;
    }
    return this.#cached;
  }

  hostState(host: string, hour: number): Exclude<HostState, 'absent'> {
    this.#lastHour = hour;
    const hours = this.#hoursOfHost.get(this.#hostKey(host)) ?? [];
    if (hours.some((held) => this.#inLookback(held, hour))) return 'known';
    const newestFrom = hour - this.#window.holdbackHours;
    return hours.some((held) => held >= newestFrom) ? 'pending' : 'never_seen';
  }

  firstSeenMs(host: string): number {
    const oldest = this.#lastHour - this.#window.lookbackHours;
    const hours = this.#hoursOfHost.get(this.#hostKey(host)) ?? [];
    const first = Math.min(...hours.filter((held) => held >= oldest));
    return first === Number.POSITIVE_INFINITY ? 0 : first * msPerHour;
  }

  learn(hour: number, bytes: number, host: string): void {
    this.#lastHour = hour;
    let held = this.#hours.get(hour);
    if (held === undefined) {
      held = { sizes: [], sorted: true };
      this.#hours.set(hour, held);
    }
    if (!Number.isNaN(bytes)) {
      held.sizes.push(bytes);
      held.sorted = false;
    }
    if (host !== '') this.#learnHost(this.#hostKey(host), hour);
    if (this.#inLookback(hour, this.#cachedHour)) this.#cachedHour = Number.NaN;
  }

  #learnHost(key: string, hour: number): void {
    const hours = this.#hoursOfHost.get(key);
    if (hours === undefined) this.#hoursOfHost.set(key, [hour]);
    // Events come in order of time, or nearly: the hour is the last one, or close to it.
    else if (hours.lastIndexOf(hour) < 0) hours.push(hour);
  }

  #inLookback(hour: number, judgedHour: number): boolean {
    const { lookbackHours, holdbackHours } = this.#window;
    return judgedHour - lookbackHours <= hour && hour < judgedHour - holdbackHours;
  }

  #thresholdAt(judgedHour: number): Threshold {
    const { lookbackHours, holdbackHours, percentileMilli } = this.#window;
    const lists: number[][] = [];
    let samples = 0;
    let first = 0;
    let last = 0;
    for (let hour = judgedHour - lookbackHours; hour < judgedHour - holdbackHours; hour++) {
      const held = this.#hours.get(hour);
      if (held === undefined) continue;
      if (!held.sorted) held.sizes.sort((a, b) => a - b);
      held.sorted = true;
      if (lists.length === 0) first = hour;
      last = hour + 1;
      lists.push(held.sizes);
      samples += held.sizes.length;
    }
    return {
      bytes: samples === 0 ? null : nthOfSorted(lists, nearestRank(samples, percentileMilli)),
      samples,
      hours: lists.length,
      fromMs: first * msPerHour,
      toMs: last * msPerHour,
    };
  }
}

/** The `rank`-th smallest (from 1) of all lists, each ascending, of whole numbers: by bisection. */
function nthOfSorted(lists: readonly (readonly number[])[], rank: number): number {
  let low = 0;
  let high = 0;
  for (const list of lists) high = Math.max(high, list[list.length - 1] ?? 0);
  while (low < high) {
    // Not (low + high) / 2: that may leave the safe integers.
    const middle = low + Math.floor((high - low) / 2);
    let notLarger = 0;
    for (const list of lists) notLarger += countNotLarger(list, middle);
    if (notLarger >= rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

function countNotLarger(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
