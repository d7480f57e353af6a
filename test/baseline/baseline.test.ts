import fc from 'fast-check';
import t from 'tap';
import { holdbackHours, lookbackHours, makeBaseline, now } from './make-baseline.js';
import { exactPercentile } from './number-sequences.js';

const msPerHour = 3_600_000;

t.test('an empty lookback has no threshold: null, not 0 and not NaN', async (t) => {
  const { baseline } = makeBaseline(null);
  const nothing = { bytes: null, samples: 0, hours: 0, fromMs: 0, toMs: 0 };
  t.strictSame(baseline.threshold(now), nothing);
  baseline.learn(now, 1000, 'h');
  t.strictSame(baseline.threshold(now), nothing, 'the newest day does not vouch for itself');
});

t.test('a bucket counts from one hour after the holdback to the end of the lookback', async (t) => {
  const { baseline } = makeBaseline(null);
  baseline.learn(now, 777, 'h');
  for (let hour = now - 2; hour <= now + lookbackHours + 3; hour++) {
    const inside = hour - lookbackHours <= now && now < hour - holdbackHours;
    const threshold = baseline.threshold(hour);
    t.equal(threshold.bytes, inside ? 777 : null, `judged ${hour - now} hours later`);
    t.equal(threshold.hours, inside ? 1 : 0);
    t.equal(baseline.hostState('h', hour) === 'known', inside);
  }
});

t.test('144 hours are in the default window', async (t) => {
  const { baseline } = makeBaseline(null);
  for (let hour = now - 300; hour <= now; hour++) baseline.learn(hour, hour, '');
  const threshold = baseline.threshold(now);
  t.equal(threshold.hours, 144);
  t.equal(threshold.samples, 144);
  t.equal(threshold.fromMs, (now - 168) * msPerHour);
  t.equal(threshold.toMs, (now - 24) * msPerHour, 'end of the last hour held');
  t.equal(threshold.bytes, now - 168 + 136, 'rank 137 of 144');
});

t.test('bounds are those of the data held, not of the window', async (t) => {
  const { baseline } = makeBaseline(null);
  baseline.learn(now - 100, 1, '');
  baseline.learn(now - 90, 2, '');
  const { hours, fromMs, toMs } = baseline.threshold(now);
  t.strictSame(
    { hours, fromMs, toMs },
    { hours: 2, fromMs: (now - 100) * msPerHour, toMs: (now - 89) * msPerHour },
  );
});

t.test('an observation without a size makes its host known and is no sample', async (t) => {
  const { baseline } = makeBaseline(null);
  for (const bytes of [Number.NaN, Number.POSITIVE_INFINITY]) baseline.learn(now - 50, bytes, 'h');
  const threshold = baseline.threshold(now);
  t.equal(threshold.bytes, null);
  t.equal(threshold.samples, 0);
  t.equal(threshold.hours, 1, 'yet the hour holds an observation');
  t.equal(baseline.hostState('h', now), 'known');
});

t.test('an observation without a host is a sample', async (t) => {
  const { baseline } = makeBaseline(null);
  baseline.learn(now - 50, 5, '');
  t.equal(baseline.threshold(now).bytes, 5);
  t.equal(baseline.stats(now).knownHosts, 0);
});

t.test('0 bytes are a size', async (t) => {
  const { baseline } = makeBaseline(null);
  baseline.learn(now - 50, 0, 'h');
  t.equal(baseline.threshold(now).bytes, 0);
});

t.test('while buckets are exact the threshold is what sorting gives, at every hour', async (t) => {
  const observation = fc.record({ ago: fc.nat(400), bytes: fc.nat(500) });
  const percents = fc.constantFrom(1, 50_000, 95_000, 99_900, 100_000);
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 80 }), percents, (learned, percentileMilli) => {
      const { baseline } = makeBaseline(null, { percentileMilli });
      for (const { ago, bytes } of learned) baseline.learn(now - ago, bytes, '');
      for (let hour = now - 250; hour < now + 180; hour += 23) {
        const inside = learned.filter(({ ago }) => {
          const h = now - ago;
          return hour - lookbackHours <= h && h < hour - holdbackHours;
        });
        const sizes = inside.map(({ bytes }) => bytes);
        const { bytes, samples } = baseline.threshold(hour);
        t.equal(bytes, exactPercentile(sizes, percentileMilli));
        t.equal(samples, sizes.length);
      }
    }),
    { numRuns: 60 },
  );
});

