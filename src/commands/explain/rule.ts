/** What the rule made of a JPEG event: the later steps of an explanation. */
import type { DetectionConfig } from '../../config/config.js';
import { day } from '../../config/expiry.js';
import { formatDuration, formatSize } from '../../config/units.js';
import { ratioOf } from '../../detect/alert/alert.js';
import { levelInWords } from '../../detect/alert/level.js';
import { isMismatch } from '../../detect/alert/mismatch.js';
import { ordinal } from '../../detect/alert/reason.js';
import { JpegTestResult } from '../../detect/event/jpeg.js';
import type { Examination, SideExamination, ToLearn } from '../../detect/examine.js';
import type {
  ExclusionExplanation,
  Exclusions,
  FieldExplanation,
} from '../../detect/exclusions/exclusions.js';
import type { Repeats } from '../../detect/repeats/repeats.js';
import type { Comparison } from '../../detect/rule.js';
import { warmUp } from '../../detect/warm-up.js';
import { msPerHour } from '../../hour.js';
import { count, countOf } from '../../observe/counted.js';
import type { Alert, Direction } from '../../verdict.js';
import type { HostFacts, Trace } from './trace.js';
import {
  bounded,
  hourInWords,
  minuteInWords,
  moment,
  momentInWords,
  quote,
  sizeInWords,
  type Told,
} from './words.js';

/** A side that was compared. */
export type ComparedSide = Pick<SideExamination, 'side'> & { readonly comparison: Comparison };

/** What is told of each side, together. */
export function tellSides(
  sides: readonly ComparedSide[],
  tell: (side: ComparedSide) => Told,
): Told {
  const told = sides.map((one) => ({ direction: one.side.direction, ...tell(one) }));
  return {
    lines: told.flatMap(({ direction, lines }) => lines.map((line) => `${direction}: ${line}`)),
    facts: Object.fromEntries(told.map(({ direction, facts }) => [direction, facts])),
  };
}

export function tellBaseline({ comparison }: ComparedSide, detection: DetectionConfig): Told {
  const { threshold } = comparison;
  const { bytes, samples, hours, fromMs, toMs } = threshold;
  const { ready, text } = warmUp(threshold, detection);
  const percentile = `the ${ordinal(detection.percentileMilli / 1000)} percentile`;
  const span = `${minuteInWords(fromMs)} to ${minuteInWords(toMs)}`;
  const lines = [text];
  if (bytes !== null) {
    lines.push(
      `threshold ${sizeInWords(bytes)}: ${percentile} of ${countOf(samples, 'JPEG')} ` +
        `in ${countOf(hours, 'hour')}, ${span}`,
    );
  }
  const facts = {
    ready,
    text,
    threshold_bytes: bytes,
    samples,
    hours,
    from: hours === 0 ? null : moment(fromMs),
    to: hours === 0 ? null : moment(toMs),
  };
  return { lines, facts };
}

export function tellComparison({ side, comparison }: ComparedSide, detection: Limits): Told {
  const { threshold, compared, large } = comparison;
  const ratio = compared ? ratioOf(side.bytes, threshold.bytes!) : null;
  const facts = { compared, large, ratio, minimum_bytes: detection.minimumBytes };
  if (!compared) {
    const lacks = Number.isNaN(side.bytes) ? 'there is no size' : 'the baseline is not ready';
    return { lines: [`not compared: ${lacks}`], facts };
  }
  const times = `${count(ratio!)} times the threshold`;
  const minimum =
    detection.minimumBytes > 0
      ? `, and minimum_bytes (${formatSize(detection.minimumBytes)}) at least`
      : '';
  const line = large
    ? `large: ${times}${minimum}`
    : `not large, ${times}: ${sizeNeeded(side.bytes, threshold.bytes!, detection)}`;
  return { lines: [line], facts };
}

type Limits = Pick<DetectionConfig, 'minimumBytes'>;

