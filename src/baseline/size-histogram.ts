/** Sizes on a logarithmic scale, for people to look at. */
import type { SealedSizes } from './size-digest.js';
import { countAtMost } from './threshold.js';

/** `[log2 of its lower end, samples]`; a bin is half a power of two wide, without its lower and with its upper end. */
export type SizeBin = readonly [log2: number, samples: number];

const binsPerDoubling = 2;

/**
 * Bins from the smallest to the largest size, those between that are empty included. What is at most a byte is in the
 * first bin that there can be.
 *
 * Cost: at most 107 bins x 144 hours x about 12 comparisons, once an hour and only if somebody looks.
 */
export function sizeHistogram(hours: readonly SealedSizes[]): readonly SizeBin[] {
  const held = hours.filter(({ values }) => values.length > 0);
  if (held.length === 0) return [];
  const first = binOf(Math.min(...held.map(({ values }) => values[0]!)));
  const last = binOf(Math.max(...held.map(({ values }) => values.at(-1)!)));
  const bins: SizeBin[] = [];
  let below = 0;
  for (let bin = first; bin <= last; bin++) {
    const upTo = bin === last ? Number.MAX_VALUE : 2 ** ((bin + 1) / binsPerDoubling);
    const atMost = countAtMost(held, upTo);
    bins.push([bin / binsPerDoubling, atMost - below]);
    below = atMost;
  }
  return bins;
}

/** The last is that of 2^53, beyond which no size is read. */
function binOf(bytes: number): number {
  const bin = Math.ceil(Math.log2(Math.max(1, bytes)) * binsPerDoubling) - 1;
  return Math.min(Math.max(bin, 0), 53 * binsPerDoubling);
}
