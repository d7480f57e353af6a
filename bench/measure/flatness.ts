/** Does an event cost more when there is more of something else? Each pair of sizes in turn. */
import type { Bench } from './bench.js';
import { tell } from './rounds.js';
import { type Summary, summary } from './statistics.js';
import { stegwatch } from './subjects.js';
import { plain, type Variant } from './variants.js';

export interface FlatnessResult {
  readonly what: string;
  readonly from: number;
  readonly to: number;
  /** CPU per event at either size, microseconds, median. */
  readonly fromMicros: number;
  readonly toMicros: number;
  /** How much more an event costs, of the same run; 0.1 is 10 %. */
  readonly change: Summary;
}

/** Most that ten times as much may change the cost of an event. */
export const flatnessGoal = 0.15;

interface Dimension {
  readonly what: string;
  readonly sizes: readonly [number, number];
  readonly variant: (size: number) => Partial<Variant>;
}

const dimensions: readonly Dimension[] = [
  { what: 'connections', sizes: [5, 50], variant: (connections) => ({ connections }) },
  { what: 'hosts in the baseline', sizes: [1_000, 10_000], variant: (hosts) => ({ hosts }) },
  { what: 'hosts in the baseline', sizes: [10_000, 100_000], variant: (hosts) => ({ hosts }) },
  { what: 'exclusions', sizes: [10, 100], variant: (exclusions) => ({ exclusions }) },
];

export async function measureFlatness(bench: Bench): Promise<readonly FlatnessResult[]> {
  const { events } = bench.options;
  const results = [
    await compare(bench, 'events', [Math.ceil(events / 10), events], (count) =>
      stegwatch(bench, plain, count),
    ),
  ];
  for (const { what, sizes, variant } of dimensions) {
    const subject = (size: number) => {
      const name = `${size} ${what}`;
      return stegwatch(bench, { ...plain, ...variant(size), name });
    };
    results.push(await compare(bench, what, sizes, subject));
  }
  return results;
}

async function compare(
  bench: Bench,
  what: string,
  [from, to]: readonly [number, number],
  subject: (size: number) => ReturnType<typeof stegwatch>,
): Promise<FlatnessResult> {
  const few: number[] = [];
  const many: number[] = [];
  for (let run = 1; run <= bench.options.runs; run++) {
    few.push((await tell(bench, run, subject(from))).cpuMicros);
    many.push((await tell(bench, run, subject(to))).cpuMicros);
  }
  return {
    what,
    from,
    to,
    fromMicros: summary(few).median,
    toMicros: summary(many).median,
    change: summary(few.map((micros, i) => many[i]! / micros - 1)),
  };
}
