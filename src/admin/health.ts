/**
 * Whether events are taken in, and if not why. What is no fault of this process, or passes by itself (a baseline that
 * warms up, an output that is away while the spool has room), is detail: a restart or another replica would not help.
 */
import { type Observed, type ObservedOutput, oldestAgeMs, type RunState } from './observed.js';

/** In the details; the rest is counted. */
const maxFeeds = 50;

/** Plain sentences; none: ready. */
export function notReadyReasons({ phase, observed }: RunState): readonly string[] {
  if (phase === 'loading' || observed === null) return ['the baseline is being loaded'];
  if (phase === 'stopping') return ['the process is stopping'];
  const down = observed.inputs
    .filter(({ listening }) => !listening)
    .map(({ name }) => `the listener ${name} is down`);
  return [...down, ...observed.outputs.flatMap(spoolReason)];
}

function spoolReason(output: ObservedOutput): string[] {
  const { name, blocks, spool } = output;
  if (!blocks || !spool.full) return [];
  return output.writable()
    ? [`the spool of ${name} is full: inputs are paused`]
    : [`the spool of ${name} cannot be written to: inputs are paused`];
}

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

export function readiness(state: RunState): Readiness {
  const reasons = notReadyReasons(state);
  return { ready: reasons.length === 0, reasons };
}

/** What there is to know beside it, as JSON. */
export function details({ phase, observed }: RunState, nowMs: number): object {
  if (observed === null) return { phase };
  return {
    phase,
    paused: observed.paused(),
    inputs: observed.inputs.map(({ name, listening, connections }) => ({
      name,
      listening,
      ...(connections !== undefined && { connections }),
    })),
    outputs: observed.outputs.map((output) => outputDetails(output, nowMs)),
    baselines: observed.baselines().map(({ direction, ready, text, ...facts }) => ({
      ...{ direction, ready, text },
      threshold_bytes: facts.thresholdBytes,
      samples: facts.samples,
      hours: facts.hours,
      hosts: { known: facts.knownHosts, pending: facts.pendingHosts, max: facts.maxHosts },
    })),
    ...feedDetails(observed),
  };
}

function outputDetails(output: ObservedOutput, nowMs: number): object {
  const { name, spool, maxBytes, blocks, counters } = output;
  const ageMs = oldestAgeMs(output, nowMs);
  return {
    name,
    events_acked: counters.events_acked,
    connects: counters.connects,
    connect_failures: counters.connect_failures,
    ack_timeouts: counters.ack_timeouts,
    spool: {
      bytes: spool.bytes,
      max_bytes: maxBytes,
      events: output.events(),
      oldest_event_age_seconds: ageMs === null ? null : ageMs / 1000,
      full: spool.full,
      writable: output.writable(),
      when_full: blocks ? 'block' : 'drop_oldest',
    },
  };
}

/** Warnings first, since there are more feeds than room. */
function feedDetails(observed: Observed): object {
  const feeds = observed.feeds();
  const shown = [...feeds].sort((a, b) => Number(b.warning) - Number(a.warning));
  return {
    feeds: shown.slice(0, maxFeeds).map(({ feed, status, text }) => ({
      name: feed.name,
      events: feed.events,
      jpeg_events: feed.jpegs,
      status,
      text,
    })),
    feeds_not_shown: Math.max(0, feeds.length - maxFeeds),
  };
}
