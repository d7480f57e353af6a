/**
 * Regular expressions in linear time (RE2): their text is the attacker's. Linear is not yet
 * bounded, so both factors are: a pattern may have so many instructions, and instructions times
 * characters may not exceed a budget. Text beyond it does not match: the exclusion stays away and
 * the alert stands.
 */
import { RE2JS } from 're2js';
import type { MatchValue } from '../../config/config.js';
import type { Text, ValueSet } from './value-set.js';

/** Instructions of the compiled pattern; a letter, a class or a choice is about one each. */
export const maxInstructions = 1000;

/**
 * Instructions times characters of one test. Measured: under 1 ns a step as a rule, 36 ns in the
 * worst pattern found, so that one test ends within 0.15 s at the very worst.
 */
const stepBudget = 4_000_000;

/** Values as short as this are tested with any pattern: a URL is seldom longer. */
const alwaysTested = 4096;

/** The longest text, in characters, that a pattern of this many instructions is tested on. */
export function maxText(instructions: number): number {
  return Math.max(alwaysTested, Math.floor(stepBudget / instructions));
}

/**
 * @param flags of RE2JS, or-ed
 * @returns the test (a match anywhere in the text), or a sentence that says what is wrong
 */
export function compileRegex(pattern: string, flags: number): ((text: string) => boolean) | string {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern, flags);
  } catch (error) {
    return `not an RE2 regular expression: ${error instanceof Error ? error.message : error}`;
  }
  const size = compiled.programSize();
  if (size > maxInstructions) {
    return `the pattern is too large: ${size} instructions, ${maxInstructions} are allowed`;
  }
  const longest = maxText(size);
  return (text) => text.length <= longest && compiled.test(text);
}

/** `re` with its sub-modifiers: case-sensitive unless `i` (Sigma modifiers 2.1). */
export class RegexSet implements ValueSet {
  readonly #flags: number;
  readonly #tests: ((text: string) => boolean)[] = [];

  constructor(modifiers: { i: boolean; m: boolean; s: boolean }) {
    this.#flags =
      (modifiers.i ? RE2JS.CASE_INSENSITIVE : 0) |
      (modifiers.m ? RE2JS.MULTILINE : 0) |
      (modifiers.s ? RE2JS.DOTALL : 0);
  }

  get testedEach(): number {
    return this.#tests.length;
  }

  add(value: Exclude<MatchValue, null>): string | null {
    if (value === '') return 'an empty pattern would match every value';
    const test = compileRegex(String(value), this.#flags);
    if (typeof test === 'string') return test;
    this.#tests.push(test);
    return null;
  }

  has({ text }: Text): boolean {
    return this.#tests.some((test) => test(text));
  }
}
