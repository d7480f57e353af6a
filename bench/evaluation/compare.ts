/** Says of each switch of the preset table whether it makes things better, and why it is on if not. */
import type { PresetKey } from '../../src/config/presets.js';
import { type FigureName, spreadOf } from './figures.js';
import type { Outcome } from './measure.js';

export interface Change {
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
export const judged = [
  { figure: 'precision', least: 0.01, up: true },
  { figure: 'recall', least: 0.01, up: true },
  { figure: 'falsePerDay', least: 0.25, up: false },
  { figure: 'warmUp', least: 5, up: false },
] as const satisfies readonly { figure: FigureName; least: number; up: boolean }[];

/** A loss of so much recall is bought by nothing. */
export const gravest = 0.1;

/** @param on with the recommended value of the switch, @param off with sentinel's; by seed */
export function compareSwitch(on: readonly Outcome[], off: readonly Outcome[]): Comparison {
  const changes = judged.map(({ figure, least, up }): Change => {
    const difference = spreadOf(figure, on).mean - spreadOf(figure, off).mean;
    const good = up ? difference : -difference;
    // Without alerts there is no precision, and no difference of it.
    const verdict = good >= least ? 'better' : good <= -least ? 'worse' : 'same';
    return { figure, difference, verdict };
  });
  const has = (verdict: Change['verdict']) => changes.some((change) => change.verdict === verdict);
  if (changes.some(({ figure, difference }) => figure === 'recall' && difference <= -gravest)) {
    return { changes, verdict: 'worse' };
  }
  if (has('better')) return { changes, verdict: has('worse') ? 'trade' : 'better' };
  return { changes, verdict: has('worse') ? 'worse' : 'no difference' };
}

/** Why a switch is on where the figures alone do not say so. */
export const defences: Readonly<Partial<Record<PresetKey, string>>> = {
  zero_bytes:
    'A size of 0 is a feed that did not count. Where a feed writes many of them, they pull the percentile ' +
    'down for everyone; here it is one answer in a hundred.',
  minimum_bytes:
    'Of use only where the percentile is below it. There it trades attacks smaller than 256 KiB for fewer ' +
    'alerts; that payloads worth hiding are larger is an assumption.',
  minimum_samples:
    'A guard for small feeds: the 95th percentile of 20 pictures is the largest but one. The estate ' +
    'assumed has more than that within an hour.',
  minimum_history:
    'It is for the first days: see the worst day of week 1, on top of sentinel. Its price is paid by ' +
    'estates whose nights and weekends hold no data: six days of twelve hours hold 48 to 60, and 72 are asked ' +
    'for. They are never ready, which the log and the metrics say; they should set 24h.',
};
