/** Exclusions and certificates that have ended, or soon will: said at start and by `validate`. */
import { validityNotice } from '../platform/tls-files.js';
import type { Config, ExclusionConfig } from './config.js';
import { quote } from './config-error.js';
import { dayMs } from './units.js';

const soonDays = 14;

/** Sentences. @param nowMs of the wall clock */
export function expiryNotices(config: Config, nowMs: number): readonly string[] {
  return [...certificateNotices(config, nowMs), ...exclusionNotices(config, nowMs)];
}

/** One for each file. */
function certificateNotices({ listen }: Config, nowMs: number): readonly string[] {
  const notices = listen.tls
    .flatMap(({ validity }) => validity)
    .map((validity) => validityNotice(validity, nowMs))
    .filter((notice) => notice !== null);
  return [...new Set(notices)].map((notice) => `listen.tls: ${notice}`);
}

/** Those that have ended first. */
export function exclusionNotices({ exclusions }: Config, nowMs: number): readonly string[] {
  const ending = exclusions.flatMap((exclusion) => {
    const { expiresMs } = exclusion;
    return expiresMs === null ? [] : [{ exclusion, expiresMs }];
  });
  const over = ending.filter(({ expiresMs }) => nowMs > expiresMs);
  const soon = ending.filter(
    ({ expiresMs }) => nowMs <= expiresMs && expiresMs - nowMs < soonDays * dayMs,
  );
  return [
    ...over.map(
      ({ exclusion, expiresMs }) =>
        `${named(exclusion)}: EXPIRED after ${day(expiresMs)}; it no longer applies: ` +
        'remove it, or set a later day',
    ),
    ...soon.map(
      ({ exclusion, expiresMs }) =>
        `${named(exclusion)}: expires ${inDays(expiresMs, nowMs)}, after ${day(expiresMs)}`,
    ),
  ];
}

const named = ({ name }: ExclusionConfig): string => `exclusions: ${quote(name)}`;

export function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/** Both days in UTC. */
function inDays(expiresMs: number, nowMs: number): string {
  const days = Math.floor(expiresMs / dayMs) - Math.floor(nowMs / dayMs);
  if (days === 0) return 'today';
  return `in ${days} day${days === 1 ? '' : 's'}`;
}
