/** The program's own log: structured lines on stderr (stdout belongs to the data of `hunt` and `filter`). */
import { type Logger, pino } from 'pino';

export type { Logger };

export function createLogger(level = 'info'): Logger {
  return pino(
    { base: { pid: process.pid }, level, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}