/** `it would need more than 1.4 MiB; it has 900 KiB`. */
export function sizeNeeded(
  bytes: number,
  thresholdBytes: number,
  { minimumBytes }: Limits,
): string {
  const needs =
    minimumBytes > thresholdBytes
      ? `${sizeInWords(minimumBytes)} at least (minimum_bytes)`
      : `more than ${sizeInWords(thresholdBytes)}`;
  return `it would need ${needs}; it has ${sizeInWords(bytes)}`;
}

export function tellHostState(facts: HostFacts, hour: number): Told {
  return {
    lines: [`${facts.host === '' ? '' : `${quote(facts.host)}: `}${hostInWords(facts, hour)}`],
    facts: {
      host: bounded(facts.host),
      host_state: facts.state,
      first_seen: facts.firstSeenMs === 0 ? null : moment(facts.firstSeenMs),
      last_seen: facts.lastSeenMs === 0 ? null : moment(facts.lastSeenMs),
    },
  };
}

export function hostInWords({ state, firstSeenMs, lastSeenMs }: HostFacts, hour: number): string {
  if (state === 'absent') return 'the event names no host, so none can vouch for it: it is new';
  if (firstSeenMs === 0) return 'never seen: it is new';
  const seen =
    firstSeenMs === lastSeenMs
      ? `seen in the ${hourInWords(firstSeenMs)}`
      : `first seen in the ${hourInWords(firstSeenMs)}, last in the ${hourInWords(lastSeenMs)}`;
  const itself =
    firstSeenMs === hour * msPerHour ? '; that is this hour: it may have been this very event' : '';
  if (state === 'known') return `known: ${seen}`;
  return state === 'pending'
    ? `new: ${seen}, too recently to count as known${itself}`
    : `new: ${seen}, which is not in the lookback`;
}

export function tellMismatch({ event }: Examination, detection: DetectionConfig): Told {
  const { jpeg, placeholders } = detection;
  const mismatch = isMismatch({ fileType: event.fileType, url: event.url, jpeg, placeholders });
  const words = mismatch ? 'disagree' : 'do not disagree';
  const type = event.fileType === '' ? '' : ` (${quote(event.fileType)})`;
  return { lines: [`file type${type} and name ${words}`], facts: { mismatch } };
}

export function tellLevel(alert: Alert, { level }: DetectionConfig): Told {
  const { ratio, host_state: hostState, mismatch = false, direction, also } = alert;
  const lines = levelInWords({ ratio, hostState, mismatch, direction }, level);
  const more =
    also === undefined
      ? []
      : [
          `the ${also.direction} calls for an alert too (level ${also.level}): it is told in \`also\``,
        ];
  return { lines: [...lines, ...more], facts: { level: alert.level, points: lines.slice(1) } };
}

/** At most so many exclusions are told field by field. */
const maxTold = 10;

export function tellExclusions(examination: Examination, exclusions: Exclusions): Told {
  const all = exclusions.explain(examination.facts, examination.atMs);
  if (all.length === 0) return { lines: ['there are none'], facts: { exclusions: [] } };
  const matched = all.filter(({ outcome }) => outcome === 'matched');
  const others = all.filter(({ outcome }) => outcome === 'expired' || outcome === 'nearly');
  const told = [...matched, ...others].slice(0, maxTold);
  const rest = all.length - told.length;
  const effect = effectOf(examination);
  const lines = [
    ...(matched.length === 0 ? ['none matches'] : [effect]),
    ...told.flatMap(exclusionInWords),
    ...(rest > 0 ? [`${count(rest)} more ${rest === 1 ? 'does' : 'do'} not match`] : []),
  ];
  const facts = told.map(({ exclusion, outcome, fields }) => ({
    name: exclusion.name,
    outcome,
    learn: exclusion.learn,
    fields,
  }));
  return { lines, facts: { exclusions: facts, others: rest } };
}

function effectOf({ alert, exclusion }: Examination): string {
  if (alert !== null) return `the alert is held back by ${quote(exclusion?.name ?? '')}`;
  if (exclusion !== null && !exclusion.learn) return 'there is no alert to hold back';
  return 'there is no alert to hold back, and what is excluded is learned';
}

