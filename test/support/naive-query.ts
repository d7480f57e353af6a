/**
 * The hunting query as its text says it, written from the KQL alone and sharing nothing with the
 * product: filters over rows, a sort, a nearest rank. Numbers in brackets are lines of the query:
 *
 *     let percentile = 95;
 *  1  let lookback_data = CommonSecurityLog
 *  2      | where TimeGenerated between(ago(7d)..ago(1d))
 *  3      | where FileType == "Jpeg Files" or RequestURL endswith ".jpg"
 *  4      | where isnotempty(RequestURL);
 *  5  let domains = lookback_data | summarize by DestinationHostName;
 *  6  CommonSecurityLog | where TimeGenerated > ago(1d)
 *  7      | where FileType =~ "Jpeg Files" or RequestURL endswith ".jpg"
 *  8      | where isnotempty(RequestURL)
 *  9      | where ReceivedBytes > toscalar(lookback_data | summarize percentile(ReceivedBytes, percentile))
 * 10      | where DestinationHostName !in (domains) or isempty(DestinationHostName)
 */
import type { Row } from './traffic.js';

const dayMs = 86_400_000;

export interface QueryResult {
  /** Null if the lookback holds no number (9: compared with null, nothing is true). */
  readonly threshold: number | null;
  readonly samples: number;
  readonly alerts: readonly Row[];
}

export function isLookbackJpeg(row: Row): boolean {
  const byType = row.fileType === 'Jpeg Files';
  return (byType || row.url.toLowerCase().endsWith('.jpg')) && row.url !== '';
}

export function isJudgedJpeg(row: Row): boolean {
  const byType = row.fileType.toLowerCase() === 'jpeg files';
  return (byType || row.url.toLowerCase().endsWith('.jpg')) && row.url !== '';
}

/** The query run at `nowMs`. @param percentile in per cent, of at most three decimals */
export function naiveQuery(rows: readonly Row[], nowMs: number, percentile = 95): QueryResult {
  const lookback = rows.filter(
    (row) =>
      row.timeMs >= nowMs - 7 * dayMs && row.timeMs <= nowMs - 1 * dayMs && isLookbackJpeg(row),
  );
  const domains = new Set(lookback.map((row) => row.host));
  const sizes = lookback.flatMap((row) => row.receivedBytes ?? []).sort((a, b) => a - b);
  const threshold = nearestRank(sizes, percentile);
  const alerts = rows.filter(
    (row) =>
      row.timeMs > nowMs - 1 * dayMs &&
      row.timeMs <= nowMs &&
      isJudgedJpeg(row) &&
      isAlert(row, threshold, domains),
  );
  return { threshold, samples: sizes.length, alerts };
}

function isAlert(row: Row, threshold: number | null, domains: { has(host: string): boolean }) {
  if (row.receivedBytes === null || threshold === null) return false;
  return row.receivedBytes > threshold && (!domains.has(row.host) || row.host === '');
}

function nearestRank(ascending: readonly number[], percentile: number): number | null {
  if (ascending.length === 0) return null;
  // In thousandths: as floating point, 99.9 * 1000 / 100 is a little more than 999.
  const rank = Math.ceil((Math.round(percentile * 1000) * ascending.length) / 100_000);
  return ascending[Math.max(rank, 1) - 1]!;
}

/**
 * The query run at the moment of one event after the other, exactly. A lookback that moves with the
 * events, its sizes always sorted: the same as `naiveQuery` at every moment, without starting anew.
 */
export class MovingQuery {
  /** Ascending. */
  readonly sizes: number[] = [];
  readonly #hosts = new Map<string, number>();
  readonly #rows: readonly Row[];
  /** `#rows[#first, #next)` is in the lookback, but for rows that are no JPEGs. */
  #first = 0;
  #next = 0;

  /** @param rows in order of time */
  constructor(rows: readonly Row[]) {
    this.#rows = rows.filter(isLookbackJpeg);
  }

  /** Moves the lookback to `[fromMs, untilMs]`; never back. */
  moveTo(fromMs: number, untilMs: number): void {
    while (this.#next < this.#rows.length && this.#rows[this.#next]!.timeMs <= untilMs) {
      this.#count(this.#rows[this.#next++]!, 1);
    }
    while (this.#first < this.#next && this.#rows[this.#first]!.timeMs < fromMs) {
      this.#count(this.#rows[this.#first++]!, -1);
    }
  }

  has(host: string): boolean {
    return this.#hosts.has(host);
  }

  threshold(percentile = 95): number | null {
    return nearestRank(this.sizes, percentile);
  }

  judge(row: Row, percentile = 95): boolean {
    return isJudgedJpeg(row) && isAlert(row, this.threshold(percentile), this);
  }

  /** How many sizes are at most `value`. */
  rankOf(value: number): number {
    let low = 0;
    let high = this.sizes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.sizes[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #count(row: Row, change: 1 | -1): void {
    const seen = (this.#hosts.get(row.host) ?? 0) + change;
    if (seen === 0) this.#hosts.delete(row.host);
    else this.#hosts.set(row.host, seen);
    if (row.receivedBytes === null) return;
    const at = this.rankOf(row.receivedBytes);
    if (change === 1) this.sizes.splice(at, 0, row.receivedBytes);
    else this.sizes.splice(at - 1, 1);
  }
}
