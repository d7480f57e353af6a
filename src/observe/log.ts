/**
 * The program's own log on stderr (stdout belongs to the data of `hunt` and `filter`): JSON, or lines for a person where
 * that is a terminal.
 */
import { closeSync, openSync } from 'node:fs';
import { type DestinationStream, pino } from 'pino';
import { StegwatchError, wordsOf } from '../errors.js';
import type { LogCode } from './log-codes.js';
import { terminalLog } from './terminal-log.js';

/** What a warning or an error says beside its text; docs/errors.md explains the code. */
export interface Coded {
  readonly code: LogCode;
  readonly [fact: string]: unknown;
}

/** What is used of pino. That something is wrong cannot be said without a code. */
export interface Logger {
  debug(facts: object, text: string): void;
  info(facts: object, text: string): void;
  info(text: string): void;
  warn(facts: Coded, text: string): void;
  error(facts: Coded, text: string): void;
  fatal(facts: Coded, text: string): void;
}

/** The log of this process is read by a person as it is written. */
export function logsToTerminal(): boolean {
  return process.stderr.isTTY === true;
}

export function createLogger(level = 'info'): Logger {
  if (logsToTerminal()) {
    return loggerTo(terminalLog(process.stderr, process.env.NO_COLOR === undefined), level);
  }
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

function loggerTo(destination: DestinationStream, level: string): Logger {
  return pino(
    { base: { pid: process.pid }, level, timestamp: pino.stdTimeFunctions.isoTime },
    destination,
  );
}
