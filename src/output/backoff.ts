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
 * Of an attempt at a host where nobody listens: that costs it one packet, and its end is most often a restart, whose
 * backlog should not wait for half a minute more. What came further (a TLS handshake, a login, chunks that are not
 * acked) costs a receiver that may be in trouble, and waits for up to `maxMs`.
 */
const refusedMaxMs = 5000;

export function boundsAfter(bounds: BackoffBounds, refused: boolean): BackoffBounds {
  return refused ? { ...bounds, maxMs: Math.min(bounds.maxMs, refusedMaxMs) } : bounds;
}

/**
 * @param failures attempts in a row that delivered nothing, 1 or more
 * @param random in [0, 1)
 * @returns a wait in [0, min(maxMs, firstMs * 2^(failures - 1)))
 */
export function backoffMs(failures: number, bounds: BackoffBounds, random: () => number): number {
  return random() * Math.min(bounds.maxMs, bounds.firstMs * 2 ** (failures - 1));
}
