/** UTC hours since the epoch: what the baseline counts in, `floor(ms / 3600000)`. */
export const msPerHour = 3_600_000;

export function hourOf(epochMs: number): number {
  return Math.floor(epochMs / msPerHour);
}
