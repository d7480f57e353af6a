/** The schema of `forward`: where events go. */
import { file } from './schema-file.js';
import { fluentd } from './schema-fluentd.js';
import { syslog } from './schema-syslog.js';
import { section } from './value-kinds.js';

export const forward = section({
  fluentd: fluentd.describe('Fluentd, by its Forward protocol; used if no other output is given'),
  syslog: syslog
    .optional()
    .describe('A receiver of syslog: the line as it came, with the alert in it'),
  file: file.optional().describe('A file: a line of JSON for each event'),
});
