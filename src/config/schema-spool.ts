/** The schema of `spool`: what waits for delivery. */
import { z } from 'zod';
import { duration, line, section, size } from './value-kinds.js';

const KiB = 1024;
const TiB = 1024 ** 4;
const second = 1000;

/** Of an output beside the first, or where the first is to differ from `spool`. */
export const outputSpool = section({
  max_size: size(4 * KiB, 1024 * TiB)
    .optional()
    .describe('Bytes that wait for this output; if not given, `spool.max_size`'),
  when_full: z
    .enum(['block', 'drop_oldest'])
    .optional()
    .describe(
      'What its spool does when full; if not given, that of `spool` for the first output, and drop_oldest ' +
        'for others, so that their outage holds nobody up',
    ),
});

export const spool = section({
  path: z
    .union([line(4096), z.literal(false)], { error: 'must be a directory, or false' })
    .prefault('data/spool')
    .describe('Directory of the spool; false is in memory only: lost with the process'),
  max_size: size(4 * KiB, 1024 * TiB)
    .prefault('8GiB')
    .describe('Bytes that wait for delivery; then inputs pause'),
  when_full: z
    .enum(['block', 'drop_oldest'])
    .prefault('block')
    .describe('What a full spool does: inputs pause, or the oldest events go'),
  sync: z
    .enum(['interval', 'always', 'none'])
    .prefault('interval')
    .describe('When the spool is forced to disk: at intervals, with each batch, or never'),
  sync_interval: duration(1, 60 * second)
    .prefault('500ms')
    .describe('How often it is forced to disk'),
});
