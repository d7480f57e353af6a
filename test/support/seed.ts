/** Randomness that can be had again: the seed is printed, and given by STEGWATCH_SEED. */
import type { Test } from 'tap';

/** Whole numbers below `limit`. */
export type Random = (limit: number) => number;

export function seededRandom(t: Test): Random {
  const seed = Number(process.env.STEGWATCH_SEED ?? Date.now() % 1_000_000_000);
  t.comment(`seed ${seed} (STEGWATCH_SEED)`);
  let state = seed >>> 0;
  return (limit) => {
    // Numerical Recipes; its low bits are poor, so the high ones count.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % limit;
  };
}
