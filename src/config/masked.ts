/**
 * The effective config to be shown: names as in the YAML but for units, `null` where there is none, secrets
 * and what files hold left out.
 */
import type { Config } from './config.js';

/** Their values never leave the process; a user name is half of a login. */
const secrets = new Set(['sharedKey', 'password', 'keyPassphrase', 'token', 'username']);
const mask = '(set)';

/** Plain objects, as `JSON.stringify` takes them. */
export function maskedConfig(config: Config): unknown {
  const { notices: _, ...rest } = config;
  return masked(rest);
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
      if (key === 'valuesFiles') return [['values_files', sizesOf(inner)]];
      if (secrets.has(key) && inner !== null) return [[snakeCase(key), mask]];
      // Its keys are those of events.
      if (key === 'match') return [[key, inner]];
      return [[snakeCase(key), masked(inner)]];
    }),
  );
}

/** How many values each file holds. */
function sizesOf(files: ReadonlyMap<string, { readonly values: readonly string[] }>): object {
  return Object.fromEntries([...files].map(([path, { values }]) => [path, values.length]));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
