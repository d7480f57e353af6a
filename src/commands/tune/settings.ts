/** Which settings `tune` compares: the running one, and those that differ from it in one key. */
import type { DetectionConfig, ExclusionConfig, RepeatBy } from '../../config/config.js';
import { formatSize } from '../../config/units.js';

/** What decides the verdicts of one row. */
export interface Setting {
  readonly detection: DetectionConfig;
  /** Indexes of exclusions that are switched off. */
  readonly off: ReadonlySet<number>;
}

export interface Variant extends Setting {
  /** The value as one writes it in the config; of an exclusion, which are off. */
  readonly value: string;
  /** It is the running setting. */
  readonly running: boolean;
  /** Index of the one exclusion that is off, or null. */
  readonly exclusion: number | null;
}

export interface Block {
  /** The key of the config that differs. */
  readonly key: 'percentile' | 'new_source' | 'minimum_bytes' | 'suppress' | 'exclusions';
  readonly variants: readonly Variant[];
}

const percentilesMilli = [90_000, 95_000, 97_500, 99_000, 99_500, 99_900];
const newSources = ['host', 'registrable_domain', 'large_host'] as const;
const minimums = [0, 64 * 1024, 256 * 1024, 1024 ** 2, 4 * 1024 ** 2];
const suppressions: readonly (readonly RepeatBy[])[] = [[], ['host'], ['user'], ['file']];
const none: ReadonlySet<number> = new Set();

export function runningSetting(detection: DetectionConfig): Setting {
  return { detection, off: none };
}

export function blocksOf(
  detection: DetectionConfig,
  exclusions: readonly ExclusionConfig[],
): readonly Block[] {
  const varied = <T>(
    values: readonly T[],
    value: (one: T) => string,
    keys: (one: T) => Partial<DetectionConfig>,
    runs: (one: T) => boolean,
  ): readonly Variant[] =>
    values.map((one) => ({
      value: value(one),
      running: runs(one),
      exclusion: null,
      detection: { ...detection, ...keys(one) },
      off: none,
    }));
  const { percentileMilli, newSource, minimumBytes, suppress } = detection;
  const by = suppressions.some((one) => sameBy(one, suppress.by))
    ? suppressions
    : [...suppressions, suppress.by];
  return [
    {
      key: 'percentile',
      variants: varied(
        withValue(percentilesMilli, percentileMilli),
        (milli) => `${milli / 1000}`,
        (milli) => ({ percentileMilli: milli }),
        (milli) => milli === percentileMilli,
      ),
    },
    {
      key: 'new_source',
      variants: varied(
        newSources,
        (name) => name,
        (name) => ({ newSource: name }),
        (name) => name === newSource,
      ),
    },
    {
      key: 'minimum_bytes',
      variants: varied(
        withValue(minimums, minimumBytes),
        formatSize,
        (bytes) => ({ minimumBytes: bytes }),
        (bytes) => bytes === minimumBytes,
      ),
    },
    {
      key: 'suppress',
      variants: varied(
        by,
        (parts) => (parts.length === 0 ? 'off' : parts.join(' and ')),
        (parts) => ({ suppress: { ...suppress, by: parts } }),
        (parts) => sameBy(parts, suppress.by),
      ),
    },
    { key: 'exclusions', variants: exclusionVariants(detection, exclusions) },
  ];
}

function exclusionVariants(
  detection: DetectionConfig,
  exclusions: readonly ExclusionConfig[],
): readonly Variant[] {
  if (exclusions.length === 0) return [];
  const all = new Set(exclusions.keys());
  const running = { value: 'all on', running: true, exclusion: null, detection, off: none };
  const oneOff = exclusions.map(({ name }, index) => ({
    value: `without ${name}`,
    running: false,
    exclusion: index,
    detection,
    off: new Set([index]),
  }));
  return [
    running,
    ...oneOff,
    { value: 'all off', running: false, exclusion: null, detection, off: all },
  ];
}

function withValue(values: readonly number[], value: number): readonly number[] {
  return values.includes(value) ? values : [...values, value].sort((a, b) => a - b);
}

function sameBy(one: readonly RepeatBy[], other: readonly RepeatBy[]): boolean {
  return one.length === other.length && one.every((part) => other.includes(part));
}
