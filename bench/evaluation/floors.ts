/** What must hold for the evaluation to pass. Broken floors are named, and the command ends with 1. */
import type { PresetKey } from '../../src/config/presets.js';
import { type Comparison, defences } from './compare.js';
import { type FigureName, spreadOf } from './figures.js';
import type { Outcome } from './measure.js';

export interface Floor {
  readonly text: string;
  /** What was seen. */
  readonly seen: string;
  readonly holds: boolean;
}

/** Bounds that a team of a few people can live with, for the estate assumed. */
export const bounds = {
  recall: 0.9,
  alertsPerDay: 15,
  worstDay: 40,
  warmUpDay: 40,
} as const;

/** Of runs over the traffic assumed, by seed. */
export function floorsOf(
  recommended: readonly Outcome[],
  sentinel: readonly Outcome[],
): readonly Floor[] {
  const mean = (name: FigureName, of: readonly Outcome[]) => spreadOf(name, of).mean;
  const worst = (name: FigureName) => spreadOf(name, recommended).high;
  const low = spreadOf('recall', recommended).low;
  const [precision, precisionBefore] = [recommended, sentinel].map((of) => mean('precision', of));
  const [recall, recallBefore] = [recommended, sentinel].map((of) => mean('recall', of));
  const found = recommended.flatMap(({ fates }) =>
    fates.filter(({ sight, alerted }) => sight === 'blind' && alerted).map(({ kind }) => kind),
  );
  const atMost = (what: string, value: number, bound: number): Floor => ({
    text: `recommended: ${what} at most ${bound}`,
    seen: value.toFixed(1),
    holds: value <= bound,
  });
  return [
    {
      text: `recommended: recall of visible attacks at least ${bounds.recall} with every seed`,
      seen: low.toFixed(2),
      holds: low >= bounds.recall,
    },
    atMost('alerts per day, mean of every seed,', worst('perDay'), bounds.alertsPerDay),
    atMost('alerts on the worst day', worst('maxDay'), bounds.worstDay),
    atMost('alerts on the worst day of the first week', worst('warmUp'), bounds.warmUpDay),
    {
      text: 'recommended is more precise than sentinel, and finds as many visible attacks or more',
      seen: `precision ${precision!.toFixed(2)} and ${precisionBefore!.toFixed(2)}, recall ${recall!.toFixed(2)} and ${recallBefore!.toFixed(2)}`,
      holds: precision! > precisionBefore! && recall! >= recallBefore!,
    },
    {
      text: 'recommended: alerts of level high and critical are more precise than all alerts',
      seen: `${mean('high', recommended).toFixed(2)} and ${precision!.toFixed(2)}`,
      holds: mean('high', recommended) > precision!,
    },
    {
      text: 'recommended finds none of the attacks that this document says it cannot find',
      seen: found.length === 0 ? 'none found' : `found: ${[...new Set(found)].join(', ')}`,
      holds: found.length === 0,
    },
  ];
}

/** @param comparisons with the switch and the estate that each is about */
export function undefended(
  comparisons: readonly { key: PresetKey; where: string; comparison: Comparison }[],
): Floor {
  const open = comparisons
    .filter(({ key, comparison }) => comparison.verdict === 'worse' && !(key in defences))
    .map(({ key, where }) => `${key} (${where})`);
  return {
    text: 'every switch that makes things worse is off by default, or defended in a sentence',
    seen: open.length === 0 ? 'none undefended' : `undefended: ${open.join(', ')}`,
    holds: open.length === 0,
  };
}

export const exitCode = (floors: readonly Floor[]): 0 | 1 =>
  floors.every(({ holds }) => holds) ? 0 : 1;
