/** The record that an analyst sees. Its names and meaning are part of the record contract. */
import type { DetectionConfig } from '../config/config.js';
import type { HostState, Threshold } from '../stages.js';
import type { Alert } from '../verdict.js';
import { reason } from './reason.js';

/** The hunting query this rule comes from; its own title has a typo, so it is known by its id. */
export const rule = {
  id: 'a2ff777e-46c8-4649-b19a-25a0ac059a18',
  rule: 'large_jpeg_from_new_source',
  title: 'Abnormally large JPEG file downloaded from new source',
  /** ATT&CK puts this technique under command and control; the query says InitialAccess. */
  techniques: ['T1001.002'],
  tactics: ['command-and-control'],
  queryTactics: ['InitialAccess'],
} as const;

export interface AlertFacts {
  readonly url: string;
  readonly filename: string;
  readonly account: string;
  /** As received, '' if absent. */
  readonly host: string;
  readonly hostState: HostState;
  readonly bytes: number;
  /** `bytes` of it is a number: without a threshold there is no alert. */
  readonly threshold: Threshold;
  /** 0 if the host was never seen. */
  readonly firstSeenMs: number;
}

export function makeAlert(
  facts: AlertFacts,
  detection: Pick<DetectionConfig, 'direction' | 'percentileMilli'>,
): Alert {
  const { threshold, bytes, firstSeenMs } = facts;
  const thresholdBytes = threshold.bytes ?? 0;
  const { samples, fromMs, toMs } = threshold;
  const { percentileMilli } = detection;
  return {
    id: rule.id,
    rule: rule.rule,
    title: rule.title,
    level: facts.hostState === 'absent' ? 'low' : 'medium',
    reason: reason({ ...facts, thresholdBytes, percentileMilli, samples, fromMs, toMs }),
    direction: detection.direction === 'upload' ? 'upload' : 'download',
    filename: facts.filename,
    url: facts.url,
    account: facts.account,
    host: facts.host,
    host_state: facts.hostState,
    bytes,
    threshold_bytes: thresholdBytes,
    percentile: percentileMilli / 1000,
    ratio: ratio(bytes, thresholdBytes),
    samples,
    baseline_from: new Date(fromMs).toISOString(),
    baseline_to: new Date(toMs).toISOString(),
    ...(firstSeenMs > 0 ? { first_seen: new Date(firstSeenMs).toISOString() } : {}),
    techniques: rule.techniques,
    tactics: rule.tactics,
    query_tactics: rule.queryTactics,
  };
}

/** Over a threshold of nothing it is the bytes themselves: receivers cannot write infinity as JSON. */
function ratio(bytes: number, thresholdBytes: number): number {
  return Math.round((bytes / Math.max(thresholdBytes, 1)) * 100) / 100;
}

/** The part of a URL after its last `/`, query string included: the query's `split(…, "/")[-1]`. */
export function filenameOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
