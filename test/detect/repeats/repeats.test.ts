import t from 'tap';
import type { DetectionConfig } from '../../../src/config/config.js';
import type { RepeatFacts } from '../../../src/detect/repeats/repeat-key.js';
import { Repeats } from '../../../src/detect/repeats/repeats.js';
import { Counters } from '../../../src/observe/counters.js';
import type { RaisedAlert } from '../../../src/stages.js';

const day = 86_400_000;
const hour = 3_600_000;
const start = Date.UTC(2026, 10, 24, 10, 15);

const facts: RepeatFacts = {
  direction: 'download',
  host: 'evil.example',
  feed: 'Zscaler NSSWeblog',
  account: 'alice',
  filename: 'a.jpg',
};

function repeatsOf(suppress: Partial<DetectionConfig['suppress']> = {}): {
  readonly repeats: Repeats;
  readonly counters: Counters;
} {
  const counters = new Counters();
  const all = { by: ['host'] as const, windowMs: day, maxAlerts: 50_000, ...suppress };
  return { repeats: new Repeats({ suppress: all, counters }), counters };
}

function saved(repeats: Repeats): RaisedAlert[] {
  return [...repeats.snapshot()].flat();
}

t.test('the first is raised, the rest of its window are repeats and are counted', async (t) => {
  const { repeats } = repeatsOf();
  t.equal(repeats.check('a', start), null);
  t.strictSame(repeats.check('a', start + 1), { count: 1, firstMs: start });
  t.strictSame(repeats.check('a', start + day - 1), { count: 2, firstMs: start });
  t.equal(repeats.check('b', start + 2), null, 'another key has its own window');
});

t.test('the window begins with the alert raised and does not move with its repeats', async (t) => {
  const { repeats } = repeatsOf();
  repeats.check('a', start);
  for (let i = 1; i < 24; i++) t.not(repeats.check('a', start + i * hour), null);
  t.equal(repeats.check('a', start + day), null, 'the window has ended');
  t.strictSame(repeats.check('a', start + day + 1), { count: 1, firstMs: start + day });
});

t.test('a late event is a repeat up to one window before the alert, not further', async (t) => {
  const { repeats } = repeatsOf();
  repeats.check('a', start);
  t.strictSame(repeats.check('a', start - day + 1), { count: 1, firstMs: start });
  t.equal(repeats.check('a', start - day), null, 'the clock was wrong when it was raised');
  t.strictSame(repeats.check('a', start - day + 1), { count: 1, firstMs: start - day });
});

t.test('peek says what check would, as often as it is asked', async (t) => {
  const { repeats } = repeatsOf();
  t.equal(repeats.peek('a', start), null);
  t.equal(repeats.peek('a', start), null);
  t.equal(repeats.version, 0);
  repeats.check('a', start);
  const { version } = repeats;
  t.strictSame(repeats.peek('a', start + 1), { count: 1, firstMs: start });
  t.strictSame(repeats.peek('a', start + 1), { count: 1, firstMs: start });
  t.equal(repeats.peek('a', start + day), null);
  t.equal(repeats.version, version);
  t.strictSame(repeats.check('a', start + 1), { count: 1, firstMs: start });
  t.ok(repeats.version > version, 'a counted repeat is a change');
});

t.test('beyond max_alerts the alert raised longest ago is forgotten, and counted', async (t) => {
  const { repeats, counters } = repeatsOf({ maxAlerts: 3 });
  for (const [i, key] of ['a', 'b', 'c'].entries()) repeats.check(key, start + i);
  t.not(repeats.check('a', start + 10), null, 'its repeat does not make it newer');
  repeats.check('d', start + 20);
  t.equal(repeats.size, 3);
  t.equal(counters.repeat_evictions, 1);
  t.strictSame(
    saved(repeats).map(({ key }) => key),
    ['b', 'c', 'd'],
  );
  t.equal(repeats.check('a', start + 30), null, 'raised again');
});

t.test('alerts whose window has ended make room without being counted', async (t) => {
  const { repeats, counters } = repeatsOf({ maxAlerts: 100, windowMs: hour });
  for (let i = 0; i < 100; i++) repeats.check(`old ${i}`, start);
  for (let i = 0; i < 60; i++) repeats.check(`new ${i}`, start + hour);
  t.equal(counters.repeat_evictions, 0);
  t.equal(repeats.size, 60, 'two go for each one that comes');
});

