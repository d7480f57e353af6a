/** What a field must be, in words: `contains "Veeam" or "Acronis"`. */
import type { MatchValue } from '../../config/config.js';
import type { FieldKey, Operator } from './modifiers.js';
import { quote } from './quote.js';

/** A reader has read enough. */
const shown = 5;

const verbs: Readonly<Record<Operator, string>> = {
  equals: 'is',
  contains: 'contains',
  startswith: 'begins with',
  endswith: 'ends with',
  re: 'matches',
  cidr: 'is in',
  domain: 'is or is below',
  exists: 'exists',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
};

/** @param values those of the config; of a file, its path */
export function wantedWords(key: FieldKey, values: readonly MatchValue[], count: number): string {
  const { operator } = key;
  if (operator === 'exists') return values[0] === false ? 'is absent' : 'is there';
  const cased = key.cased && operator !== 're' ? ', upper and lower case as written' : '';
  if (key.fromFile) {
    const files = values.map((file) => quote(String(file))).join(' or ');
    return `${verbs[operator]} one of the ${count} values in ${files}${cased}`;
  }
  const absent = values.some((value) => value === null || value === '');
  const present = values.filter((value) => value !== null && value !== '');
  const listed = present.slice(0, shown).map((v) => (typeof v === 'string' ? quote(v) : String(v)));
  const more = present.length > shown ? [`${present.length - shown} more`] : [];
  const list = [...listed, ...more].join(key.all ? ' and ' : ' or ');
  const test = present.length === 0 ? [] : [`${verbs[operator]} ${list}${cased}`];
  return [...(absent ? ['is absent'] : []), ...test].join(', or ');
}
