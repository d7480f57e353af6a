/**
 * The streaming detector, preset `sentinel`, against the query evaluated naively at every event's own
 * moment, over weeks of generated traffic. They may differ for two reasons only, and each difference
 * must be shown to be one of them:
 *
 *   bucket edge   the query's window moves with the event, the detector's by whole hours: what lies in
 *                 the hours that hold the window's ends may count on one side only
 *   sketch        an hour of more than 4096 sizes is held as a t-digest; the threshold may be off by
 *                 one rank, or by the error that its source states for it
 *
 * Whatever else differs is a mistake.
 */
import t from 'tap';
import { BucketBaseline } from '../../src/baseline/baseline.js';
import type { DetectionConfig } from '../../src/config/config.js';
import { hostKeyFor } from '../../src/detect/event/host.js';
import { ExactBaseline } from '../../src/detect/exact-baseline.js';
import { Counters } from '../../src/observe/counters.js';
import { recommended, sentinel } from '../support/detection.js';
import { isJudgedJpeg, isLookbackJpeg, MovingQuery, naiveQuery } from '../support/naive-query.js';
import { Stream } from '../support/streaming.js';
import { type Row, traffic } from '../support/traffic.js';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 9, 31, 23, 17);
/** `baseline/size-digest.ts`: rank error of one bucket, as a share of its samples. */
const statedError = 0.005;
/** Seconds of computing, on a machine that does other things too. */
const slow = { timeout: 110_000 };
t.setTimeout(slow.timeout);
const detection = { ...sentinel, time: 'event' } as const;

function makeBaseline(settings: DetectionConfig = detection): BucketBaseline {
  return new BucketBaseline({
    ...settings,
    maxHosts: 100_000,
    hostKey: hostKeyFor(settings),
    counters: new Counters(),
    fingerprint: 'test',
    store: null,
  });
}

class Comparison {
  readonly counts = { judged: 0, alerts: 0, same: 0, hostEdge: 0, sizeEdge: 0, sketch: 0 };
  maxRankError = 0;
  readonly mistakes: string[] = [];
  readonly #exact: MovingQuery;
  readonly #byHour: MovingQuery;
  readonly #lookback: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.#exact = new MovingQuery(rows);
    this.#byHour = new MovingQuery(rows);
    this.#lookback = rows.filter(isLookbackJpeg);
  }

  /** @param threshold the detector's, at this event */
  compare(row: Row, alerted: boolean, threshold: number | null): void {
    const exact = this.#exact;
    const byHour = this.#byHour;
    const hourStart = Math.floor(row.timeMs / hour) * hour;
    exact.moveTo(row.timeMs - 7 * day, row.timeMs - day);
    byHour.moveTo(hourStart - 7 * day, hourStart - day - 1);
    this.counts.judged++;
    if (alerted) this.counts.alerts++;
    this.#checkRank(threshold);

    // What the detector says must follow from its own threshold and the hosts of its own window.
    const isNew = row.host === '' || !byHour.has(row.host);
    const isLarge =
      threshold !== null && row.receivedBytes !== null && row.receivedBytes > threshold;
    if (alerted !== (isNew && isLarge)) this.#mistake(row, 'verdict against its own numbers');

    if (alerted === exact.judge(row)) this.counts.same++;
    else if (isNew !== (row.host === '' || !exact.has(row.host))) this.#hostEdge(row);
    else this.#sizeDifference(row, isLarge);
  }

  /** The detector's threshold against the rank it should have among the sizes of its window. */
  #checkRank(threshold: number | null): void {
    const { sizes } = this.#byHour;
    if ((threshold === null) !== (sizes.length === 0)) {
      this.mistakes.push(`threshold ${threshold} of ${sizes.length} sizes`);
    }
    if (threshold === null) return;
    const wanted = Math.ceil((95 * sizes.length) / 100);
    const upTo = this.#byHour.rankOf(threshold);
    const below = this.#byHour.rankOf(threshold - 1e-6);
    const error = Math.max(0, wanted - upTo, below + 1 - wanted);
    this.maxRankError = Math.max(this.maxRankError, error);
    if (error > Math.max(1, statedError * sizes.length)) {
      this.mistakes.push(`threshold ${threshold}: ${error} ranks off, of ${sizes.length}`);
    }
  }

  #hostEdge(row: Row): void {
    this.counts.hostEdge++;
    const inEdge = this.#edgeRows(row).some(({ host }) => host === row.host);
    if (!inEdge) this.#mistake(row, 'host differs, but was not seen in an edge hour');
  }

  #sizeDifference(row: Row, isLarge: boolean): void {
    const bytes = row.receivedBytes!;
    const isLargeAt = (threshold: number | null) => threshold !== null && bytes > threshold;
    if (isLarge !== isLargeAt(this.#byHour.threshold())) {
      // Its rank has been checked, and that is all that parts the two thresholds.
      this.counts.sketch++;
      return;
    }
    this.counts.sizeEdge++;
    const edge = this.#edgeRows(row).filter(({ receivedBytes }) => receivedBytes !== null);
    const moved = Math.abs(this.#exact.sizes.length - this.#byHour.sizes.length);
    if (edge.length === 0 || moved > edge.length) {
      this.#mistake(row, 'threshold differs, but no edge hour holds a size');
    }
    const lower = Math.min(this.#exact.threshold() ?? bytes, this.#byHour.threshold() ?? bytes);
    const upper = Math.max(this.#exact.threshold() ?? bytes, this.#byHour.threshold() ?? bytes);
    const ranks = this.#exact.rankOf(upper) - this.#exact.rankOf(lower);
    if (ranks > edge.length) this.#mistake(row, `thresholds ${ranks} ranks apart`);
  }

  /** Observations in the two hours that hold the ends of the query's window. */
  #edgeRows({ timeMs }: Row): readonly Row[] {
    const hourStart = Math.floor(timeMs / hour) * hour;
    return [7 * day, day].flatMap((age) => {
      const from = hourStart - age;
      return this.#lookback.filter((row) => row.timeMs >= from && row.timeMs <= timeMs - age);
    });
  }

  #mistake(row: Row, what: string): void {
    this.mistakes.push(`${new Date(row.timeMs).toISOString()} ${row.url}: ${what}`);
  }
}

