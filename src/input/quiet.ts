/** Takes what the kernel already holds for our sockets before they are closed. */
import { setImmediate as turn } from 'node:timers/promises';

/** A sender that never pauses must not hold up the stop for longer than this. */
const maxDrainMs = 250;

/**
 * Resolves when the sockets have been polled once without `received()` having changed.
 *
 * @param received any number that changes whenever something is read
 * @param waited whether some socket is not read from yet
 */
export async function untilQuiet(
  received: () => number,
  waited: () => boolean = () => false,
): Promise<void> {
  const deadline = performance.now() + maxDrainMs;
  let before: number;
  do {
    before = received();
    // The first turn may end without a poll, if we were called from one; between two there is one.
    await turn();
    await turn();
  } while ((received() !== before || waited()) && performance.now() < deadline);
}
