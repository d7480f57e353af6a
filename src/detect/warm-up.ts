/** Whether the baseline rests on enough to be judged by, and if not, what is missing. */
import type { DetectionConfig } from '../config/config.js';
import type { Threshold } from '../stages.js';

export interface WarmUp {
  readonly ready: boolean;
  /** The first minimum that is not met. */
  readonly lacks: 'nothing' | 'sizes' | 'samples' | 'history';
  /** What is there and what is asked for, in the unit of what lacks: samples, or hours. */
  readonly have: number;
  readonly need: number;
  /** One sentence for logs and people. */
  readonly text: string;
}

type Minimums = Pick<DetectionConfig, 'minimumSamples' | 'minimumHistoryHours'>;

/** The same test as `warmUp(…).ready`, for the path of an event. */
export function isReady(threshold: Threshold, detection: Minimums): boolean {
  return (
    threshold.bytes !== null &&
    threshold.samples >= detection.minimumSamples &&
    threshold.hours >= detection.minimumHistoryHours
  );
}

export function warmUp(threshold: Threshold, detection: Minimums): WarmUp {
  const { samples, hours } = threshold;
  if (threshold.bytes === null) {
    const need = Math.max(1, detection.minimumSamples);
    const text = `not ready: the lookback holds no JPEG with a size (${count(need)} needed)`;
    return { ready: false, lacks: 'sizes', have: 0, need, text };
  }
  if (samples < detection.minimumSamples) {
    const need = detection.minimumSamples;
    const text = `not ready: ${count(samples)} of ${count(need)} JPEGs with a size in the lookback`;
    return { ready: false, lacks: 'samples', have: samples, need, text };
  }
  if (hours < detection.minimumHistoryHours) {
    const need = detection.minimumHistoryHours;
    const text = `not ready: ${count(hours)} of ${count(need)} hours with data in the lookback`;
    return { ready: false, lacks: 'history', have: hours, need, text };
  }
  const text = `ready: ${count(samples)} JPEGs in ${count(hours)} hours of the lookback`;
  return { ready: true, lacks: 'nothing', have: hours, need: detection.minimumHistoryHours, text };
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
