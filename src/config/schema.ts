/**
 * The one schema of the YAML. Everything else about keys derives from it: defaults, what an unknown
 * key may have meant (keys.ts), the test that holds docs/config.md. A key's description gives its
 * unit and meaning, `prefault` its default as one would write it. Keys of a preset have no default
 * of their own.
 */
import { z } from 'zod';
import { detection } from './schema-detection.js';
import { exclusion } from './schema-exclusions.js';
import { feed } from './schema-feeds.js';
import { notAvailable } from './unavailable.js';
import {
  duration,
  hostName,
  ipAddress,
  line,
  network,
  port,
  section,
  size,
  wholeNumber,
} from './value-kinds.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const TiB = 1024 * GiB;
const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;

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
