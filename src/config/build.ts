/** Settings to the effective config: preset and secrets filled in, names and units of the code. */

import { adminNotices } from './admin-notices.js';
import { alteredKeys, learnsByPreset } from './altered.js';
import {
  type ClientTlsConfig,
  type Config,
  type DetectionConfig,
  type ForwardConfig,
  type OutputName,
  type OutputSpoolConfig,
  outputNames,
  type TcpConfig,
  type ValuesFile,
} from './config.js';
import { buildTests } from './config-test.js';
import { feedNotices } from './feed-notices.js';
import type { Secrets } from './files.js';
import type { Settings } from './schema.js';
import type { Checked } from './settings.js';
import type { TlsListeners } from './tls-listeners.js';
import { formatSize } from './units.js';
import { pathsOfValues } from './values-files.js';
import { withPreset } from './whole-detection.js';

/** What the spool in memory holds at most; the notices say so. */
export const memorySpoolBytes = 64 * 1024 * 1024;

/** What the files hold that the settings name. */
export interface FilesRead {
  readonly secrets: Secrets;
  readonly valuesFiles: ReadonlyMap<string, ValuesFile>;
  readonly tls: TlsListeners;
}

export function buildConfig(file: string, checked: Checked, read: FilesRead): Config {
  const { secrets, valuesFiles } = read;
  const { listen, feeds, exclusions, baseline, spool, admin, detection } = checked.settings;
  const config = {
    file,
    listen: {
      allow: listen.allow,
      maxMessageBytes: listen.max_message,
      maxFields: listen.max_fields,
      udp: listen.udp.map(({ address, port, receive_buffer }) => ({
        address,
        port,
        receiveBufferBytes: receive_buffer,
      })),
      tcp: listen.tcp.map(streamLimits),
      tls: listen.tls.map((tls, index) => ({
        ...streamLimits(tls),
        cert: tls.cert,
        key: tls.key,
        clientCa: tls.client_ca ?? null,
        clientNames: tls.client_names,
        handshakeTimeoutMs: tls.handshake_timeout,
        validity: read.tls.validity[index] ?? [],
      })),
      relp: listen.relp.map(streamLimits),
    },
    feeds: feeds.map(({ file_type, ...feed }) =>
      withoutUndefined({ ...feed, fileType: file_type }),
    ),
    detection: buildDetection(checked.settings),
    exclusions: exclusions.map(({ name, reason, expires, match, learn }) => ({
      name,
      reason,
      expiresMs: expires,
      match,
      learn: learn ?? learnsByPreset(detection.preset),
      ...(pathsOfValues(match).length > 0 && { valuesFiles }),
    })),
    baseline: {
      path: baseline.path,
      maxHosts: baseline.max_hosts,
      checkpointMs: baseline.checkpoint,
    },
    forward: buildForward(checked, secrets),
    spool: {
      path: spool.path === false ? null : spool.path,
      sync: spool.sync,
      syncIntervalMs: spool.sync_interval,
    },
    admin:
      admin === false
        ? null
        : { address: admin.address, port: admin.port, token: secrets.adminToken },
    tests: buildTests(checked.settings.tests),
  };
  return { ...config, notices: notices(config, checked) };
}

