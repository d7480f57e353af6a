/** One event in, every step out: what `explain` tells, as data and in words. */
import type { Config } from '../../config/config.js';
import type { Exclusions } from '../../detect/exclusions/exclusions.js';
import type { Repeats } from '../../detect/repeats/repeats.js';
import type { Fields } from '../../fields.js';
import { printable } from '../../observe/printable.js';
import * as event from './event.js';
import * as rule from './rule.js';
import { type Stop, type Trace, Tracer, type TracerOptions } from './trace.js';
import { type ExplainedVerdict, verdictOf } from './verdict.js';
import { type Step, type StepName, stepNames, type Told } from './words.js';

export interface Explanation {
  /** In order; those that were not reached are there too. */
  readonly steps: readonly Step[];
  readonly verdict: ExplainedVerdict;
}

export interface ExplainerOptions extends Omit<TracerOptions, 'detection' | 'momentOf'> {
  readonly config: Config;
  readonly exclusions: Exclusions;
  readonly repeats: Repeats;
  /** Asked once for each event that is judged, and at the end for one that is not. */
  readonly momentOf: (fields: Fields) => event.Moment;
}

type Tellers = Readonly<Partial<Record<StepName, () => Told>>>;

export class Explainer {
  readonly #options: ExplainerOptions;
  readonly #tracer: Tracer;
  #moment: event.Moment | null = null;

  constructor(options: ExplainerOptions) {
    this.#options = options;
    this.#tracer = new Tracer({
      ...options,
      detection: options.config.detection,
      momentOf: (fields) => {
        this.#moment = options.momentOf(fields);
        return this.#moment.atMs;
      },
    });
  }

  explain(fields: Fields): Explanation {
    const { config, repeats, momentOf } = this.#options;
    this.#moment = null;
    const trace = this.#tracer.trace(fields);
    const moment: event.Moment = this.#moment ?? momentOf(fields);
    const tellers: Tellers = {
      parsed: () => event.tellParsed(fields, config),
      time: () => event.tellTime(fields, moment, trace.feed),
      ...this.#tellFeed(trace),
      ...this.#tellRule(trace),
    };
    const why = notReached(trace);
    const steps = stepNames.map((step): Step => {
      const told = tellers[step]?.();
      if (told !== undefined) return { step, reached: true, ...told };
      return { step, reached: false, lines: [whyNot(step, why, trace)], facts: {} };
    });
    const { repeatKey = null, repeat = null } = trace.examination ?? {};
    const repeatName =
      repeatKey === null || repeat === null
        ? ''
        : (repeats.suppressedBy(repeatKey, repeat).name ?? '');
    return { steps, verdict: verdictOf(trace, config, repeatName) };
  }

  #tellFeed({ fields, feed, jpeg }: Trace): Tellers {
    const { config } = this.#options;
    return {
      ...(feed && {
        feed: () => event.tellFeed(fields, feed, config.detection.mostSuspicious),
      }),
      ...(jpeg && { jpeg: () => event.tellJpeg(fields, jpeg, config) }),
    };
  }

  #tellRule(trace: Trace): Tellers {
    const { fields, examination, hosts } = trace;
    if (examination === null) return {};
    const { config, exclusions, repeats } = this.#options;
    const { detection } = config;
    const { alert, hour, sides } = examination;
    const compared = sides.flatMap(({ side, comparison }) =>
      comparison === null ? [] : [{ side, comparison }],
    );
    const read: Tellers = {
      direction: () => event.tellDirection(fields, examination.event, config),
      host: () => event.tellHost(examination.event, config),
      mismatch: () => rule.tellMismatch(examination, detection),
      exclusions: () => rule.tellExclusions(examination, exclusions),
      learning: () => rule.tellLearning(trace),
    };
    const applies: Tellers = {
      skip: () => event.tellSkip(examination.event),
      size: () => event.tellSizes(fields, examination.event, detection.mostSuspicious),
    };
    const judged: Tellers = {
      baseline: () => rule.tellSides(compared, (side) => rule.tellBaseline(side, detection)),
      comparison: () => rule.tellSides(compared, (side) => rule.tellComparison(side, detection)),
      host_state: () =>
        rule.tellSides(compared, ({ side }) =>
          rule.tellHostState(hosts.get(side.direction)!, hour),
        ),
    };
    return {
      ...read,
      ...(sides.length > 0 ? applies : {}),
      ...(compared.length > 0 ? judged : {}),
      ...(alert && {
        level: () => rule.tellLevel(alert, detection),
        repeats: () => rule.tellRepeats(examination, repeats, detection),
      }),
    };
  }
}

const stops: Readonly<Record<Stop, string>> = {
  truncated: 'the event was cut',
  unparsed: 'it could not be parsed',
  switched_off: 'the feed is switched off',
  not_jpeg: 'it is not a JPEG',
  no_url: 'it has no URL',
};

function notReached({ stop, examination }: Trace): string {
  if (stop !== null) return stops[stop];
  return examination!.sides.length === 0 ? 'it is no upload' : 'it is skipped';
}

/** A JPEG that was judged did get to the level and to repeats, had there been an alert. */
function whyNot(step: StepName, why: string, { examination }: Trace): string {
  const judged = examination?.sides.some(({ comparison }) => comparison !== null) ?? false;
  const needsAlert = step === 'level' || step === 'repeats';
  return `not reached: ${judged && needsAlert ? 'there is no alert' : why}`;
}

const nameWidth = 12;

/** For a terminal: one line after the other, the verdict last. */
export function inWords({ steps, verdict }: Explanation): readonly string[] {
  const lines: string[] = [];
  const missed = new Map<string, string[]>();
  for (const { step, reached, lines: told } of steps) {
    const name = step.replace('_', ' ');
    if (reached) {
      lines.push(...told.map((line, i) => `${(i === 0 ? name : '').padEnd(nameWidth)}${line}`));
    } else {
      const [why = ''] = told;
      missed.set(why, [...(missed.get(why) ?? []), name]);
    }
  }
  for (const [why, names] of missed) {
    lines.push(
      `${'not reached'.padEnd(nameWidth)}${names.join(', ')}: ${why.slice('not reached: '.length)}`,
    );
  }
  lines.push(
    ...verdict.needed.map((need, i) => `${(i === 0 ? 'needed' : '').padEnd(nameWidth)}${need}`),
  );
  return [...lines, '', verdict.sentence].map(printable);
}

/** Escaped, so that a terminal takes no text of the event for a command. */
export function inJson(told: object): string {
  // Outside of strings JSON has no such character but the line feeds of its layout.
  return JSON.stringify(told, null, 2).replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
