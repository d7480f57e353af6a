/**
 * Lines of the log for a person at a terminal: `12:03:04 WARN  the spool is full  output=fluentd`. Elsewhere the log
 * is JSON. Facts may be a sender's text: what a terminal would act upon is shown instead.
 */
import { printable } from './printable.js';

const levels: Readonly<Record<number, readonly [word: string, colour: string]>> = {
  10: ['TRACE', ''],
  20: ['DEBUG', ''],
  30: ['INFO ', ''],
  40: ['WARN ', '\u001b[33m'],
  50: ['ERROR', '\u001b[31m'],
  60: ['FATAL', '\u001b[31m'],
};
const dim = '\u001b[2m';
const plain = '\u001b[0m';
/** Of one fact; the whole of it is in the JSON. */
const maxFact = 2000;
/** Not facts of the line. */
const own = new Set(['level', 'time', 'pid', 'msg']);

/** A destination for pino. @param terminal written to synchronously, as Node does it */
export function terminalLog(
  terminal: { write(text: string): unknown },
  colours: boolean,
): { write(line: string): void } {
  return {
    write: (line) => {
      terminal.write(terminalLine(JSON.parse(line), colours));
    },
  };
}

/** @param line as pino writes it */
export function terminalLine(line: Readonly<Record<string, unknown>>, colours: boolean): string {
  const [word, colour] = levels[Number(line.level)] ?? ['     ', ''];
  const time = new Date(String(line.time)).toTimeString().slice(0, 8);
  const facts = Object.entries(line)
    .filter(([key, value]) => !own.has(key) && !isSaid(value, String(line.msg ?? '')))
    .map(([key, value]) => `${printable(key)}=${factInWords(value)}`)
    .join(' ');
  const shown = facts === '' ? '' : `  ${colours ? dim : ''}${facts}${colours ? plain : ''}`;
  const level = colours && colour !== '' ? `${colour}${word}${plain}` : word;
  return `${time} ${level} ${printable(String(line.msg ?? ''))}${shown}\n`;
}

/** In the sentence already, or nothing: of interest to who counts lines, not to who reads one. */
function isSaid(value: unknown, sentence: string): boolean {
  return value === 0 || (typeof value === 'string' && value.length > 8 && sentence.includes(value));
}

function factInWords(value: unknown): string {
  const text =
    typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  const safe = printable(text ?? '');
  return safe.length > maxFact ? `${safe.slice(0, maxFact)}…` : safe;
}
