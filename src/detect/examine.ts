/**
 * Everything that is decided about one JPEG event, in order, without any effect: each side compared with
 * its baseline, the alert that this calls for, and what holds it back. The detector acts upon it,
 * `explain` tells it.
 */
import type { DetectionConfig, ExclusionConfig } from '../config/config.js';
import type { Fields } from '../fields.js';
import { hourOf } from '../hour.js';
import type { Alert, Direction } from '../verdict.js';
import { makeAlert } from './alert/alert.js';
import { isMismatch } from './alert/mismatch.js';
import { boundedHost, hostKeyFor } from './event/host.js';
import { duplicateKeys, type JpegEvent, type Side } from './event/jpeg-event.js';
import { JpegFacts } from './event/jpeg-facts.js';
import type { EventFacts } from './exclusions/event-facts.js';
import type { Exclusions } from './exclusions/exclusions.js';
import type { Repeat, Repeats } from './repeats/repeats.js';
import { type BaselineView, type Comparison, compare, hostToLearn, isLearned } from './rule.js';

export interface SideExamination {
  readonly side: Side;
  /** Null if the side is skipped. */
  readonly comparison: Comparison | null;
  /** What its baseline is to learn, null if nothing. */
  readonly toLearn: ToLearn | null;
}

export interface ToLearn {
  /** NaN if the event carries no size, or none that is sure. */
  readonly bytes: number;
  /** '' if none is to be remembered. */
  readonly host: string;
}

type Compared = Omit<SideExamination, 'toLearn'>;

export interface Examination {
  readonly event: JpegEvent;
  /** What exclusions look at. */
  readonly facts: EventFacts;
  readonly atMs: number;
  readonly hour: number;
  readonly sides: readonly SideExamination[];
  /** The alert that the rule calls for, whatever holds it back; null if none. */
  readonly alert: Alert | null;
  /** The one that matches; looked for only where that matters: of a would-be alert, or of what to learn. */
  readonly exclusion: ExclusionConfig | null;
  /** What makes two alerts alike; null without an alert, or if repeats are not held back. */
  readonly repeatKey: string | null;
  /** The alert of which this one is a repeat, itself not yet counted; null if it is none. */
  readonly repeat: Repeat | null;
}

export interface ExaminerOptions {
  readonly detection: DetectionConfig;
  readonly exclusions: Exclusions;
  /** One for each direction that is judged. */
  readonly baselines: Readonly<Partial<Record<Direction, BaselineView>>>;
  readonly repeats: Repeats;
}

export class Examiner {
  readonly #detection: DetectionConfig;
  readonly #exclusions: Exclusions;
  readonly #baselines: ExaminerOptions['baselines'];
  readonly #repeats: Repeats;
  readonly #hostKey: (host: string) => string;

  constructor({ detection, exclusions, baselines, repeats }: ExaminerOptions) {
    this.#detection = detection;
    this.#exclusions = exclusions;
    this.#baselines = baselines;
    this.#repeats = repeats;
    this.#hostKey = hostKeyFor(detection);
  }

  examine(fields: Fields, event: JpegEvent, atMs: number): Examination {
    const hour = hourOf(atMs);
    const compared: Compared[] = [];
    for (const side of event.sides) {
      compared.push({ side, comparison: this.#compare(side, event, hour) });
    }
    const alert = this.#alertOf(fields, event, compared);
    const asked = alert !== null || this.#exclusions.keepFromLearning;
    const host = alert?.host ?? event.hosts[0] ?? '';
    const facts = new JpegFacts(fields, event, host);
    const exclusion = asked ? this.#exclusions.match(facts, atMs) : null;
    const learned = isLearned(event.result, exclusion);
    const sides: SideExamination[] = [];
    for (const one of compared) {
      const { side, comparison } = one;
      sides.push({ side, comparison, toLearn: learned ? this.#toLearn(one) : null });
    }
    const repeatKey = alert === null ? null : this.#repeatKey(alert, event);
    const repeat = repeatKey === null ? null : this.#repeats.peek(repeatKey, atMs);
    return { event, facts, atMs, hour, sides, alert, exclusion, repeatKey, repeat };
  }

  #compare(
    { direction, bytes, skip }: Side,
    { hosts }: JpegEvent,
    hour: number,
  ): Comparison | null {
    if (skip !== null) return null;
    return compare(bytes, hosts, hour, this.#baselines[direction]!, this.#detection);
  }

  #toLearn({ side, comparison }: Compared): ToLearn | null {
    if (comparison === null) return null;
    const { learnedHost, threshold } = comparison;
    const host = hostToLearn(learnedHost, side.bytes, threshold, this.#detection);
    return { bytes: side.learnedBytes, host };
  }

  /** Of two directions that call for one, the higher ratio; the other is told in it. */
  #alertOf(fields: Fields, event: JpegEvent, sides: readonly Compared[]): Alert | null {
    const alerting = sides.filter(({ comparison }) => comparison?.alerts);
    if (alerting.length === 0) return null;
    const { jpeg, placeholders } = this.#detection;
    const mismatch = isMismatch({ fileType: event.fileType, url: event.url, jpeg, placeholders });
    const twice = duplicateKeys(fields, event.feed.profile);
    const [first, second] = alerting
      .map(({ side, comparison }) =>
        makeAlert({ event, side, comparison: comparison!, mismatch, twice }, this.#detection),
      )
      .sort((a, b) => b.ratio - a.ratio);
    return second === undefined ? first! : { ...first!, also: second };
  }

  #repeatKey({ host, direction, account, filename }: Alert, { feed }: JpegEvent): string | null {
    // Bounded, as the baseline has it: keys are made of the sender's text.
    const known = host === '' ? '' : this.#hostKey(boundedHost(host));
    return this.#repeats.keyOf({ direction, host: known, feed: feed.name, account, filename });
  }
}
