/**
 * The baseline: what has been seen, in UTC-hour buckets, and what that means for a judged hour.
 *
 *     learn -> open bucket -> (older than the holdback) sealed bucket -> (older than the lookback) gone
 *                 |                      |
 *                 +-> hosts by hour      +-> threshold of an hour, computed once and kept
 *
 * What a judged hour sees cannot change within it: its lookback ends `holdbackHours` before it, and the
 * detector learns nothing into hours that old. So `threshold` seals what it needs when it first needs
 * it. Reads no clock; files are touched only by `open` and `checkpoint`.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { msPerHour } from '../hour.js';
import type { Counters } from '../observe/counters.js';
import type { Baseline, HostState, Journal, Threshold } from '../stages.js';
import { BaselineFiles, type HostReader } from './baseline-files.js';
import { Bucket } from './bucket.js';
import type { Through } from './bucket-file.js';
import type { BucketNotice, BucketStore } from './bucket-store.js';
import { longestHost, rememberedHost } from './host-text.js';
import { KnownHosts } from './known-hosts.js';
import { NameBytes } from './name-bytes.js';
import { ReceivedHosts } from './received-hosts.js';
import { Sightings } from './sightings.js';
import { type SizeBin, sizeHistogram } from './size-histogram.js';
import { percentile } from './threshold.js';

/** An event may still be judged in the hour before the current one. */
const marginHours = 1;
/** A clock that has jumped beyond the lookback is believed once it has run on for this long. */
const doubtHours = 2;

export interface BucketBaselineOptions {
  readonly lookbackHours: number;
  readonly holdbackHours: number;
  /** Thousandths of a percent, 1..100000. */
  readonly percentileMilli: number;
  readonly maxHosts: number;
  /** What makes two received hosts one source, such as the registrable domain. Must be pure. */
  readonly hostKey: (received: string) => string;
  readonly counters: Counters;
  /** Differs whenever other settings would observe other events or other sizes. */
  readonly fingerprint: string;
  /** Null: nothing is kept beyond the process. */
  readonly store: BucketStore | null;
}

export interface OpenReport {
  readonly buckets: number;
  readonly samples: number;
  /** Distinct host keys held. */
  readonly hosts: number;
  /** The newest hour up to `latest` that was loaded, or null. */
  readonly newestHour: number | null;
  /** Files that were deleted because their hour has left the lookback. */
  readonly expiredFiles: number;
  /** What was cut, set aside or left alone, each with a sentence for the log. */
  readonly notices: readonly BucketNotice[];
}

export interface BaselineStats {
  readonly thresholdBytes: number | null;
  readonly samples: number;
  readonly hours: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly knownHosts: number;
  readonly pendingHosts: number;
  /** First seen in the hour asked for, if that is the newest. */
  readonly newHosts: number;
  readonly maxHosts: number;
  readonly hostEvictions: number;
  readonly openBuckets: number;
  readonly sealedBuckets: number;
}

export class BucketBaseline implements Baseline {
  readonly #options: BucketBaselineOptions;
  readonly #files: BaselineFiles | null;
  readonly #buckets = new Map<number, Bucket>();
  readonly #hosts: KnownHosts;
  readonly #thresholds = new Map<number, Threshold>();
  /** The hour of the last `open` or `upkeep`; what is older than its lookback is not taken. */
  #today = Number.NEGATIVE_INFINITY;
  #percentileMilli: number;
  /** Of the threshold last asked for. */
  #histogram: { readonly of: Threshold; readonly bins: readonly SizeBin[] } | null = null;
  /** The hour last judged or learned. */
  #lastHour = 0;
  readonly #received: ReceivedHosts;
  /** Where the clock had jumped to, while that is not believed. */
  #doubted = Number.NaN;
  #upkeep: Promise<void> | null = null;
  /** The hour for which upkeep has been done, unless buckets were added since. */
  #tidyFor = Number.NaN;

  constructor(options: BucketBaselineOptions) {
    const { store, fingerprint, maxHosts, counters } = options;
    this.#options = options;
    this.#percentileMilli = options.percentileMilli;
    this.#files = store && new BaselineFiles(store, fingerprint, maxHosts, counters);
    this.#hosts = new KnownHosts(options);
    this.#received = new ReceivedHosts(options.hostKey);
  }

