/** Config and exclusions together: what every command needs before it can do anything. */
import type { Config, ConfigProblem } from '../config/config.js';
import { type LoadOptions, type LocatedConfig, locateConfig } from '../config/load.js';
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
  const { config, exclusions } = locate({ file, env, listens });
  return { config, exclusions };
}

/** The same with places, for a command that has more to say of the file. */
export function locate(options: LoadOptions): LocatedConfig & Loaded {
  // Compiled once: a file may give an exclusion a million values.
  let { exclusions } = compileExclusions([]);
  const check = (config: Config): readonly ConfigProblem[] => {
    const compiled = compileExclusions(config.exclusions);
    exclusions = compiled.exclusions;
    return [...compiled.problems, ...(options.check?.(config) ?? [])];
  };
  const located = locateConfig({ ...options, check });
  return { ...located, exclusions };
}