/** The outputs that the file names, else Fluentd. */
function buildForward(checked: Checked, secrets: Secrets): ForwardConfig {
  const { settings } = checked;
  const { fluentd, syslog, file } = settings.forward;
  const named = outputNames.filter((name) => checked.explicit(['forward', name]));
  const outputs: readonly OutputName[] = named.length > 0 ? named : ['fluentd'];
  const defaults = (name: OutputName): OutputSpoolConfig => ({
    maxBytes: settings.spool.max_size,
    whenFull: name === outputs[0] ? settings.spool.when_full : 'drop_oldest',
  });
  return {
    outputs,
    fluentd: {
      servers: fluentd.servers,
      recoverWaitMs: fluentd.recover_wait,
      tag: fluentd.tag,
      alertTag: fluentd.alert_tag,
      only: fluentd.only,
      names: fluentd.names,
      resolveLabels: fluentd.resolve_labels,
      raw: fluentd.raw,
      ack: fluentd.ack,
      ackTimeoutMs: fluentd.ack_timeout,
      compress: fluentd.compress,
      tls: fluentd.tls === false ? null : buildTls(fluentd.tls, secrets.keyPassphrase),
      sharedKey: secrets.sharedKey,
      username: fluentd.username ?? null,
      password: secrets.password,
      spool: withGiven(defaults('fluentd'), fluentd.spool),
    },
    syslog:
      syslog === undefined
        ? null
        : {
            server: {
              host: syslog.server.host,
              port: syslog.server.port ?? defaultPorts[syslog.protocol],
            },
            protocol: syslog.protocol,
            framing: syslog.framing,
            only: syslog.only,
            tls: buildTls(syslog.tls, null),
            spool: withGiven(defaults('syslog'), syslog.spool),
          },
    file:
      file === undefined
        ? null
        : {
            path: file.path,
            maxBytes: file.max_size,
            maxFiles: file.max_files,
            only: file.only,
            names: file.names,
            raw: file.raw,
            spool: withGiven(defaults('file'), file.spool),
          },
  };
}

/** What waits for an output that is used. */
export function outputSpool(
  { forward }: Pick<Config, 'forward'>,
  name: OutputName,
): OutputSpoolConfig {
  const { spool } = forward[name] ?? forward.fluentd;
  return spool;
}

const defaultPorts = { udp: 514, tcp: 514, tls: 6514 };

function withGiven(
  { maxBytes, whenFull }: OutputSpoolConfig,
  given: Settings['forward']['fluentd']['spool'],
): OutputSpoolConfig {
  return { maxBytes: given.max_size ?? maxBytes, whenFull: given.when_full ?? whenFull };
}

function buildTls(
  tls: Partial<Exclude<Settings['forward']['fluentd']['tls'], false>>,
  keyPassphrase: string | null,
): ClientTlsConfig {
  const { ca = null, cert = null, key = null, server_name = null, verify = true } = tls;
  return { ca, cert, key, keyPassphrase, serverName: server_name, verify };
}

function streamLimits(given: Settings['listen']['tcp'][number]): TcpConfig {
  return {
    address: given.address,
    port: given.port,
    maxConnections: given.max_connections,
    maxConnectionsPerAddress: given.max_connections_per_address,
    idleTimeoutMs: given.idle_timeout,
    frameTimeoutMs: given.frame_timeout,
  };
}

function buildDetection(settings: Settings): DetectionConfig {
  const given = settings.detection;
  const detection = withPreset(given, given.preset);
  return {
    preset: given.preset,
    altered: alteredKeys(settings, detection),
    direction: detection.direction,
    percentileMilli: Math.round(detection.percentile * 1000),
    lookbackHours: detection.lookback,
    holdbackHours: detection.holdback,
    time: detection.time,
    maxFutureMs: detection.max_future,
    maxLatenessMs: detection.max_lateness,
    jpeg: {
      urlSuffixes: detection.jpeg.url_suffixes.map(lower),
      ignoreQuery: detection.jpeg.ignore_query,
      fileTypes: detection.jpeg.file_types,
      exactFileTypeInLookback: given.preset === 'sentinel',
    },
    newSource: detection.new_source,
    normalizeHost: detection.normalize_host,
    hostFallback: detection.host_fallback,
    feedProfiles: detection.feed_profiles,
    placeholders: detection.placeholders.map(lower),
    zeroIsMissing: detection.zero_bytes === 'missing',
    mostSuspicious: detection.duplicate_keys === 'most_suspicious',
    skip: {
      methods: detection.skip.methods.map(lower),
      statuses: detection.skip.statuses.map(lower),
      actions: detection.skip.actions.map(lower),
    },
    suppress: {
      by: detection.suppress.by,
      windowMs: detection.suppress.window,
      maxAlerts: detection.suppress.max_alerts,
    },
    level: {
      ratios: detection.level.ratios,
      neverSeen: detection.level.never_seen,
      mismatch: detection.level.mismatch,
      upload: detection.level.upload,
      medium: detection.level.medium,
      high: detection.level.high,
      critical: detection.level.critical,
    },
    minimumBytes: detection.minimum_bytes,
    minimumSamples: detection.minimum_samples,
    minimumHistoryHours: detection.minimum_history,
  };
}

