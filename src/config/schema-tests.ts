/** The part of the schema that says what the rest must come to: `tests`. */
import { z } from 'zod';
import { duration, ipAddress, line, moment, section, size, wholeNumber } from './value-kinds.js';

const TiB = 1024 ** 4;
const MiB = 1024 ** 2;
const day = 86_400_000;

const eventLine = z.string().min(1).max(MiB);
const hosts = z.array(line(255)).max(1000).prefault([]);

const event = z.strictObject({
  line: eventLine.describe('The event as received: a line of syslog, or CEF alone'),
  after: duration(0, 365 * day)
    .prefault('0s')
    .describe('How long after the event before it (the first: after `at`) it is received'),
  times: wholeNumber(1, 10_000)
    .prefault(1)
    .describe('How often it comes, each time `after` the one before'),
});

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const recordForm = 'must be text, a number, true, false, null for "not there", or a list of these';

const expectation = z
  .strictObject({
    alert: z
      .boolean()
      .optional()
      .describe('Whether an alert is raised; one that is held back is not'),
    excluded_by: line(128).optional().describe('Name of the exclusion that holds an alert back'),
    repeat: z.boolean().optional().describe('Whether an alert is held back as a repeat'),
    level: z
      .enum(['low', 'medium', 'high', 'critical'])
      .optional()
      .describe('Level of the alert, raised or held back'),
    rule: line(256).optional().describe('Name of the rule that alerts, as in `alert.rule`'),
    skipped_by: z
      .enum(['method', 'status', 'action'])
      .optional()
      .describe('What the event is skipped by, neither judged nor learned'),
    not_judged: z
      .enum(['truncated', 'unparsed', 'switched_off', 'not_jpeg', 'no_url'])
      .optional()
      .describe('Why the rule does not look at the event'),
    direction: z.enum(['download', 'upload']).optional().describe('Whose bytes are looked at'),
    host: line(4096).nullable().optional().describe('The judged host, as received; null is none'),
    host_state: z
      .enum(['known', 'pending', 'never_seen', 'absent'])
      .optional()
      .describe('What the host is to the baseline'),
    bytes: wholeNumber(0, 1024 * TiB)
      .nullable()
      .optional()
      .describe('The judged size; null is none'),
    learned: z.boolean().optional().describe('Whether the event teaches the baseline'),
    record: z
      .record(z.string(), z.union([scalar, z.array(scalar)], { error: recordForm }))
      .optional()
      .describe(
        'Fields of the record as forwarded, such as alert.ratio: their value, null for none',
      ),
  })
  .refine((keys) => Object.keys(keys).length > 0, {
    error: 'must expect something',
    // A key that is wrong is one mistake, not two.
    when: ({ issues }) => issues.length === 0,
  })
  .meta({ minProperties: 1 });

export const configTest = z.strictObject({
  name: line(256).describe('What it shows, once in the file'),
  at: moment.prefault('2026-01-01T00:00:00Z').describe('When it begins, in UTC'),
  peer: ipAddress.optional().describe('Address that the events come from'),
  baseline: section({
    threshold: z
      .union([size(1, TiB), z.null()], { error: 'must be a size with its unit, or null' })
      .prefault('256KiB')
      .describe('Larger is large; null: only what the events of the test teach'),
    known_hosts: hosts.describe('Hosts seen in the lookback'),
    pending_hosts: hosts.describe('Hosts seen only in its newest part, the holdback'),
  }).describe('What has been seen before'),
  event: z
    .union(
      [
        eventLine,
        z
          .array(z.union([eventLine, event]))
          .min(1)
          .max(1000),
      ],
      {
        error: 'must be a line, or a list of lines and of maps',
      },
    )
    .describe('A line; or a list, in order, of lines and maps, of which the last is judged'),
  expect: expectation.describe('What the last event must come to'),
});
