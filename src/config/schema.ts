/**
 * The one schema of the YAML. Everything else about keys derives from it: defaults, what an unknown
 * key may have meant (keys.ts), the test that holds docs/config.md. A key's description gives its
 * unit and meaning, `prefault` its default as one would write it. Keys of a preset have no default
 * of their own.
 */
import { z } from 'zod';
import { defaultPreset } from './presets.js';
import { notAvailable } from './unavailable.js';
import {
  duration,
  hostName,
  hours,
  ipAddress,
  lastDay,
  line,
  network,
  port,
  section,
  size,
  timeZone,
  wholeNumber,
} from './value-kinds.js';
import { namesValuesFiles } from './values-key.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const TiB = 1024 * GiB;
const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;
/** Bounds the memory of the baseline: one bit per hour and host. */
const maxLookbackHours = 90 * 24;

/** One map, a list of maps, or false or nothing: no such listener. */
function listeners<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const one = z.strictObject(shape);
  const error = 'must be a map, a list of maps, or false for no listener';
  return z
    .union([one, z.array(one).max(64), z.literal(false), z.null()], { error })
    .transform((value) => (Array.isArray(value) ? value : value ? [value] : []))
    .prefault({} as z.input<typeof one>);
}

const address = ipAddress.prefault('::').describe('IP address to listen on; "::" is both families');
const listenPort = port.prefault(5514).describe('Port; 0 is any free one');

const listen = section({
  allow: z
    .array(network)
    .max(10_000)
    .prefault([])
    .describe('Networks or addresses that may send, on all inputs; empty is any'),
  max_message: size(480, MiB)
    .prefault('64KiB')
    .describe('Bytes of a message; a longer one is cut, forwarded and never judged'),
  max_fields: wholeNumber(16, 4096)
    .prefault(512)
    .describe('Extension fields of an event; more make a parse_error'),
  udp: listeners({
    address,
    port: listenPort,
    receive_buffer: size(4 * KiB, GiB)
      .prefault('4MiB')
      .describe('Bytes the kernel may hold for us; a burst that does not fit is lost'),
  }).describe('UDP listener: a map, a list of maps, or false for none'),
  tcp: listeners({
    address,
    port: listenPort,
    max_connections: wholeNumber(1, 65_536)
      .prefault(512)
      .describe('Connections at a time; further ones are refused and counted'),
    idle_timeout: duration(0, 30 * day)
      .prefault('0s')
      .describe('Time after which a quiet connection is closed; 0s is never'),
    frame_timeout: duration(100, hour)
      .prefault('30s')
      .describe('Time from the first byte of a message to its last; then it is closed'),
  }).describe('TCP listener: a map, a list of maps, or false for none'),
});

const fieldName = line(128);
const fieldNames = z
  .union([fieldName, z.array(fieldName).min(1).max(20)], {
    error: 'must be the name of a field, or a list of names',
  })
  .transform((names) => (Array.isArray(names) ? names : [names]))
  .optional();

const feed = z.strictObject({
  vendor: line(256).describe('Vendor in the CEF header, in any case; * is any text'),
  product: line(256)
    .prefault('*')
    .describe('Product in the CEF header, in any case; * is any text'),
  timezone: timeZone.optional().describe('Zone of times that name none: IANA name or +hh:mm'),
  received: fieldNames.describe('Field with the bytes received; of several the first present'),
  sent: fieldNames.describe('Field with the bytes sent'),
  host: fieldNames.describe('Field with the host'),
  file_type: fieldNames.describe('Field with the file type'),
  url: fieldNames.describe('Field with the URL'),
  method: fieldNames.describe('Field with the request method'),
  status: fieldNames.describe('Field with the response status'),
  action: fieldNames.describe('Field with what the device did'),
  judge: z.boolean().prefault(true).describe('false: nothing of it is judged or learned'),
});

const jpeg = section({
  url_suffixes: z
    .array(z.string().regex(/^\.[!-~]{1,31}$/, 'must be a dot and up to 31 characters, as .jpg'))
    .max(100)
    .optional()
    .describe('Ends of a URL that mean JPEG, in any case; by preset'),
  ignore_query: z
    .boolean()
    .optional()
    .describe('Cut the URL at ? or # before its end is looked at; by preset'),
  file_types: z
    .array(line(256))
    .max(1000)
    .optional()
    .describe('Values of fileType that mean JPEG, in any case; by preset'),
});

const skip = section({
  methods: z
    .array(z.string().regex(/^[A-Za-z]{1,32}$/, 'must be a method, such as HEAD'))
    .max(100)
    .optional()
    .describe('Request methods of downloads that are skipped; by preset'),
  statuses: z
    .array(
      z.union([z.string(), z.number()]).transform((status, context) => {
        if (/^[1-5](xx|\d\d)$/i.test(`${status}`)) return `${status}`;
        context.addIssue({ code: 'custom', message: 'must be a status such as 304, or 4xx' });
        return z.NEVER;
      }),
    )
    .max(600)
    .optional()
    .describe('Response statuses of downloads that are skipped; by preset'),
  actions: z
    .array(z.string().regex(/^[A-Za-z]{2,32}$/, 'must be the beginning of a word, such as block'))
    .max(100)
    .optional()
    .describe('Beginnings of words in the action of what is skipped; by preset'),
});

