/** What expected-record.ts and expected-labels.ts share: how names and numbers read. */
import { Float } from './msgpack.js';

export type Names = 'cef' | 'commonsecuritylog' | 'ecs';
export interface Naming {
  readonly names: Names;
  readonly resolveLabels: boolean;
}
const ownNames =
  'device_vendor device_product device_version device_event_class_id name severity cef_version ' +
  'invalid syslog peer event_id received_at event_time zone_assumed parse_error message raw ' +
  'raw_base64 truncated original_length alert alert_suppressed __proto__';
export const reserved = new RegExp(`^(ext_)*(${ownNames.replaceAll(' ', '|')})(\\..*)?$`, 'is');

/** By hand: `[ ]+$` takes quadratic time over blanks that are not at the end. */
export function trimmed(text: string): string {
  const blank = /[\t-\r ]/;
  let [from, to] = [0, text.length];
  while (from < to && blank.test(text[from]!)) from++;
  while (from < to && blank.test(text[to - 1]!)) to--;
  return text.slice(from, to);
}

export function numberIn(wire: string, type: string): number | Float | null {
  const text = trimmed(wire);
  const shape = type === 'integer' ? /^[-+]?\d+$/ : /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
  const number = Number(text);
  const fits = type === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number);
  if (!shape.test(text) || !fits) return null;
  return type === 'integer' ? number + 0 : new Float(number);
}

/** Elasticsearch takes dots for a path, and refuses one that has an empty part or is too deep. */
export function isBadPath(name: string): boolean {
  return /^\.|\.\.|\.$/.test(name) || name.split('.').length > 17;
}
