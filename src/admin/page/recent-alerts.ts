/** The alerts of late, those that were held back too: what the page lists. Bounded; what is older is counted only. */
import type { Alert, AlertSuppressed, Verdict } from '../../verdict.js';

/** A day of a noisy estate, and little memory: some 2 MiB when full. */
const maxAlerts = 500;
/** Characters of what a sender may have chosen. */
const maxText = 300;

export interface ShownAlert {
  /** Grows with each; tells a reader what it has seen. */
  readonly number: number;
  /** When it was judged, RFC 3339. */
  readonly at: string;
  readonly level: Alert['level'];
  readonly reason: string;
  readonly host: string;
  readonly filename: string;
  readonly url: string;
  readonly account: string;
  readonly direction: Alert['direction'];
  readonly bytes: number;
  readonly threshold_bytes: number;
  /** Null: it was raised. */
  readonly suppressed: Required<Pick<AlertSuppressed, 'by' | 'name' | 'reason'>> | null;
}

export class RecentAlerts {
  readonly #now: () => number;
  readonly #list: ShownAlert[] = [];
  #count = 0;
  /** Told at once. */
  onAlert: () => void = () => {};

  /** @param now epoch ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Of an event that alerts, or would have. */
  add(verdict: Verdict): void {
    const alert = verdict.alert ?? verdict.heldBack;
    if (alert === null) return;
    const { suppressed } = verdict;
    this.#count++;
    this.#list.push({
      number: this.#count,
      at: new Date(this.#now()).toISOString(),
      level: alert.level,
      reason: cut(alert.reason),
      host: cut(alert.host),
      filename: cut(alert.filename),
      url: cut(alert.url),
      account: cut(alert.account),
      direction: alert.direction,
      bytes: alert.bytes,
      threshold_bytes: alert.threshold_bytes,
      suppressed:
        verdict.alert !== null || suppressed === null
          ? null
          : {
              by: suppressed.by,
              name: cut(suppressed.name ?? ''),
              reason: cut(suppressed.reason ?? ''),
            },
    });
    if (this.#list.length > maxAlerts) this.#list.shift();
    this.onAlert();
  }

  /** Number of the newest. */
  get count(): number {
    return this.#count;
  }

  /** The newest first. */
  since(number: number): readonly ShownAlert[] {
    return this.#list.filter((alert) => alert.number > number).reverse();
  }
}

/** A copy: a part of a string would keep the whole, which may be a message of 64 KiB. */
function cut(text: string): string {
  const copy = Buffer.from(text.slice(0, maxText)).toString();
  return text.length > maxText ? `${copy}…` : copy;
}
