/** The outputs of the effective config in plain words, each with what waits for it. */
import { memorySpoolBytes, outputSpool } from './build.js';
import type {
  ClientTlsConfig,
  Config,
  FluentdConfig,
  ForwardConfig,
  OutputSpoolConfig,
  SpoolConfig,
} from './config.js';
import { formatDuration, formatSize } from './units.js';
import { address, type Row, word } from './words.js';

const onlyWords = { all: 'all events', jpeg: 'JPEG events only', alerts: 'alerts only' } as const;
const rawWords = { never: 'without', alerts: 'for alerts with', always: 'with' } as const;

function tags({ only, tag, alertTag }: FluentdConfig): string {
  return only === 'alerts' ? alertTag : `${tag}; ${alertTag} for events that alert`;
}

const nameWords = { cef: 'CEF', commonsecuritylog: 'CommonSecurityLog', ecs: 'ECS' } as const;

function namesInWords({
  names,
  resolveLabels,
}: Pick<FluentdConfig, 'names' | 'resolveLabels'>): string {
  // The columns for custom fields stay (see docs/record.md).
  const where = names === 'commonsecuritylog' ? ' in AdditionalExtensions' : '';
  const labels = resolveLabels ? `, custom fields${where} by their labels` : '';
  return `names as in ${nameWords[names]}${labels}`;
}

function serverTlsWords(tls: ClientTlsConfig | null): string {
  if (tls === null) return 'none: events and login data can be read on the way';
  const trust = tls.ca === null ? 'the CAs that come with Node.js' : word(tls.ca);
  const name = tls.serverName === null ? '' : `, as ${word(tls.serverName)}`;
  return [
    tls.verify ? `servers are verified by ${trust}${name}` : 'servers are NOT VERIFIED',
    tls.cert === null ? 'no client certificate' : `client certificate ${word(tls.cert)}`,
  ].join('; ');
}

function serverWords({ servers, recoverWaitMs, compress }: FluentdConfig): string {
  const list = servers.map(({ host, port }) => address(host, port)).join(', then ');
  const probe =
    servers.length > 1 ? `, back after a probe every ${formatDuration(recoverWaitMs)}` : '';
  return `${list}${probe}${compress === 'gzip' ? ', compressed' : ''}`;
}

export function forwardRows(config: Config): Row[] {
  const rows = { fluentd: fluentdRows, syslog: syslogRows, file: fileRows };
  return [
    ...config.forward.outputs.flatMap((output) => [
      ...rows[output](config.forward),
      ['spool', spoolInWords(config.spool, outputSpool(config, output))] as Row,
    ]),
  ];
}

function fluentdRows({ fluentd }: ForwardConfig): Row[] {
  const secrets = [
    ['shared key', fluentd.sharedKey],
    ['password', fluentd.password],
  ].map(([name, value]) => (value === null ? `no ${name}` : `a ${name}`));
  return [
    ['fluentd', serverWords(fluentd)],
    ['login', [...secrets, fluentd.username === null ? 'no user' : 'a user'].join(', ')],
    ['tls', serverTlsWords(fluentd.tls)],
    ['tags', tags(fluentd)],
    [
      'records',
      `${onlyWords[fluentd.only]}, ${namesInWords(fluentd)}, ` +
        `${rawWords[fluentd.raw]} the line as received`,
    ],
    [
      'acks',
      fluentd.ack
        ? `awaited, sent again after ${formatDuration(fluentd.ackTimeoutMs)} without one`
        : 'none: what is lost on the way is not noticed',
    ],
  ];
}

function syslogRows({ syslog }: ForwardConfig): Row[] {
  if (syslog === null) return [];
  const { server, protocol, framing, only } = syslog;
  const ends = { newline: 'each ended by a line feed', octet_counting: 'each after its length' };
  const how = protocol === 'udp' ? 'a datagram each' : ends[framing];
  return [
    ['syslog', `${address(server.host, server.port)} over ${protocol.toUpperCase()}`],
    ...(protocol === 'tls' ? [['tls', serverTlsWords(syslog.tls)] as Row] : []),
    ['lines', `${onlyWords[only]}, as received, ${how}`],
  ];
}

function fileRows({ file }: ForwardConfig): Row[] {
  if (file === null) return [];
  const { path, maxBytes, maxFiles, only, raw } = file;
  const names = namesInWords({ names: file.names, resolveLabels: false });
  return [
    ['file', `${word(path)}, at most ${formatSize(maxBytes)} each, ${maxFiles} in all`],
    ['records', `${onlyWords[only]}, ${names}, ${rawWords[raw]} the line as received`],
  ];
}

function spoolInWords(
  { path, sync, syncIntervalMs }: SpoolConfig,
  { maxBytes, whenFull }: OutputSpoolConfig,
): string {
  if (path === null) {
    const most = formatSize(Math.min(maxBytes, memorySpoolBytes));
    return `in memory, at most ${most}; when full, inputs pause`;
  }
  const full = whenFull === 'block' ? 'inputs pause' : 'the oldest events are dropped';
  const forced = {
    none: 'forced to disk for RELP and checkpoints alone',
    interval: `forced to disk every ${formatDuration(syncIntervalMs)}`,
    always: 'forced to disk with each batch',
  }[sync];
  return `in ${path}, at most ${formatSize(maxBytes)}; when full, ${full}; ${forced}`;
}
