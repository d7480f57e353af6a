/** Numbers compare with numeric text: `443` with `443`, `0443` and `443.0`, never with `443x`. */
import type { MatchValue } from '../../config/config.js';
import type { Text, ValueSet } from './value-set.js';

const numeric = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/;

/** NaN if the text is not a decimal number. */
function numberOf(folded: string): number {
  // Longer text is no number that a device sends; the bound keeps the test cheap.
  const text = folded.length > 64 ? '' : folded.trim();
  return numeric.test(text) ? Number(text) : Number.NaN;
}

export class NumberSet implements ValueSet {
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
  readonly #limits: number[] = [];

  constructor(kind: Comparison) {
    this.#kind = kind;
  }

  add(value: Exclude<MatchValue, null>): string | null {
    const limit = typeof value === 'string' ? numberOf(value.toLowerCase()) : value;
    if (typeof limit !== 'number' || !Number.isFinite(limit)) return `${this.#kind} needs a number`;
    this.#limits.push(limit);
    return null;
  }

  has({ folded }: Text): boolean {
    const value = numberOf(folded);
    switch (this.#kind) {
      case 'gt':
        return this.#limits.some((limit) => value > limit);
      case 'gte':
        return this.#limits.some((limit) => value >= limit);
      case 'lt':
        return this.#limits.some((limit) => value < limit);
      case 'lte':
        return this.#limits.some((limit) => value <= limit);
    }
  }
}
