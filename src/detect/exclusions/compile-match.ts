/** Compiles the `match` of one exclusion. Everything that can be wrong is found here, at start. */
import type { ConfigProblem, ExclusionConfig, MatchMap, MatchValue } from '../../config/config.js';
import { DomainSet } from './domain-set.js';
import type { EventValues } from './event-values.js';
import { resolveField } from './field-names.js';
import { type FieldKey, isComparison, parseKey } from './modifiers.js';
import { NetworkSet } from './network-set.js';
import { ComparisonSet } from './number-set.js';
import { RegexSet } from './regex.js';
import { TextSet } from './text-set.js';
import type { TextTest, ValueSet } from './value-set.js';

/** Asks the values of the running event. */
export type Rule = (values: EventValues) => boolean;

type Path = readonly (string | number)[];
type Present = Exclude<MatchValue, null>;

interface PlacedValue {
  readonly value: MatchValue;
  readonly path: Path;
}

export class MatchCompiler {
  readonly #values: EventValues;
  readonly #problems: ConfigProblem[];

  /** @param problems what is found wrong is added to it */
  constructor(values: EventValues, problems: ConfigProblem[]) {
    this.#values = values;
    this.#problems = problems;
  }

  /** A map is AND, a list of maps OR. Null if anything is wrong: half a rule matches too much. */
  compile(match: ExclusionConfig['match'], path: Path): Rule | null {
    const before = this.#problems.length;
    const rules = isList(match)
      ? match.map((map, at) => this.#compileMap(map, [...path, at]))
      : [this.#compileMap(match, path)];
    if (rules.length === 0) this.#problem(path, 'the list is empty: it would never match');
    if (this.#problems.length > before) return null;
    return (values) => rules.some((fields) => fields.every((field) => field(values)));
  }

  #compileMap(map: MatchMap, path: Path): readonly Rule[] {
    if (typeof map !== 'object' || map === null || Array.isArray(map)) {
      this.#problem(path, 'expected a map of fields to values');
      return [];
    }
    // Own keys only: a field called `constructor` or `__proto__` is just an unknown field.
    const entries = Object.entries(map);
    if (entries.length === 0) {
      this.#problem(path, 'the map is empty: it would exclude every event');
    }
    return entries.map(([key, value]) => this.#compileField(key, value, [...path, key]));
  }

  #compileField(key: string, value: MatchMap[string], path: Path): Rule {
    const parsed = parseKey(key);
    if (typeof parsed === 'string') return this.#refuse(path, parsed, true);
    const sources = resolveField(parsed.name);
    if (typeof sources === 'string') return this.#refuse(path, sources, true);
    const slot = this.#values.slotOf(sources);
    if (parsed.operator === 'exists') return this.#compileExists(slot, value, path);
    if (!isList(value)) {
      if (!parsed.all) return this.#compileValues(slot, parsed, [{ value, path }]);
      return this.#refuse(path, 'all is for a list of values, and this is one value', true);
    }
    if (value.length === 0) return this.#refuse(path, 'the list is empty: it would never match');
    const placed = value.map((one, at) => ({ value: one, path: [...path, at] }));
    return this.#compileValues(slot, parsed, placed);
  }

  #compileExists(slot: number, value: MatchMap[string], path: Path): Rule {
    if (value === true) return (values) => !values.absent(slot);
    if (value === false) return (values) => values.absent(slot);
    return this.#refuse(path, 'exists is true or false');
  }

  #compileValues(slot: number, key: FieldKey, values: readonly PlacedValue[]): Rule {
    const sets: ValueSet[] = [];
    let orAbsent = false;
    for (const { value, path } of values) {
      if (isAbsence(key, value)) {
        if (key.all) this.#problem(path, 'all and an empty value contradict each other');
        orAbsent = true;
        continue;
      }
      // OR: one set holds all values. AND: each value is a set of its own.
      if (sets.length === 0 || key.all) sets.push(emptySet(key));
      const sentence = wrongType(key, value) ?? sets.at(-1)!.add(value as Present);
      if (sentence) this.#problem(path, sentence);
    }
    const passes: TextTest = (text) => sets.length > 0 && sets.every((set) => set.has(text));
    return (event) => (orAbsent && event.absent(slot)) || event.some(slot, passes);
  }

  #refuse(path: Path, message: string, atKey = false): Rule {
    this.#problem(path, message, atKey);
    return () => false;
  }

  #problem(path: Path, message: string, atKey = false): void {
    this.#problems.push(atKey ? { path, message, atKey } : { path, message });
  }
}

/** `null` and `''` mean: the event has no such field, or an empty one, which is the same (C19). */
function isAbsence(key: FieldKey, value: MatchValue): boolean {
  return key.operator === 'equals' && (value === null || value === '');
}

function wrongType({ operator }: FieldKey, value: MatchValue): string | null {
  if (value === null) return `${operator} needs a value; null stands only without a modifier`;
  if (typeof value === 'object') return 'expected text, a number, true, false or null';
  const textOnly = operator === 'cidr' || operator === 'domain';
  return textOnly && typeof value !== 'string' ? `${operator} needs a text` : null;
}

function emptySet(key: FieldKey): ValueSet {
  const { operator } = key;
  if (isComparison(operator)) return new ComparisonSet(operator);
  switch (operator) {
    case 're':
      return new RegexSet(key);
    case 'cidr':
      return new NetworkSet();
    case 'domain':
      return new DomainSet();
    case 'contains':
      return new TextSet('inside', key.cased);
    case 'startswith':
      return new TextSet('start', key.cased);
    case 'endswith':
      return new TextSet('end', key.cased);
    default:
      return new TextSet('whole', key.cased);
  }
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
