/** The figures by which settings are compared, over all seeds. */
import type { Sight } from './attacks.js';
import {
  alertsPerDay,
  falseAlertsPerDay,
  type Outcome,
  precisionFrom,
  precisionOfAlerts,
  precisionOfCases,
  recall,
  silenced,
  worstWarmUpDay,
} from './measure.js';

interface Figure {
  readonly title: string;
  readonly what: string;
  readonly of: (outcome: Outcome) => number;
  readonly unit: 'share' | 'count' | 'days';
}

const recallOf =
  (sight: Sight) =>
  (outcome: Outcome): number =>
    recall(outcome, sight);

export const figures = {
  perDay: {
    title: 'alerts/day',
    what: 'alerts per day after the warm-up, attacks included',
    of: (outcome) => alertsPerDay(outcome).mean,
    unit: 'count',
  },
  falsePerDay: {
    title: 'false/day',
    what: 'of these, those that belong to no attack',
    of: falseAlertsPerDay,
    unit: 'count',
  },
  maxDay: {
    title: 'worst day',
    what: 'alerts of the worst day after the warm-up',
    of: (outcome) => alertsPerDay(outcome).max,
    unit: 'count',
  },
  warmUp: {
    title: 'worst day of week 1',
    what: 'alerts of the worst day of the first week, in which there is no attack',
    of: worstWarmUpDay,
    unit: 'count',
  },
  precision: {
    title: 'precision',
    what: 'share of the alerts that belong to an attack',
    of: precisionOfAlerts,
    unit: 'share',
  },
  cases: {
    title: 'precision of cases',
    what: 'the same of cases; a case is all alerts of one host on one day',
    of: precisionOfCases,
    unit: 'share',
  },
  medium: {
    title: 'precision, medium up',
    what: 'precision of the alerts of level medium, high and critical',
    of: (outcome) => precisionFrom('medium', outcome),
    unit: 'share',
  },
  high: {
    title: 'precision, high up',
    what: 'precision of the alerts of level high and critical',
    of: (outcome) => precisionFrom('high', outcome),
    unit: 'share',
  },
  critical: {
    title: 'precision, critical',
    what: 'precision of the alerts of level critical',
    of: (outcome) => precisionFrom('critical', outcome),
    unit: 'share',
  },
  recall: {
    title: 'recall',
    what: 'share of the visible attacks that raised an alert which nothing held back',
    of: recallOf('visible'),
    unit: 'share',
  },
  margin: {
    title: 'margin',
    what: 'the same of attacks that are found or not by a hair',
    of: recallOf('margin'),
    unit: 'share',
  },
  uploads: {
    title: 'uploads',
    what: 'the same of stolen data sent to a fresh host',
    of: recallOf('upload'),
    unit: 'share',
  },
  blind: {
    title: 'blind',
    what: 'the same of attacks that the recommended preset cannot find',
    of: recallOf('blind'),
    unit: 'share',
  },
  silenced: {
    title: 'silenced',
    what: 'attacks found, but held back as repeat or by an exclusion, and never shown',
    of: silenced,
    unit: 'count',
  },
  hosts: {
    title: 'hosts',
    what: 'distinct hosts that alerted after the warm-up',
    of: ({ hosts }) => hosts,
    unit: 'count',
  },
  first: {
    title: 'first alert',
    what: 'days from the first event of all to the first alert',
    of: ({ firstAlertDays }) => firstAlertDays,
    unit: 'days',
  },
  threshold: {
    title: 'threshold',
    what: 'KiB above which a JPEG was large, on average over the alerts',
    of: ({ thresholdKib }) => thresholdKib,
    unit: 'count',
  },
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof figures;

export interface Spread {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** NaN if any of them is: a precision without alerts is none. */
export function spreadOf(name: FigureName, outcomes: readonly Outcome[]): Spread {
  const values = outcomes.map((outcome) => figures[name].of(outcome));
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    low: Math.min(...values),
    high: Math.max(...values),
  };
}

/** `0.38 (0.36–0.41)`, or without the range where there is none. */
export function spreadText(name: FigureName, { mean, low, high }: Spread): string {
  if (Number.isNaN(mean)) return '–';
  const digits = figures[name].unit === 'share' ? 2 : 1;
  const [m, l, h] = [mean, low, high].map((value) => value.toFixed(digits));
  return l === h ? m! : `${m} (${l}–${h})`;
}
