/**
 * Named exclusions with Sigma's matching (Sigma rules specification 2.0, modifiers 2.1). An event
 * that one of them matches raises no alert. Compiled once; per event nothing is parsed, each field
 * is read at most once, and hostile text costs at most linear time. docs/exclusions.md is the
 * manual.
 */
import type { ConfigProblem, ExclusionConfig } from '../../config/config.js';
import { Candidates } from './candidates.js';
import { MatchCompiler } from './compile-match.js';
import type { EventFacts } from './event-facts.js';
import { EventValues } from './event-values.js';
import { explainMatch, type FieldExplanation } from './explain-match.js';
import { type CompiledMatch, matchesAny } from './field-rule.js';
import { type ExclusionReport, Sightings } from './sightings.js';

export type { EventFacts } from './event-facts.js';
export type { FieldExplanation } from './explain-match.js';
export type { ExclusionReport } from './sightings.js';

export interface ExclusionExplanation {
  readonly exclusion: ExclusionConfig;
  /**
   * `expired`: it would match, had it not expired. `nearly`: all fields but one passed, or those that
   * did not come near.
   */
  readonly outcome: 'matched' | 'expired' | 'nearly' | 'no';
  /** Position among the maps of a list (0 for a single map) of the one told of: the nearest. */
  readonly alternative: number;
  readonly fields: readonly FieldExplanation[];
}

export interface Exclusions {
  /** True if any of them says of its events that they do not teach the baseline. */
  readonly keepFromLearning: boolean;
  /**
   * The first exclusion that matches and has not expired, or null. Counts it in `report`.
   * @param atMs the moment at which the event is judged, epoch ms
   */
  match(facts: EventFacts, atMs: number): ExclusionConfig | null;
  /** All that match and have not expired, in order. Counts nothing. */
  matches(facts: EventFacts, atMs: number): readonly ExclusionConfig[];
  /** Of every exclusion, in order, what it makes of the event. Counts nothing. */
  explain(facts: EventFacts, atMs: number): readonly ExclusionExplanation[];
  /**
   * Notes which fields the event holds. For every JPEG event that is judged, whether `match` is asked
   * or not; soon costs an increment.
   */
  observe(facts: EventFacts): void;
  /** Of every exclusion, in order, whether it does anything. */
  report(): readonly ExclusionReport[];
}

/** An exclusion with a problem is left out; problems carry their path in the config file. */
export function compileExclusions(configs: readonly ExclusionConfig[]): {
  exclusions: Exclusions;
  problems: readonly ConfigProblem[];
} {
  const values = new EventValues();
  const problems: ConfigProblem[] = [];
  const compiler = new MatchCompiler(values, problems);
  const compiled = configs.flatMap((config, at): Compiled[] => {
    const match = compiler.compile(config, ['exclusions', at, 'match']);
    return match === null ? [] : [{ config, match }];
  });
  return { exclusions: new CompiledExclusions(compiled, values), problems };
}

interface Compiled {
  readonly config: ExclusionConfig;
  readonly match: CompiledMatch;
}

class CompiledExclusions implements Exclusions {
  readonly keepFromLearning: boolean;
  readonly #compiled: readonly Compiled[];
  readonly #values: EventValues;
  readonly #candidates: Candidates;
  readonly #sightings: Sightings;

  constructor(compiled: readonly Compiled[], values: EventValues) {
    this.keepFromLearning = compiled.some(({ config }) => !config.learn);
    this.#compiled = compiled;
    this.#values = values;
    this.#candidates = new Candidates(compiled.map(({ match }) => match));
    this.#sightings = new Sightings(compiled, values);
  }

  match(facts: EventFacts, atMs: number): ExclusionConfig | null {
    if (this.#compiled.length === 0) return null;
    this.#values.start(facts);
    const index = this.#candidates.of(this.#values).find((at) => this.#applies(at, atMs));
    this.#values.end();
    if (index === undefined) return null;
    this.#sightings.matched(index);
    return this.#compiled[index]!.config;
  }

  matches(facts: EventFacts, atMs: number): readonly ExclusionConfig[] {
    this.#values.start(facts);
    const found = this.#candidates.of(this.#values).filter((at) => this.#applies(at, atMs));
    this.#values.end();
    return found.map((at) => this.#compiled[at]!.config);
  }

  explain(facts: EventFacts, atMs: number): readonly ExclusionExplanation[] {
    this.#values.start(facts);
    const told = this.#compiled.map(({ config, match }): ExclusionExplanation => {
      const { matched, nearly, alternative, fields } = explainMatch(match, this.#values);
      const holds = matched && (hasExpired(config, atMs) ? 'expired' : 'matched');
      const outcome = holds || (nearly ? 'nearly' : 'no');
      return { exclusion: config, outcome, alternative, fields };
    });
    this.#values.end();
    return told;
  }

  observe(facts: EventFacts): void {
    if (!this.#sightings.next()) return;
    this.#values.start(facts);
    this.#sightings.look();
    this.#values.end();
  }

  report(): readonly ExclusionReport[] {
    return this.#sightings.report();
  }

  #applies(at: number, atMs: number): boolean {
    const { config, match } = this.#compiled[at]!;
    return !hasExpired(config, atMs) && matchesAny(match, this.#values);
  }
}

function hasExpired({ expiresMs }: ExclusionConfig, atMs: number): boolean {
  return expiresMs !== null && atMs > expiresMs;
}
