/** Puts an alert into one plain sentence, numbers included, that stays one line whatever the event holds. */

import { msPerHour } from '../../hour.js';
import { count, countOf } from '../../observe/counted.js';
import { printable } from '../../observe/printable.js';
import type { Direction, HostState } from '../../verdict.js';

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
/** A name in the sentence is cut at this many characters; the alert's own fields have it whole. */
const maxNameLength = 80;

export interface ReasonFacts {
  readonly direction: Direction;
  readonly filename: string;
  readonly host: string;
  readonly hostState: HostState;
  readonly bytes: number;
  readonly thresholdBytes: number;
  /** Thousandths of a percent. */
  readonly percentileMilli: number;
  readonly samples: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** 0 if the host was never seen. */
  readonly firstSeenMs: number;
  readonly mismatch: boolean;
}

/**
 * `a.jpg (4.2 MiB) from cdn.example is 3.1 times the 95th percentile (1.4 MiB of 12,345 JPEGs, 6 days);
 * the host was never seen before`
 */
export function reason(facts: ReasonFacts): string {
  const what = `${name(facts.filename) || 'a JPEG'} (${bytesInWords(facts.bytes)})`;
  const preposition = facts.direction === 'upload' ? 'to' : 'from';
  const where = facts.hostState === 'absent' ? '' : ` ${preposition} ${name(facts.host)}`;
  const rests = [
    `${bytesInWords(facts.thresholdBytes)} of ${countOf(facts.samples, facts.direction === 'upload' ? 'uploaded JPEG' : 'JPEG')}`,
    spanInWords(facts.toMs - facts.fromMs),
  ].join(', ');
  const percentile = `the ${ordinal(facts.percentileMilli / 1000)} percentile (${rests})`;
  const mismatch = facts.mismatch ? '; its file type and its name disagree' : '';
  return `${what}${where} is ${timesInWords(facts)} ${percentile}; ${hostInWords(facts)}${mismatch}`;
}

function timesInWords({ bytes, thresholdBytes }: ReasonFacts): string {
  const ratio = bytes / thresholdBytes;
  if (!Number.isFinite(ratio)) return 'above';
  if (ratio < 1.005) return 'just above';
  return `${ratio < 1.1 ? ratio.toFixed(2) : count(Number(ratio.toFixed(1)))} times`;
}

function hostInWords({ hostState, firstSeenMs }: ReasonFacts): string {
  if (hostState === 'absent') return 'the event names no host';
  if (firstSeenMs === 0) return 'the host was never seen before';
  const hour = `${new Date(firstSeenMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return hostState === 'pending'
    ? `the host was first seen in the hour of ${hour}, too recently to count as known`
    : `the host was not seen in the lookback (first in the hour of ${hour})`;
}

export function bytesInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  // 1023.97 KiB must not read "1024.0 KiB".
  if (unit > 0 && unit < units.length - 1 && value >= 1023.95) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** 95 -> 95th, 1 -> 1st, 99.9 -> 99.9th. */
export function ordinal(value: number): string {
  const teen = value % 100 >= 11 && value % 100 <= 13;
  const suffix = teen ? undefined : ({ 1: 'st', 2: 'nd', 3: 'rd' } as const)[value % 10];
  return `${value}${suffix ?? 'th'}`;
}

export function spanInWords(ms: number): string {
  const hours = Math.round(ms / msPerHour);
  return hours < 48 ? countOf(hours, 'hour') : countOf(Math.round(hours / 24), 'day');
}

function name(text: string): string {
  const characters = text.length > maxNameLength ? [...text.slice(0, maxNameLength + 2)] : null;
  const shown = characters === null ? text : `${characters.slice(0, maxNameLength - 1).join('')}…`;
  return printable(shown);
}
