/**
 * A line for each alert that is raised, for a person who watches `run` at a terminal. There alone: the JSON goes to
 * journald or a container's log, and from there often to the SIEM, which has the alert already; a second copy would be
 * counted twice, and would put a user's URLs where logs are kept. What is held back is on the status page.
 */
import type { Logger } from '../observe/log.js';
import type { Verdict } from '../verdict.js';

/** As many as a person reads in a window; a rush would scroll all else away, and a terminal is written to synchronously. */
const maxLines = 10;
const windowMs = 10_000;
/** Characters of what a sender may have chosen. */
const maxText = 300;

export class AlertLines {
  readonly #log: Pick<Logger, 'info'>;
  readonly #now: () => number;
  #beganMs = Number.NEGATIVE_INFINITY;
  #written = 0;
  #heldBack = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param now milliseconds */
  constructor(log: Pick<Logger, 'info'>, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** Of an event that alerts, or would have. */
  add({ alert }: Verdict): void {
    if (alert === null) return;
    const nowMs = this.#now();
    if (Math.abs(nowMs - this.#beganMs) >= windowMs) {
      this.endWindow();
      this.#beganMs = nowMs;
      this.#written = 0;
    }
    if (this.#written >= maxLines) {
      this.#heldBack++;
      this.#timer ??= setTimeout(() => this.endWindow(), windowMs).unref();
      return;
    }
    this.#written++;
    const { level, reason, url, account } = alert;
    const who = account === '' ? {} : { account: cut(account) };
    this.#log.info({ url: cut(url), ...who }, `ALERT ${level}: ${reason}`);
  }

  /** Tells how many were held back. Called by the timer, should no alert come any more. */
  endWindow(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#heldBack === 0) return;
    const alerts = this.#heldBack;
    this.#heldBack = 0;
    const words = alerts === 1 ? '1 more alert was raised' : `${alerts} more alerts were raised`;
    this.#log.info(
      { alerts },
      `${words}, too many to show: the status page and the SIEM have them`,
    );
  }
}

function cut(text: string): string {
  return text.length > maxText ? `${text.slice(0, maxText)}…` : text;
}
