/** 100 % in thousandths of a percent, the unit of `percentileMilli`. */
const hundredPercent = 100_000;

/**
 * Which of `samples` values in ascending order, from 1, is the nearest-rank percentile: `ceil(p * n / 100)`,
 * at least 1, in integers. In floating point 99.9 * 1000 / 100 is above 999, one rank too high.
 *
 * @param percentileMilli thousandths of a percent: 99.9 is 99900
 */
export function nearestRank(samples: number, percentileMilli: number): number {
  const rest = samples % hundredPercent;
  const whole = (samples - rest) / hundredPercent;
  const part = rest * percentileMilli;
  const partRest = part % hundredPercent;
  const partRank = (part - partRest) / hundredPercent + (partRest > 0 ? 1 : 0);
  return Math.max(1, whole * percentileMilli + partRank);
}
