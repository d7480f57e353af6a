/** Programs in turn with the bare loop, so that what the machine does meanwhile happens to both. */
import type { Bench } from './bench.js';
import { type Figures, measure } from './measure.js';
import { bareLoop, type Subject, stegwatch } from './subjects.js';
import type { Variant } from './variants.js';

/** The bare loop's run is the one just before. */
export interface Pair {
  readonly figures: Figures;
  readonly bare: Figures;
}

export interface VariantResult {
  readonly variant: Variant;
  readonly pairs: readonly Pair[];
}

export async function measureVariants(
  bench: Bench,
  variants: readonly Variant[],
): Promise<readonly VariantResult[]> {
  const results = variants.map((variant) => ({ variant, pairs: [] as Pair[] }));
  for (let run = 1; run <= bench.options.runs; run++) {
    for (const { variant, pairs } of results) {
      const bare = await tell(bench, run, bareLoop(bench, variant));
      pairs.push({ figures: await tell(bench, run, stegwatch(bench, variant)), bare });
    }
  }
  return results;
}

/** Measures, and says so to whoever waits. */
export async function tell(bench: Bench, run: number, subject: Subject): Promise<Figures> {
  const figures = await measure(bench, subject);
  bench.say(
    `run ${run}, ${subject.name}: ${figures.cpuMicros.toFixed(2)} us CPU/event, ` +
      `${Math.round(figures.perSecond)} events/s, peak ${figures.peakMiB.toFixed(0)} MiB`,
  );
  return figures;
}
