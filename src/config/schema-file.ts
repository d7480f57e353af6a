/** The schema of `forward.file`: every record as a line of JSON. */
import { z } from 'zod';
import { outputSpool } from './schema-spool.js';
import { line, size, wholeNumber } from './value-kinds.js';

const MiB = 1024 ** 2;
const TiB = 1024 ** 4;

export const file = z.strictObject({
  path: line(4096).describe('File that records are appended to'),
  max_size: size(1 * MiB, TiB)
    .prefault('100MiB')
    .describe('When it is larger it is turned over: it becomes `path.1`'),
  max_files: wholeNumber(1, 10_000)
    .prefault(10)
    .describe('Files in all; the oldest goes. With 1 the file itself goes when it is full'),
  only: z
    .enum(['all', 'jpeg', 'alerts'])
    .prefault('all')
    .describe('Which events are written: all, JPEG events, or alerts alone'),
  names: z
    .enum(['cef', 'commonsecuritylog', 'ecs'])
    .prefault('cef')
    .describe('How fields are named in a record'),
  raw: z
    .enum(['never', 'alerts', 'always'])
    .prefault('never')
    .describe('When a record carries the line as received'),
  spool: outputSpool.describe('What waits for this output'),
});
