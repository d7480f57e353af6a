/** Plain values and `contains`, `startswith`, `endswith`. A long plain list costs one look-up. */
import type { MatchValue } from '../../config/config.js';
import { NumberSet } from './number-set.js';
import { fold, type Text, type TextTest, type ValueSet } from './value-set.js';
import { compileWildcards, isShareName, literalOf, type Place } from './wildcards.js';

export class TextSet implements ValueSet {
  readonly #place: Place;
  readonly #cased: boolean;
  readonly #literals = new Set<string>();
  readonly #tests: TextTest[] = [];
  readonly #numbers = new NumberSet();

  constructor(place: Place, cased: boolean) {
    this.#place = place;
    this.#cased = cased;
  }

  get testedEach(): number {
    return this.#tests.length;
  }

  add(value: Exclude<MatchValue, null>): string | null {
    if (typeof value === 'number' && this.#place === 'whole') return this.#numbers.add(value);
    const text = String(value);
    if (text === '') return 'an empty text would match every value';
    if (this.#place === 'whole' && !isShareName(text)) {
      const literal = literalOf(text);
      if (literal !== null) {
        this.#literals.add(this.#cased ? literal : fold(literal));
        return null;
      }
    }
    const test = compileWildcards(text, this.#place, this.#cased);
    if (typeof test === 'string') return test;
    this.#tests.push(test);
    return null;
  }

  has(value: Text): boolean {
    if (this.#literals.has(this.#cased ? value.text : value.folded)) return true;
    return this.#numbers.has(value) || this.#tests.some((test) => test(value));
  }
}
