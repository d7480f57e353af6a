/** What `validate` shares to put a config into words. */
import type { MatchValue } from './config.js';
import { quote } from './config-error.js';

/** A name and its words. */
export type Row = readonly [name: string, words: string];

/** The first few values, quoted. */
export function words(values: readonly MatchValue[]): string {
  const shown = values.slice(0, 10).map(word).join(', ');
  return values.length > 10 ? `${shown} and ${values.length - 10} more` : shown;
}

export function word(value: MatchValue | readonly MatchValue[]): string {
  return typeof value === 'string' ? quote(value) : String(value);
}

export function address(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port === 0 ? 'any free port' : port}`;
}
