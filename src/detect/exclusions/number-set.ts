/** Numbers compare with numeric text: `443` with `443`, `0443` and `443.0`, never with `443x`. */
import type { MatchValue } from '../../config/config.js';
import type { Text, ValueSet } from './value-set.js';

const numeric = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/;

/** NaN if the text is not a decimal number. */
export function numberOf(folded: string): number {
  // Longer text is no number that a device sends; the bound keeps the test cheap.
  const text = folded.length > 64 ? '' : folded.trim();
  return numeric.test(text) ? Number(text) : Number.NaN;
}

export class NumberSet implements ValueSet {
  readonly testedEach = 0;
  readonly #values = new Set<number>();

  add(value: Exclude<MatchValue, null>): string | null {
    if (typeof value !== 'number' || !Number.isFinite(value)) return 'not a finite number';
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      return 'a number beyond 2^53 loses digits: write it in quotes, as text';
    }
    this.#values.add(value);
    return null;
  }

  has({ folded }: Text): boolean {
    return this.#values.size > 0 && this.#values.has(numberOf(folded));
  }
}

export type Comparison = 'gt' | 'gte' | 'lt' | 'lte';

export class ComparisonSet implements ValueSet {
  readonly #kind: Comparison;
  readonly testedEach = 0;
  /** The limit that is met if any is; NaN before the first. */
  #limit = Number.NaN;

  constructor(kind: Comparison) {
    this.#kind = kind;
  }

  add(value: Exclude<MatchValue, null>): string | null {
    const limit = typeof value === 'string' ? numberOf(value.toLowerCase()) : value;
    if (typeof limit !== 'number' || !Number.isFinite(limit)) return `${this.#kind} needs a number`;
    const lowest = this.#kind === 'gt' || this.#kind === 'gte';
    if (Number.isNaN(this.#limit)) this.#limit = limit;
    else this.#limit = lowest ? Math.min(this.#limit, limit) : Math.max(this.#limit, limit);
    return null;
  }

  has({ folded }: Text): boolean {
    const value = numberOf(folded);
    switch (this.#kind) {
      case 'gt':
        return value > this.#limit;
      case 'gte':
        return value >= this.#limit;
      case 'lt':
        return value < this.#limit;
      case 'lte':
        return value <= this.#limit;
    }
  }
}