function exclusionInWords(told: ExclusionExplanation): readonly string[] {
  const { exclusion, outcome, fields } = told;
  const failed = fields.filter(({ passed }) => !passed);
  const heads = {
    matched: `${quote(exclusion.name)} matches`,
    expired: `${quote(exclusion.name)} would match, but has expired after ${day(exclusion.expiresMs ?? 0)}`,
    nearly: `${quote(exclusion.name)} nearly matches: ${count(fields.length - failed.length)} of ${countOf(fields.length, 'field')}`,
    no: `${quote(exclusion.name)} does not match`,
  };
  const shown = outcome === 'nearly' ? failed : fields;
  return [heads[outcome], ...shown.slice(0, maxTold).map((field) => `  ${fieldInWords(field)}`)];
}

/** `destination|domain "a.example": the event holds "b.example" (dhost)`. */
export function fieldInWords({ field, wanted, holds, near }: FieldExplanation): string {
  const why = near === '' ? '' : `; ${near}`;
  return `${field} ${wanted}: the event holds ${holds}${why}`;
}

export function tellRepeats(
  { repeatKey, repeat, exclusion, atMs }: Examination,
  repeats: Repeats,
  { suppress }: DetectionConfig,
): Told {
  const window = formatDuration(suppress.windowMs);
  if (exclusion !== null) {
    return { lines: ['not asked: an exclusion holds the alert back'], facts: { repeat: false } };
  }
  if (repeatKey === null) {
    return { lines: ['repeats are not held back (suppress.by: none)'], facts: { repeat: false } };
  }
  if (repeat === null) {
    const line = `no alert like it in the ${window} before: it is raised, and those like it are held back for ${window}`;
    return { lines: [line], facts: { repeat: false, by: suppress.by } };
  }
  const { name = '', reason = '' } = repeats.suppressedBy(repeatKey, repeat);
  const untilMs = repeat.firstMs + suppress.windowMs;
  const itself =
    Math.abs(repeat.firstMs - atMs) < 1000
      ? ['it was raised at this very moment: most likely by this event itself']
      : [];
  return {
    lines: [
      `${name}: ${reason}`,
      `number ${count(repeat.count)} of its repeats; held back until ${momentInWords(untilMs)}`,
      ...itself,
    ],
    facts: {
      repeat: true,
      by: suppress.by,
      name,
      count: repeat.count,
      first: moment(repeat.firstMs),
      until: moment(untilMs),
    },
  };
}

export function tellLearning({ jpeg, examination }: Trace): Told {
  const learned = (examination?.sides ?? []).flatMap(({ side, toLearn }) =>
    toLearn === null ? [] : [[side.direction, toLearn] as const],
  );
  const facts = Object.fromEntries(learned.map(([direction, told]) => [direction, factOf(told)]));
  if (learned.length > 0) return { lines: learned.map(learnedInWords), facts };
  return { lines: [`nothing: ${whyNothing({ jpeg, examination })}`], facts };
}

function factOf({ bytes, host }: ToLearn) {
  return { bytes: Number.isNaN(bytes) ? null : bytes, host: bounded(host) };
}

function learnedInWords([direction, { bytes, host }]: readonly [Direction, ToLearn]): string {
  const size = Number.isNaN(bytes) ? 'no size' : sizeInWords(bytes);
  return `${direction}: ${size}, ${host === '' ? 'no host' : `host ${quote(host)}`}`;
}

function whyNothing({ jpeg, examination }: Pick<Trace, 'jpeg' | 'examination'>): string {
  if (jpeg?.result === JpegTestResult.judgedOnly) return 'its file type is spelled in another case';
  const exclusion = examination?.exclusion ?? null;
  if (exclusion !== null && !exclusion.learn) {
    return `exclusion ${quote(exclusion.name)} keeps it from being learned (learn: false)`;
  }
  return examination?.sides.length === 0 ? 'it is no upload' : 'it is skipped';
}
