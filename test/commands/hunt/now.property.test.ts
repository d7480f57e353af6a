/**
 * `hunt --now` with preset `sentinel` against the query evaluated naively, without any tolerance: over
 * many seeds, percentiles and moments, with events exactly on the boundaries, in files out of order.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { naiveQuery } from '../../support/naive-query.js';
import { cefLine, type Row, randomFrom, traffic } from '../../support/traffic.js';
import { huntJson } from './hunting.js';

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.UTC(2026, 10, 24, 12, 34, 56, 789);

interface Case {
  readonly seed: number;
  readonly percentile: number;
  readonly hours: number;
  readonly stepMs: number;
  readonly stepBytes: number;
}

t.test('the verdicts are those of the query, no more, no less, no other numbers', async (t) => {
  let alerts = 0;
  let empty = 0;
  const directory = t.testdir({});
  await fc.assert(
    fc.asyncProperty(
      fc.record<Case>({
        seed: fc.nat(),
        percentile: fc.constantFrom(1, 50, 90, 95, 99, 99.9),
        hours: fc.constantFrom(20, 30, 170, 200),
        stepMs: fc.constantFrom(1, 60_000, hour),
        stepBytes: fc.constantFrom(1, 20_000),
      }),
      async (given) => {
        const rows = rowsOf(given);
        const files = writeShuffled(directory, rows, given.seed);
        const expected = naiveQuery(rows, now, given.percentile);
        const { records, summary } = await huntJson(files, {
          nowMs: now,
          yaml: `{ detection: { preset: sentinel, percentile: ${given.percentile} } }`,
        });
        const found = records.map(({ alert, rt }) => [
          Number(rt),
          alert.url,
          alert.bytes,
          alert.host,
          alert.threshold_bytes,
          alert.samples,
        ]);
        const wanted = expected.alerts.map((row) => [
          row.timeMs,
          row.url,
          row.receivedBytes,
          row.host,
          expected.threshold,
          expected.samples,
        ]);
        t.strictSame(found.sort(byText), wanted.sort(byText));
        const shown = expected.threshold?.toLocaleString('en-US') ?? 'none';
        t.match(summary, `threshold     ${shown}`);
        alerts += wanted.length;
        if (expected.threshold === null) empty++;
        if (!t.passing()) throw new Error('differs');
      },
    ),
    { numRuns: 60 },
  );
  t.ok(alerts > 100, `${alerts} alerts compared`);
  t.ok(empty > 0, `${empty} empty lookbacks`);
});

/** Ends a little after `now`; times and sizes on grids, so that many lie exactly on a boundary. */
function rowsOf({ seed, hours, stepMs, stepBytes }: Case): Row[] {
  const startMs = now - (hours - 2) * hour;
  const rows = traffic({
    seed,
    startMs,
    hours,
    eventsPerHour: hours < 50 ? 20 : 4,
    stepMs,
    stepBytes,
  });
  // Less than a day of events has no lookback, and keeps it so.
  const edges =
    hours < 24
      ? [day - 1, 1, 0, -1]
      : [7 * day + 1, 7 * day, 7 * day - 1, day + 1, day, day - 1, 1, 0, -1];
  return [
    ...rows,
    ...edges.map((before, i) => ({
      timeMs: now - before,
      fileType: 'Jpeg Files',
      url: `http://edge${i}.example/e.jpg`,
      receivedBytes: 30_000 + i,
      host: `edge${i % 4}.example`,
      user: 'edge',
    })),
  ];
}

function writeShuffled(directory: string, rows: readonly Row[], seed: number): string[] {
  const random = randomFrom(seed);
  const keyed = rows.map((row) => ({ key: random(), line: cefLine(row, random) }));
  const lines = keyed.sort((a, b) => a.key - b.key).map(({ line }) => `${line}\n`);
  const half = Math.floor(lines.length / 2);
  return [lines.slice(0, half), lines.slice(half)].map((part, i) => {
    const path = join(directory, `${i}.log`);
    writeFileSync(path, part.join(''));
    return path;
  });
}

function byText(a: readonly unknown[], b: readonly unknown[]): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