t.test(
  'judging and learning in turn: what is learned now changes nothing in this hour',
  async (t) => {
    const { baseline } = makeBaseline(null);
    for (let i = 1; i <= 100; i++) baseline.learn(now - 30, i, `h${i}`);
    const before = baseline.threshold(now);
    for (let i = 0; i < 1000; i++) baseline.learn(now, 1e9, 'new');
    t.strictSame(baseline.threshold(now), before);
    t.equal(baseline.hostState('new', now), 'pending');
  },
);

t.test('hours learned out of order give the same as in order', async (t) => {
  const inOrder = makeBaseline(null).baseline;
  const mixed = makeBaseline(null).baseline;
  const hours = Array.from({ length: 150 }, (_, i) => now - 170 + i);
  for (const hour of hours) inOrder.learn(hour, hour % 37, `h${hour % 11}`);
  for (const hour of hours.toSorted((a, b) => (a % 7) - (b % 7))) {
    mixed.learn(hour, hour % 37, `h${hour % 11}`);
    // Judging an hour in between seals nothing that is still to be learned.
    mixed.threshold(now - 400);
  }
  for (let hour = now - 100; hour < now + 100; hour += 9) {
    t.strictSame(mixed.threshold(hour), inOrder.threshold(hour));
    for (let h = 0; h < 11; h++) {
      t.equal(mixed.hostState(`h${h}`, hour), inOrder.hostState(`h${h}`, hour));
    }
  }
});

t.test('an old hour filled after an hour was judged is in its threshold (learn)', async (t) => {
  const { baseline } = makeBaseline(null);
  baseline.learn(now - 50, 10, '');
  t.equal(baseline.threshold(now).bytes, 10);
  baseline.learn(now - 60, 20, '');
  t.equal(baseline.threshold(now).bytes, 20);
});

t.test('a sealed bucket takes nothing more; that is counted', async (t) => {
  const { baseline, counters } = makeBaseline(null);
  baseline.learn(now - 50, 10, 'h');
  baseline.threshold(now);
  baseline.learn(now - 50, 99, 'late');
  t.equal(baseline.threshold(now).bytes, 10);
  t.equal(baseline.hostState('late', now), 'never_seen');
  t.equal(counters.observations_refused, 1);
});

t.test('no hour is sealed that a permitted late event may still be learned into', async (t) => {
  const { baseline, counters } = makeBaseline(null);
  baseline.learn(now - holdbackHours, 1, 'h');
  baseline.threshold(now);
  await baseline.upkeep(now);
  baseline.learn(now - holdbackHours, 2, 'h');
  t.equal(counters.observations_refused, 0);
  t.equal(baseline.threshold(now + 1).samples, 2);
});

t.test('what is no hour, or has left the lookback, is refused and counted', async (t) => {
  const { baseline, counters } = makeBaseline(null);
  await baseline.open(now);
  for (const hour of [Number.NaN, -1, 0.5, now - lookbackHours - 2]) baseline.learn(hour, 1, 'h');
  t.equal(counters.observations_refused, 4);
  baseline.learn(now - lookbackHours - 1, 1, 'h');
  t.equal(counters.observations_refused, 4, 'one hour of margin');
});

t.test('upkeep lets go of what has left the lookback', async (t) => {
  const { baseline } = makeBaseline(null);
  for (let hour = now - 200; hour <= now; hour++) baseline.learn(hour, 1, `h${hour}`);
  await baseline.upkeep(now);
  const { openBuckets, sealedBuckets, knownHosts, pendingHosts } = baseline.stats(now);
  t.equal(openBuckets, holdbackHours + 1);
  t.equal(sealedBuckets, lookbackHours - holdbackHours + 1, 'one of margin');
  t.equal(knownHosts, lookbackHours - holdbackHours);
  t.equal(pendingHosts, holdbackHours + 1 + 1, 'the one of margin is not known any more');
  t.notOk(baseline.hasBucket(now - lookbackHours - 2));
  t.ok(baseline.hasBucket(now - lookbackHours - 1));
});