  /**
   * Loads what the store holds. Call once, before anything is learned.
   *
   * @param hour the hour it is now; null if only the events tell (`time: event`): then the newest hour
   *   held, since events of last month are not too old for a baseline of last month
   * @param latest no event can tell a later hour; one that is held is of a clock that was wrong
   * @throws StegwatchError BASELINE_UNUSABLE if the directory cannot be used at all
   */
  async open(hour: number | null, latest = Number.POSITIVE_INFINITY): Promise<OpenReport> {
    const nowHour = hour ?? (await this.#files?.newestHour(latest)) ?? Number.NEGATIVE_INFINITY;
    this.#today = nowHour;
    const oldest = this.#oldest(nowHour);
    const hosts = this.#storedHosts(nowHour);
    const loaded = await this.#files?.load(oldest, nowHour, this.#buckets, hosts);
    await hosts.end();
    let samples = 0;
    for (const bucket of this.#buckets.values()) samples += bucket.samples;
    return {
      buckets: this.#buckets.size,
      samples,
      hosts: this.#hosts.known + this.#hosts.pending,
      newestHour: newestOf(this.#buckets.keys(), latest),
      expiredFiles: loaded?.expired ?? 0,
      notices: loaded?.notices ?? [],
    };
  }

  /** Takes hosts in many at a time, each as if seen at `nowHour`. */
  #storedHosts(nowHour: number): HostReader & { end(): Promise<void> } {
    const sightings = new Sightings();
    const name = new NameBytes();
    const { hostKey } = this.#options;
    const takeIn = async (): Promise<void> => {
      await this.#hosts.seeAll(sightings, nowHour);
      sightings.clear();
    };
    return {
      see: (host, hour) => {
        // Those that were written are bounded already; what else a file may hold is no reason not to start.
        const bounded = host.length > longestHost ? rememberedHost(host) : host;
        sightings.add(name.set(hostKey(bounded)), hour);
      },
      between: () => (sightings.many ? takeIn() : nextTurn()),
      end: takeIn,
    };
  }

  /** From now on. @param percentileMilli thousandths of a percent */
  usePercentile(percentileMilli: number): void {
    if (percentileMilli === this.#percentileMilli) return;
    this.#percentileMilli = percentileMilli;
    this.#thresholds.clear();
  }

  threshold(hour: number): Threshold {
    return this.#thresholds.get(hour) ?? this.#computeThreshold(hour);
  }

  hostState(host: string, hour: number): Exclude<HostState, 'absent'> {
    this.#lastHour = hour;
    return this.#hosts.state(this.#received.of(host).known, hour);
  }

  firstSeenMs(host: string): number {
    const { known } = this.#received.of(host);
    const first = this.#hosts.firstHour(known, this.#lastHour - this.#options.lookbackHours);
    return first === -1 ? 0 : first * msPerHour;
  }

  /** Start (epoch ms) of the newest hour in which the host was seen; 0 as for `firstSeenMs`. */
  lastSeenMs(host: string): number {
    const last = this.#hosts.lastHour(this.#received.of(host).known);
    const isHeld = last >= Math.max(0, this.#lastHour - this.#options.lookbackHours);
    return isHeld ? last * msPerHour : 0;
  }

  learn(hour: number, bytes: number, host: string): void {
    const { counters } = this.#options;
    const bucket = this.#bucketFor(hour);
    if (bucket === null || !bucket.add(bytes)) {
      counters.observations_refused++;
      return;
    }
    this.#lastHour = hour;
    if (host === '') return;
    const received = this.#received.of(host);
    const { hosts } = bucket;
    if (hosts !== null && received.era !== hosts.era) {
      if (hosts.add(received.remembered)) received.era = hosts.era;
      else counters.hosts_not_saved++;
    }
    this.#hosts.see(received.known, hour, Math.max(this.#today, hour));
  }

  /**
   * Learns what the journal holds at `at`, unless the file of that hour had it already: for what was
   * learned before a crash and not saved in time. In the order of the journal, after `open`.
   *
   * @returns false if it had it
   */
  relearn(at: Through, hour: number, bytes: number, host: string): boolean {
    const through = this.#buckets.get(hour)?.through ?? null;
    if (through !== null && through.journal === at.journal && at.seq <= through.seq) return false;
    this.learn(hour, bytes, host);
    return true;
  }

  /** The highest place in this journal that any bucket's file has; 0 if none knows of it. */
  learnedFrom(journal: string): number {
    let highest = 0;
    for (const { through } of this.#buckets.values()) {
      if (through?.journal === journal) highest = Math.max(highest, through.seq);
    }
    return highest;
  }

  /** True if anything has been learned into this hour. */
  hasBucket(hour: number): boolean {
    return this.#buckets.has(hour);
  }

  /**
   * As if nothing had ever been learned into this hour; what its file holds goes with the next
   * checkpoint. Learn nothing into the hour until it resolves.
   */
  async forget(hour: number): Promise<void> {
    this.#buckets.delete(hour);
    this.#thresholds.clear();
    await this.#hosts.forgetHour(hour);
    await this.#files?.discard(hour);
  }

  /**
   * Resolves when all that had been learned at the time of the call is on disk and the files of expired
   * hours are gone. Calls may overlap.
   *
   * @param journal what was learned from; null: nothing that is kept
   * @throws StegwatchError BASELINE_UNUSABLE, to be logged; what is missing is tried again next time
   */
  async checkpoint(journal: Journal | null = null): Promise<void> {
    await this.#files?.checkpoint(this.#buckets, this.#oldest(this.#today), journal);
  }

  /**
   * What a new hour asks for: seals what is older than the holdback and lets go of what has left the
   * lookback, in slices, so that the loop stays free. The next checkpoint does the same to the files.
   * Does nothing for `doubtHours` after a jump of the clock beyond the lookback.
   * Cheap when there is nothing to do; a call during another one joins it. Never throws.
   */
  upkeep(hour: number): Promise<void> {
    this.#upkeep ??= this.#doUpkeep(hour).finally(() => {
      this.#upkeep = null;
    });
    return this.#upkeep;
  }

  /** The sizes that the threshold of this hour rests on. Kept for that hour. */
  sizes(hour: number): readonly SizeBin[] {
    const threshold = this.threshold(hour);
    if (this.#histogram?.of !== threshold) {
      this.#histogram = {
        of: threshold,
        bins: sizeHistogram(this.#lookback(hour).map((bucket) => bucket.seal())),
      };
    }
    return this.#histogram.bins;
  }

  stats(hour: number): BaselineStats {
    const { bytes, ...held } = this.threshold(hour);
    const sealed = [...this.#buckets.values()].filter((bucket) => bucket.sealed).length;
    return {
      thresholdBytes: bytes,
      ...held,
      knownHosts: this.#hosts.known,
      pendingHosts: this.#hosts.pending,
      newHosts: this.#hosts.metIn(hour),
      maxHosts: this.#options.maxHosts,
      hostEvictions: this.#options.counters.host_evictions,
      openBuckets: this.#buckets.size - sealed,
      sealedBuckets: sealed,
    };
  }

  /**
   * A jump beyond the lookback would leave nothing, in memory and on disk, and nothing brings it back. A
   * clock that was wrong comes back; one that was right (a machine that slept) runs on, and what is too old
   * is then let go of a little later.
   */
  #believes(hour: number): boolean {
    const { lookbackHours } = this.#options;
    const isFirst = this.#today === Number.NEGATIVE_INFINITY;
    if (isFirst || hour <= this.#today + lookbackHours) {
      this.#doubted = Number.NaN;
      return true;
    }
    const runsOn = hour >= this.#doubted && hour <= this.#doubted + lookbackHours;
    if (!runsOn) this.#doubted = hour;
    return hour >= this.#doubted + doubtHours;
  }

  async #doUpkeep(hour: number): Promise<void> {
    if (!this.#believes(hour)) return;
    this.#today = hour;
    if (hour === this.#tidyFor) return;
    this.#tidyFor = hour;
    for (const bucket of [...this.#buckets.values()]) {
      if (bucket.hour < this.#oldest(hour)) this.#buckets.delete(bucket.hour);
      else if (bucket.hour < hour - this.#options.holdbackHours && !bucket.sealed) {
        bucket.seal();
        await nextTurn();
      }
    }
    await this.#hosts.sweep(hour);
  }

  #computeThreshold(hour: number): Threshold {
    const { holdbackHours } = this.#options;
    const buckets = this.#lookback(hour);
    const sizes = buckets.map((bucket) => bucket.seal());
    const samples = buckets.reduce((sum, bucket) => sum + bucket.samples, 0);
    const first = buckets[0]?.hour ?? 0;
    const last = buckets.length === 0 ? 0 : buckets.at(-1)!.hour + 1;
    const threshold: Threshold = {
      bytes: percentile(sizes, this.#percentileMilli),
      samples,
      hours: sizes.length,
      fromMs: first * msPerHour,
      toMs: last * msPerHour,
    };
    const [oldestKept] = this.#thresholds.keys();
    // The current hour and those in which late events are still judged (lateness <= holdback).
    if (this.#thresholds.size > holdbackHours + marginHours) this.#thresholds.delete(oldestKept!);
    this.#thresholds.set(hour, threshold);
    return threshold;
  }

  /** The buckets that the threshold of this hour rests on, the oldest first. */
  #lookback(hour: number): Bucket[] {
    const { lookbackHours, holdbackHours } = this.#options;
    const buckets: Bucket[] = [];
    for (let h = hour - lookbackHours; h < hour - holdbackHours; h++) {
      const bucket = this.#buckets.get(h);
      if (bucket !== undefined) buckets.push(bucket);
    }
    return buckets;
  }

  /** Null for an hour that is no hour, or that the next upkeep would throw away. */
  #bucketFor(hour: number): Bucket | null {
    const held = this.#buckets.get(hour);
    if (held !== undefined) return held;
    if (!Number.isInteger(hour) || hour < 0 || hour < this.#oldest(this.#today)) return null;
    const bucket = new Bucket(hour, this.#files?.hostsOf(hour) ?? null);
    this.#buckets.set(hour, bucket);
    // It may lie in the lookback of an hour whose threshold is kept, or be old enough to be sealed
    // (command `learn`).
    this.#thresholds.clear();
    this.#tidyFor = Number.NaN;
    return bucket;
  }

  #oldest(hour: number): number {
    return hour - this.#options.lookbackHours - marginHours;
  }
}

function newestOf(hours: Iterable<number>, latest: number): number | null {
  const newest = Math.max(...[...hours].filter((hour) => hour <= latest));
  return Number.isFinite(newest) ? newest : null;
}
