/**
 * The effective configuration: what the YAML means once defaults, preset, units and secrets are filled
 * in. Sizes are bytes, times are milliseconds, lookback and holdback are whole hours. Names follow the
 * YAML keys. Stages import these types only; `config/load.ts` makes the values.
 */
export interface Config {
  /** File the config came from, '' for the defaults. Relative paths in it are relative to the working directory. */
  readonly file: string;
  readonly listen: ListenConfig;
  readonly detection: DetectionConfig;
  readonly exclusions: readonly ExclusionConfig[];
  readonly baseline: BaselineConfig;
  readonly forward: { readonly fluentd: FluentdConfig };
  readonly spool: SpoolConfig;
  /** Keys set without effect in this version, and what is surely not meant, in words; for the log. */
  readonly notices: readonly string[];
}

export interface ListenConfig {
  /** CIDRs or addresses, all inputs; empty = any. */
  readonly allow: readonly string[];
  readonly maxMessageBytes: number;
  readonly maxFields: number;
  readonly udp: readonly UdpConfig[];
  readonly tcp: readonly TcpConfig[];
}

export interface UdpConfig {
  readonly address: string;
  readonly port: number;
  readonly receiveBufferBytes: number;
}

export interface TcpConfig {
  readonly address: string;
  readonly port: number;
  readonly maxConnections: number;
  /** 0 = quiet connections stay for ever. */
  readonly idleTimeoutMs: number;
  /** A frame must be complete this long after its first byte. */
  readonly frameTimeoutMs: number;
}

export interface DetectionConfig {
  readonly preset: 'sentinel' | 'recommended';
  /** Keys (dotted, below `detection`) that are set to something other than the preset's value. */
  readonly altered: readonly string[];
  readonly direction: 'download';
  /** Percentile as a whole number of thousandths of a percent: 95 -> 95000, 99.9 -> 99900. */
  readonly percentileMilli: number;
  readonly lookbackHours: number;
  readonly holdbackHours: number;
  readonly time: 'received' | 'event';
  readonly maxFutureMs: number;
  readonly maxLatenessMs: number;
  readonly jpeg: {
    /** Lower case, with the dot. */
    readonly urlSuffixes: readonly string[];
    /** Cut the URL at `?` or `#` before the suffix test. */
    readonly ignoreQuery: boolean;
    readonly fileTypes: readonly string[];
    /** sentinel: learning compares file types case-sensitively (`==`), judging does not (`=~`). */
    readonly exactFileTypeInLookback: boolean;
  };
  readonly newSource: 'host' | 'registrable_domain';
  /** Lower case, no port, no trailing dot, punycode. */
  readonly normalizeHost: boolean;
  /** dhost, else the URL's host, else dst; placeholders (-, None, N/A, Unknown) count as missing. */
  readonly hostFallback: boolean;
  readonly minimumBytes: number;
  readonly minimumSamples: number;
  readonly minimumHistoryHours: number;
}

/** Values of a matcher: one or a list (OR). */
export type MatchValue = string | number | boolean | null;
/** `field|modifier|…` -> value(s); a map is AND, a list of maps is OR. */
export type MatchMap = { readonly [field: string]: MatchValue | readonly MatchValue[] };

export interface ExclusionConfig {
  readonly name: string;
  readonly reason: string;
  /** Last epoch ms at which it applies (the end of a UTC day); null = never expires. */
  readonly expiresMs: number | null;
  readonly match: MatchMap | readonly MatchMap[];
  /** Excluded events still teach the baseline. */
  readonly learn: boolean;
}

export interface BaselineConfig {
  readonly path: string;
  readonly maxHosts: number;
  readonly checkpointMs: number;
}

export interface FluentdConfig {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  readonly tag: string;
  readonly alertTag: string;
  readonly names: 'cef';
  readonly raw: 'never' | 'alerts' | 'always';
  readonly ack: boolean;
  readonly ackTimeoutMs: number;
  readonly sharedKey: string | null;
  readonly username: string | null;
  readonly password: string | null;
}

export interface SpoolConfig {
  readonly path: string;
  /** Bound of the spool in bytes; the memory spool takes the smaller of this and its own limit. */
  readonly maxBytes: number;
}

/** One mistake in a config, located by its path of keys and indexes. */
export interface ConfigProblem {
  readonly path: readonly (string | number)[];
  /** One sentence: what is wrong, what was seen, what is allowed. */
  readonly message: string;
  /** Where inside the value the problem is the key itself, not the value. */
  readonly atKey?: boolean;
}
