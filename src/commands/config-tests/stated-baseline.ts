/**
 * The baseline of a test: what the test states, and beyond that what its events teach. In memory; nothing
 * of the real one is read or written.
 */
import type { DetectionConfig } from '../../config/config.js';
import type { StatedBaselineConfig } from '../../config/config-test.js';
import { hostKeyFor } from '../../detect/event/host.js';
import { ExactBaseline } from '../../detect/exact-baseline.js';
import { msPerHour } from '../../hour.js';
import type { Baseline, HostState, Threshold } from '../../stages.js';

export class StatedBaseline implements Baseline {
  readonly #detection: DetectionConfig;
  readonly #thresholdBytes: number | null;
  readonly #hostKey: (host: string) => string;
  readonly #known: ReadonlySet<string>;
  readonly #pending: ReadonlySet<string>;
  readonly #learned: ExactBaseline;
  #hour = 0;

  constructor(stated: StatedBaselineConfig, detection: DetectionConfig) {
    this.#detection = detection;
    this.#thresholdBytes = stated.thresholdBytes;
    this.#hostKey = hostKeyFor(detection);
    this.#known = new Set(stated.knownHosts.map(this.#hostKey));
    this.#pending = new Set(stated.pendingHosts.map(this.#hostKey));
    this.#learned = new ExactBaseline(detection, this.#hostKey);
  }

  /** A stated one rests on as much as the config asks for at least: a full lookback. */
  threshold(hour: number): Threshold {
    this.#hour = hour;
    if (this.#thresholdBytes === null) return this.#learned.threshold(hour);
    const { lookbackHours, holdbackHours, minimumSamples } = this.#detection;
    return {
      bytes: this.#thresholdBytes,
      samples: minimumSamples,
      hours: lookbackHours - holdbackHours,
      fromMs: (hour - lookbackHours) * msPerHour,
      toMs: (hour - holdbackHours) * msPerHour,
    };
  }

  hostState(host: string, hour: number): Exclude<HostState, 'absent'> {
    this.#hour = hour;
    const key = this.#hostKey(host);
    if (this.#known.has(key)) return 'known';
    const learned = this.#learned.hostState(host, hour);
    return learned === 'never_seen' && this.#pending.has(key) ? 'pending' : learned;
  }

  firstSeenMs(host: string): number {
    const { lookbackHours, holdbackHours } = this.#detection;
    const key = this.#hostKey(host);
    if (this.#known.has(key)) return (this.#hour - lookbackHours) * msPerHour;
    const learned = this.#learned.firstSeenMs(host);
    if (!this.#pending.has(key)) return learned;
    const stated = (this.#hour - holdbackHours) * msPerHour;
    return learned === 0 ? stated : Math.min(learned, stated);
  }

  /** Nobody tells it: the end of an explanation does without. */
  lastSeenMs(host: string): number {
    return this.firstSeenMs(host);
  }

  learn(hour: number, bytes: number, host: string): void {
    this.#learned.learn(hour, bytes, host);
  }
}
