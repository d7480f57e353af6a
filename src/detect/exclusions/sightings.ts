/**
 * Whether what exclusions look at occurs at all. An exclusion on a field that no event carries
 * excludes nothing, and nobody would notice: the process of a proxy's event, a label misspelled.
 *
 * A field is looked for until it has been seen. An exclusion whose fields have all been seen is never
 * asked again; after `enough` events without that it is dead, and only one event in 64 is still looked
 * at, in case it comes to life.
 */
import type { ExclusionConfig } from '../../config/config.js';
import type { EventValues } from './event-values.js';
import { placesOf } from './explain-match.js';
import type { CompiledMatch, FieldRule } from './field-rule.js';

/** JPEG events without a field, after which an exclusion that needs it is dead. */
const enough = 100_000;
const sampling = 64;

export type ExclusionStatus =
  | 'used'
  | 'fields seen, never matched'
  | 'fields not seen yet'
  | 'dead';

export interface ExclusionReport {
  readonly name: string;
  /** `fields not seen yet` becomes `dead` at 100,000 events. */
  readonly status: ExclusionStatus;
  /** JPEG events observed. */
  readonly events: number;
  /** Events for which it was the one that `match` named. */
  readonly matched: number;
  /** Fields, as configured, that no event carried; empty once one alternative has been seen whole. */
  readonly absentFields: readonly string[];
  /** The same as a sentence. */
  readonly words: string;
}

interface Watched {
  readonly config: ExclusionConfig;
  readonly match: CompiledMatch;
}

export class Sightings {
  readonly #watched: readonly Watched[];
  readonly #values: EventValues;
  readonly #seen = new Set<number>();
  readonly #matched: number[];
  /** Slots that still have to be looked for. */
  #wanted: readonly number[];
  #events = 0;

  constructor(watched: readonly Watched[], values: EventValues) {
    this.#watched = watched;
    this.#values = values;
    this.#matched = watched.map(() => 0);
    this.#wanted = this.#unseen();
  }

  /** True if the next event has to be looked at; counts it. */
  next(): boolean {
    this.#events++;
    if (this.#wanted.length === 0) return false;
    return this.#events <= enough || this.#events % sampling === 0;
  }

  /** Looks at the event that the values have been started with. */
  look(): void {
    const found = this.#wanted.filter((slot) => !this.#values.absent(slot));
    if (found.length === 0) return;
    for (const slot of found) this.#seen.add(slot);
    this.#wanted = this.#unseen();
  }

  /** The exclusion at this index is the one that holds for an event. */
  matched(index: number): void {
    this.#matched[index]!++;
  }

  report(): readonly ExclusionReport[] {
    return this.#watched.map(({ config: { name }, match }, index) => {
      const matched = this.#matched[index]!;
      const absent = matched > 0 || this.#isAlive(match) ? [] : this.#absentFields(match);
      const status = this.#status(matched, absent);
      const told = { name, status, events: this.#events, matched };
      const absentFields = absent.map(({ text }) => text);
      return { ...told, absentFields, words: this.#words(status, matched, absent) };
    });
  }

  #unseen(): readonly number[] {
    const asleep = this.#watched.filter(({ match }) => !this.#isAlive(match));
    const needed = asleep.flatMap(({ match }) => match.flat()).filter((rule) => this.#needs(rule));
    return [...new Set(needed.map(({ slot }) => slot))];
  }

  /** One alternative has all its fields, though perhaps not from one event. */
  #isAlive(match: CompiledMatch): boolean {
    return match.some((rules) => !rules.some((rule) => this.#needs(rule)));
  }

  #needs({ absencePasses, slot }: FieldRule): boolean {
    return !absencePasses && !this.#seen.has(slot);
  }

  #absentFields(match: CompiledMatch): readonly FieldRule[] {
    const rules = match.flat().filter((rule) => this.#needs(rule));
    return [...new Map(rules.map((rule) => [rule.text, rule])).values()];
  }

  #status(matched: number, absent: readonly FieldRule[]): ExclusionStatus {
    if (matched > 0) return 'used';
    if (absent.length === 0) return 'fields seen, never matched';
    return this.#events >= enough ? 'dead' : 'fields not seen yet';
  }

  #words(status: ExclusionStatus, matched: number, absent: readonly FieldRule[]): string {
    const events = `${this.#events} JPEG event${this.#events === 1 ? '' : 's'}`;
    if (status === 'used') return `matched ${matched} time${matched === 1 ? '' : 's'} in ${events}`;
    if (absent.length === 0) return `its fields occur, but it has held back nothing in ${events}`;
    const fields = absent.map((rule) => `${rule.key.name} (${placesOf(rule, this.#values)})`);
    const dead = status === 'dead' ? 'dead: ' : '';
    return `${dead}none of ${events} carried ${[...new Set(fields)].join(' or ')}`;
  }
}
