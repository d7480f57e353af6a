/** `stegwatch validate`: every mistake in a config with its place, or what the config means. */
import type { Writable } from 'node:stream';
import type { Config, ConfigProblem } from '../config/config.js';
import { ConfigError } from '../config/config-error.js';
import { describeConfig } from '../config/effective.js';
import { loadConfig } from '../config/load.js';
import { StegwatchError } from '../errors.js';

export interface ValidateOptions {
  /** Without it the defaults are shown. */
  readonly file?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly check?: ((config: Config) => readonly ConfigProblem[]) | undefined;
  /** Tells which exclusions have expired. */
  readonly nowMs?: number;
}

/** @returns the exit code: 0, or 78 if the config is bad or cannot be read */
export function validate(options: ValidateOptions): number {
  const { file = '', env, stdout, stderr, check, nowMs = Date.now() } = options;
  try {
    const config = loadConfig({ file, env, check, listens: true });
    const name = file === '' ? 'the defaults (no file given)' : `${file} is valid`;
    stdout.write(`${name}\n\n${describeConfig(config, nowMs)}`);
    return 0;
  } catch (error) {
    if (!(error instanceof StegwatchError)) throw error;
    stderr.write(error instanceof ConfigError ? mistakes(error) : failure(error));
    return error.exitCode;
  }
}

function mistakes(error: ConfigError): string {
  const count = error.problems.length;
  return `${error.format()}\n${count} ${count === 1 ? 'problem' : 'problems'}\n`;
}

function failure({ message, hint }: StegwatchError): string {
  return `${message}\n${hint}\n`;
}
