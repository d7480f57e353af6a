/**
 * All that is fuzzed, by name. To add one:
 *
 *  1. Write `test/fuzz/<name>.ts` with a function that makes a `FuzzTarget` (target.ts): a few valid
 *     inputs, made by the code that writes the format; the words of the format; and `check`, which feeds
 *     one input to the real reader and throws if anything comes of it that must not. "Never throws, always
 *     a notice or a valid result, and afterwards a fresh write works" is what a file's check says;
 *     "however it is cut, the same result" is what a stream's says.
 *  2. Give it `repair` if the format has checksums, else nothing behind them is ever tried.
 *  3. Add one line to the list below. The test, `npm run fuzz`, the watchdog that ends a hang, and the
 *     bound of memory take it from there.
 */

import { bucketFile } from './bucket-file.js';
import { clockFile } from './clock-file.js';
import { cef, syslog } from './decode.js';
import { framing } from './framing.js';
import { observations } from './observations.js';
import { repeatsFile } from './repeats-file.js';
import { spoolCursor, spoolSegment } from './spool.js';
import type { MakeTarget } from './target.js';
import { wholePath } from './whole-path.js';

export const targets: Readonly<Record<string, MakeTarget>> = {
  framing,
  syslog,
  cef,
  'whole-path': wholePath,
  observations,
  'bucket-file': bucketFile,
  'repeats-file': repeatsFile,
  'clock-file': clockFile,
  'spool-segment': spoolSegment,
  'spool-cursor': spoolCursor,
};
