/** The results of all seeds, and what is concluded from them. */
import { createHash } from 'node:crypto';
import type { PresetKey } from '../../src/config/presets.js';
import { attackKinds } from './attacks.js';
import { type Comparison, compareSwitch } from './compare.js';
import { type Floor, floorsOf, undefended } from './floors.js';
import type { Outcome } from './measure.js';
import { parameterTable } from './parameters.js';
import { allSettings, otherEstates, type SeedResult, seeds } from './runs.js';
import {
  meaningOf,
  presetKeys,
  recommended,
  recommendedWithout,
  type Setting,
  sentinel,
  sentinelWith,
} from './settings.js';

export interface Switch {
  readonly key: PresetKey;
  /** With it as recommended, against as in sentinel, all else as recommended. */
  readonly onRecommended: Comparison;
  readonly onSentinel: Comparison;
}

export class Evaluation {
  readonly results: readonly SeedResult[];
  readonly switches: readonly Switch[];
  /** Of the estates that ask about a switch, by their name. */
  readonly elsewhere: ReadonlyMap<string, { readonly key: PresetKey; comparison: Comparison }>;
  readonly floors: readonly Floor[];

  /** @param results in order of their seeds */
  constructor(results: readonly SeedResult[]) {
    this.results = results;
    this.switches = presetKeys.map((key) => ({
      key,
      onRecommended: compareSwitch(this.of(recommended), this.of(recommendedWithout(key))),
      onSentinel: compareSwitch(this.of(sentinelWith(key)), this.of(sentinel)),
    }));
    this.elsewhere = new Map(
      Object.entries(otherEstates).flatMap(([name, { key }]) => {
        if (key === undefined) return [];
        const on = this.ofEstate(name, recommended);
        const off = this.ofEstate(name, recommendedWithout(key));
        return [[name, { key, comparison: compareSwitch(on, off) }] as const];
      }),
    );
    this.floors = [
      ...floorsOf(this.of(recommended), this.of(sentinel)),
      undefended([
        ...this.switches.map(({ key, onRecommended: comparison }) => {
          return { key, comparison, where: 'the estate assumed' };
        }),
        ...[...this.elsewhere].map(([where, { key, comparison }]) => ({ key, comparison, where })),
      ]),
    ];
  }

  /** By seed. */
  of(setting: Setting): readonly Outcome[] {
    return this.results.map(({ outcomes }) => outcomes.get(meaningOf(setting))!);
  }

  ofPoisoned(setting: Setting): readonly Outcome[] {
    return this.results.map(({ poisoned }) => poisoned.get(meaningOf(setting))!);
  }

  ofEstate(name: string, setting: Setting): readonly Outcome[] {
    return this.results.map(({ elsewhere }) => elsewhere.get(name)!.get(meaningOf(setting))!);
  }
}

/** Changes with all that the evaluation rests on but the code of the detector itself. */
export function fingerprint(): string {
  const made = {
    seeds,
    parameterTable,
    settings: allSettings().map(meaningOf),
    otherEstates: Object.values(otherEstates).map(({ changes }) => changes),
    attacks: Object.entries(attackKinds).map(([name, { sight, what }]) => [name, sight, what]),
  };
  return createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 12);
}
