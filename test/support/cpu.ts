/**
 * Work told by CPU time of this process, for tests of how it grows: other processes do not count, but a
 * busy core still costs (caches, a garbage collection at the wrong moment). So the least of several runs
 * counts, and what looks too much is looked at again: what is quadratic stays so.
 */

/** Milliseconds, the least of `runs`. */
export function leastCpuMs(runs: number, work: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** Less is noise. */
const floorMs = 2;

/** How often the CPU time of `base` goes into that of `other`; measured anew while it is above `limit`. */
export function cpuRatio(base: () => void, other: () => void, limit: number): number {
  let [least, most] = [leastCpuMs(3, base), leastCpuMs(3, other)];
  for (let again = 0; again < 5 && most > limit * Math.max(least, floorMs); again++) {
    // Both as kind to the program as was ever seen: a false alarm is worse here than a late one.
    least = Math.max(least, leastCpuMs(3, base));
    most = Math.min(most, leastCpuMs(3, other));
  }
  return most / Math.max(least, floorMs);
}
