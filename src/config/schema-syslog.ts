/** The schema of `forward.syslog`: the events as they came, for a SIEM that reads syslog and CEF. */
import { z } from 'zod';
import { outputSpool } from './schema-spool.js';
import { hostName, line, section, wholeNumber } from './value-kinds.js';

const path = line(4096);

export const syslog = z.strictObject({
  server: z
    .strictObject({
      host: hostName.describe('Name or address of the receiver'),
      port: wholeNumber(1, 65_535)
        .optional()
        .describe('Its port; 514, or 6514 with protocol: tls, if none is given'),
    })
    .describe('Who takes the events'),
  protocol: z
    .enum(['udp', 'tcp', 'tls'])
    .prefault('tcp')
    .describe('How they travel; UDP loses what the receiver has no time for'),
  framing: z
    .enum(['newline', 'octet_counting'])
    .prefault('newline')
    .describe(
      'What ends a message over TCP and TLS (RFC 6587): a line feed, or its length before it',
    ),
  only: z
    .enum(['all', 'jpeg', 'alerts'])
    .prefault('all')
    .describe('Which events are forwarded: all, JPEG events, or alerts alone'),
  tls: section({
    ca: path.optional().describe("PEM file of the CA that signs the receiver's certificate"),
    cert: path.optional().describe('PEM file of our certificate, if the receiver wants one'),
    key: path.optional().describe('PEM file of its key'),
    server_name: hostName
      .optional()
      .describe("Name in the receiver's certificate, if it is not its host"),
    verify: z
      .boolean()
      .prefault(true)
      .describe('false: whoever answers is taken for the receiver; for tests only'),
  }).describe('Certificates, with protocol: tls'),
  spool: outputSpool.describe('What waits for this output'),
});
