/**
 * What is compared: the presets, each switch of the preset table by itself, and ladders of the keys that
 * take a number or a choice. Each setting is a config as a user would write it.
 */
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load.js';
import { type PresetKey, type PresetName, presets } from '../../src/config/presets.js';

export interface Setting {
  readonly name: string;
  readonly preset: PresetName;
  /** By the key's path below `detection`. */
  readonly keys: Readonly<Record<string, unknown>>;
  readonly exclusions?: readonly Exclusion[];
}

interface Exclusion {
  readonly name: string;
  readonly reason: string;
  readonly match: Readonly<Record<string, string | readonly string[]>>;
  readonly learn?: boolean;
}

/** Two facts, as examples/exclusions/backup.yaml asks for. */
const backup: Exclusion = {
  name: 'backup',
  reason: 'the nightly backup reads and writes large images',
  match: { 'requestClientApplication|contains': 'Veeam', 'client.ip|cidr': '10.20.30.0/24' },
};

const designers: Exclusion = {
  name: 'designers',
  reason: 'the design department exchanges drafts',
  match: { department: ['Design'], 'destination|domain': ['sharebox.example'] },
};

/** What one would rather not write. */
const loose: readonly Exclusion[] = [
  {
    name: 'backup-by-agent',
    reason: 'the backup, by what anyone can claim',
    match: { 'requestClientApplication|contains': 'Veeam' },
  },
  {
    name: 'all-designers',
    reason: 'the department, everywhere',
    match: { department: ['Design'] },
  },
];

const on = (preset: PresetName, name: string, keys: Setting['keys'] = {}): Setting => ({
  name,
  preset,
  keys,
});

export const sentinel = on('sentinel', 'sentinel');
export const recommended = on('recommended', 'recommended');
export const withExclusions: Setting = {
  ...on('recommended', 'recommended, backup and designers excluded'),
  exclusions: [backup, designers],
};

export const presetKeys = Object.keys(presets.sentinel) as PresetKey[];

/** Recommended but for one key, which is as in sentinel. */
export const recommendedWithout = (key: PresetKey): Setting =>
  on('recommended', `recommended, ${key} as in sentinel`, { [key]: presets.sentinel[key] });

/** Sentinel but for one key, which is as recommended. */
export const sentinelWith = (key: PresetKey): Setting =>
  on('sentinel', `sentinel, ${key} as recommended`, { [key]: presets.recommended[key] });

export const ladder = (key: string, values: readonly unknown[]): Setting[] =>
  values.map((value) => on('recommended', `${key}: ${String(value)}`, { [key]: value }));

/** By title. */
export const ladders: Readonly<Record<string, readonly Setting[]>> = {
  percentile: ladder('percentile', [90, 95, 97.5, 99]),
  minimum_bytes: ladder('minimum_bytes', ['0B', '256KiB', '1MiB', '2MiB']),
  minimum_history: ladder('minimum_history', ['0h', '24h', '48h', '72h']),
  new_source: ladder('new_source', ['host', 'registrable_domain', 'large_host']),
  'suppress.by': ladder('suppress.by', ['none', 'host', 'user', 'file']),
  direction: [
    ...ladder('direction', ['download', 'upload', 'both']),
    {
      ...on('recommended', 'direction: both, backup and designers excluded', { direction: 'both' }),
      exclusions: [backup, designers],
    },
  ],
  exclusions: [
    on('recommended', 'none'),
    { ...on('recommended', 'backup'), exclusions: [backup] },
    { ...on('recommended', 'backup, learn: true'), exclusions: [{ ...backup, learn: true }] },
    { ...on('recommended', 'designers'), exclusions: [designers] },
    withExclusions,
    { ...on('recommended', 'by user agent alone, by department alone'), exclusions: loose },
  ],
};

/** The columns of the table of attacks. */
export const compared: Readonly<Record<string, Setting>> = {
  sentinel,
  recommended,
  'with exclusions': withExclusions,
  'by host': on('recommended', 'new_source: host', { new_source: 'host' }),
  'by large host': on('recommended', 'new_source: large_host', { new_source: 'large_host' }),
  'both directions, with exclusions': ladders.direction!.at(-1)!,
};

export function configOf(setting: Setting): Config {
  return loadConfig({ text: textOf(setting), env: {} });
}

/** The same for settings that mean the same. */
export function meaningOf(setting: Setting): string {
  const { detection, exclusions } = configOf(setting);
  return JSON.stringify([detection, exclusions]);
}

/** The config file that says it; JSON is YAML. */
function textOf({ preset, keys, exclusions = [] }: Setting): string {
  const detection: Record<string, unknown> = { preset, time: 'event' };
  for (const [path, value] of Object.entries(keys)) {
    const parts = path.split('.');
    const last = parts.pop()!;
    let at = detection;
    for (const part of parts) {
      at[part] ??= {};
      at = at[part] as Record<string, unknown>;
    }
    at[last] = value;
  }
  return JSON.stringify({ detection, exclusions });
}
