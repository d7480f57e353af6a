/**
 * An alert, or what held one back, as CEF extension keys: ` stegwatchAlert=… stegwatchLevel=high …`. The keys
 * are those of `alert` and `alert_suppressed` (docs/record.md) with a prefix that no vendor has, since cs1 to cs6
 * are the sender's. Made for events that alert only, a few per cent at most.
 */
import type { Alert, AlertSuppressed } from '../verdict.js';

/** Begins every key of ours; a sender's key that begins like it is renamed. */
export const alertKeyPrefix = 'stegwatch';
/** Characters of one value: most are a few, but a host, a file name and the reason hold the sender's text. */
const maxValueLength = 1000;
/** Of all keys of one event: 23 values, of which no character takes more than 3 bytes, or 2 escaped. */
export const maxAlertExtensionBytes = 24 * (64 + 3 * maxValueLength);

/** '' if there is neither. */
export function alertExtension(alert: Alert | null, suppressed: AlertSuppressed | null): string {
  return (
    (alert === null ? '' : ofAlert(alert)) + (suppressed === null ? '' : ofSuppressed(suppressed))
  );
}

function ofAlert(alert: Alert): string {
  return keys({
    Alert: alert.id,
    Rule: alert.rule,
    Level: alert.level,
    Reason: alert.reason,
    Direction: alert.direction,
    Host: alert.host,
    HostState: alert.host_state,
    Bytes: alert.bytes,
    ThresholdBytes: alert.threshold_bytes,
    Percentile: alert.percentile,
    Ratio: alert.ratio,
    Samples: alert.samples,
    BaselineFrom: alert.baseline_from,
    BaselineTo: alert.baseline_to,
    FirstSeen: alert.first_seen,
    Techniques: alert.techniques.join(','),
    Tactics: alert.tactics.join(','),
    Mismatch: alert.mismatch,
    DuplicateKeys: alert.duplicate_keys?.join(','),
  });
}

function ofSuppressed({ by, name, reason, count, first }: AlertSuppressed): string {
  return keys({
    SuppressedBy: by,
    SuppressedName: name,
    SuppressedReason: reason,
    SuppressedCount: count,
    SuppressedFirst: first,
  });
}

type Value = string | number | boolean | undefined;

function keys(values: Readonly<Record<string, Value>>): string {
  let text = '';
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined || value === '') continue;
    text += ` ${alertKeyPrefix}${key}=${escaped(String(value).slice(0, maxValueLength))}`;
  }
  return text;
}

/** CEF rev. 25, "Character Encoding": `\`, `=` and line breaks in a value. Others of C0 would be a trap for logs. */
function escaped(value: string): string {
  return value
    .replace(/[\\=]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/[\x00-\x1f\x7f]/g, ' ');
}
