/** From the would-be alerts of a setting to the figures of its row, and to the hosts they were of. */
import type { DetectionConfig } from '../../config/config.js';
import { hostKeyFor } from '../../detect/event/host.js';
import { Repeats } from '../../detect/repeats/repeats.js';
import { Counters } from '../../observe/counters.js';
import type { HostState } from '../../verdict.js';
import type { JpegEvents } from '../logs/jpeg-events.js';
import { type Finding, remembering } from '../logs/verdicts.js';
import type { Digest, EventDetails } from './details.js';
import type { Outcome } from './runs.js';
import type { Variant } from './settings.js';

const msPerDay = 86_400_000;
const maxTopHosts = 10;

export interface Figures {
  /** Would-be alerts, repeats among them, as `hunt` lists them. */
  readonly alerts: number;
  /** Mean over the days that were judged; null if none was. */
  readonly perDay: number | null;
  /** The UTC day with the most, the first of equal ones; null without alerts. */
  readonly worstDay: { readonly dayMs: number; readonly alerts: number } | null;
  /** Alerts that are left once repeats are held back. */
  readonly raised: number;
  readonly raisedPerDay: number | null;
  /** Distinct hosts of the would-be alerts, by the name under which they are known. */
  readonly hosts: number;
  /** Would-be alerts that an exclusion holds back. */
  readonly excluded: number;
  /** Of the first direction at the last event; null if there is none. */
  readonly thresholdBytes: number | null;
  /** Days with an event in which the baseline was ready. */
  readonly judgedDays: number;
}

/** What figures are made from, beside the outcome. */
export interface Columns {
  readonly events: JpegEvents;
  readonly details: EventDetails;
}

export function figuresOf(outcome: Outcome, detection: DetectionConfig, columns: Columns): Figures {
  const { alerts, excluded, judgedDays, thresholds } = outcome;
  const hostKey = hostKeyOf(detection);
  const raised = countRaised(alerts, detection, columns, hostKey);
  const hosts = new Set(alerts.map((finding) => hostKey(hostOf(finding))));
  hosts.delete('');
  const perDay = (some: number) => (judgedDays === 0 ? null : some / judgedDays);
  return {
    alerts: alerts.length,
    perDay: perDay(alerts.length),
    worstDay: worstDayOf(alerts, columns.events),
    raised,
    raisedPerDay: perDay(raised),
    hosts: hosts.size,
    excluded: excluded.length,
    thresholdBytes: thresholds[0]?.bytes ?? null,
    judgedDays,
  };
}

/** Would-be alerts that this exclusion holds back and no other would. */
export function heldByAlone(
  { excluded }: Outcome,
  exclusion: NonNullable<Variant['exclusion']>,
  { sets, setOf }: EventDetails,
): number {
  return excluded.filter(({ index }) => {
    const set = sets[setOf[index]!]!;
    return set.length === 1 && set[0] === exclusion;
  }).length;
}

/** By the sidecar's own memory of repeats, at the time of each event. */
function countRaised(
  alerts: readonly Finding[],
  { suppress }: DetectionConfig,
  { events, details }: Columns,
  hostKey: (host: string) => string,
): number {
  const repeats = new Repeats({ suppress, counters: new Counters() });
  let raised = 0;
  for (const finding of alerts) {
    const { index, sides } = finding;
    const key = repeats.keyOf({
      direction: sides[0].direction,
      host: hostKey(hostOf(finding)),
      feed: details.feeds[index]!,
      account: digestText(details.accounts[index]!),
      filename: digestText(details.filenames[index]!),
    });
    if (key === null || repeats.check(key, events.timesMs[index]!) === null) raised++;
  }
  return raised;
}

function digestText(digest: Digest): string {
  return digest === 0 ? '' : `${digest}`;
}

function worstDayOf(alerts: readonly Finding[], { timesMs }: JpegEvents): Figures['worstDay'] {
  let worst: Figures['worstDay'] = null;
  const countOf = new Map<number, number>();
  for (const { index } of alerts) {
    const dayMs = Math.floor(timesMs[index]! / msPerDay) * msPerDay;
    countOf.set(dayMs, (countOf.get(dayMs) ?? 0) + 1);
  }
  for (const [dayMs, count] of countOf) {
    if (worst === null || count > worst.alerts) worst = { dayMs, alerts: count };
  }
  return worst;
}

export interface TopHost {
  /** The name under which it is known; '' stands for events that name none. */
  readonly host: string;
  readonly alerts: number;
  readonly largestBytes: number;
  /** What it was at its first alert. */
  readonly state: HostState;
  /** The hour that its first alert tells, or else the moment of that alert, epoch ms. */
  readonly firstSeenMs: number;
  /** Distinct users in its alerts; those that name none do not count. */
  readonly users: number;
}

/** The hosts with the most would-be alerts; among equal ones the first to alert is first. */
export function topHosts(
  { alerts }: Outcome,
  detection: DetectionConfig,
  { events, details }: Columns,
): readonly TopHost[] {
  const hostKey = hostKeyOf(detection);
  const groups = new Map<string, Finding[]>();
  for (const finding of alerts) {
    const host = hostKey(hostOf(finding));
    const group = groups.get(host);
    if (group === undefined) groups.set(host, [finding]);
    else group.push(finding);
  }
  return [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, maxTopHosts)
    .map(([host, findings]) => {
      const { index, sides } = findings[0]!;
      const { hostState, firstSeenMs } = sides[0].comparison;
      const users = new Set(findings.map((finding) => details.accounts[finding.index]!));
      users.delete(0);
      return {
        host,
        alerts: findings.length,
        largestBytes: findings.reduce((most, one) => Math.max(most, one.sides[0].bytes), 0),
        state: hostState!,
        firstSeenMs: firstSeenMs || events.timesMs[index]!,
        users: users.size,
      };
    });
}

function hostOf({ sides }: Finding): string {
  return sides[0].comparison.host;
}

/** As `hostKeyFor`, and '' for ''. */
function hostKeyOf(detection: DetectionConfig): (host: string) => string {
  const hostKey = remembering(hostKeyFor(detection));
  return (host) => (host === '' ? '' : hostKey(host));
}
