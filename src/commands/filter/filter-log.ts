/** Where a filter's log goes: never where its answers go. */
import { fstatSync } from 'node:fs';
import { StegwatchError } from '../../errors.js';
import { createFileLogger, createLogger, type Logger } from '../../observe/log.js';

/**
 * @param file null: stderr. SIGHUP opens the file anew, for who rotates it
 * @throws StegwatchError OUTPUT_UNUSABLE
 */
export function filterLog(file: string | null): Logger {
  if (file !== null) {
    const { log, reopen } = createFileLogger(file);
    process.on('SIGHUP', reopen);
    return log;
  }
  if (sharesStdout()) {
    throw new StegwatchError(
      'OUTPUT_UNUSABLE',
      'stdout and stderr are one and the same: the log would be read as answers.',
      'Give --log FILE (mmexternal of rsyslog needs it), or send stderr elsewhere.',
    );
  }
  process.on('SIGHUP', () => {});
  return createLogger();
}

/** rsyslog reads both from one pipe. A terminal, or /dev/null, is nobody who would take the log for an answer. */
function sharesStdout(): boolean {
  const stdout = fstatSync(1);
  const stderr = fstatSync(2);
  return !stdout.isCharacterDevice() && stdout.dev === stderr.dev && stdout.ino === stderr.ino;
}
