/** The schema of `forward.fluentd`: where every event goes, by the Forward protocol. */
import { z } from 'zod';
import { outputSpool } from './schema-spool.js';
import { duration, hostName, line, section, spelled, wholeNumber } from './value-kinds.js';

const hour = 3_600_000;

const path = line(4096);
const secret = z.string().min(1).max(4096);

export const fluentd = section({
  servers: z
    .array(
      z.strictObject({
        host: hostName.prefault('127.0.0.1').describe('Name or address of Fluentd'),
        port: wholeNumber(1, 65_535).prefault(24_224).describe('Port of its in_forward'),
      }),
    )
    .min(1)
    .refine((list) => list.length <= 16, 'must have at most 16 items')
    .meta({ maxItems: 16 })
    .prefault([{}])
    .describe('Where Fluentd listens, in order of preference: one is used, the others stand by'),
  recover_wait: duration(100, hour)
    .prefault('10s')
    .describe('While a standby is used: how often the preferred servers are probed'),
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
  compress: z
    .enum(['none', 'gzip'])
    .prefault('none')
    .describe('Compression of what is sent: less on the line, more work here and there'),
  tls: z
    .union(
      [
        z.strictObject({
          ca: path.optional().describe("PEM file of the CA that signs the servers' certificates"),
          cert: path.optional().describe('PEM file of our certificate, if servers want one'),
          key: path.optional().describe('PEM file of its key'),
          key_passphrase_file: path
            .optional()
            .describe('File that holds the passphrase of the key'),
          server_name: hostName
            .optional()
            .describe("Name in the servers' certificates, if it is not their host"),
          verify: z
            .boolean()
            .prefault(true)
            .describe('false: whoever answers is taken for Fluentd; for tests only'),
        }),
        z.literal(false),
      ],
      { error: 'must be a map ({} for the defaults), or false for no TLS' },
    )
    .prefault(false)
    .describe('TLS towards Fluentd: a map, or false for none'),
  shared_key: secret
    .optional()
    .describe('Shared key of the Forward protocol; better in a file or variable'),
  shared_key_file: path.optional().describe('File that holds the shared key'),
  username: line(256).optional().describe('User name for in_forward'),
  password: secret.optional().describe('Password of that user; better in a file or variable'),
  password_file: path.optional().describe('File that holds the password'),
  spool: outputSpool.describe('What waits for Fluentd, where it is to differ from `spool`'),
});

function tag() {
  return spelled(/^[!-~]{1,256}$/, 'must be a tag: no spaces, at most 256 characters');
}
