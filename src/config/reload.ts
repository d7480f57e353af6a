/**
 * What of a new config a running process can take over. The rest keeps its old value and is named: buckets were
 * made by those settings, spools lie where they lie, and buffers have their size.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  type Config,
  type DetectionConfig,
  type ForwardConfig,
  type OutputSpoolConfig,
  outputNames,
} from './config.js';

export interface ReloadedConfig {
  /** To go on with. */
  readonly config: Config;
  /** Keys of the YAML, or maps of keys, that the new config changes and only a restart can. */
  readonly fixed: readonly string[];
}

/** Keys of the config by their names in the YAML; all others of `detection` may change at any time. */
const detectionKeys = {
  direction: 'direction',
  lookbackHours: 'lookback',
  holdbackHours: 'holdback',
  time: 'time',
  jpeg: 'jpeg',
  newSource: 'new_source',
  normalizeHost: 'normalize_host',
  hostFallback: 'host_fallback',
  feedProfiles: 'feed_profiles',
  placeholders: 'placeholders',
  zeroIsMissing: 'zero_bytes',
  mostSuspicious: 'duplicate_keys',
  skip: 'skip',
} as const satisfies { [Key in keyof DetectionConfig]?: string };

/** With `new_source: large_host` these say which hosts a bucket holds. */
const largeKeys = { percentileMilli: 'percentile', minimumBytes: 'minimum_bytes' } as const;

const listenKeys = { maxMessageBytes: 'max_message', maxFields: 'max_fields' } as const;
const baselineKeys = {
  path: 'path',
  maxHosts: 'max_hosts',
  checkpointMs: 'checkpoint',
} as const;
const spoolKeys = { path: 'path', sync: 'sync', syncIntervalMs: 'sync_interval' } as const;

export function reloaded(old: Config, next: Config): ReloadedConfig {
  const fixed: string[] = [];
  /** `next`, but with the old values of these keys. */
  function kept<T extends object>(
    map: string,
    names: { [K in keyof T]?: string },
    was: T,
    is: T,
  ): T {
    const result = { ...is };
    for (const key of Object.keys(names) as (keyof T)[]) {
      if (!isDeepStrictEqual(was[key], is[key])) fixed.push(`${map}.${names[key]}`);
      result[key] = was[key];
    }
    return result;
  }
  if (!isDeepStrictEqual(old.feeds, next.feeds)) fixed.push('feeds');
  const large = old.detection.newSource === 'large_host' ? largeKeys : {};
  const detection = kept(
    'detection',
    { ...detectionKeys, ...large },
    old.detection,
    next.detection,
  );
  const suppress = kept(
    'detection.suppress',
    { maxAlerts: 'max_alerts' },
    old.detection.suppress,
    next.detection.suppress,
  );
  const config = {
    ...next,
    listen: kept('listen', listenKeys, old.listen, next.listen),
    feeds: old.feeds,
    detection: { ...detection, suppress },
    baseline: kept('baseline', baselineKeys, old.baseline, next.baseline),
    forward: keptForward(old.forward, next.forward, fixed),
    spool: kept('spool', spoolKeys, old.spool, next.spool),
    admin: old.admin,
  };
  if (!isDeepStrictEqual(old.admin, next.admin)) fixed.push('admin');
  if (old.spool.path === null && next.listen.relp.length > 0) {
    // It acks what is on disk, and the spool stays in memory.
    fixed.push('listen.relp');
    config.listen = { ...config.listen, relp: old.listen.relp };
  }
  return { config, fixed };
}

/** Outputs stay those that they are, and what waits for them where it is. */
function keptForward(old: ForwardConfig, next: ForwardConfig, fixed: string[]): ForwardConfig {
  const { outputs } = old;
  const result = { ...next, outputs };
  for (const name of outputNames) {
    if (outputs.includes(name) !== next.outputs.includes(name)) fixed.push(`forward.${name}`);
  }
  // Where outputs come or go, what the spool of another is by default goes with that.
  const same = isDeepStrictEqual(outputs, next.outputs);
  for (const name of outputs) {
    const differs = !isDeepStrictEqual(old[name]?.spool, next[name]?.spool);
    if (same && differs) fixed.push(`forward.${name}.spool`);
  }
  result.fluentd = { ...next.fluentd, spool: old.fluentd.spool };
  result.syslog = withSpool(old.syslog, next.syslog);
  result.file = withSpool(old.file, next.file);
  return result;
}

function withSpool<T extends { readonly spool: OutputSpoolConfig }>(
  old: T | null,
  next: T | null,
): T | null {
  return old === null || next === null ? old : { ...next, spool: old.spool };
}
