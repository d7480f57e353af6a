/** Complaints of one part in the log, at most one line a minute of each code. */
import { wordsOf } from '../errors.js';
import type { Logger } from './log.js';
import type { ConditionCode } from './log-codes.js';
import { QuietLines } from './quiet-lines.js';

export class Complaints {
  readonly #log: Pick<Logger, 'error'>;
  readonly #facts: object;
  readonly #lines: QuietLines;

  /**
   * @param facts what stands beside every line
   * @param now milliseconds
   */
  constructor(log: Pick<Logger, 'error'>, facts: object, now: () => number) {
    this.#log = log;
    this.#facts = facts;
    this.#lines = new QuietLines(now);
  }

  say(code: ConditionCode, text: string): void {
    const heldBack = this.#lines.mayWrite(code);
    if (heldBack !== null) this.#log.error({ code, ...this.#facts, heldBack }, text);
  }

  failed(code: ConditionCode, what: string, error: unknown): void {
    this.say(code, `${what}: ${wordsOf(error)}`);
  }
}
