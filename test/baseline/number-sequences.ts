/** Sequences of sizes as they occur, and as an adversary would choose them; from a seed. */

export interface Sequence {
  readonly name: string;
  /** The n-th size. */
  readonly size: (n: number) => number;
}

/** xorshift32 in (0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 0x1_0000_0000;
  };
}

export function sequences(seed: number): Sequence[] {
  const random = randomFrom(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  return [
    { name: 'log-normal', size: () => Math.round(Math.exp(10 + 1.5 * normal())) },
    { name: 'constant', size: () => 43 },
    { name: 'heavy ties', size: () => (random() < 0.6 ? 4096 : Math.round(random() * 1e6)) },
    { name: 'few values', size: () => Math.floor(random() * 20) * 1000 },
    { name: 'rising', size: (n) => n },
    { name: 'falling', size: (n) => 1e9 - n },
    { name: 'from both ends', size: (n) => (n % 2 === 0 ? n : 1e9 - n) },
    { name: 'rising exponentially', size: (n) => 1000 * 1.0001 ** (n % 100_000) },
    {
      name: 'two far clusters',
      size: (n) => (n % 10 === 0 ? 1e12 : 0) + Math.floor(random() * 99),
    },
    { name: 'fractions and negatives', size: () => normal() * 100 },
  ];
}

/** Exactly: the value at nearest rank of p (thousandths of a percent), by sorting, in BigInt. */
export function exactPercentile(values: readonly number[], percentileMilli: number): number | null {
  if (values.length === 0) return null;
  return Float64Array.from(values).sort()[exactRank(values.length, percentileMilli) - 1]!;
}

export function exactRank(samples: number, percentileMilli: number): number {
  const scaled = BigInt(samples) * BigInt(percentileMilli);
  const rank = (scaled + 99_999n) / 100_000n;
  return rank < 1n ? 1 : Number(rank);
}

/** How far the ranks that `value` has, or would have, among `sorted` are from `rank`. */
export function rankError(sorted: Float64Array, value: number, rank: number): number {
  let below = 0;
  while (below < sorted.length && sorted[below]! < value) below++;
  let notAbove = below;
  while (notAbove < sorted.length && sorted[notAbove]! <= value) notAbove++;
  if (rank <= below) return below + 1 - rank;
  return rank > notAbove ? rank - notAbove : 0;
}
