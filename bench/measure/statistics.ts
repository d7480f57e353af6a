/** Figures of several runs in one. */

/** Middle value; of an even number the lower of the two, so that it is one that was seen. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/**
 * Nearest rank.
 *
 * @param values in any order, at least one
 * @param percent above 0, up to 100
 */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]!;
}

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @param values at least one */
export function summary(values: readonly number[]): Summary {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Whole milliseconds with a weight each, of which percentiles are asked; bounded, whatever comes. */
export class MillisecondHistogram {
  /** One for each millisecond; what is later counts as the last. */
  readonly #weights: Float64Array;
  #sum = 0;

  constructor(maxMs: number) {
    this.#weights = new Float64Array(maxMs + 1);
  }

  /** @param ms negative (a clock that was set back) counts as 0 */
  add(ms: number, weight: number): void {
    const slot = Math.min(Math.max(0, Math.round(ms)), this.#weights.length - 1);
    this.#weights[slot]! += weight;
    this.#sum += weight;
  }

  reset(): void {
    this.#weights.fill(0);
    this.#sum = 0;
  }

  /** Nearest rank, in ms; null without any. */
  percentile(percent: number): number | null {
    if (this.#sum === 0) return null;
    const rank = (percent / 100) * this.#sum;
    let seen = 0;
    for (const [ms, weight] of this.#weights.entries()) {
      seen += weight;
      // Weights are fractions: their sum may fall short of the whole by a rounding error.
      if (weight > 0 && seen >= rank - 1e-6) return ms;
    }
    return this.#weights.length - 1;
  }
}
