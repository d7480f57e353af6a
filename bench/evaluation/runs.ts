/** All runs over the traffic of one seed. */
import { judgeOf } from './judge.js';
import { measure, type Outcome } from './measure.js';
import { defaultParameters, type Parameters } from './parameters.js';
import {
  compared,
  configOf,
  ladder,
  ladders,
  presetKeys,
  recommended,
  recommendedWithout,
  type Setting,
  sentinel,
  sentinelWith,
  textOf,
  withExclusions,
} from './settings.js';
import { type LabelledTraffic, labelledTraffic } from './traffic.js';

export const seeds: readonly number[] = [1, 2, 3];

interface OtherEstate {
  readonly changes: Partial<Parameters>;
  /** What it may change, and the settings that tell. */
  readonly asks: string;
  readonly settings: readonly Setting[];
}

/** Estates unlike the one assumed, to see which findings hang on the assumptions. */
export const otherEstates: Readonly<Record<string, OtherEstate>> = {
  'four times the new sites': {
    changes: { new_sites_per_workday: 80 },
    asks: 'does the number of alerts follow the number of new sites?',
    settings: [sentinel, recommended],
  },
  'small pictures, no backup, no designers': {
    changes: {
      site_median_kib: 8,
      backup_jpegs_per_night: 0,
      designer_files_per_workday: 0,
      galleries_per_day: 0,
    },
    asks: 'is minimum_bytes of use where the percentile is low?',
    settings: [sentinel, recommended, ...ladder('minimum_bytes', ['0B', '128KiB', '512KiB'])],
  },
  'office hours only': {
    changes: { night_share: 0, weekend_share: 0, backup_jpegs_per_night: 0 },
    asks: 'is minimum_history ever met where nights and weekends hold no data?',
    settings: [
      sentinel,
      recommended,
      ...ladder('minimum_history', ['0h', '12h', '24h', '36h', '48h']),
    ],
  },
};

export const poisonedSettings: readonly Setting[] = [sentinel, recommended, withExclusions];

/** Every setting once, whatever its names. */
export function allSettings(): readonly Setting[] {
  return distinct([
    sentinel,
    recommended,
    withExclusions,
    ...Object.values(compared),
    ...presetKeys.flatMap((key) => [recommendedWithout(key), sentinelWith(key)]),
    ...Object.values(ladders).flat(),
  ]);
}

function distinct(settings: readonly Setting[]): readonly Setting[] {
  return [...new Map(settings.map((setting) => [textOf(setting), setting])).values()];
}

/** Outcomes by the text of the setting. */
export type Outcomes = ReadonlyMap<string, Outcome>;

export interface SeedResult {
  readonly seed: number;
  readonly events: number;
  /** 95th percentile of the benign JPEG answers, bytes. */
  readonly large: number;
  readonly outcomes: Outcomes;
  readonly poisoned: Outcomes;
  /** By the name of the estate. */
  readonly elsewhere: ReadonlyMap<string, Outcomes>;
}

/** Takes some forty seconds of one core. */
export function runSeed(seed: number): SeedResult {
  const traffic = labelledTraffic({ seed, parameters: defaultParameters });
  const poisoned = labelledTraffic({ seed, parameters: defaultParameters, poisoned: true });
  const elsewhere = Object.entries(otherEstates).map(([name, { changes, settings }]) => {
    const other = labelledTraffic({ seed, parameters: { ...defaultParameters, ...changes } });
    return [name, runAll(settings, other)] as const;
  });
  return {
    seed,
    events: traffic.frames.length,
    large: traffic.large,
    outcomes: runAll(allSettings(), traffic),
    poisoned: runAll(poisonedSettings, poisoned),
    elsewhere: new Map(elsewhere),
  };
}

export function run(setting: Setting, traffic: LabelledTraffic): Outcome {
  return measure(judgeOf(configOf(setting)), traffic);
}

function runAll(settings: readonly Setting[], traffic: LabelledTraffic): Outcomes {
  return new Map(settings.map((setting) => [textOf(setting), run(setting, traffic)]));
}
