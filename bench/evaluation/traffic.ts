/** The whole labelled traffic of one seed: events in order of time, each with the frame that tells of it. */
import { type Attacks, attacks, type Incident } from './attacks.js';
import { benignTraffic } from './benign.js';
import { Estate } from './estate.js';
import type { Label, WebEvent } from './event.js';
import { frameOf } from './line.js';
import type { Parameters } from './parameters.js';
import { Random } from './random.js';

export interface LabelledFrame {
  readonly timeMs: number;
  readonly frame: Buffer;
  readonly label: Label;
}

export interface LabelledTraffic {
  readonly seed: number;
  readonly parameters: Parameters;
  /** In order of time. */
  readonly frames: readonly LabelledFrame[];
  readonly incidents: readonly Incident[];
  /** 95th percentile of the benign JPEG answers, bytes: what the sizes of attacks are multiples of. */
  readonly large: number;
}

export interface TrafficOptions {
  readonly seed: number;
  readonly parameters: Parameters;
  /** With an attacker who raises the percentile in the last days. */
  readonly poisoned?: boolean;
}

export function labelledTraffic(options: TrafficOptions): LabelledTraffic {
  const { seed, parameters, poisoned = false } = options;
  const estate = new Estate(parameters, new Random(seed, 0));
  const peaceful = benignTraffic(estate, new Random(seed, 1));
  const large = percentile95(peaceful);
  const hostile: Attacks = attacks(estate, new Random(seed, 2), large, poisoned);
  const frames = [...peaceful, ...hostile.events]
    .sort((a, b) => a.timeMs - b.timeMs)
    .map((event) => ({ timeMs: event.timeMs, frame: frameOf(event), label: event.label }));
  return { seed, parameters, frames, incidents: hostile.incidents, large };
}

function percentile95(events: readonly WebEvent[]): number {
  const sizes = events
    .filter(
      ({ method, status, label }) => method === 'GET' && status === 200 && label.kind !== 'no JPEG',
    )
    .flatMap(({ received }) => (received === null || received === 0 ? [] : [received]))
    .sort((a, b) => a - b);
  return sizes[Math.ceil(sizes.length * 0.95) - 1]!;
}
