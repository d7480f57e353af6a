/**
 * The effective configuration: what the YAML means once defaults, preset, units and secrets are filled
 * in. Sizes are bytes, times are milliseconds, lookback and holdback are whole hours. Names follow the
 * YAML keys. Stages import these types only; `config/load.ts` makes the values.
 */

import type { Validity } from '../platform/tls-files.js';
import type { ConfigTest } from './config-test.js';

export interface Config {
  /** File the config came from, '' for the defaults. Relative paths in it are relative to the working directory. */
  readonly file: string;
  readonly listen: ListenConfig;
  readonly feeds: readonly FeedConfig[];
  readonly detection: DetectionConfig;
  readonly exclusions: readonly ExclusionConfig[];
  readonly baseline: BaselineConfig;
  readonly forward: ForwardConfig;
  readonly spool: SpoolConfig;
  /** Null: there is none. */
  readonly admin: AdminConfig | null;
  /** What `validate` tries; nothing else looks at them. */
  readonly tests: readonly ConfigTest[];
  /** Keys set without effect in this version, and what is surely not meant, in words; for the log. */
  readonly notices: readonly string[];
}

/** The page about the process itself. */
export interface ListenConfig {
  /** CIDRs or addresses, all inputs; empty = any. */
  readonly allow: readonly string[];
  readonly maxMessageBytes: number;
  readonly maxFields: number;
  readonly udp: readonly UdpConfig[];
  readonly tcp: readonly TcpConfig[];
  readonly tls: readonly TlsConfig[];
  readonly relp: readonly RelpConfig[];
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
  /** 0 = no limit of its own. */
  readonly maxConnectionsPerAddress: number;
  /** 0 = quiet connections stay for ever. */
  readonly idleTimeoutMs: number;
  /** A frame must be complete this long after its first byte. */
  readonly frameTimeoutMs: number;
}

/** A frame of RELP is one command, so most often one message. */
export type RelpConfig = TcpConfig;

/** Paths are of PEM files. */
export interface TlsConfig extends TcpConfig {
  readonly cert: string;
  readonly key: string;
  /** Authorities of client certificates; null = none is asked for. */
  readonly clientCa: string | null;
  /** Names, one of which the client certificate must have; empty = any that `clientCa` vouches for. */
  readonly clientNames: readonly string[];
  readonly handshakeTimeoutMs: number;
  /** Of the certificates as they were read; empty if that was not asked for. */
  readonly validity: readonly Validity[];
}

/**
 * What one vendor's product really sends. The key lists name CEF keys, CommonSecurityLog columns, keys
 * of the vendor's own or labels of custom fields; the first that an event holds counts. What is absent
 * is as in the profile that ships for the feed, or else as for any feed.
 */
export interface FeedConfig {
  /** In any case, `*` for any text. */
  readonly vendor: string;
  /** As `vendor`; `*` by default. */
  readonly product: string;
  /** IANA name or `+hh:mm`: the zone of stamps that name none. */
  readonly timezone?: string;
  readonly received?: readonly string[];
  readonly sent?: readonly string[];
  readonly host?: readonly string[];
  readonly fileType?: readonly string[];
  readonly url?: readonly string[];
  readonly method?: readonly string[];
  readonly status?: readonly string[];
  readonly action?: readonly string[];
  /** False: nothing of this feed is judged or learned. */
  readonly judge: boolean;
}

/** What holds back an alert like one that was raised before. */
export type RepeatBy = 'host' | 'user' | 'file';

export interface DetectionConfig {
  readonly preset: 'sentinel' | 'recommended';
  /**
   * Keys (dotted, below `detection`) that are set to something other than the preset's value; `feeds` and
   * `exclusions[].learn` where those change its verdicts.
   */
  readonly altered: readonly string[];
  readonly direction: 'download' | 'upload' | 'both';
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
  /** large_host: a host that served a large JPEG. */
  readonly newSource: 'host' | 'registrable_domain' | 'large_host';
  /** Lower case, no port, no trailing dot, punycode. */
  readonly normalizeHost: boolean;
  /** The feed's host field, else the URL's host, else dst. */
  readonly hostFallback: boolean;
  /** The shipped table of feed profiles is used; `feeds` of the config always are. */
  readonly feedProfiles: boolean;
  /** Lower case: what counts as missing where a URL or a host is looked for. */
  readonly placeholders: readonly string[];
  /** A size of 0 counts as missing. */
  readonly zeroIsMissing: boolean;
  /** Of duplicate keys the most suspicious value is judged, not the last. */
  readonly mostSuspicious: boolean;
  /** Downloads that neither alert nor teach. Lower case; an absent field never skips. */
  readonly skip: {
    readonly methods: readonly string[];
    /** `4xx` or `304`. */
    readonly statuses: readonly string[];
    /** Beginnings of a word of the action: `block` for `Blocked`, `uc_site_blocked`. Uploads too. */
    readonly actions: readonly string[];
  };
  readonly suppress: {
    /** What makes two alerts alike; empty = nothing is held back. */
    readonly by: readonly RepeatBy[];
    readonly windowMs: number;
    /** Alerts remembered at most. */
    readonly maxAlerts: number;
  };
  /** Points, and from how many on an alert has a level. */
  readonly level: {
    /** Each of these ratios of size to threshold that is reached is one point. */
    readonly ratios: readonly number[];
    readonly neverSeen: number;
    readonly mismatch: number;
    readonly upload: number;
    readonly medium: number;
    readonly high: number;
    readonly critical: number;
  };
  readonly minimumBytes: number;
  readonly minimumSamples: number;
  readonly minimumHistoryHours: number;
}

