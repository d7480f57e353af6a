/** What a restart leaves of a verdict: all of it. Weeks of traffic with the baseline on disk. */
import t from 'tap';
import { BucketBaseline } from '../../src/baseline/baseline.js';
import { BucketStore } from '../../src/baseline/bucket-store.js';
import { hostKeyFor } from '../../src/detect/event/host.js';
import { Counters } from '../../src/observe/counters.js';
import { sentinel } from '../support/detection.js';
import { Stream } from '../support/streaming.js';
import { type Row, traffic } from '../support/traffic.js';

const hour = 3_600_000;
const start = Date.UTC(2026, 9, 31, 23, 17);
const detection = { ...sentinel, time: 'event' } as const;
// Hundreds of files are synced, on a machine that does other things too.
t.setTimeout(110_000);

function makeBaseline(store: BucketStore | null = null): BucketBaseline {
  return new BucketBaseline({
    ...detection,
    maxHosts: 10_000,
    hostKey: hostKeyFor(detection),
    counters: new Counters(),
    fingerprint: 'test',
    store,
  });
}

t.test('restart, replay and a second run: the same to the last digit', async (t) => {
  const burst = { everyHours: 40, events: 6000 };
  const rows = traffic({ seed: 5, startMs: start, hours: 9 * 24, eventsPerHour: 30, burst });
  const verdictOf = (stream: Stream, row: Row) => JSON.stringify(stream.judge(row).alert);

  const once = new Stream(detection, makeBaseline());
  const expected = rows.map((row) => verdictOf(once, row));
  t.ok(expected.filter((alert) => alert !== 'null').length > 100);

  const again = new Stream(detection, makeBaseline());
  t.ok(
    rows.every((row, i) => verdictOf(again, row) === expected[i]),
    'a second run',
  );

  const path = t.testdir({});
  let restarts = 0;
  let baseline = makeBaseline(new BucketStore({ path, direction: 'download' }));
  await baseline.open(Math.floor(start / hour));
  let stream = new Stream(detection, baseline);
  const differing: string[] = [];
  for (const [i, row] of rows.entries()) {
    if (i % 7001 === 7000) {
      // What a checkpoint has written is all that the next process knows.
      await baseline.checkpoint();
      baseline = makeBaseline(new BucketStore({ path, direction: 'download' }));
      await baseline.open(Math.floor(row.timeMs / hour));
      stream = new Stream(detection, baseline);
      restarts++;
    }
    if (verdictOf(stream, row) !== expected[i]) differing.push(row.url);
  }
  t.ok(restarts > 4, `${restarts} restarts`);
  t.strictSame(differing, []);
});
