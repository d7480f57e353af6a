/** The schema of `listen`: where syslog comes in. */
import { z } from 'zod';
import {
  duration,
  ipAddress,
  line,
  network,
  port,
  section,
  size,
  spelled,
  wholeNumber,
} from './value-kinds.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** One map, a list of maps, or false or nothing: no such listener. */
function listenersOf<Shape extends z.core.$ZodLooseShape>(id: string, shape: Shape) {
  const one = z.strictObject(shape).meta({ id: `${id}_listener` });
  const error = 'must be a map, a list of maps, or false for no listener';
  return z
    .union([one, z.array(one).max(64), z.literal(false), z.null()], { error })
    .transform((value) => (Array.isArray(value) ? value : value ? [value] : []));
}

/** There is one by default. */
function listeners<Shape extends z.core.$ZodLooseShape>(id: string, shape: Shape) {
  const type = listenersOf(id, shape);
  return type.prefault({} as z.input<typeof type>);
}

/** There is none by default. */
function optionalListeners<Shape extends z.core.$ZodLooseShape>(id: string, shape: Shape) {
  const type = listenersOf(id, shape);
  return type.prefault(false as z.input<typeof type>);
}

const address = ipAddress.prefault('::').describe('IP address to listen on; "::" is both families');
const listenPort = port.prefault(5514).describe('Port; 0 is any free one');

const connectionLimits = {
  max_connections: wholeNumber(1, 65_536)
    .prefault(512)
    .describe('Connections at a time; further ones are refused and counted'),
  max_connections_per_address: wholeNumber(0, 65_536)
    .prefault(0)
    .describe('Of these, how many one address may have; 0 is no limit of its own'),
  idle_timeout: duration(0, 30 * day)
    .prefault('0s')
    .describe('Time after which a quiet connection is closed; 0s is never'),
  frame_timeout: duration(100, hour)
    .prefault('30s')
    .describe('Time from the first byte of a message to its last; then it is closed'),
};

const path = line(4096);

/** As certificates hold them, without wildcards; OpenSSL takes a dot in front for all names below. */
const clientName = spelled(
  /^\.?[\w-]+(\.[\w-]+)*$/,
  'must be a name such as proxy1.example.org, or .example.org for all names below it',
  253,
);

export const listen = section({
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
  udp: listeners('udp', {
    address,
    port: listenPort,
    receive_buffer: size(4 * KiB, GiB)
      .prefault('4MiB')
      .describe('Bytes the kernel may hold for us; a burst that does not fit is lost'),
  }).describe('UDP listener: a map, a list of maps, or false for none'),
  tcp: listeners('tcp', { address, port: listenPort, ...connectionLimits }).describe(
    'TCP listener: a map, a list of maps, or false for none',
  ),
  tls: optionalListeners('tls', {
    address,
    port: port.prefault(6514).describe('Port; 0 is any free one'),
    cert: path.describe('PEM file: the certificate, then those between it and its authority'),
    key: path.describe('PEM file: its private key, not encrypted'),
    client_ca: path
      .optional()
      .describe('PEM file: authorities; senders then need a certificate from one of them'),
    client_names: z
      .array(clientName)
      .max(256)
      .prefault([])
      .describe('Names, one of which the certificate of a sender must have; empty is any'),
    handshake_timeout: duration(100, 10 * minute)
      .prefault('10s')
      .describe('Time from the connection to the end of the TLS handshake'),
    ...connectionLimits,
  }).describe('TLS listener: a map, a list of maps, or false for none'),
  relp: optionalListeners('relp', {
    address,
    port: port.prefault(2514).describe('Port; 0 is any free one'),
    ...connectionLimits,
  }).describe('RELP listener: a map, a list of maps, or false for none'),
});