/** Values of a matcher: one or a list (OR). */
export type MatchValue = string | number | boolean | null;
/**
 * `field|modifier|…` -> value(s); a map is AND, a list of maps is OR. With the modifier `values_file`
 * the values are paths, and `ExclusionConfig.valuesFiles` holds what the files say.
 */
export type MatchMap = { readonly [field: string]: MatchValue | readonly MatchValue[] };

export interface ExclusionConfig {
  readonly name: string;
  readonly reason: string;
  /** Last epoch ms at which it applies (the end of a UTC day); null = never expires. */
  readonly expiresMs: number | null;
  readonly match: MatchMap | readonly MatchMap[];
  /** Excluded events still teach the baseline. */
  readonly learn: boolean;
  /** By path as in `match`; files that could not be read are missing. */
  readonly valuesFiles?: ReadonlyMap<string, ValuesFile>;
}

/** The values of a file that an exclusion names, one a line. */
export interface ValuesFile {
  readonly values: readonly string[];
  /** From 1: the line of each value. */
  readonly lines: Uint32Array;
}

export interface BaselineConfig {
  readonly path: string;
  readonly maxHosts: number;
  readonly checkpointMs: number;
}

export const outputNames = ['fluentd', 'syslog', 'file'] as const;
export type OutputName = (typeof outputNames)[number];

/** Where events go. */
export interface ForwardConfig {
  /** Those that are used, in the order of `outputNames`; at least one. */
  readonly outputs: readonly OutputName[];
  readonly fluentd: FluentdConfig;
  /** Null: not used. */
  readonly syslog: SyslogConfig | null;
  /** Null: not used. */
  readonly file: FileConfig | null;
}

/** Of one output. */
export interface OutputSpoolConfig {
  /** Bound in bytes; a spool in memory takes the smaller of this and its own limit. */
  readonly maxBytes: number;
  readonly whenFull: 'block' | 'drop_oldest';
}

/** Which events are forwarded. */
export type Only = 'all' | 'jpeg' | 'alerts';

export interface FileConfig {
  readonly path: string;
  readonly maxBytes: number;
  /** In all, the one that is written included. */
  readonly maxFiles: number;
  readonly only: Only;
  readonly names: FluentdConfig['names'];
  readonly raw: FluentdConfig['raw'];
  readonly spool: OutputSpoolConfig;
}

export interface SyslogConfig {
  readonly server: { readonly host: string; readonly port: number };
  readonly protocol: 'udp' | 'tcp' | 'tls';
  /** Over TCP and TLS. */
  readonly framing: 'newline' | 'octet_counting';
  readonly only: Only;
  /** Used with `protocol: tls`. */
  readonly tls: ClientTlsConfig;
  readonly spool: OutputSpoolConfig;
}

export interface FluentdConfig {
  /** In order of preference: the first is used while it works. */
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  /** While one further down is used: how often the preferred are probed. */
  readonly recoverWaitMs: number;
  readonly tag: string;
  readonly alertTag: string;
  readonly only: Only;
  readonly names: 'cef' | 'commonsecuritylog' | 'ecs';
  /** A custom field is named by its label: `cs1` with `cs1Label=Department` is `Department`. */
  readonly resolveLabels: boolean;
  readonly raw: 'never' | 'alerts' | 'always';
  readonly ack: boolean;
  readonly ackTimeoutMs: number;
  readonly compress: 'none' | 'gzip';
  /** Null: no TLS. */
  readonly tls: ClientTlsConfig | null;
  readonly sharedKey: string | null;
  readonly username: string | null;
  readonly password: string | null;
  readonly spool: OutputSpoolConfig;
}

/** Paths of PEM files, relative to the working directory. */
export interface ClientTlsConfig {
  /** Who signs the servers' certificates; null: the CAs that come with Node.js. */
  readonly ca: string | null;
  /** Certificate (with its chain) and key that servers are shown; null: none. */
  readonly cert: string | null;
  readonly key: string | null;
  readonly keyPassphrase: string | null;
  /** The name in the servers' certificates; null: the host. */
  readonly serverName: string | null;
  readonly verify: boolean;
}

export interface SpoolConfig {
  /** Null: in memory. */
  readonly path: string | null;
  readonly sync: 'none' | 'interval' | 'always';
  readonly syncIntervalMs: number;
}

/** The HTTP listener for metrics and health. */
export interface AdminConfig {
  /** IP address that it listens on. */
  readonly address: string;
  readonly port: number;
  /** What requests must carry; null: nothing. */
  readonly token: string | null;
}

/** One mistake in a config, located by its path of keys and indexes. */
export interface ConfigProblem {
  readonly path: readonly (string | number)[];
  /** One sentence: what is wrong, what was seen, what is allowed. */
  readonly message: string;
  /** Where inside the value the problem is the key itself, not the value. */
  readonly atKey?: boolean;
}
