/** Says of each switch of the preset table whether it makes things better, and why it is on if not. */
import type { PresetKey } from '../../src/config/presets.js';
import { type FigureName, spreadOf } from './figures.js';
import type { Outcome } from './measure.js';

interface Change {
  readonly figure: FigureName;
  /** Difference of the means: with the switch as recommended, less with it as in sentinel. */
  readonly difference: number;
  readonly verdict: 'better' | 'worse' | 'same';
}

export interface Comparison {
  readonly changes: readonly Change[];
  readonly verdict: 'better' | 'worse' | 'trade' | 'no difference';
}

/** What counts as a difference, and which way is up. */
const judged: readonly { figure: FigureName; least: number; up: boolean }[] = [
  { figure: 'precision', least: 0.01, up: true },
  { figure: 'recall', least: 0.01, up: true },
  { figure: 'falsePerDay', least: 0.25, up: false },
  { figure: 'warmUp', least: 5, up: false },
];

/** @param on with the recommended value of the switch, @param off with sentinel's; by seed */
export function compareSwitch(on: readonly Outcome[], off: readonly Outcome[]): Comparison {
  const changes = judged.map(({ figure, least, up }): Change => {
    const difference = spreadOf(figure, on).mean - spreadOf(figure, off).mean;
    const good = up ? difference : -difference;
    // A precision without alerts is no number: then neither way.
    const verdict = good >= least ? 'better' : good <= -least ? 'worse' : 'same';
    return { figure, difference, verdict };
  });
  const has = (verdict: Change['verdict']) => changes.some((change) => change.verdict === verdict);
  if (has('better')) return { changes, verdict: has('worse') ? 'trade' : 'better' };
  return { changes, verdict: has('worse') ? 'worse' : 'no difference' };
}

/** Why a switch is on although the figures alone do not say so. */
export const defences: Readonly<Partial<Record<PresetKey, string>>> = {};