const repeatBy = z.enum(['host', 'user', 'file']);
const suppress = section({
  by: z
    .union([repeatBy, z.array(repeatBy).max(3), z.literal('none')], {
      error: 'must be host, user or file, a list of these, or none',
    })
    .transform((by) => (Array.isArray(by) ? by : by === 'none' ? [] : [by]))
    .optional()
    .describe('What two alerts must share for the second to be a repeat; by preset'),
  window: duration(1000, 365 * day)
    .prefault('24h')
    .describe('How long after an alert its repeats are held back'),
  max_alerts: wholeNumber(1, 1_000_000)
    .prefault(50_000)
    .describe('Alerts remembered; above it those longest ago are forgotten'),
});

const points = (value: number) => wholeNumber(0, 100).prefault(value);
const level = section({
  ratios: z
    .array(z.number().min(1).max(1e6))
    .max(20)
    .prefault([3, 10, 30])
    .describe('Times over the threshold; each one reached is a point'),
  never_seen: points(1).describe('Points of a host that was never seen, not even lately'),
  mismatch: points(2).describe('Points where type and name disagree'),
  upload: points(1).describe('Points of an upload'),
  medium: points(1).describe('Points from which the level is medium'),
  high: points(3).describe('Points from which the level is high'),
  critical: points(5).describe('Points from which the level is critical'),
});

const detection = section({
  preset: z
    .enum(['sentinel', 'recommended'])
    .prefault(defaultPreset)
    .describe('sentinel: the hunting query to the letter; recommended: its gaps mended'),
  direction: z
    .enum(['download', 'upload', 'both'])
    .prefault('download')
    .describe('Whose bytes are judged: those received, those sent, or both'),
  percentile: z
    .number()
    .refine(isPercentile, 'must be above 0, below 100 and have at most 3 decimals')
    .prefault(95)
    .describe('Nearest-rank percentile of the sizes in the lookback; larger is large'),
  lookback: hours(2, maxLookbackHours)
    .prefault('7d')
    .describe('Age of the oldest hour that an event is compared with'),
  holdback: hours(1, maxLookbackHours)
    .prefault('1d')
    .describe('The newest part of the lookback, which vouches for nothing yet'),
  time: z
    .enum(['received', 'event'])
    .prefault('received')
    .describe('The clock: time of receipt, or the time in the event'),
  max_future: duration(0, day)
    .prefault('5m')
    .describe('How far an event time may be ahead of the wall clock (time: event)'),
  max_lateness: duration(0, maxLookbackHours * hour)
    .prefault('1h')
    .describe('How far an event may lag; later ones count as of now (time: event)'),
  jpeg: jpeg.describe('What a JPEG is'),
  new_source: z
    .enum(['host', 'registrable_domain', 'large_host'])
    .optional()
    .describe(
      'What must not have been seen: host, its domain, or host with a large JPEG; by preset',
    ),
  normalize_host: z
    .boolean()
    .optional()
    .describe('Compare hosts in lower case, without port and last dot, in punycode; by preset'),
  host_fallback: z
    .boolean()
    .optional()
    .describe('Without a host field take the host of the URL, then dst; by preset'),
  feed_profiles: z.boolean().optional().describe('Use the table of feeds that ships; by preset'),
  placeholders: z
    .array(line(64))
    .max(100)
    .optional()
    .describe('Texts, in any case, that mean "no host" and "no URL"; by preset'),
  zero_bytes: z
    .enum(['size', 'missing'])
    .optional()
    .describe('Whether 0 bytes are a size or a missing one; by preset'),
  duplicate_keys: z
    .enum(['last', 'most_suspicious'])
    .optional()
    .describe('Which value of a key that occurs twice is judged; by preset'),
  skip: skip.describe('What neither alerts nor teaches'),
  suppress: suppress.describe('Which alerts are repeats of one before'),
  level: level.describe('Points that make the level of an alert'),
  minimum_bytes: size(0, TiB).optional().describe('Smaller JPEGs never alert; by preset'),
  minimum_samples: wholeNumber(1, 1_000_000_000)
    .optional()
    .describe('Sizes that the lookback must hold before anything alerts; by preset'),
  minimum_history: hours(0, maxLookbackHours)
    .optional()
    .describe('Hours of the lookback that must hold data before anything alerts; by preset'),
});

/** A percentile is counted in thousandths of a percent, so that 99.9 is exact. */
function isPercentile(value: number): boolean {
  return value > 0 && value < 100 && /^\d+(\.\d{1,3})?$/.test(String(value));
}

const valueForm = 'must be one value or a list of values: text, numbers, true, false or null';
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: 'must be text, a number, true, false or null',
});
const matchMap = z
  .record(z.string(), z.union([scalar, z.array(scalar).min(1)], { error: valueForm }))
  .superRefine((map, context) => {
    const keys = Object.keys(map);
    if (keys.length === 0) context.addIssue({ code: 'custom', message: 'must name a field' });
    for (const key of keys.filter(namesValuesFiles)) {
      if (isPaths(map[key])) continue;
      const message = 'must be the path of a file with values, or a list of such paths';
      context.addIssue({ code: 'custom', path: [key], message });
    }
  });

