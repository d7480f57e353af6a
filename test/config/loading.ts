/** Loads configs from text, for the tests of this folder. */
import type { Config, ConfigProblem } from '../../src/config/config.js';
import { ConfigError } from '../../src/config/config-error.js';
import { loadConfig } from '../../src/config/load.js';

export type Check = (config: Config) => readonly ConfigProblem[];

export function load(text: string, env: NodeJS.ProcessEnv = {}): Config {
  return loadConfig({ text, env });
}

/** `line:column: path: message` of every problem; throws if there is none, or another error. */
export function problemsOf(text: string, env: NodeJS.ProcessEnv = {}, check?: Check): string[] {
  return errorOf(text, env, check)
    .format()
    .split('\n')
    .map((line) => line.replace(/^config:/, ''));
}

export function errorOf(text: string, env: NodeJS.ProcessEnv = {}, check?: Check): ConfigError {
  try {
    loadConfig({ text, env, check });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`no problem was found in:\n${text}`);
}

/** `listen.udp.port` or `a[].b` with a value, as YAML. */
export function yamlAt(label: string, value: unknown): string {
  const nested = label
    .split('.')
    .reduceRight<unknown>(
      (inner, part) => (part.endsWith('[]') ? { [part.slice(0, -2)]: [inner] } : { [part]: inner }),
      value,
    );
  return JSON.stringify(nested);
}
