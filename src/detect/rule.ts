/**
 * The rule itself, on one direction of one JPEG event: is that abnormally large, and from a new source?
 * For the sidecar and for the tools that read old logs alike.
 */
import type { DetectionConfig, ExclusionConfig } from '../config/config.js';
import type { Baseline, HostState, Threshold } from '../stages.js';
import { boundedHost } from './event/host.js';
import { JpegTestResult } from './event/jpeg.js';
import { isReady } from './warm-up.js';

/** What the rule asks of a baseline. */
export type BaselineView = Pick<Baseline, 'threshold' | 'hostState' | 'firstSeenMs'>;

type RuleConfig = Pick<
  DetectionConfig,
  'minimumBytes' | 'minimumSamples' | 'minimumHistoryHours' | 'newSource'
>;

export interface Comparison {
  readonly threshold: Threshold;
  /** There was a size, and a baseline fit to be compared with. */
  readonly compared: boolean;
  readonly large: boolean;
  /** The judged host as received, '' if there is none. */
  readonly host: string;
  /** What the baseline knows it by: `host`, bounded. */
  readonly learnedHost: string;
  /** Null if nobody needed to know, since it is not large. */
  readonly hostState: HostState | null;
  /** Start of the host's first hour, epoch ms; 0 if it was never seen, or if nobody asked. */
  readonly firstSeenMs: number;
  /** Large, and from a new source. */
  readonly alerts: boolean;
}

/**
 * @param bytes size, or NaN
 * @param hosts as received: none, one, or several of which the least known is judged
 */
export function compare(
  bytes: number,
  hosts: readonly string[],
  hour: number,
  baseline: BaselineView,
  rule: RuleConfig,
): Comparison {
  const threshold = baseline.threshold(hour);
  const compared = isCompared(bytes, threshold, rule);
  const large = compared && bytes > threshold.bytes! && bytes >= rule.minimumBytes;
  if (!large && hosts.length < 2) {
    const host = hosts.length === 0 ? '' : hosts[0]!;
    const learnedHost = boundedHost(host);
    // Nearly all JPEG events end here.
    return {
      threshold,
      compared,
      large,
      host,
      learnedHost,
      hostState: null,
      firstSeenMs: 0,
      alerts: false,
    };
  }
  const judged = leastKnown(hosts, hour, baseline);
  const isNew = judged.hostState !== 'known';
  const firstSeenMs = isNew && judged.host !== '' ? baseline.firstSeenMs(judged.learnedHost) : 0;
  const { host, learnedHost, hostState } = judged;
  const alerts = large && isNew;
  return { threshold, compared, large, host, learnedHost, hostState, firstSeenMs, alerts };
}

/** True if there is a size, and a baseline fit to be compared with. */
function isCompared(bytes: number, threshold: Threshold, rule: RuleConfig): boolean {
  return !Number.isNaN(bytes) && isReady(threshold, rule);
}

interface JudgedHost {
  readonly host: string;
  readonly learnedHost: string;
  readonly hostState: HostState;
}

export function leastKnown(
  hosts: readonly string[],
  hour: number,
  baseline: BaselineView,
): JudgedHost {
  let least: JudgedHost = { host: '', learnedHost: '', hostState: 'absent' };
  for (let i = 0; i < hosts.length; i++) {
    const host = hosts[i]!;
    const learnedHost = boundedHost(host);
    const hostState = baseline.hostState(learnedHost, hour);
    if (i === 0 || newness[hostState] > newness[least.hostState]) {
      least = { host, learnedHost, hostState };
    }
  }
  return least;
}

const newness: Readonly<Record<HostState, number>> = {
  absent: -1,
  known: 0,
  pending: 1,
  never_seen: 2,
};

/**
 * The host that the baseline is to remember for an observation, '' for none. With `large_host` only one
 * that served a large JPEG: larger than the threshold at that moment, or, while there is none yet, than
 * `minimum_bytes` alone.
 */
export function hostToLearn(
  learnedHost: string,
  bytes: number,
  threshold: Threshold,
  { newSource, minimumBytes }: RuleConfig,
): string {
  if (newSource !== 'large_host') return learnedHost;
  const large = bytes >= minimumBytes && (threshold.bytes === null || bytes > threshold.bytes);
  return large ? learnedHost : '';
}

/** @param exclusion the one that matches the event, if any */
export function isLearned(result: JpegTestResult, exclusion: ExclusionConfig | null): boolean {
  if (result !== JpegTestResult.judgedAndLearned) return false;
  return exclusion === null || exclusion.learn;
}
