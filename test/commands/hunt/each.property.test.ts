/** `hunt` without `--now` against the sidecar's own detector, fed in order of time, percentiles exact. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { hostKeyFor } from '../../../src/detect/event/host.js';
import { ExactBaseline } from '../../../src/detect/exact-baseline.js';
import { recommended, sentinel } from '../../support/detection.js';
import { Stream } from '../../support/streaming.js';
import { cefLine, randomFrom, traffic } from '../../support/traffic.js';
import { huntJson } from './hunting.js';

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 10, 5, 43);

t.test('hunt says of old logs what the sidecar would have said', async (t) => {
  const directory = t.testdir({});
  let alerts = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.constantFrom('sentinel', 'recommended'), async (seed, preset) => {
      const rows = traffic({ seed, startMs: start, hours: 220, eventsPerHour: 6 });
      // The preset's 256 KiB would leave nothing of so little traffic to compare.
      // hunt holds no repeats back.
      const noRepeats = { ...recommended.suppress, by: [] };
      const ofRecommended = { ...recommended, minimumBytes: 50_000, suppress: noRepeats };
      const settings = preset === 'sentinel' ? sentinel : ofRecommended;
      const detection = { ...settings, time: 'event' } as const;
      const stream = new Stream(detection, new ExactBaseline(detection, hostKeyFor(detection)));
      const wanted = rows.flatMap((row) => stream.judge(row).alert ?? []);

      const random = randomFrom(seed);
      const keyed = rows.map((row, at) => ({ key: random(), at, line: cefLine(row) }));
      // Out of order, but equal times stay as they were: there, the order of lines is all there is.
      keyed.sort((a, b) => a.key - b.key);
      const byTime = new Map<number, number[]>();
      for (const { at } of keyed) {
        const { timeMs } = rows[at]!;
        byTime.set(
          timeMs,
          [...(byTime.get(timeMs) ?? []), at].sort((a, b) => a - b),
        );
      }
      const lines = keyed.map(({ at }) => cefLine(rows[byTime.get(rows[at]!.timeMs)!.shift()!]!));
      const path = join(directory, 'a.log');
      writeFileSync(path, lines.join('\n'));

      const yaml = `{ detection: { preset: ${preset}${
        preset === 'sentinel' ? '' : ', minimum_bytes: 50000B'
      } } }`;
      const { records } = await huntJson([path], { yaml, wallMs: start + 900 * hour });
      alerts += wanted.length;
      t.strictSame(
        records.map(({ alert }) => alert),
        JSON.parse(JSON.stringify(wanted)),
      );
      if (!t.passing()) throw new Error('differs');
    }),
    { numRuns: 20 },
  );
  t.ok(alerts > 20, `${alerts} alerts compared`);
});
