/** A log that keeps its lines for a test to look at. */
import { type Logger, pino } from 'pino';

export interface KeptLog {
  readonly log: Logger;
  readonly lines: { readonly level: number; readonly msg: string }[];
}

export function keptLog(): KeptLog {
  const lines: { level: number; msg: string }[] = [];
  return {
    log: pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) }),
    lines,
  };
}
