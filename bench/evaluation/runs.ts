/** All runs over the traffic of one seed. */
import type { PresetKey } from '../../src/config/presets.js';
import { judgeOf } from './judge.js';
import { measure, type Outcome } from './measure.js';
import { defaultParameters, type Parameters } from './parameters.js';
import {
  compared,
  configOf,
  ladder,
  ladders,
  meaningOf,
  presetKeys,
  recommended,
  recommendedWithout,
  type Setting,
  sentinel,
  sentinelWith,
  withExclusions,
} from './settings.js';
import { type LabelledTraffic, labelledTraffic } from './traffic.js';

export const seeds: readonly number[] = [1, 2, 3];

interface OtherEstate {
  readonly changes: Partial<Parameters>;
  readonly asks: string;
  /** Beside the two presets: what else may tell. */
  readonly settings: readonly Setting[];
  /** The switch that is asked about. */
  readonly key?: PresetKey;
}

/** Estates unlike the one assumed, to see which findings hang on the assumptions. */
export const otherEstates: Readonly<Record<string, OtherEstate>> = {
  'four times the new sites': {
    changes: { new_sites_per_workday: 80 },
    asks: 'Does the number of alerts follow the number of new sites?',
    settings: [],
  },
  'small pictures, no backup, no designers': {
    changes: {
      site_median_kib: 8,
      backup_jpegs_per_night: 0,
      designer_files_per_workday: 0,
      galleries_per_day: 0,
    },
    asks: 'Is `minimum_bytes` of use where the percentile is low?',
    settings: ladder('minimum_bytes', ['0B', '128KiB']),
    key: 'minimum_bytes',
  },
  'office hours only': {
    changes: { night_share: 0, weekend_share: 0, backup_jpegs_per_night: 0 },
    asks: 'Is `minimum_history` ever met where nights and weekends hold no data?',
    settings: ladder('minimum_history', ['0h', '24h', '48h']),
    key: 'minimum_history',
  },
};

export const settingsElsewhere = ({ settings, key }: OtherEstate): readonly Setting[] =>
  distinct([
    sentinel,
    recommended,
    ...(key === undefined ? [] : [recommendedWithout(key)]),
    ...settings,
  ]);

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
  return [...new Map(settings.map((setting) => [meaningOf(setting), setting])).values()];
}

/** Outcomes by the meaning of the setting. */
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
  const elsewhere = Object.entries(otherEstates).map(([name, estate]) => {
    const parameters = { ...defaultParameters, ...estate.changes };
    const other = labelledTraffic({ seed, parameters });
    return [name, runAll(settingsElsewhere(estate), other)] as const;
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
  return new Map(settings.map((setting) => [meaningOf(setting), run(setting, traffic)]));
}
