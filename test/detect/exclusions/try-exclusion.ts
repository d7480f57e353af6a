/** Short ways to ask one exclusion about one event. */
import type { ExclusionConfig, MatchMap } from '../../../src/config/config.js';
import { compileExclusions, type EventFacts } from '../../../src/detect/exclusions/exclusions.js';
import { buildFields, type WholeEvent } from '../../support/fields-builder.js';

export type Match = ExclusionConfig['match'];
type Extension = Parameters<typeof buildFields>[0];

export function exclusion(match: Match, more: Partial<ExclusionConfig> = {}): ExclusionConfig {
  return { name: 'x', reason: 'test', expiresMs: null, learn: false, match, ...more };
}

/** The facts as the detector makes them; `host` is `dhost` unless given. */
export function facts(
  extension: Extension,
  whole: WholeEvent & { host?: string } = {},
): EventFacts {
  const { host, ...rest } = whole;
  const fields = buildFields(extension, rest);
  const all = (key: string): string[] => {
    const found: string[] = [];
    for (let i = 0; i < fields.count; i++) if (fields.key(i) === key) found.push(fields.value(i));
    return found;
  };
  const urls = all('request');
  const hosts = host === undefined ? all('dhost') : [host];
  const url = urls.at(-1) ?? '';
  return {
    fields,
    url,
    filename: url.slice(url.lastIndexOf('/') + 1),
    host: hosts.at(-1) ?? '',
    urls,
    hosts,
  };
}

/** Compiles once; throws if the config has a problem: no test may pass by one. */
export function matcher(match: Match): (event: EventFacts) => boolean {
  const { exclusions, problems } = compileExclusions([exclusion(match)]);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return (event) => exclusions.match(event, 0) !== null;
}

export function matches(match: Match, extension: Extension): boolean {
  return matcher(match)(facts(extension));
}

/** The problems of one `match`, each as [path below `match`, message, atKey]. */
export function problemsOf(match: unknown): readonly (readonly [string, string, boolean])[] {
  const { problems } = compileExclusions([exclusion(match as MatchMap)]);
  return problems.map(({ path, message, atKey }) => {
    if (path.slice(0, 3).join() !== 'exclusions,0,match') throw new Error(`path ${path}`);
    return [path.slice(3).join(' / '), message, atKey === true] as const;
  });
}
