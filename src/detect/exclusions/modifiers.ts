/** Reads `field|modifier|…`, and says which modifiers go together. */

import { nearest } from '../../nearest.js';
import type { Comparison } from './number-set.js';
import { quote } from './quote.js';

const operators = [
  'contains',
  'startswith',
  'endswith',
  're',
  'cidr',
  'domain',
  'exists',
  'gt',
  'gte',
  'lt',
  'lte',
] as const;
const others = ['all', 'cased', 'i', 'm', 's', 'values_file'] as const;
const known: readonly string[] = [...operators, ...others];

/** Sigma has these too; they make no sense on a proxy's values, or are not built. */
const foreign = new Set(
  (
    'base64 base64offset wide utf16 utf16le utf16be windash expand fieldref neq ' +
    'minute hour day week month year'
  ).split(' '),
);

export type Operator = (typeof operators)[number] | 'equals';
type Other = (typeof others)[number];

export interface FieldKey {
  readonly name: string;
  readonly operator: Operator;
  /** A list of values is AND. */
  readonly all: boolean;
  readonly cased: boolean;
  /** Sub-modifiers of `re`: case-insensitive, multi-line, dot matches newline. */
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  /** The values are the lines of the files that are named. */
  readonly fromFile: boolean;
}

export function isComparison(operator: Operator): operator is Comparison {
  return ['gt', 'gte', 'lt', 'lte'].includes(operator);
}

/** The key taken apart, or a sentence that says what is wrong with its modifiers. */
export function parseKey(key: string): FieldKey | string {
  const [name = '', ...modifiers] = key.split('|').map((part) => part.trim());
  for (const [at, modifier] of modifiers.entries()) {
    if (!known.includes(modifier)) return unknownModifier(modifier);
    if (modifiers.indexOf(modifier) < at) return `the modifier ${modifier} stands twice`;
  }
  const chosen = operators.filter((operator) => modifiers.includes(operator));
  const flags = others.filter((other) => modifiers.includes(other));
  const operator = chosen[0] ?? 'equals';
  const clash = contradiction(operator, chosen.slice(1), flags);
  if (clash) return clash;
  const has = (flag: Other): boolean => flags.includes(flag);
  return {
    name,
    operator,
    all: has('all'),
    cased: has('cased'),
    i: has('i'),
    m: has('m'),
    s: has('s'),
    fromFile: has('values_file'),
  };
}

function unknownModifier(modifier: string): string {
  if (foreign.has(modifier)) {
    return `Sigma's modifier ${modifier} is not available here; there are ${known.join(', ')}`;
  }
  const near = nearest(modifier, known);
  const hint = near === '' ? `there are ${known.join(', ')}` : `the nearest is ${quote(near)}`;
  return `unknown modifier ${quote(modifier)}; ${hint}`;
}

/** A sentence if these modifiers cannot mean anything together, else null. */
function contradiction(
  operator: Operator,
  more: readonly Operator[],
  flags: readonly Other[],
): string | null {
  if (more.length > 0) {
    const both = [operator, ...more].join(' and ');
    return `${both} contradict each other: a field is tested in one way`;
  }
  for (const flag of flags) {
    const fits = meaningful[flag];
    if (!fits(operator)) {
      return operator === 'equals'
        ? `${flag} belongs to re and stands without it`
        : `${operator} and ${flag} contradict each other: ${flag} has no meaning for ${operator}`;
    }
  }
  if (flags.includes('all') && flags.includes('values_file')) {
    return 'all and values_file contradict each other: one value cannot be all that a file lists';
  }
  if (flags.includes('i') && flags.includes('cased')) {
    return 'cased and i contradict each other: one heeds upper and lower case, the other does not';
  }
  return null;
}

const ofRegex = (operator: Operator): boolean => operator === 're';
const meaningful: Readonly<Record<Other, (operator: Operator) => boolean>> = {
  all: (operator) => operator !== 'exists',
  // `re` heeds case by itself; to say so does no harm.
  cased: (operator) => ['equals', 'contains', 'startswith', 'endswith', 're'].includes(operator),
  i: ofRegex,
  m: ofRegex,
  s: ofRegex,
  values_file: (operator) => operator !== 'exists',
};
