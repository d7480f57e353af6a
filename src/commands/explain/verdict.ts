/** The last line of an explanation: the verdict in one sentence, and what would have to differ. */
import type { Config } from '../../config/config.js';
import { formatSize } from '../../config/units.js';
import { warmUp } from '../../detect/warm-up.js';
import { parseErrors } from '../../fields.js';
import type { Alert, Direction } from '../../verdict.js';
import { missingSize } from './event.js';
import { type ComparedSide, hostInWords, sizeNeeded } from './rule.js';
import type { Trace } from './trace.js';
import { anyOf, momentInWords, quote } from './words.js';

export interface ExplainedVerdict {
  readonly outcome: 'alert' | 'held_back' | 'no_alert';
  /** Of the alert, held back or not; null if there is none. */
  readonly level: Alert['level'] | null;
  /** What holds the alert back. */
  readonly by: 'exclusion' | 'repeat' | null;
  /** The exclusion that holds it back, or what repeats share; '' if nothing does. */
  readonly name: string;
  /** What each skipped direction is skipped by. */
  readonly skipped: Readonly<Partial<Record<Direction, 'method' | 'status' | 'action'>>>;
  readonly sentence: string;
  /** What would have to differ for an alert; empty if there is one. */
  readonly needed: readonly string[];
}

export function verdictOf(trace: Trace, config: Config, repeatName: string): ExplainedVerdict {
  const { examination } = trace;
  const skipped = Object.fromEntries(
    (examination?.sides ?? []).flatMap(({ side }) =>
      side.skip === null ? [] : [[side.direction, side.skip.by]],
    ),
  );
  const nothing = { level: null, by: null, name: '', skipped } as const;
  const alert = examination?.alert ?? null;
  if (examination === null || alert === null) {
    const { why, needed } = obstaclesOf(trace, config);
    return { ...nothing, outcome: 'no_alert', sentence: `no alert: ${why}`, needed };
  }
  const { level } = alert;
  if (examination.exclusion !== null) {
    const { name } = examination.exclusion;
    const sentence = `held back by exclusion ${quote(name)}: ${alert.reason}`;
    const needed = [`exclusion ${quote(name)} would have to match no longer`];
    return { ...nothing, outcome: 'held_back', level, by: 'exclusion', name, sentence, needed };
  }
  if (examination.repeat !== null) {
    const { firstMs } = examination.repeat;
    const of = `the alert of ${momentInWords(firstMs)} (${repeatName})`;
    const untilMs = firstMs + config.detection.suppress.windowMs;
    const needed = [`it would have to come after ${momentInWords(untilMs)}`];
    const sentence = `held back as a repeat of ${of}: ${alert.reason}`;
    const by = 'repeat';
    return { ...nothing, outcome: 'held_back', level, by, name: repeatName, sentence, needed };
  }
  const sentence = `ALERT ${level}: ${alert.reason}`;
  return { ...nothing, outcome: 'alert', level, sentence, needed: [] };
}

interface Obstacles {
  readonly why: string;
  readonly needed: readonly string[];
}

function obstaclesOf(trace: Trace, config: Config): Obstacles {
  const { fields, feed, stop, examination } = trace;
  const profile = feed?.profile;
  switch (stop) {
    case 'truncated': {
      const limit = formatSize(config.listen.maxMessageBytes);
      const why = `the event was cut at listen.max_message (${limit}), and what is cut is never judged`;
      return { why, needed: ['a shorter event, or a larger listen.max_message'] };
    }
    case 'unparsed':
      return {
        why: `it cannot be judged: ${parseErrors[fields.problem] || 'not CEF'}`,
        needed: ['a whole CEF header: CEF:0|vendor|product|version|id|name|severity|'],
      };
    case 'switched_off':
      return {
        why: `the feed ${quote(feed!.name)} is switched off`,
        needed: ['judge: true for it in `feeds`'],
      };
    case 'not_jpeg': {
      const { urlSuffixes, fileTypes } = config.detection.jpeg;
      const types =
        profile!.fileType.length === 0
          ? []
          : [`or a file type (${names(profile!.fileType)}) of ${anyOf(fileTypes.map(quote))}`];
      const needed = [
        `a URL (${names(profile!.url)}) that ends in ${anyOf(urlSuffixes)}`,
        ...types,
      ];
      return { why: 'it is not a JPEG', needed };
    }
    case 'no_url':
      return {
        why: 'it is a JPEG by its type, but has no URL',
        needed: [`a URL: the feed's profile reads ${names(profile!.url)}`],
      };
    case null:
      return ofSides(trace, examination!.sides.length, config);
  }
}

function names(refs: readonly { readonly name: string }[]): string {
  return anyOf(refs.map(({ name }) => name));
}

function ofSides(trace: Trace, sides: number, config: Config): Obstacles {
  if (sides === 0) {
    const needed = ['the method POST, PUT or PATCH, or without one more bytes sent than received'];
    return { why: 'it is no upload (direction: upload)', needed };
  }
  const all = trace.examination!.sides.map(({ side, comparison }) => {
    const of = sides > 1 ? `${side.direction}: ` : '';
    const found =
      comparison === null ? ofSkip(side.skip!) : ofSide(trace, { side, comparison }, config);
    return { why: `${of}${found.why}`, needed: found.needed.map((need) => `${of}${need}`) };
  });
  return {
    why: all.map(({ why }) => why).join('; '),
    needed: all.flatMap(({ needed }) => needed),
  };
}

function ofSkip({ by, value }: { readonly by: string; readonly value: string }): Obstacles {
  const setting = by === 'status' ? 'skip.statuses' : `skip.${by}s`;
  return {
    why: `it is skipped by its ${by} ${quote(value)}`,
    needed: [`another ${by}: ${quote(value)} is one of those in ${setting}`],
  };
}

/** The first of them is why. */
function ofSide(trace: Trace, { side, comparison }: ComparedSide, config: Config): Obstacles {
  const { detection } = config;
  const { threshold, compared, large } = comparison;
  const found: (readonly [why: string, needed: string])[] = [];
  if (Number.isNaN(side.bytes)) {
    const { mostSuspicious } = detection;
    const words = missingSize(trace.fields, trace.examination!.event, side, mostSuspicious);
    found.push(['it has no size', `a size, which is ${words}`]);
  }
  const { ready, text } = warmUp(threshold, detection);
  if (!ready) {
    found.push(['the baseline is not ready', `a baseline to compare with; it is ${text}`]);
  }
  if (compared && !large) {
    const needs = sizeNeeded(side.bytes, threshold.bytes!, detection);
    found.push(['it is not large', needs]);
  }
  const host = trace.hosts.get(side.direction)!;
  if (host.state === 'known') {
    const words = hostInWords(host, trace.examination!.hour);
    const needed = `a host that is new; ${quote(host.host)} is ${words}`;
    found.push(['the host is known', needed]);
  }
  return { why: found[0]?.[0] ?? '', needed: found.map(([, needed]) => needed) };
}