const lower = (text: string): string => text.toLowerCase();

function withoutUndefined<T extends object>(value: T): Defined<T> {
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}

/** Keys that may be undefined become keys that may be missing. */
type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

const diskSpoolKeys = ['when_full', 'sync', 'sync_interval'];

/** What the file sets without effect, what surely is not meant, and what is dangerous. */
function notices(config: Omit<Config, 'notices'>, checked: Checked): string[] {
  const list: string[] = [];
  list.push(...memorySpoolNotices(config, checked));
  list.push(...adminNotices(config.admin));
  const { udp, tcp, tls, relp } = config.listen;
  if (udp.length + tcp.length + tls.length + relp.length === 0) {
    list.push('listen: all listeners are off, so run takes nothing in');
  }
  list.push(...forwardNotices(config.forward));
  const { minimumHistoryHours, lookbackHours, holdbackHours, percentileMilli } = config.detection;
  if (percentileMilli < 1000) {
    const percentile = percentileMilli / 1000;
    list.push(
      `detection.percentile: ${percentile} means that nearly every JPEG is large ` +
        `(${percentile} of 100, not of 1); did you mean ${percentileMilli / 10}?`,
    );
  }
  if (minimumHistoryHours > lookbackHours - holdbackHours) {
    list.push(
      `detection.minimum_history: the preset's ${minimumHistoryHours}h are more than ` +
        `lookback minus holdback (${lookbackHours - holdbackHours}h), so nothing ever alerts`,
    );
  }
  const { level, direction } = config.detection;
  const most =
    level.ratios.length +
    level.neverSeen +
    level.mismatch +
    (direction === 'download' ? 0 : level.upload);
  if (level.medium > most) {
    list.push(
      `detection.level: medium is from ${level.medium} points and no alert has more than ${most}, ` +
        'so no alert can be medium or higher',
    );
  }
  return [...list, ...feedNotices(config.feeds)];
}

function forwardNotices({ outputs, fluentd, syslog, file }: ForwardConfig): string[] {
  const list: string[] = [];
  if (outputs.includes('fluentd') && fluentd.tls?.verify === false) {
    list.push(unverified('fluentd', 'FLUENTD'));
  }
  if (syslog?.protocol === 'tls' && !syslog.tls.verify) {
    list.push(unverified('syslog', 'THE RECEIVER'));
  }
  const filters = outputs.map((output) => ({
    output,
    only: { fluentd, syslog, file }[output]?.only,
  }));
  if (filters.some(({ only }) => only === 'all')) return list;
  const { output, only } = filters[0]!;
  list.push(
    `forward.${output}.only: ${only}: all other events end here; ` +
      'make sure that the SIEM gets them another way',
  );
  return list;
}

function unverified(output: OutputName, whom: string): string {
  return (
    `forward.${output}.tls.verify: false: WHOEVER ANSWERS IS TAKEN FOR ${whom}, and can read and ` +
    'change all events; set ca to the CA of its certificate instead'
  );
}

/** A spool in memory is for those who know it. */
function memorySpoolNotices(
  { spool, forward }: Omit<Config, 'notices'>,
  checked: Checked,
): string[] {
  const { maxBytes } = outputSpool({ forward }, forward.outputs[0]!);
  if (spool.path !== null) return [];
  const memory = formatSize(memorySpoolBytes);
  const list = [
    `spool.path: false: what waits for delivery (at most ${memory}) is held in memory, and is ` +
      'lost when the process ends',
  ];
  if (checked.explicit(['spool', 'max_size']) && maxBytes > memorySpoolBytes) {
    list.push(`spool.max_size: a spool in memory holds at most ${memory}`);
  }
  for (const key of diskSpoolKeys.filter((name) => checked.explicit(['spool', name]))) {
    list.push(`spool.${key}: has no effect on a spool in memory`);
  }
  return list;
}
