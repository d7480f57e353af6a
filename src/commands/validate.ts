/**
 * `stegwatch validate`: every mistake in a config with its place, or what the config means and whether
 * its tests pass.
 */
import type { Writable } from 'node:stream';
import { ConfigError } from '../config/config-error.js';
import { describeConfig } from '../config/effective.js';
import { StegwatchError } from '../errors.js';
import { reportTests } from './config-tests/report.js';
import { folderProblems } from './folders.js';
import { locate } from './load.js';

export interface ValidateOptions {
  /** Without it the defaults are shown. */
  readonly file?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Also what `run` needs of this machine: directories, and the files of TLS listeners. Default true. */
  readonly environment?: boolean;
  /** Tells which exclusions have expired. */
  readonly nowMs?: number;
}

/** @returns the exit code: 0, or 78 if the config is bad, cannot be read, or a test of its own fails */
export function validate(options: ValidateOptions): number {
  const { file = '', env, stdout, stderr, environment = true, nowMs = Date.now() } = options;
  try {
    const check = environment ? folderProblems : () => [];
    const { exclusions, ...located } = locate({ file, env, check, listens: environment });
    const { failed, text } = reportTests(located, exclusions);
    if (failed > 0) {
      stderr.write(text);
      return 78;
    }
    const name = file === '' ? 'the defaults (no file given)' : `${file} is valid`;
    const tests = text === '' ? '' : `\n${text}`;
    stdout.write(`${name}\n\n${describeConfig(located.config, nowMs)}${tests}`);
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
