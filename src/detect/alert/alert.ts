/** The record that an analyst sees. Its names and meaning are part of the record contract. */
import type { DetectionConfig } from '../../config/config.js';
import type { Alert, Direction } from '../../verdict.js';
import { urlHost } from '../event/host.js';
import { filenameOf, type JpegEvent, type Side } from '../event/jpeg-event.js';
import type { Comparison } from '../rule.js';
import { levelOf } from './level.js';
import { reason } from './reason.js';

interface RuleNames {
  readonly id: string;
  readonly rule: string;
  readonly title: string;
}

/** The hunting query this rule comes from has a typo in its title, so it is known by its id. */
const rules: Readonly<Record<Direction, RuleNames>> = {
  download: {
    id: 'a2ff777e-46c8-4649-b19a-25a0ac059a18',
    rule: 'large_jpeg_from_new_source',
    title: 'Abnormally large JPEG file downloaded from new source',
  },
  // No query of theirs: the same rule the other way round, under an id of its own.
  upload: {
    id: '3d0b7c58-5b1e-4e0f-9a53-0c6f6f4f8a21',
    rule: 'large_jpeg_to_new_host',
    title: 'Abnormally large JPEG file uploaded to new host',
  },
};

/** ATT&CK puts this technique under command and control; the query says InitialAccess. */
const techniques = ['T1001.002'];
const tactics = ['command-and-control'];
const queryTactics = ['InitialAccess'];

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export interface AlertFacts {
  readonly event: Pick<JpegEvent, 'url' | 'urls' | 'account'>;
  readonly side: Pick<Side, 'direction' | 'bytes'>;
  /** It alerts: it has a threshold and a host state. */
  readonly comparison: Comparison;
  readonly mismatch: boolean;
  /** Keys that came more than once among those that were judged. */
  readonly twice: readonly string[];
}

export function makeAlert(
  { event, side, comparison, mismatch, twice }: AlertFacts,
  { percentileMilli, level }: Pick<DetectionConfig, 'percentileMilli' | 'level'>,
): Alert {
  const { direction, bytes } = side;
  const { account } = event;
  const { threshold, host, firstSeenMs } = comparison;
  const url = urlOf(event, host);
  const filename = filenameOf(url);
  const hostState = comparison.hostState!;
  const thresholdBytes = threshold.bytes!;
  const { samples, fromMs, toMs } = threshold;
  const ratio = ratioOf(bytes, thresholdBytes);
  const numbers = { bytes, thresholdBytes, percentileMilli, samples, fromMs, toMs };
  const { id, rule, title } = rules[direction];
  // One literal, without spreads: those make a dictionary of so many keys, which costs 25 us here and as much again
  // where it is encoded.
  const alert: Mutable<Alert> = {
    id,
    rule,
    title,
    level: levelOf({ ratio, hostState, mismatch, direction }, level),
    reason: reason({ ...numbers, direction, filename, host, hostState, firstSeenMs, mismatch }),
    direction,
    filename,
    url,
    account,
    host,
    host_state: hostState,
    bytes,
    threshold_bytes: thresholdBytes,
    percentile: percentileMilli / 1000,
    ratio,
    samples,
    baseline_from: new Date(fromMs).toISOString(),
    baseline_to: new Date(toMs).toISOString(),
    techniques,
    tactics,
    query_tactics: queryTactics,
  };
  if (firstSeenMs > 0) alert.first_seen = new Date(firstSeenMs).toISOString();
  if (mismatch) alert.mismatch = mismatch;
  if (twice.length > 0) alert.duplicate_keys = twice;
  return alert;
}

/** Of several URLs the one whose host is judged, else the judged one. */
function urlOf({ url, urls }: AlertFacts['event'], host: string): string {
  if (urls.length < 2) return url;
  return urls.find((one) => urlHost(one) === host) ?? url;
}

/** Over a threshold of nothing it is the bytes themselves: receivers cannot write infinity as JSON. */
export function ratioOf(bytes: number, thresholdBytes: number): number {
  return Math.round((bytes / Math.max(thresholdBytes, 1)) * 100) / 100;
}
