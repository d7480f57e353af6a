/** Compiles the `match` of one exclusion. Everything that can be wrong is found here, at start. */
import type {
  ConfigProblem,
  ExclusionConfig,
  MatchMap,
  MatchValue,
  ValuesFile,
} from '../../config/config.js';
import { type Clue, clueOf } from './clues.js';
import { DomainSet } from './domain-set.js';
import type { EventValues } from './event-values.js';
import { resolveField } from './field-names.js';
import type { CompiledMatch, FieldRule } from './field-rule.js';
import { type FieldKey, isComparison, parseKey } from './modifiers.js';
import { NetworkSet } from './network-set.js';
import { ComparisonSet } from './number-set.js';
import { quote } from './quote.js';
import { RegexSet } from './regex.js';
import { TextSet } from './text-set.js';
import type { TextTest, ValueSet } from './value-set.js';
import { wantedWords } from './wanted-words.js';

type Path = readonly (string | number)[];
type Present = Exclude<MatchValue, null>;

/** A value, where in the config it stands, and the line of the file that it is from, 0 if of none. */
interface PlacedValue {
  readonly value: MatchValue;
  readonly path: Path;
  readonly file: MatchValue;
  readonly line: number;
}

/** The values of one field, ready to be tested. */
interface CompiledValues {
  readonly absencePasses: boolean;
  readonly passes: TextTest;
  readonly samples: readonly string[];
  readonly clues: readonly Clue[] | null;
  readonly count: number;
}

/** What is common to all values of one field. */
interface Field {
  readonly text: string;
  readonly key: FieldKey;
  readonly slot: number;
}

/** So many of a file's lines are told of; a file of another kind would fill the screen. */
const badLinesTold = 20;

/** A look-up costs the same for any number of values. What is tested one by one does not. */
const maxTestedEach = 1000;

/** A field of more values is not found by them: that would hold a long list twice. */
const maxClues = 100;

/** Values kept to say how near an event comes. */
const maxSamples = 100;

export class MatchCompiler {
  readonly #values: EventValues;
  readonly #problems: ConfigProblem[];
  #files: ReadonlyMap<string, ValuesFile> | undefined;
  /** A file is missing, which the config has told already. */
  #unread = false;
  /** What is made of a file that stands alone, by the modifiers: a long list is held once. */
  readonly #ofFiles = new WeakMap<ValuesFile, Map<string, CompiledValues>>();

  /** @param problems what is found wrong is added to it */
  constructor(values: EventValues, problems: ConfigProblem[]) {
    this.#values = values;
    this.#problems = problems;
  }

  /** A map is AND, a list of maps OR. Null if anything is wrong: half a rule matches too much. */
  compile({ match, valuesFiles }: ExclusionConfig, path: Path): CompiledMatch | null {
    const before = this.#problems.length;
    this.#files = valuesFiles;
    this.#unread = false;
    const alternatives = isList(match)
      ? match.map((map, at) => this.#compileMap(map, [...path, at]))
      : [this.#compileMap(match, path)];
    if (alternatives.length === 0) this.#problem(path, 'the list is empty: it would never match');
    return this.#problems.length > before || this.#unread ? null : alternatives;
  }

  #compileMap(map: MatchMap, path: Path): readonly FieldRule[] {
    if (typeof map !== 'object' || map === null || Array.isArray(map)) {
      this.#problem(path, 'expected a map of fields to values');
      return [];
    }
    // Own keys only: a field called `constructor` or `__proto__` is just an unknown field.
    const entries = Object.entries(map);
    if (entries.length === 0) {
      this.#problem(path, 'the map is empty: it would exclude every event');
    }
    return entries.flatMap(([key, value]) => this.#compileField(key, value, [...path, key]) ?? []);
  }

  #compileField(text: string, value: MatchMap[string], path: Path): FieldRule | null {
    const key = parseKey(text);
    if (typeof key === 'string') return this.#refuse(path, key, true);
    const sources = resolveField(key.name);
    if (typeof sources === 'string') return this.#refuse(path, sources, true);
    const field = { text, key, slot: this.#values.slotOf(sources) };
    if (key.operator === 'exists') return this.#compileExists(field, value, path);
    if (!isList(value)) {
      if (!key.all) return this.#compileValues(field, [value], [path]);
      return this.#refuse(path, 'all is for a list of values, and this is one value', true);
    }
    if (value.length === 0) return this.#refuse(path, 'the list is empty: it would never match');
    return this.#compileValues(
      field,
      value,
      value.map((_, at) => [...path, at]),
    );
  }

  #compileExists(field: Field, value: MatchMap[string], path: Path): FieldRule | null {
    if (typeof value !== 'boolean') return this.#refuse(path, 'exists is true or false');
    return {
      ...field,
      wanted: wantedWords(field.key, [value], 1),
      absencePasses: !value,
      passes: null,
      samples: [],
      clues: null,
      matches: (values) => values.absent(field.slot) !== value,
    };
  }

