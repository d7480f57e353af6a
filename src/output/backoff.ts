/**
 * Exponential back-off with full jitter: any time up to a bound that doubles, so that many senders do
 * not come back to a restarted receiver at the same moment. Pure.
 */

export interface BackoffBounds {
  /** Bound of the first wait. */
  readonly firstMs: number;
  /** Bound of all waits. */
  readonly maxMs: number;
}

/**
 * @param failures attempts in a row that delivered nothing, 1 or more
 * @param random in [0, 1)
 * @returns a wait in [0, min(maxMs, firstMs * 2^(failures - 1)))
 */
export function backoffMs(failures: number, bounds: BackoffBounds, random: () => number): number {
  return random() * Math.min(bounds.maxMs, bounds.firstMs * 2 ** (failures - 1));
}
