import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { learn } from '../../src/commands/learn.js';
import { loadConfig } from '../../src/config/load.js';
import { compileExclusions } from '../../src/detect/exclusions/exclusions.js';
import { Counters } from '../../src/observe/counters.js';
import { makeBaselines, openBaselines } from '../../src/pipeline/open-detection.js';
import { cefLine, type Row, traffic } from '../support/traffic.js';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 24, 12, 30);
const currentHour = Math.floor(now / hour);

function row(timeMs: number, bytes: number | null, host: string): Row {
  const url = `http://${host}/a.jpg`;
  return { timeMs, fileType: 'Jpeg Files', url, receivedBytes: bytes, host, user: 'alice' };
}

/** 200 JPEGs in four hours, as each bucket is a file to be synced. */
const history = Array.from({ length: 200 }, (_, i) =>
  row(now - 30 * hour - (i % 4) * hour, (i + 1) * 1000, 'known.example'),
);

/** A directory with logs and a baseline of its own. */
function setUp(directory: string, detection = '{ preset: sentinel }', exclusions = '[]') {
  const yaml = `{ detection: ${detection}, exclusions: ${exclusions},
    baseline: { path: ${JSON.stringify(join(directory, 'baseline'))}, max_hosts: 10000 } }`;
  const config = loadConfig({ text: yaml, env: {} });
  const compiled = compileExclusions(config.exclusions).exclusions;
  return {
    async learn(files: readonly string[], { replace = false, nowMs = now } = {}) {
      const stdout = new PassThrough();
      const stderr = new PassThrough();
      const printed = Promise.all([text(stdout), text(stderr)]);
      const code = await learn({
        config,
        exclusions: compiled,
        files: files.map((file) => join(directory, file)),
        replace,
        nowMs,
        stdout,
        stderr,
      });
      stdout.end();
      stderr.end();
      const [out, errors] = await printed;
      return { code, out, errors };
    },
    /** The clock and the hours of downloads that `run` would start with. */
    async opened() {
      const { baselines, clock } = await openBaselines(config, now, new Counters());
      const hours: number[] = [];
      for (let hour = currentHour - 2000; hour < currentHour + 2000; hour++) {
        if (baselines.download!.hasBucket(hour)) hours.push(hour);
      }
      return { baseline: baselines.download!, hours, clock };
    },
    /** What is on disk. */
    async held() {
      const baseline = makeBaselines(config, new Counters()).download!;
      await baseline.open(currentHour);
      return baseline;
    },
  };
}

function log(rows: readonly Row[]): string {
  return rows.map((r) => `${cefLine(r)}\n`).join('');
}

t.test('old logs fill the baseline, in any order, and the first day can alert', async (t) => {
  const { learn: learnFrom, held } = setUp(t.testdir({ 'a.log': log(history.toReversed()) }));
  const { code, out, errors } = await learnFrom(['a.log']);
  t.equal(code, 0);
  t.equal(errors, '');
  t.match(out, /^learned 200 JPEG events of 4 hours into .*baseline$/m);
  t.match(out, /^read 200 lines, 200 JPEG events with a time among them$/m);
  t.match(out, /^the baseline is ready: 200 JPEGs in 4 hours of the lookback$/m);
  const baseline = await held();
  t.match(baseline.threshold(currentHour), { bytes: 190_000, samples: 200, hours: 4 });
  t.equal(baseline.hostState('known.example', currentHour), 'known');
});

