/**
 * The one schema of the YAML. Everything else about keys derives from it: defaults, what an unknown
 * key may have meant (keys.ts), the test that holds docs/config.md. A key's description gives its
 * unit and meaning, `prefault` its default as one would write it. Keys of a preset have no default
 * of their own.
 */
import { z } from 'zod';
import { admin } from './schema-admin.js';
import { detection } from './schema-detection.js';
import { exclusion } from './schema-exclusions.js';
import { feed } from './schema-feeds.js';
import { forward } from './schema-forward.js';
import { listen } from './schema-listen.js';
import { spool } from './schema-spool.js';
import { configTest } from './schema-tests.js';
import { duration, line, section, wholeNumber } from './value-kinds.js';

const second = 1000;
const hour = 3600 * second;

export const schema = section({
  listen: listen.describe('Where syslog comes in'),
  feeds: z.array(feed).max(1000).prefault([]).describe('What vendors really send, by product'),
  detection: detection.describe('What an abnormally large JPEG from a new source is'),
  exclusions: z.array(exclusion).max(1000).prefault([]).describe('What shall not alert, and why'),
  baseline: section({
    path: line(4096).prefault('data/baseline').describe('Directory of the baseline'),
    max_hosts: wholeNumber(1, 20_000_000)
      .prefault(1_000_000)
      .describe('Hosts remembered; above it those unseen longest are forgotten'),
    checkpoint: duration(second, hour)
      .prefault('10s')
      .describe('How often the baseline is written to disk'),
  }).describe('What has been seen before'),
  forward: forward.describe('Where every event goes'),
  spool: spool.describe('What waits for delivery'),
  admin: admin.describe('HTTP for metrics and health: a map, or false for none'),
  tests: z
    .array(configTest)
    .max(1000)
    .prefault([])
    .describe('Events, and what they must come to: `validate` tries them'),
});

/** The YAML with defaults and units filled in; keys of the preset only where the file sets them. */
export type Settings = z.output<typeof schema>;