t.test('more than one shard forgets the oldest of all, and never holds too many', async (t) => {
  const { repeats, counters } = repeatsOf({ maxAlerts: 40_000 });
  for (let i = 0; i < 41_000; i++) repeats.check(`host ${i}`, start + i);
  t.equal(repeats.size, 40_000);
  t.equal(counters.repeat_evictions, 1000);
  t.equal(repeats.peek('host 999', start + 41_000), null);
  t.not(repeats.peek('host 1000', start + 41_000), null);
  t.ok([...repeats.snapshot()].length > 1, 'a snapshot comes in blocks');
});

t.test('a snapshot restored gives the same answers', async (t) => {
  const { repeats } = repeatsOf();
  const key = repeats.keyOf(facts)!;
  const other = repeats.keyOf({ ...facts, host: '' })!;
  repeats.check(key, start);
  repeats.check(key, start + 1);
  repeats.check(other, start + 2);
  const next = repeatsOf().repeats;
  next.restore(saved(repeats), start + hour);
  t.equal(next.version, 0, 'what is on disk already need not be saved');
  t.strictSame(saved(next), saved(repeats));
  t.strictSame(next.check(key, start + hour), { count: 2, firstMs: start });
  t.equal(next.check(other, start + 2 + day), null);
});

t.test('what was raised in the future counts as raised now', async (t) => {
  const { repeats } = repeatsOf();
  const key = repeats.keyOf(facts)!;
  repeats.restore([{ key, atMs: start + 365 * day, repeats: 7 }], start);
  t.ok(repeats.version > 0, 'and is saved so');
  t.strictSame(repeats.check(key, start + 1), { count: 8, firstMs: start });
  t.equal(repeats.check(key, start + day), null);
});

t.test('another suppress.by begins anew', async (t) => {
  const byHost = repeatsOf().repeats;
  byHost.check(byHost.keyOf(facts)!, start);
  for (const by of [['user'], ['host', 'user'], []] as const) {
    const { repeats } = repeatsOf({ by });
    repeats.restore(saved(byHost), start);
    t.equal(repeats.size, 0, by.join());
    t.ok(repeats.version > 0, 'and the file is to be written');
  }
});

t.test('fewer are restored than were saved if max_alerts is lower: the newest', async (t) => {
  const { repeats } = repeatsOf({ maxAlerts: 40_000 });
  for (let i = 0; i < 30_000; i++) {
    repeats.check(repeats.keyOf({ ...facts, host: `h${i}` })!, start + i);
  }
  const few = repeatsOf({ maxAlerts: 10 }).repeats;
  few.restore(saved(repeats), start + hour);
  t.strictSame(
    saved(few).map(({ atMs }) => atMs - start),
    [29_990, 29_991, 29_992, 29_993, 29_994, 29_995, 29_996, 29_997, 29_998, 29_999],
  );
});

t.test('alert_suppressed says of which alert it is a repeat, and for how long', async (t) => {
  const { repeats } = repeatsOf();
  const key = repeats.keyOf(facts)!;
  repeats.check(key, start);
  t.strictSame(repeats.suppressedBy(key, repeats.check(key, start + hour)!), {
    by: 'repeat',
    name: 'host evil.example',
    reason:
      'repeat of the alert of 2026-11-24 10:15 UTC; alerts of one host are held back for 24 hours',
    count: 1,
    first: '2026-11-24T10:15:00.000Z',
  });
});

t.test('the window in words is exact', async (t) => {
  for (const [windowMs, words] of [
    [1000, '1 second'],
    [1500, '1.5 seconds'],
    [90 * 60_000, '90 minutes'],
    [hour, '1 hour'],
    [7 * day, '168 hours'],
  ] as const) {
    const { repeats } = repeatsOf({ windowMs });
    const { reason } = repeats.suppressedBy(repeats.keyOf(facts)!, { count: 1, firstMs: start });
    t.ok(reason!.endsWith(`for ${words}`), reason!);
  }
});