t.test('the same log twice teaches once: hours already held are kept, and said so', async (t) => {
  const { learn: learnFrom, held } = setUp(t.testdir({ 'a.log': log(history) }));
  await learnFrom(['a.log']);
  const first = (await held()).threshold(currentHour);
  const { code, out } = await learnFrom(['a.log']);
  t.equal(code, 0);
  t.match(out, /^learned 0 JPEG events of 0 hours/m);
  t.match(out, /^4 hours kept as the baseline already held them \(--replace/m);
  t.strictSame((await held()).threshold(currentHour), first);
});

t.test('only hours that are not held yet are learned', async (t) => {
  const more = [...history, row(now - 140 * hour, 5, 'older.example')];
  const { learn: learnFrom, held } = setUp(
    t.testdir({ 'a.log': log(history), 'b.log': log(more) }),
  );
  await learnFrom(['a.log']);
  t.match((await learnFrom(['b.log'])).out, /^learned 1 JPEG events of 1 hours/m);
  const baseline = await held();
  t.match(baseline.threshold(currentHour), { samples: 201, hours: 5 });
  t.equal(baseline.hostState('older.example', currentHour), 'known');
});

t.test('--replace learns hours anew, others stay', async (t) => {
  const better = history
    .filter((r) => r.timeMs >= now - 31 * hour)
    .map((r) => row(r.timeMs, 7, 'better.example'));
  const hours = new Set(better.map((r) => r.timeMs)).size;
  const { learn: learnFrom, held } = setUp(
    t.testdir({ 'a.log': log(history), 'b.log': log(better.slice(0, hours)) }),
  );
  await learnFrom(['a.log']);
  const { out } = await learnFrom(['b.log'], { replace: true });
  t.match(out, new RegExp(`^${hours} hours learned anew$`, 'm'));
  const baseline = await held();
  t.equal(baseline.hostState('better.example', currentHour), 'known');
  t.equal(baseline.hostState('known.example', currentHour), 'known', 'from the other hours');
  t.equal(baseline.threshold(currentHour).samples, 200 - better.length + hours);
});

t.test('logs wholly outside the lookback are an error that says both spans', async (t) => {
  const old = history.map((r) => row(r.timeMs - 30 * 24 * hour, r.receivedBytes, r.host));
  const future = history.map((r) => row(r.timeMs + 30 * 24 * hour, r.receivedBytes, r.host));
  const { learn: learnFrom, held } = setUp(
    t.testdir({ 'old.log': log(old), 'future.log': log(future) }),
  );
  await t.rejects(learnFrom(['old.log']), {
    code: 'NOTHING_TO_LEARN',
    exitCode: 65,
    message:
      'the logs lie wholly outside the lookback: their JPEG events cover ' +
      '2026-10-24T03:30:00.000Z to 2026-10-24T06:30:00.000Z, ' +
      'wanted is 2026-11-17T12:00:00.000Z to 2026-11-24T12:30:00.000Z',
    hint: /lookback/,
  });
  await t.rejects(learnFrom(['future.log']), { code: 'NOTHING_TO_LEARN', message: /2026-12-23/ });
  t.equal((await held()).threshold(currentHour).hours, 0, 'nothing was written');
});

t.test('logs without JPEGs, without times or all excluded say so', async (t) => {
  const plain = [row(now - 30 * hour, 5, 'h')].map((r) => ({
    ...r,
    url: 'http://h/',
    fileType: '',
  }));
  const timeless = log(history).replaceAll(/rt=\d+ /g, '');
  const { learn: learnFrom } = setUp(
    t.testdir({ 'plain.log': log(plain), 'timeless.log': timeless, 'empty.log': '' }),
  );
  for (const [file, hint] of [
    ['plain.log', /1 events that are no JPEGs/],
    ['timeless.log', /200 events without a time/],
    ['empty.log', /0 lines that are not CEF/],
  ] as const) {
    await t.rejects(learnFrom([file]), { code: 'NOTHING_TO_LEARN', message: /no JPEG/, hint });
  }
  const excluding = setUp(
    t.testdir({ 'a.log': log(history) }),
    '{}',
    '[{ name: x, reason: r, match: { dhost: known.example } }]',
  );
  await t.rejects(excluding.learn(['a.log']), {
    code: 'NOTHING_TO_LEARN',
    message: /may be learned/,
    hint: /200 are excluded/,
  });
});

t.test('what does not belong into the baseline is left out and counted', async (t) => {
  const rows = [
    ...history,
    row(now - 200 * hour, 1, 'ancient.example'),
    row(now + 10 * hour, 1, 'future.example'),
    { ...row(now - 30 * hour, 1, 'case.example'), fileType: 'JPEG FILES', url: 'http://h/x' },
    row(now - 2 * hour, 1, 'today.example'),
  ];
  const { learn: learnFrom, held } = setUp(t.testdir({ 'a.log': `${log(rows)}garbage\n` }));
  const { out } = await learnFrom(['a.log']);
  t.match(out, /^learned 201 JPEG events/m);
  t.match(out, /^1 JPEG events left out: older than the lookback$/m);
  t.match(out, /^1 JPEG events left out: in the future$/m);
  t.match(out, /^1 JPEG events left out: excluded, skipped, or not counted by the lookback$/m);
  t.match(out, /^1 lines left out: not CEF$/m);
  t.match(out, /^1 of the JPEG events are younger than 24 hours: they count later$/m);
  const baseline = await held();
  for (const host of ['ancient.example', 'future.example', 'case.example']) {
    t.equal(baseline.hostState(host, currentHour), 'never_seen', host);
  }
  t.equal(baseline.hostState('today.example', currentHour), 'pending');
});

t.test('two baselines that learned the same log agree to the last digit', async (t) => {
  const rows = traffic({
    seed: 7,
    startMs: now - 40 * hour,
    hours: 12,
    eventsPerHour: 30,
    burst: { everyHours: 6, events: 9000 },
  });
  const one = setUp(t.testdir({ one: { 'a.log': log(rows) } }).concat('/one'));
  await one.learn(['a.log']);
  const first = (await one.held()).threshold(currentHour);
  const other = setUp(t.testdir({ two: { 'a.log': log(rows) } }).concat('/two'));
  await other.learn(['a.log']);
  t.strictSame((await other.held()).threshold(currentHour), first);
  t.ok(first.samples > 10_000, `${first.samples} samples`);
});

/** `time: event`, and logs of a month ago. */
const byEvents = '{ preset: sentinel, time: event }';
const monthAgo = history.map((r) => ({ ...r, timeMs: r.timeMs - 30 * 24 * hour }));
const monthAgoMs = now - (30 * 24 + 30) * hour;
const hoursOf = (rows: readonly Row[]) =>
  [...new Set(rows.map(({ timeMs }) => Math.floor(timeMs / hour)))].sort((a, b) => a - b);

t.test('time: event: logs of last month fill a baseline of last month', async (t) => {
  const { learn: learnFrom, opened } = setUp(t.testdir({ 'a.log': log(monthAgo) }), byEvents);
  const { out } = await learnFrom(['a.log']);
  t.match(out, /^learned 200 JPEG events of 4 hours/m);
  t.match(out, /^200 of the JPEG events are younger than 24 hours: they count later$/m);
  const { hours, clock } = await opened();
  t.strictSame(hours, hoursOf(monthAgo));
  t.strictSame(clock.reading, { ms: monthAgoMs, timedReceiptMs: 0 }, 'to the millisecond');
});

t.test('time: event: a baseline of last month stays, and what it lacks is added', async (t) => {
  const older = [row(monthAgoMs - 150 * hour, 5, 'older.example')];
  const { learn: learnFrom, opened } = setUp(
    t.testdir({ 'a.log': log(monthAgo), 'b.log': log(older) }),
    byEvents,
  );
  await learnFrom(['a.log']);
  t.match((await learnFrom(['b.log'])).out, /^learned 1 JPEG events of 1 hours/m);
  const { hours, clock, baseline } = await opened();
  t.strictSame(hours, [...hoursOf(older), ...hoursOf(monthAgo)], 'none was deleted');
  t.equal(clock.reading.ms, monthAgoMs, 'older events do not set the clock back');
  t.equal(baseline.hostState('older.example', Math.floor(monthAgoMs / hour)), 'known');
});

t.test('time: event: newer logs move the clock, and what leaves the lookback goes', async (t) => {
  const newer = [
    row(monthAgoMs + 160 * hour, 5, 'newer.example'),
    row(now + 365 * 24 * hour, 5, 'future.example'),
  ];
  const { learn: learnFrom, opened } = setUp(
    t.testdir({ 'a.log': log(monthAgo), 'b.log': log(newer), 'c.log': log(history) }),
    byEvents,
  );
  await learnFrom(['a.log']);
  const { out } = await learnFrom(['b.log']);
  t.match(out, /^learned 1 JPEG events of 1 hours/m);
  t.match(out, /^1 JPEG events left out: in the future$/m);
  t.match(out, /^the baseline is ready: 200 JPEGs in 4 hours of the lookback$/m);
  const both = await opened();
  t.equal(both.hours.length, 5);
  t.equal(both.clock.reading.ms, monthAgoMs + 160 * hour, 'not by the event of the future');
  await learnFrom(['c.log']);
  const { hours, clock } = await opened();
  t.strictSame(hours, hoursOf(history));
  t.equal(clock.reading.ms, now - 30 * hour);
});

t.test('time: event: the lookback is that of the clock that was kept', async (t) => {
  const { learn: learnFrom, opened } = setUp(t.testdir({ 'a.log': log(monthAgo) }), byEvents);
  const keptMs = monthAgoMs + (7 * 24 - 1) * hour;
  const { clock } = await opened();
  await clock.file!.save({ ms: keptMs, timedReceiptMs: now - hour });
  const { out } = await learnFrom(['a.log']);
  t.match(out, /^learned 100 JPEG events of 2 hours/m);
  t.match(out, /^100 JPEG events left out: older than the lookback$/m);
  t.strictSame((await opened()).clock.reading, { ms: keptMs, timedReceiptMs: now - hour });
});

t.test('time: event: logs older than the lookback of the baseline are an error', async (t) => {
  const { learn: learnFrom, opened } = setUp(
    t.testdir({ 'a.log': log(history), 'b.log': log(monthAgo) }),
    byEvents,
  );
  await learnFrom(['a.log']);
  const before = await opened();
  await t.rejects(learnFrom(['b.log']), {
    code: 'NOTHING_TO_LEARN',
    message:
      'the logs lie wholly outside the lookback: their JPEG events cover ' +
      '2026-10-24T03:30:00.000Z to 2026-10-24T06:30:00.000Z, ' +
      'wanted is 2026-11-16T06:00:00.000Z to 2026-11-24T12:30:00.000Z',
    hint: /baseline\.path/,
  });
  const after = await opened();
  t.strictSame(after.hours, before.hours);
  t.strictSame(after.clock.reading, before.clock.reading);
});
