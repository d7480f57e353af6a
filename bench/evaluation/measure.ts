/** One run of a setting over the traffic of one seed, and what came of it. */
import type { Alert, Verdict } from '../../src/verdict.js';
import type { Incident, Sight } from './attacks.js';
import { msPerDay, startMs } from './estate.js';
import { isAttack } from './event.js';
import type { Judge } from './judge.js';
import type { LabelledFrame, LabelledTraffic } from './traffic.js';

export const levels = ['low', 'medium', 'high', 'critical'] as const;

interface Share {
  all: number;
  attacks: number;
}

/** What became of one attack. */
export interface Fate extends Incident {
  readonly alerted: boolean;
  /** Found, and held back by a repeat or an exclusion; an alert of it may have been raised as well. */
  readonly suppressed: boolean;
}

export interface Outcome {
  /** Alerts after the warm-up, and how many belong to attacks. */
  readonly alerts: Share;
  /** A case is what an analyst opens: all alerts of one host on one day. */
  readonly cases: Share;
  readonly byLevel: Readonly<Record<Alert['level'], Share>>;
  /** Alerts that were held back, after the warm-up. */
  readonly repeats: number;
  readonly excluded: number;
  /** Alerts by day of the run, the warm-up included. */
  readonly perDay: readonly number[];
  readonly warmUpDays: number;
  /** Hosts that alerted after the warm-up. */
  readonly hosts: number;
  /** Days from the first event to the first alert; NaN without one. */
  readonly firstAlertDays: number;
  /** Mean over the alerts; NaN without one. */
  readonly thresholdKib: number;
  readonly fates: readonly Fate[];
  /** Cases by the kind of benign event. */
  readonly benignCases: ReadonlyMap<string, number>;
}

export function measure(judge: Judge, traffic: LabelledTraffic): Outcome {
  const tally = new Tally(traffic);
  for (const labelled of traffic.frames)
    tally.add(labelled, judge(labelled.frame, labelled.timeMs));
  return tally.outcome();
}

class Tally {
  readonly #traffic: LabelledTraffic;
  readonly #alerts: Share = { all: 0, attacks: 0 };
  readonly #byLevel: Record<Alert['level'], Share> = {
    low: { all: 0, attacks: 0 },
    medium: { all: 0, attacks: 0 },
    high: { all: 0, attacks: 0 },
    critical: { all: 0, attacks: 0 },
  };
  readonly #cases = new Map<string, { attack: boolean; kind: string }>();
  readonly #hosts = new Set<string>();
  readonly #perDay: number[];
  readonly #alerted = new Set<number>();
  readonly #suppressed = new Set<number>();
  #thresholdBytes = 0;
  #repeats = 0;
  #excluded = 0;
  #firstAlertMs = Number.NaN;

  constructor(traffic: LabelledTraffic) {
    this.#traffic = traffic;
    this.#perDay = Array.from({ length: traffic.parameters.days }, () => 0);
  }

  add(labelled: LabelledFrame, { alert, suppressed }: Verdict): void {
    const { incident } = labelled.label;
    const day = Math.floor((labelled.timeMs - startMs) / msPerDay);
    const counts = day >= this.#traffic.parameters.warm_up_days;
    if (suppressed !== null) {
      if (isAttack(labelled)) this.#suppressed.add(incident);
      if (counts && suppressed.by === 'repeat') this.#repeats++;
      if (counts && suppressed.by === 'exclusion') this.#excluded++;
    }
    if (alert === null) return;
    if (Number.isNaN(this.#firstAlertMs)) this.#firstAlertMs = labelled.timeMs;
    // What runs past midnight of the last day is of the last day.
    this.#perDay[Math.min(day, this.#perDay.length - 1)]!++;
    if (isAttack(labelled)) this.#alerted.add(incident);
    if (counts) this.#count(labelled, alert, day);
  }

  #count(labelled: LabelledFrame, alert: Alert, day: number): void {
    const attack = isAttack(labelled);
    for (const share of [this.#alerts, this.#byLevel[alert.level]]) {
      share.all++;
      if (attack) share.attacks++;
    }
    this.#thresholdBytes += alert.threshold_bytes;
    this.#hosts.add(alert.host);
    const name = `${alert.host} ${day}`;
    const held = this.#cases.get(name);
    this.#cases.set(name, {
      attack: attack || held?.attack === true,
      kind: held?.kind ?? labelled.label.kind,
    });
  }

  outcome(): Outcome {
    const cases = [...this.#cases.values()];
    const benignCases = new Map<string, number>();
    for (const { attack, kind } of cases) {
      if (!attack) benignCases.set(kind, (benignCases.get(kind) ?? 0) + 1);
    }
    return {
      alerts: this.#alerts,
      cases: { all: cases.length, attacks: cases.filter(({ attack }) => attack).length },
      byLevel: this.#byLevel,
      repeats: this.#repeats,
      excluded: this.#excluded,
      perDay: this.#perDay,
      warmUpDays: this.#traffic.parameters.warm_up_days,
      hosts: this.#hosts.size,
      firstAlertDays: (this.#firstAlertMs - startMs) / msPerDay,
      thresholdKib: this.#thresholdBytes / 1024 / this.#alerts.all,
      fates: this.#traffic.incidents.map((incident, at) => ({
        ...incident,
        alerted: this.#alerted.has(at),
        suppressed: this.#suppressed.has(at),
      })),
      benignCases,
    };
  }
}

const share = ({ all, attacks }: Share): number => (all === 0 ? Number.NaN : attacks / all);

/** Share of alerts that belong to attacks; NaN without alerts. */
export const precisionOfAlerts = ({ alerts }: Outcome): number => share(alerts);

export const precisionOfCases = ({ cases }: Outcome): number => share(cases);

/** Of the alerts at a level or above it. */
export function precisionFrom(level: Alert['level'], { byLevel }: Outcome): number {
  const sum: Share = { all: 0, attacks: 0 };
  for (const name of levels.slice(levels.indexOf(level))) {
    sum.all += byLevel[name].all;
    sum.attacks += byLevel[name].attacks;
  }
  return share(sum);
}

/** Share of the attacks of this sight that raised an alert which nothing held back. */
export function recall(outcome: Outcome, sight: Sight): number {
  const fates = outcome.fates.filter((fate) => fate.sight === sight);
  return share({ all: fates.length, attacks: fates.filter(({ alerted }) => alerted).length });
}

/** Attacks that were found and never shown. */
export const silenced = ({ fates }: Outcome): number =>
  fates.filter(({ alerted, suppressed }) => suppressed && !alerted).length;

export function alertsPerDay({ perDay, warmUpDays }: Outcome): { mean: number; max: number } {
  const days = perDay.slice(warmUpDays);
  return { mean: days.reduce((sum, day) => sum + day, 0) / days.length, max: Math.max(...days) };
}

export const falseAlertsPerDay = ({ alerts, perDay, warmUpDays }: Outcome): number =>
  (alerts.all - alerts.attacks) / (perDay.length - warmUpDays);

/** Of the first days, in which a baseline that rests on little may flood. */
export const worstWarmUpDay = ({ perDay, warmUpDays }: Outcome): number =>
  Math.max(...perDay.slice(0, warmUpDays));
