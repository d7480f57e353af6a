/** Config and exclusions together: what every command needs before it can do anything. */
import type { Config, ConfigProblem } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import { compileExclusions, type Exclusions } from '../detect/exclusions/exclusions.js';

export interface Loaded {
  readonly config: Config;
  readonly exclusions: Exclusions;
}

/**
 * Throws a ConfigError that lists every mistake, those in exclusions included.
 * @param listens the listeners are to start, so that their certificates are read too
 */
export function load(
  file: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
  listens = false,
): Loaded {
  // Compiled once: a file may give an exclusion a million values.
  let { exclusions } = compileExclusions([]);
  const check = (config: Config): readonly ConfigProblem[] => {
    const compiled = compileExclusions(config.exclusions);
    exclusions = compiled.exclusions;
    return compiled.problems;
  };
  const config = loadConfig({ ...(file === undefined ? {} : { file }), env, check, listens });
  return { config, exclusions };
}

/** What is wrong with the exclusions of a config that is otherwise well-formed. */
export function checkExclusions(config: Config): readonly ConfigProblem[] {
  return compileExclusions(config.exclusions).problems;
}
