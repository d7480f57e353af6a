/** Whether the baseline rests on enough to be judged by, and if not, what is missing. */
import type { DetectionConfig } from '../config/config.js';
import { msPerHour } from '../hour.js';
import { count } from '../observe/counted.js';
import type { Threshold } from '../stages.js';

export interface WarmUp {
  readonly ready: boolean;
  /** The first minimum that is not met. */
  readonly lacks: 'nothing' | 'sizes' | 'samples' | 'history';
  /** What is there and what is asked for, in the unit of what lacks: samples, or hours. */
  readonly have: number;
  readonly need: number;
  /**
   * True if waiting will hardly help: the data spans the lookback but for a day, and still lacks
   * something. An estate without nights and weekends never has 72 hours with data in six days.
   */
  readonly stuck: boolean;
  /** One sentence for logs and people. */
  readonly text: string;
}

type Minimums = Pick<DetectionConfig, 'minimumSamples' | 'minimumHistoryHours'>;
type Window = Pick<DetectionConfig, 'lookbackHours' | 'holdbackHours'>;

/** The same test as `warmUp(…).ready`, for the path of an event. */
export function isReady(threshold: Threshold, detection: Minimums): boolean {
  return (
    threshold.bytes !== null &&
    threshold.samples >= detection.minimumSamples &&
    threshold.hours >= detection.minimumHistoryHours
  );
}

export function warmUp(threshold: Threshold, detection: Minimums & Window): WarmUp {
  const { samples, hours } = threshold;
  const stuck = spansLookback(threshold, detection);
  if (threshold.bytes === null) {
    const need = Math.max(1, detection.minimumSamples);
    const text = `not ready: the lookback holds no JPEG with a size (${count(need)} needed)`;
    return { ready: false, lacks: 'sizes', have: 0, need, stuck: false, text };
  }
  if (samples < detection.minimumSamples) {
    const need = detection.minimumSamples;
    const text =
      `not ready: ${count(samples)} of ${count(need)} JPEGs with a size in the lookback` +
      hint(stuck, 'minimum_samples');
    return { ready: false, lacks: 'samples', have: samples, need, stuck, text };
  }
  if (hours < detection.minimumHistoryHours) {
    const need = detection.minimumHistoryHours;
    const text =
      `not ready: ${count(hours)} of ${count(need)} hours with data in the lookback` +
      hint(stuck, 'minimum_history');
    return { ready: false, lacks: 'history', have: hours, need, stuck, text };
  }
  const text = `ready: ${count(samples)} JPEGs in ${count(hours)} hours of the lookback`;
  const need = detection.minimumHistoryHours;
  return { ready: true, lacks: 'nothing', have: hours, need, stuck: false, text };
}

const hoursPerDay = 24;

function spansLookback({ fromMs, toMs }: Threshold, window: Window): boolean {
  const held = window.lookbackHours - window.holdbackHours;
  return toMs - fromMs >= Math.max(1, held - hoursPerDay) * msPerHour;
}

function hint(stuck: boolean, key: string): string {
  return stuck ? `; it spans the lookback already, so waiting will not help: lower ${key}` : '';
}
