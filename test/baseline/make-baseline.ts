/** Baselines for tests, and what they are compared by. */
import { BucketBaseline, type BucketBaselineOptions } from '../../src/baseline/baseline.js';
import { BucketStore } from '../../src/baseline/bucket-store.js';
import { Counters } from '../../src/observe/counters.js';
import type { Threshold } from '../../src/stages.js';

export const lookbackHours = 168;
export const holdbackHours = 24;
export const now = 500_000;

export interface Made {
  readonly baseline: BucketBaseline;
  readonly counters: Counters;
}

/** @param path where the files are; null for a baseline in memory */
export function makeBaseline(
  path: string | null,
  options: Partial<BucketBaselineOptions> = {},
): Made {
  const counters = new Counters();
  const baseline = new BucketBaseline({
    lookbackHours,
    holdbackHours,
    percentileMilli: 95_000,
    maxHosts: 10_000,
    hostKey: (received) => received,
    counters,
    fingerprint: 'f1',
    store: path === null ? null : new BucketStore({ path, direction: 'download' }),
    ...options,
  });
  return { baseline, counters };
}

/** A baseline with what `path` holds. */
export async function reopen(
  path: string,
  hour = now,
  options: Partial<BucketBaselineOptions> = {},
): Promise<BucketBaseline> {
  const { baseline } = makeBaseline(path, options);
  await baseline.open(hour);
  return baseline;
}

export interface Seen {
  readonly thresholds: readonly Threshold[];
  readonly hosts: readonly string[];
}

/** All that verdicts rest on, for some days of judged hours. */
export function seen(baseline: BucketBaseline, hosts: readonly string[], from = now): Seen {
  const hours = [0, 1, 24, 25, 26, 100, 168, 169, 192].map((later) => from + later);
  return {
    thresholds: hours.map((hour) => baseline.threshold(hour)),
    hosts: hosts.map((host) => {
      const states = hours.map((hour) => baseline.hostState(host, hour));
      baseline.hostState(host, from);
      return `${host} ${states} ${baseline.firstSeenMs(host)}`;
    }),
  };
}
