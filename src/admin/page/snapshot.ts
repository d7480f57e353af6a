/** What the page shows, as JSON: at a moment, whole. */
import type { BaselineFacts, RunState } from '../observed.js';
import type { Rates } from './rates.js';
import type { RecentAlerts, ShownAlert } from './recent-alerts.js';
import { type Mood, type Sentence, sentences } from './sentences.js';

export interface Snapshot {
  readonly at: string;
  readonly version: string;
  readonly uptime_seconds: number;
  /** The worst of `sentences`. */
  readonly mood: Mood;
  readonly sentences: readonly Sentence[];
  /** `[epoch ms, events/s, JPEG events/s]`, the oldest first. */
  readonly rates: readonly (readonly [number, number, number])[];
  readonly baselines: readonly ShownBaseline[];
  readonly alerts: readonly ShownAlert[];
}

export interface ShownBaseline {
  readonly direction: BaselineFacts['direction'];
  readonly ready: boolean;
  readonly threshold_bytes: number | null;
  readonly samples: number;
  readonly hours: number;
  readonly known_hosts: number;
  readonly pending_hosts: number;
  /** First seen in the present hour. */
  readonly new_hosts: number;
  readonly max_hosts: number;
  /** `[log2 of the smallest size, samples]`, ascending; a bin is half a power of two wide. */
  readonly sizes: readonly (readonly [number, number])[];
}

export interface SnapshotParts {
  readonly state: RunState;
  readonly rates: Rates;
  readonly alerts: RecentAlerts;
  readonly version: string;
}

const worst: readonly Mood[] = ['bad', 'wait', 'good'];

/** @param seen number of the newest alert that the reader has */
export function snapshot(parts: SnapshotParts, seen: number, nowMs: number): Snapshot {
  const { state, rates, alerts, version } = parts;
  const said = sentences(state, nowMs);
  return {
    at: new Date(nowMs).toISOString(),
    version,
    uptime_seconds: Math.floor(process.uptime()),
    mood: worst.find((mood) => said.some((one) => one.mood === mood)) ?? 'good',
    sentences: said,
    rates: rates.all.map(({ at, events, jpegs }) => [at, events, jpegs] as const),
    baselines: (state.observed?.baselines() ?? []).map((facts) => ({
      direction: facts.direction,
      ready: facts.ready,
      threshold_bytes: facts.thresholdBytes,
      samples: facts.samples,
      hours: facts.hours,
      known_hosts: facts.knownHosts,
      pending_hosts: facts.pendingHosts,
      new_hosts: facts.newHosts,
      max_hosts: facts.maxHosts,
      sizes: facts.sizes(),
    })),
    alerts: alerts.since(seen),
  };
}
