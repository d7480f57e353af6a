/**
 * The effective config in plain words, for `validate`: what would be judged, against what, where it
 * comes from and where it goes. Never a secret, only whether there is one.
 */

import type {
  Config,
  ExclusionConfig,
  MatchMap,
  MatchValue,
  TcpConfig,
  TlsConfig,
} from './config.js';
import { quote } from './config-error.js';
import { detectionRows, feedRows } from './effective-detection.js';
import { forwardRows } from './effective-forward.js';
import { day, expiryNotices } from './expiry.js';
import { formatDuration, formatSize, hourMs } from './units.js';
import { namesValuesFiles } from './values-key.js';
import { address, type Row, word, words } from './words.js';

/** @param nowMs tells which exclusions have expired */
export function describeConfig(config: Config, nowMs: number): string {
  const notices = [...expiryNotices(config, nowMs), ...config.notices];
  return [
    block('detection', detectionRows(config.detection)),
    block('feeds', feedRows(config.feeds, config.detection)),
    block('exclusions', exclusionRows(config.exclusions, nowMs)),
    block('baseline', baselineRows(config)),
    block('listen', listenRows(config)),
    block('forward', forwardRows(config)),
    block('admin', adminRows(config)),
    notices.length === 0 ? '' : `notices\n${notices.map((n) => `  ${n}\n`).join('')}`,
  ]
    .filter((text) => text !== '')
    .join('\n');
}

function block(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return `${title}\n${rows.map(([name, words]) => `  ${name.padEnd(width)}  ${words}\n`).join('')}`;
}

function exclusionRows(exclusions: readonly ExclusionConfig[], nowMs: number): Row[] {
  if (exclusions.length === 0) return [['none', '']];
  return exclusions.map((exclusion) => [
    exclusion.name,
    [
      expiry(exclusion.expiresMs, nowMs),
      exclusion.learn ? 'teaches the baseline' : 'does not teach the baseline',
      `if ${match(exclusion)}`,
      `because: ${exclusion.reason}`,
    ].join('; '),
  ]);
}

function expiry(expiresMs: number | null, nowMs: number): string {
  if (expiresMs === null) return 'never expires';
  return `${nowMs > expiresMs ? 'EXPIRED after' : 'until'} ${day(expiresMs)}`;
}

function match({ match: maps, valuesFiles }: ExclusionConfig): string {
  const alternatives: readonly MatchMap[] = Array.isArray(maps) ? maps : [maps as MatchMap];
  const texts = alternatives.map((map) =>
    Object.entries(map)
      .map(
        ([field, value]) =>
          `${fieldName(field)}: ${Array.isArray(value) ? words(value) : word(value)}` +
          (namesValuesFiles(field) ? ` (${countOf(value, valuesFiles)} values)` : ''),
      )
      .join(' and '),
  );
  return texts.length === 1 ? texts[0]! : texts.map((text) => `(${text})`).join(' or ');
}

function countOf(
  files: MatchMap[string],
  valuesFiles: ExclusionConfig['valuesFiles'] = new Map(),
): number {
  const paths = Array.isArray(files) ? (files as readonly MatchValue[]) : [files as MatchValue];
  return paths.reduce<number>((sum, path) => {
    return sum + (valuesFiles.get(String(path))?.values.length ?? 0);
  }, 0);
}

function fieldName(field: string): string {
  return /^[\w .|-]+$/.test(field) ? field : quote(field);
}

function baselineRows({ baseline, detection }: Config): Row[] {
  const held = formatDuration(detection.lookbackHours * hourMs);
  return [
    ['path', `${baseline.path}, written every ${formatDuration(baseline.checkpointMs)}`],
    ['holds', `${held}, at most ${baseline.maxHosts} hosts`],
  ];
}

function adminRows({ admin }: Config): Row[] {
  if (admin === null) return [['none', '']];
  const token = admin.token === null ? 'without a token' : 'for those who have the token';
  return [['http', `${address(admin.address, admin.port)}, ${token}`]];
}

function listenRows({ listen }: Config): Row[] {
  const udp = listen.udp.map(
    (u): Row => [
      'udp',
      `${address(u.address, u.port)}, receive buffer ${formatSize(u.receiveBufferBytes)}`,
    ],
  );
  const tcp = listen.tcp.map((t): Row => ['tcp', streamWords(t)]);
  const tls = listen.tls.map((t): Row => ['tls', `${streamWords(t)}; ${tlsWords(t)}`]);
  const relp = listen.relp.map((r): Row => ['relp', `${streamWords(r)}; ${ackWords}`]);
  const limits = `${formatSize(listen.maxMessageBytes)} and ${listen.maxFields} fields a message`;
  return [
    ...udp,
    ...tcp,
    ...tls,
    ...relp,
    ['from', listen.allow.length === 0 ? 'any address' : words(listen.allow)],
    ['limits', limits],
  ];
}

const ackWords = 'each message is acked once it is stored';

function streamWords(t: TcpConfig): string {
  const perAddress =
    t.maxConnectionsPerAddress === 0 ? '' : ` (${t.maxConnectionsPerAddress} from one address)`;
  return (
    `${address(t.address, t.port)}, at most ${t.maxConnections} connections${perAddress}, ` +
    `a message within ${formatDuration(t.frameTimeoutMs)}, ` +
    (t.idleTimeoutMs === 0
      ? 'quiet ones stay'
      : `closed when quiet for ${formatDuration(t.idleTimeoutMs)}`)
  );
}

function tlsWords({ cert, clientCa, clientNames, handshakeTimeoutMs }: TlsConfig): string {
  const names = clientNames.length === 0 ? '' : ` with one of the names ${words(clientNames)}`;
  const client =
    clientCa === null
      ? 'senders need no certificate'
      : `senders need a certificate from ${quote(clientCa)}${names}`;
  return (
    `certificate ${quote(cert)}, ${client}; ` +
    `a handshake within ${formatDuration(handshakeTimeoutMs)}`
  );
}
