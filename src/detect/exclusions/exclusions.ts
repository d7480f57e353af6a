/**
 * Named exclusions with Sigma's matching (Sigma rules specification 2.0, modifiers 2.1). An event
 * that one of them matches raises no alert. Compiled once; per event nothing is parsed, each field
 * is read at most once, and hostile text costs at most linear time. docs/exclusions.md is the
 * manual.
 */
import type { ConfigProblem, ExclusionConfig } from '../../config/config.js';
import { MatchCompiler, type Rule } from './compile-match.js';
import type { EventFacts } from './event-facts.js';
import { EventValues } from './event-values.js';

export type { EventFacts } from './event-facts.js';

export interface Exclusions {
  readonly count: number;
  /** True if any of them says of its events that they do not teach the baseline. */
  readonly keepFromLearning: boolean;
  /**
   * The first exclusion that matches and has not expired, or null.
   * @param atMs the moment at which the event is judged, epoch ms
   */
  match(facts: EventFacts, atMs: number): ExclusionConfig | null;
}

/** An exclusion with a problem is left out; problems carry their path in the config file. */
export function compileExclusions(configs: readonly ExclusionConfig[]): {
  exclusions: Exclusions;
  problems: readonly ConfigProblem[];
} {
  const values = new EventValues();
  const problems: ConfigProblem[] = [];
  const compiler = new MatchCompiler(values, problems);
  const compiled: { readonly config: ExclusionConfig; readonly rule: Rule }[] = [];
  for (const [at, config] of configs.entries()) {
    const rule = compiler.compile(config.match, ['exclusions', at, 'match']);
    if (rule) compiled.push({ config, rule });
  }
  const match = (facts: EventFacts, atMs: number): ExclusionConfig | null => {
    if (compiled.length === 0) return null;
    values.start(facts);
    const found = compiled.find(
      ({ config, rule }) => (config.expiresMs === null || atMs <= config.expiresMs) && rule(values),
    );
    values.end();
    return found?.config ?? null;
  };
  const keepFromLearning = compiled.some(({ config }) => !config.learn);
  return { exclusions: { count: compiled.length, keepFromLearning, match }, problems };
}
