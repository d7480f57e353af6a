/**
 * The nearest-rank percentile over all buckets of a lookback, by bisection on the value: the answer is
 * the smallest stored value `v` such that at least `rank` observations are at most `v`. The buckets are
 * never merged and nothing is interpolated, so the same buckets give the same number everywhere, and
 * exact buckets give exactly what sorting all their values would.
 *
 * Cost: 144 buckets x about 12 comparisons x at most some 60 halvings, once per judged hour.
 */

import { nearestRank } from '../nearest-rank.js';
import type { SealedSizes } from './size-digest.js';

/** Null if there is no sample: an empty lookback has no threshold, which is not a threshold of 0. */
export function percentile(
  buckets: readonly SealedSizes[],
  percentileMilli: number,
): number | null {
  const held = buckets.filter((bucket) => bucket.values.length > 0);
  if (held.length === 0) return null;
  const rank = nearestRank(
    sum(held, (b) => b.cumulative.at(-1)!),
    percentileMilli,
  );
  let low = Math.min(...held.map((bucket) => bucket.values[0]!));
  let high = Math.max(...held.map((bucket) => bucket.values.at(-1)!));
  if (countAtMost(held, low) >= rank) return low;
  // Invariant: both are stored values; fewer than `rank` observations are <= low, enough are <= high.
  for (;;) {
    const middle = between(low, high);
    if (countAtMost(held, middle) >= rank) {
      high = greatestAtMost(held, middle);
      continue;
    }
    const next = smallestAbove(held, middle);
    if (next === high || countAtMost(held, next) >= rank) return next;
    low = next;
  }
}

/** In [low, high), also for neighbouring doubles and without overflow. */
function between(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  return middle >= high || middle < low ? low : middle;
}

/** Observations of at most `value` bytes. */
export function countAtMost(buckets: readonly SealedSizes[], value: number): number {
  return sum(buckets, (bucket) => {
    const end = endOf(bucket.values, value);
    return end === 0 ? 0 : bucket.cumulative[end - 1]!;
  });
}

function greatestAtMost(buckets: readonly SealedSizes[], value: number): number {
  let greatest = Number.NEGATIVE_INFINITY;
  for (const { values } of buckets) {
    const end = endOf(values, value);
    if (end > 0 && values[end - 1]! > greatest) greatest = values[end - 1]!;
  }
  return greatest;
}

function smallestAbove(buckets: readonly SealedSizes[], value: number): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (const { values } of buckets) {
    const end = endOf(values, value);
    if (end < values.length && values[end]! < smallest) smallest = values[end]!;
  }
  return smallest;
}

/** How many of the ascending `values` are at most `value`. */
function endOf(values: Float64Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}
