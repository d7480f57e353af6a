/** The schema of `spool`: what waits for delivery. */
import { z } from 'zod';
import { duration, line, section, size } from './value-kinds.js';

const KiB = 1024;
const TiB = 1024 ** 4;
const second = 1000;

export const spool = section({
  path: line(4096).prefault('data/spool').describe('Directory of the spool (no effect yet)'),
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