const isPath = (value: unknown) =>
  typeof value === 'string' && value !== '' && !value.includes('\0');

function isPaths(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isPath) : isPath(value);
}

const exclusion = z.strictObject({
  name: line(128).describe('Name, once in the file; stands in alert_suppressed'),
  reason: line(1000).describe('Why this is no alert: a ticket, a person, a sentence'),
  expires: lastDay
    .nullable()
    .prefault(null)
    .describe('Last day (UTC, inclusive) on which it applies; null is for ever'),
  match: z
    .union([matchMap, z.array(matchMap).min(1).max(1000)], {
      error: 'must be a map of fields, or a list of such maps',
    })
    .describe('field|modifier: value or values; a map is AND, a list is OR'),
  learn: z
    .boolean()
    .optional()
    .describe('Excluded events teach the baseline; by preset: sentinel true, recommended false'),
});

const path = line(4096);
const secret = z.string().min(1).max(4096);

const fluentd = section({
  servers: z
    .array(
      z.strictObject({
        host: hostName.prefault('127.0.0.1').describe('Name or address of Fluentd'),
        port: wholeNumber(1, 65_535).prefault(24_224).describe('Port of its in_forward'),
      }),
    )
    .min(1)
    .refine((list) => list.length < 2, `more than one server is ${notAvailable}`)
    .prefault([{}])
    .describe('Where Fluentd listens'),
  tag: tag().prefault('stegwatch.event').describe('Tag of the events'),
  alert_tag: tag().prefault('stegwatch.alert').describe('Tag of the events that alert'),
  only: z
    .enum(['all', 'jpeg', 'alerts'])
    .prefault('all')
    .describe('Which events are forwarded: all, JPEG events, or alerts alone'),
  names: z
    .enum(['cef', 'commonsecuritylog', 'ecs'])
    .prefault('cef')
    .describe('How fields are named in a record'),
  resolve_labels: z.boolean().prefault(false).describe('Name a custom field by its label'),
  raw: z
    .enum(['never', 'alerts', 'always'])
    .prefault('never')
    .describe('When a record carries the line as received'),
  ack: z.boolean().prefault(true).describe('Keep events until Fluentd has acknowledged them'),
  ack_timeout: duration(100, hour)
    .prefault('30s')
    .describe('Time without an acknowledgement after which events are sent again'),
  shared_key: secret
    .optional()
    .describe('Shared key of the Forward protocol; better in a file or variable'),
  shared_key_file: path.optional().describe('File that holds the shared key'),
  username: line(256).optional().describe('User name for in_forward'),
  password: secret.optional().describe('Password of that user; better in a file or variable'),
  password_file: path.optional().describe('File that holds the password'),
});

function tag() {
  return z.string().regex(/^[!-~]{1,256}$/, 'must be a tag: no spaces, at most 256 characters');
}

const spool = section({
  path: path.prefault('data/spool').describe('Directory of the spool (no effect yet)'),
  max_size: size(4 * KiB, 1024 * TiB)
    .prefault('8GiB')
    .describe('Bytes that wait for delivery; then inputs pause'),
  when_full: z.enum(['block']).prefault('block').describe('What a full spool does (no effect yet)'),
  sync: z
    .enum(['interval', 'always', 'none'])
    .prefault('interval')
    .describe('When the spool is forced to disk (no effect yet)'),
  sync_interval: duration(1, 60 * second)
    .prefault('500ms')
    .describe('How often it is forced to disk (no effect yet)'),
});

export const schema = section({
  listen: listen.describe('Where syslog comes in'),
  feeds: z.array(feed).max(1000).prefault([]).describe('What vendors really send, by product'),
  detection: detection.describe('What an abnormally large JPEG from a new source is'),
  exclusions: z.array(exclusion).max(1000).prefault([]).describe('What shall not alert, and why'),
  baseline: section({
    path: path.prefault('data/baseline').describe('Directory of the baseline'),
    max_hosts: wholeNumber(1, 20_000_000)
      .prefault(1_000_000)
      .describe('Hosts remembered; above it those unseen longest are forgotten'),
    checkpoint: duration(second, hour)
      .prefault('10s')
      .describe('How often the baseline is written to disk'),
  }).describe('What has been seen before'),
  forward: section({ fluentd: fluentd.describe('Fluentd, by its Forward protocol') }).describe(
    'Where every event goes',
  ),
  spool: spool.describe('What waits for delivery'),
  admin: section({
    address: ipAddress.prefault('127.0.0.1').describe('IP address of the page (no effect yet)'),
    port: port.prefault(9598).describe('Port of the page (no effect yet)'),
  }).describe('Status page and metrics (no effect yet)'),
});

/** The YAML with defaults and units filled in; keys of the preset only where the file sets them. */
export type Settings = z.output<typeof schema>;
