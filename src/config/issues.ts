/**
 * What the schema says of a tree, in our words. A union is told by the branch whose type fits, an
 * unknown key with the key that was probably meant. A value is shown, unless it is secret or came
 * from a variable.
 */
import type { z } from 'zod';
import { nearest } from '../nearest.js';
import type { ConfigProblem } from './config.js';
import { quote, secretKeys } from './config-error.js';
import { schemaKeys } from './keys.js';
import { missingSpace } from './syntax-mistakes.js';
import { notAvailable, unavailableKeys } from './unavailable.js';

export type Path = readonly (string | number)[];

/** One issue at one place: no unions, one unknown key each. `path` includes an unknown key. */
export interface Issue {
  readonly path: Path;
  readonly raw: z.core.$ZodIssue;
}

/** Where the tree's variables are; see tree.ts. */
type Substituted = ReadonlyMap<string, readonly string[]>;

export function flattenIssues(issues: readonly z.core.$ZodIssue[], at: Path = []): Issue[] {
  return issues.flatMap((raw): Issue[] => {
    const path = [...at, ...(raw.path as Path)];
    if (raw.code === 'unrecognized_keys') return raw.keys.map((k) => ({ path: [...path, k], raw }));
    if (raw.code !== 'invalid_union') return [{ path, raw }];
    const branch = raw.errors.find((errors) => !errors.some(isOtherType));
    return branch === undefined ? [{ path, raw }] : flattenIssues(branch, path);
  });
}

/** True if the value as a whole is not of the type that the branch wants. */
function isOtherType(issue: z.core.$ZodIssue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') {
    return issue.errors.every((errors) => errors.some(isOtherType));
  }
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

/** The number or boolean that a variable's text stands for, if one is wanted; else undefined. */
export function coerced({ raw }: Issue, text: string): number | boolean | undefined {
  const wanted = new Set(wantedTypes(raw));
  if (wanted.has('number') && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text);
  if (wanted.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return undefined;
}

function wantedTypes(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap(wantedTypes);
  if (issue.path.length > 0 && issue.code !== 'invalid_type') return [];
  if (issue.code === 'invalid_value') return issue.values.includes(false) ? ['boolean'] : [];
  if (issue.code !== 'invalid_type') return [];
  return [issue.expected === 'int' ? 'number' : issue.expected];
}

export function isMissing({ raw }: Issue): boolean {
  return (raw.code === 'invalid_type' || raw.code === 'invalid_union') && raw.input === undefined;
}

/** @param value what the tree holds at the path of the issue */
export function explainIssue(
  issue: Issue,
  source: Path,
  value: unknown,
  variables: Substituted,
): ConfigProblem {
  const { raw } = issue;
  if (raw.code === 'unrecognized_keys') {
    return { path: source, message: explainUnknownKey(source), atKey: true };
  }
  if (isMissing(issue)) return { path: source, message: 'this key is missing' };
  const seen = describeValue(raw, source, value, variables);
  const wants = `${wanted(raw)}${wantsMap(raw) ? keysIn(source) : ''}`;
  const space =
    typeof value === 'string' && wants.includes(typeWords.object!) ? missingSpace(value) : null;
  return { path: source, message: `${wants}${seen}${space === null ? '' : `; ${space}`}` };
}

function explainUnknownKey(source: Path): string {
  const parts = source.filter((part) => typeof part === 'string');
  const path = parts.join('.');
  const later = unavailableKeys.get(path);
  if (later !== undefined) return `${notAvailable}: ${later}`;
  if (path === 'exclusions.values_file') return valuesFileHint;
  const parent = parts.slice(0, -1).join('.');
  const here = schemaKeys.filter((key) => key.parent === parent).map((key) => key.name);
  const space = missingSpace(parts.at(-1)!);
  if (space !== null) return `unknown key; ${space}`;
  const near = nearest(parts.at(-1)!, here);
  const places = placesFor(path);
  const dotted = parts.at(-1)!.includes('.') ? '; a key holds no dot, what is in it is nested' : '';
  const elsewhere = places.length > 0 && !places.some((place) => place.startsWith(`${parent}.`));
  if (elsewhere && near !== '') {
    return `unknown key; the nearest valid key here is "${near}" (others: ${places.join(', ')})`;
  }
  if (places.length > 0) {
    return `unknown key at this place, it belongs to ${places.join(' or ')}${dotted}`;
  }
  return near === ''
    ? 'unknown key; docs/config.md lists those that there are'
    : `unknown key; the nearest valid key is "${near}"`;
}

const valuesFileHint =
  'unknown key at this place; it is a modifier in a match: dhost|domain|values_file: FILE';

/** Where else a key of this name is, by label; only those that hold all words of the path, if any do. */
function placesFor(path: string): string[] {
  const words = path.split('.');
  const named = schemaKeys.filter((key) => key.name === words.at(-1));
  const within = named.filter((key) => holdsInOrder(key.path.split('.'), words));
  return (within.length > 0 ? within : named).map((key) => key.label);
}

function holdsInOrder(long: readonly string[], short: readonly string[]): boolean {
  let at = 0;
  for (const word of long) if (word === short[at]) at++;
  return at === short.length;
}

/** `, got …` with the value, or in its stead where it comes from. */
function describeValue(
  raw: z.core.$ZodIssue,
  path: Path,
  value: unknown,
  variables: Substituted,
): string {
  const names = variables.get(JSON.stringify(path));
  if (names !== undefined) return `, got what ${names.map((n) => `\${${n}}`).join(' ')} holds`;
  if (secretKeys.has(String(path.at(-1)))) return '';
  if (value === null) return ', got nothing';
  if (typeof value === 'object') {
    const isType = raw.code === 'invalid_type' || raw.code === 'invalid_union';
    return isType ? `, got a ${Array.isArray(value) ? 'list' : 'map'}` : '';
  }
  return `, got ${typeof value === 'string' ? quote(value) : String(value)}`;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of fields',
};

const wantsMap = ({ code, expected }: { code?: string; expected?: string }): boolean =>
  code === 'invalid_type' && expected === 'object';

/** A few of those that a map may have, as `(host, port)`. */
function keysIn(source: Path): string {
  const parent = source.filter((part) => typeof part === 'string').join('.');
  const names = schemaKeys.filter((key) => key.parent === parent).map(({ name }) => name);
  const more = names.length > mostNamed ? ', …' : '';
  return ` (${names.slice(0, mostNamed).join(', ')}${more})`;
}

const mostNamed = 4;

/** The schema's own words begin so, and none of zod's. */
const ownWords = /^must /;

function wanted(issue: z.core.$ZodIssue): string {
  if (ownWords.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeWords[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
    case 'too_small':
      return bound(issue, 'at least', issue.minimum);
    case 'too_big':
      return bound(issue, 'at most', issue.maximum);
    case 'invalid_union':
      return unionTypes(issue);
    default:
      return issue.message;
  }
}

type Bounded = z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig;

function bound({ origin, message }: Bounded, word: string, limit: number | bigint): string {
  if (origin === 'array') return `must have ${word} ${limit} item${limit === 1 ? '' : 's'}`;
  if (origin === 'string') return `must have ${word} ${limit} character${limit === 1 ? '' : 's'}`;
  return message;
}

function unionTypes(issue: z.core.$ZodIssueInvalidUnion): string {
  const words = issue.errors.flat().filter((inner) => inner.path.length === 0);
  return words.map(wanted).join(' or ').replaceAll(' or must be ', ' or ');
}
