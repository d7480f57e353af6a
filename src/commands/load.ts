/** Config and exclusions together: what every command needs before it can do anything. */
import type { Config, ConfigProblem } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import { compileExclusions, type Exclusions } from '../detect/exclusions/exclusions.js';

export interface Loaded {
  readonly config: Config;
  readonly exclusions: Exclusions;
}

/** Throws a ConfigError that lists every mistake, those in exclusions included. */
export function load(file: string | undefined, env: NodeJS.ProcessEnv = process.env): Loaded {
  const config = loadConfig({
    ...(file === undefined ? {} : { file }),
    env,
    check: checkExclusions,
  });
  return { config, exclusions: compileExclusions(config.exclusions).exclusions };
}

/** What is wrong with the exclusions of a config that is otherwise well-formed. */
export function checkExclusions(config: Config): readonly ConfigProblem[] {
  return compileExclusions(config.exclusions).problems;
}