function compareOver(rows: readonly Row[]): Comparison {
  const baseline = makeBaseline();
  const stream = new Stream(detection, baseline);
  const comparison = new Comparison(rows);
  for (const row of rows) {
    const judged = isJudgedJpeg(row);
    const { bytes } = baseline.threshold(Math.floor(row.timeMs / hour));
    const verdict = stream.judge(row);
    if (verdict.jpeg !== judged) throw new Error(`not the same JPEGs: ${JSON.stringify(row)}`);
    if (judged) comparison.compare(row, verdict.alert !== null, bytes);
  }
  return comparison;
}

for (const seed of [1, 2, 3]) {
  t.test(
    `seed ${seed}: quiet hours differ from the query at bucket edges only`,
    slow,
    async (t) => {
      const rows = traffic({ seed, startMs: start, hours: 16 * 24, eventsPerHour: 60 });
      const { counts, maxRankError, mistakes } = compareOver(rows);
      t.comment(JSON.stringify({ rows: rows.length, ...counts, maxRankError }));
      t.strictSame(mistakes.slice(0, 5), []);
      t.equal(counts.sketch, 0);
      t.equal(maxRankError, 0, 'up to 4096 sizes an hour are held exactly');
      t.ok(
        counts.alerts > 100 && counts.hostEdge + counts.sizeEdge > 0,
        'there was what to compare',
      );
      t.ok(counts.same > 0.995 * counts.judged, 'differences are rare');
    },
  );
}

t.test('hours of many thousands differ by the stated error of the sketch', slow, async (t) => {
  const burst = { everyHours: 53, events: 18_000 };
  const rows = traffic({ seed: 4, startMs: start, hours: 9 * 24, eventsPerHour: 20, burst });
  const { counts, maxRankError, mistakes } = compareOver(rows);
  t.comment(JSON.stringify({ rows: rows.length, ...counts, maxRankError }));
  t.strictSame(mistakes.slice(0, 5), []);
  t.ok(maxRankError > 0, 'the sketch was put to the test');
  t.ok(counts.same > 0.99 * counts.judged, 'differences are rare');
});

t.test(
  'kept in buckets or kept whole, quiet hours give the same alerts, word for word',
  async (t) => {
    const rows = traffic({ seed: 8, startMs: start, hours: 15 * 24, eventsPerHour: 30 });
    for (const preset of [sentinel, { ...recommended, minimumBytes: 50_000 }]) {
      const settings = { ...preset, time: 'event' } as const;
      const exact = new ExactBaseline(settings, hostKeyFor(settings));
      const inBuckets = new Stream(settings, makeBaseline(settings));
      const whole = new Stream(settings, exact);
      const states = new Set<string>();
      for (const row of rows) {
        const expected = whole.judge(row).alert;
        const found = inBuckets.judge(row).alert;
        if (expected !== null) states.add(expected.host_state);
        if (JSON.stringify(found) !== JSON.stringify(expected)) t.strictSame(found, expected);
      }
      t.ok(states.has('never_seen') && states.has('pending'), [...states].join());
    }
  },
);

t.test('the moving evaluator of this test is the query run anew at each moment', async (t) => {
  const rows = traffic({ seed: 6, startMs: start, hours: 9 * 24, eventsPerHour: 10, stepMs: hour });
  const moving = new MovingQuery(rows);
  for (const row of rows.filter((_, i) => i % 25 === 0)) {
    const { threshold, samples, alerts } = naiveQuery(rows, row.timeMs);
    moving.moveTo(row.timeMs - 7 * day, row.timeMs - day);
    t.equal(moving.threshold(), threshold);
    t.equal(moving.sizes.length, samples);
    const judged = isJudgedJpeg(row) && moving.judge(row);
    t.equal(judged, alerts.includes(row));
  }
});
