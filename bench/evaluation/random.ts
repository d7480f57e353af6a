/** Draws of the distributions that the traffic is made of. The same seed gives the same draws everywhere. */
import { randomFrom } from '../../test/support/traffic.js';

export class Random {
  readonly #next: () => number;

  /** @param part separates streams of one seed: what one part draws does not shift another's draws */
  constructor(seed: number, part: number) {
    this.#next = randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(part + 1, 0x85ebca6b));
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.#next();
  }

  /** Whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#next())) * Math.cos(2 * Math.PI * this.#next());
  }

  /** @param spread sigma of the logarithm */
  logNormal(median: number, spread: number): number {
    return median * Math.exp(spread * this.normal());
  }

  /** Number of events where `mean` are expected (Knuth's product of uniforms; for small means). */
  poisson(mean: number): number {
    const limit = Math.exp(-mean);
    let product = this.#next();
    let count = 0;
    while (product > limit) {
      product *= this.#next();
      count++;
    }
    return count;
  }

  hex(length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += this.below(16).toString(16);
    return text;
  }
}

/** Draws an index, each with its weight. */
export class Weighted {
  readonly #sums: number[] = [];

  constructor(weights: readonly number[]) {
    let sum = 0;
    for (const weight of weights) {
      sum += weight;
      this.#sums.push(sum);
    }
  }

  /** Weights by Zipf's law: 1 / rank^exponent. */
  static zipf(count: number, exponent: number): Weighted {
    return new Weighted(Array.from({ length: count }, (_, at) => (at + 1) ** -exponent));
  }

  draw(random: Random): number {
    const wanted = random.between(0, this.#sums.at(-1)!);
    let low = 0;
    let high = this.#sums.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sums[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