  /** @param paths where each of the values stands */
  #compileValues(field: Field, given: readonly MatchValue[], paths: readonly Path[]): FieldRule {
    const { key, slot } = field;
    const { absencePasses, passes, samples, clues, count } = this.#valuesOnce(key, given, paths);
    return {
      ...field,
      wanted: wantedWords(key, given, count),
      absencePasses,
      passes,
      samples,
      clues,
      matches: (values) => (absencePasses && values.absent(slot)) || values.some(slot, passes),
    };
  }

  #valuesOnce(key: FieldKey, given: readonly MatchValue[], paths: readonly Path[]): CompiledValues {
    const alone = key.fromFile && given.length === 1;
    const file = alone ? this.#files?.get(String(given[0])) : undefined;
    if (file === undefined) return this.#collect(key, given, paths);
    const known = this.#ofFiles.get(file) ?? new Map<string, CompiledValues>();
    this.#ofFiles.set(file, known);
    const modifiers = JSON.stringify({ ...key, name: '' });
    const before = this.#problems.length;
    const values = known.get(modifiers) ?? this.#collect(key, given, paths);
    // What is wrong is told wherever the file is named.
    if (this.#problems.length === before) known.set(modifiers, values);
    return values;
  }

  #collect(key: FieldKey, given: readonly MatchValue[], paths: readonly Path[]): CompiledValues {
    const sets: ValueSet[] = [];
    const samples: string[] = [];
    const present: Present[] = [];
    let absencePasses = false;
    let bad = 0;
    let count = 0;
    for (const { value, path, file, line } of this.#placed(key, given, paths)) {
      count++;
      if (isAbsence(key, value)) {
        if (key.all) this.#problem(path, 'all and an empty value contradict each other');
        absencePasses = true;
        continue;
      }
      if (typeof value === 'string' && samples.length < maxSamples) samples.push(value);
      if (present.length <= maxClues) present.push(value as Present);
      // OR: one set holds all values. AND: each value is a set of its own.
      if (sets.length === 0 || key.all) sets.push(emptySet(key));
      const set = sets.at(-1)!;
      const sentence = wrongType(key, value) ?? set.add(value as Present) ?? tooMany(key, set);
      if (sentence === null) continue;
      const place = line === 0 ? '' : `line ${line} of ${file}, ${quote(String(value))}: `;
      this.#problem(path, place + sentence);
      if (key.fromFile && ++bad === badLinesTold) break;
      if (tooMany(key, set) !== null) break;
    }
    const passes: TextTest = (value) => sets.length > 0 && sets.every((set) => set.has(value));
    const clues = absencePasses ? null : cluesOf(key, present);
    return { absencePasses, passes, samples, clues, count };
  }

  /** The values of the config, or of the files that it names in their stead. */
  *#placed(
    key: FieldKey,
    given: readonly MatchValue[],
    paths: readonly Path[],
  ): Generator<PlacedValue> {
    for (const [at, value] of given.entries()) {
      const here = paths[at]!;
      if (!key.fromFile) {
        yield { value, path: here, file: '', line: 0 };
        continue;
      }
      const file = this.#files?.get(String(value));
      if (file === undefined) {
        if (this.#files === undefined) this.#problem(here, 'the values file has not been read');
        this.#unread = true;
        continue;
      }
      for (const [index, text] of file.values.entries()) {
        yield { value: text, path: here, file: value, line: file.lines[index]! };
      }
    }
  }

  #refuse(path: Path, message: string, atKey = false): null {
    this.#problem(path, message, atKey);
    return null;
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

function tooMany({ fromFile }: FieldKey, { testedEach }: ValueSet): string | null {
  if (!fromFile || testedEach <= maxTestedEach) return null;
  return (
    `more than ${maxTestedEach} values that are tested one by one (contains, startswith, ` +
    'endswith, re, wildcards); plain values, domain and cidr may be as many as a file holds'
  );
}

function cluesOf(key: FieldKey, values: readonly Present[]): readonly Clue[] | null {
  if (values.length > maxClues) return null;
  const clues = values.map((value) => clueOf(key, value));
  const found = clues.filter((clue) => clue !== null);
  // What must match all values is found by any of them.
  if (key.all && found.length > 0) return found.slice(0, 1);
  return found.length === clues.length ? found : null;
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