t.test('hosts that are new in an hour are counted for that hour', async (t) => {
  const { baseline } = makeBaseline(null);
  for (const host of ['a', 'b', 'a', '']) baseline.learn(now, 1, host);
  t.equal(baseline.stats(now).newHosts, 2);
  baseline.learn(now - 1, 1, 'late');
  t.equal(baseline.stats(now).newHosts, 2, 'what comes late is not of this hour');
  t.equal(baseline.stats(now + 1).newHosts, 0);
  for (const host of ['a', 'c']) baseline.learn(now + 1, 1, host);
  t.match([baseline.stats(now + 1), baseline.stats(now)], [{ newHosts: 1 }, { newHosts: 0 }]);
  baseline.learn(now + 10_000, 1, 'of a wrong clock');
  baseline.learn(now + 2, 1, 'd');
  t.equal(baseline.stats(now + 2).newHosts, 1, 'a wrong clock does not stand in the way');
});

t.test('sizes for people are those that the threshold rests on, made once an hour', async (t) => {
  const { baseline } = makeBaseline(null);
  for (const [ago, bytes] of [
    [30, 1024],
    [30, 1500],
    [50, 4096],
    [holdbackHours, 1 << 20],
    [0, 1 << 20],
  ] as const) {
    baseline.learn(now - ago, bytes, 'h');
  }
  const sizes = baseline.sizes(now);
  t.strictSame(
    sizes.filter(([, samples]) => samples > 0),
    [
      [9.5, 1],
      [10.5, 1],
      [11.5, 1],
    ],
  );
  t.equal(baseline.sizes(now), sizes);
  t.not(baseline.sizes(now + 1), sizes);
});

t.test('upkeep again in the same hour seals what was filled since (learn)', async (t) => {
  const { baseline } = makeBaseline(null);
  await baseline.upkeep(now);
  baseline.learn(now - 60, 1, 'h');
  await Promise.all([baseline.upkeep(now), baseline.upkeep(now)]);
  t.equal(baseline.stats(now).sealedBuckets, 1);
});

t.test('hosts that share a key are one source; the first hour is that of the key', async (t) => {
  const { baseline } = makeBaseline(null, {
    hostKey: (host) => host.split('.').slice(-2).join('.'),
  });
  baseline.learn(now - 60, 1, 'a.example.com');
  baseline.learn(now - 30, 1, 'b.example.com');
  t.equal(baseline.hostState('new.example.com', now), 'known');
  t.equal(baseline.firstSeenMs('new.example.com'), (now - 60) * msPerHour);
  t.equal(baseline.hostState('example.org', now), 'never_seen');
  t.equal(baseline.firstSeenMs('example.org'), 0);
  t.equal(baseline.stats(now).knownHosts, 1);
});

t.test('no threshold is computed twice while late events are judged', async (t) => {
  const { baseline } = makeBaseline(null);
  baseline.learn(now - 60, 1, 'h');
  const lateHours = Array.from({ length: 25 }, (_, ago) => now - ago);
  const first = lateHours.map((hour) => baseline.threshold(hour));
  const again = lateHours.map((hour) => baseline.threshold(hour));
  t.ok(again.every((threshold, i) => threshold === first[i]));
});

t.test('the first hour is not one that the lookback has left behind', async (t) => {
  const { baseline } = makeBaseline(null);
  baseline.learn(now - 8 * 24, 1, 'h');
  baseline.learn(now - 3 * 24, 1, 'h');
  t.equal(baseline.hostState('h', now), 'known');
  t.equal(baseline.firstSeenMs('h'), (now - 3 * 24) * msPerHour);
});

