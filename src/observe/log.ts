/** The program's own log: structured lines on stderr (stdout belongs to the data of `hunt` and `filter`). */
import { closeSync, openSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import { StegwatchError, wordsOf } from '../errors.js';

export type { Logger };

export function createLogger(level = 'info'): Logger {
  return loggerTo(pino.destination({ dest: 2, sync: true }), level);
}

/**
 * A log in a file, which is appended to.
 * @throws StegwatchError OUTPUT_UNUSABLE
 */
export function createFileLogger(file: string): { log: Logger; reopen(): void } {
  try {
    closeSync(openSync(file, 'a'));
  } catch (error) {
    const hint = 'Name a file in a directory that exists and that this user may write to.';
    const words = `The log ${file} cannot be written: ${wordsOf(error)}`;
    throw new StegwatchError('OUTPUT_UNUSABLE', words, hint, { cause: error });
  }
  const destination = pino.destination({ dest: file, sync: true, append: true });
  // A full disk must not end the process.
  destination.on('error', () => {});
  return { log: loggerTo(destination, 'info'), reopen: () => destination.reopen() };
}

function loggerTo(destination: ReturnType<typeof pino.destination>, level: string): Logger {
  return pino(
    { base: { pid: process.pid }, level, timestamp: pino.stdTimeFunctions.isoTime },
    destination,
  );
}
