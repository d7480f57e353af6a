/** Sizes on a logarithmic scale, for people to look at. */
import type { SealedSizes } from './size-digest.js';

/** `[log2 of the smallest size in it, samples]`; a bin is half a power of two wide. */
export type SizeBin = readonly [log2: number, samples: number];

const binsPerDoubling = 2;

/** Bins from the smallest to the largest size, those between that are empty included. */
export function sizeHistogram(hours: readonly SealedSizes[]): readonly SizeBin[] {
  const counts = new Map<number, number>();
  for (const { values, cumulative } of hours) {
    let below = 0;
    for (let i = 0; i < values.length; i++) {
      // What is less than a byte is shown with a byte.
      const bin = Math.floor(Math.log2(Math.max(1, values[i]!)) * binsPerDoubling);
      counts.set(bin, (counts.get(bin) ?? 0) + cumulative[i]! - below);
      below = cumulative[i]!;
    }
  }
  if (counts.size === 0) return [];
  const first = Math.min(...counts.keys());
  const last = Math.max(...counts.keys());
  return Array.from({ length: last - first + 1 }, (_, i) => [
    (first + i) / binsPerDoubling,
    counts.get(first + i) ?? 0,
  ]);
}