t.test('hostile host names are names like any other, and bounded', async (t) => {
  const { baseline } = makeBaseline(null);
  const long = 'x'.repeat(64 * 1024);
  const hosts = ['__proto__', 'constructor', 'toString', 'a\nb', '\u0000', '\ud800', `${long}1`];
  for (const host of hosts) {
    t.equal(baseline.hostState(host, now), 'never_seen');
    baseline.learn(now, 1, host);
  }
  for (const host of hosts) t.equal(baseline.hostState(host, now), 'pending');
  t.equal(baseline.hostState(`${long}2`, now), 'never_seen');
  t.equal(baseline.hostState('hasOwnProperty', now), 'never_seen');
});

t.test('evictions are counted and shown', async (t) => {
  const { baseline } = makeBaseline(null, { maxHosts: 10 });
  for (let i = 0; i < 25; i++) baseline.learn(now, 1, `h${i}`);
  const { hostEvictions, pendingHosts, maxHosts } = baseline.stats(now);
  t.strictSame(
    { hostEvictions, pendingHosts, maxHosts },
    {
      hostEvictions: 15,
      pendingHosts: 10,
      maxHosts: 10,
    },
  );
});

t.test('a second run over the same observations gives the same, to the last digit', async (t) => {
  const run = (): unknown => {
    const { baseline } = makeBaseline(null);
    for (let i = 0; i < 60_000; i++) {
      baseline.learn(now - 40 - (i % 3), Math.exp(((i * 7919) % 10_007) / 1000), `h${i % 500}`);
    }
    return [baseline.threshold(now), baseline.stats(now)];
  };
  t.strictSame(run(), run());
});

t.test('a forgotten hour can be learned anew (learn --replace)', async (t) => {
  const { baseline } = makeBaseline(null);
  baseline.learn(now - 50, 10, 'old');
  baseline.threshold(now);
  t.ok(baseline.hasBucket(now - 50));
  await baseline.forget(now - 50);
  t.notOk(baseline.hasBucket(now - 50));
  t.equal(baseline.threshold(now).bytes, null);
  t.equal(baseline.hostState('old', now), 'never_seen');
  baseline.learn(now - 50, 20, 'new');
  t.equal(baseline.threshold(now).bytes, 20);
  t.equal(baseline.hostState('new', now), 'known');
});

t.test('opened without an hour, events alone tell the time: old ones are taken', async (t) => {
  const path = t.testdir({});
  const monthsAgo = now - 2_000;
  const first = makeBaseline(path);
  await first.baseline.open(null);
  for (let hour = monthsAgo - 30; hour <= monthsAgo; hour++) first.baseline.learn(hour, 100, 'a');
  await first.baseline.upkeep(monthsAgo);
  await first.baseline.checkpoint();
  t.equal(first.counters.observations_refused, 0);

  const again = makeBaseline(path);
  const report = await again.baseline.open(null);
  t.equal(report.newestHour, monthsAgo);
  t.equal(report.expiredFiles, 0, 'nothing is too old for a baseline of its own time');
  t.strictSame(again.baseline.threshold(monthsAgo), first.baseline.threshold(monthsAgo));
  t.equal(again.baseline.hostState('a', monthsAgo), 'known');
});

t.test('a clock that jumps beyond the lookback is believed once it has run on', async (t) => {
  const { baseline } = makeBaseline(null);
  await baseline.open(now);
  const held = () => baseline.hasBucket(now - 30);
  baseline.learn(now - 30, 10, 'h');
  for (const jump of [169, 170, 60_000, 60_001, 169]) {
    await baseline.upkeep(now + jump);
    t.ok(held(), `${jump} hours on`);
  }
  await baseline.upkeep(now);
  await baseline.upkeep(now + 1);
  t.ok(held(), 'it came back');
  t.equal(baseline.hostState('h', now + 1), 'known');
  await baseline.upkeep(now + 300);
  await baseline.upkeep(now + 301);
  t.ok(held());
  await baseline.upkeep(now + 302);
  t.notOk(held(), 'it has run on: the machine had slept');
  baseline.learn(now + 302, 10, 'h');
  await baseline.upkeep(now + 302 + 168);
  t.ok(baseline.hasBucket(now + 302), 'within the lookback there is nothing to doubt');
});
