/** The entries of `tests`, with defaults and units filled in. */
import type { Settings } from './schema.js';

export interface ConfigTest {
  readonly name: string;
  /** When it begins, epoch ms. */
  readonly atMs: number;
  /** '-' if the test does not say. */
  readonly peer: string;
  readonly baseline: StatedBaselineConfig;
  /** In order; never empty. */
  readonly events: readonly TestEvent[];
  readonly expect: Expectation;
}

export interface StatedBaselineConfig {
  /** Null: only what the events teach. */
  readonly thresholdBytes: number | null;
  readonly knownHosts: readonly string[];
  readonly pendingHosts: readonly string[];
}

export interface TestEvent {
  readonly line: string;
  /** Since the event before. */
  readonly afterMs: number;
  readonly times: number;
}

/** By the keys of the YAML; what is missing is not looked at. */
export type Expectation = Settings['tests'][number]['expect'];

export function buildTests(tests: Settings['tests']): readonly ConfigTest[] {
  return tests.map(({ name, at, peer = '-', baseline, event, expect }) => ({
    name,
    atMs: at,
    peer,
    baseline: {
      thresholdBytes: baseline.threshold,
      knownHosts: baseline.known_hosts,
      pendingHosts: baseline.pending_hosts,
    },
    events: (typeof event === 'string' ? [event] : event).map((one) =>
      typeof one === 'string'
        ? { line: one, afterMs: 0, times: 1 }
        : { line: one.line, afterMs: one.after, times: one.times },
    ),
    expect,
  }));
}
