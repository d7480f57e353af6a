import fc from 'fast-check';
import t from 'tap';
import { ExactBaseline } from '../../src/detect/exact-baseline.js';

const window = { lookbackHours: 168, holdbackHours: 24, percentileMilli: 95_000 };
const H = 500_000;
const msPerHour = 3_600_000;

function baseline(settings = window) {
  return new ExactBaseline(settings, (host) => host.toLowerCase());
}

t.test('an empty lookback has no threshold, not zero', async (t) => {
  const b = baseline();
  const none = { bytes: null, samples: 0, hours: 0, fromMs: 0, toMs: 0 };
  t.strictSame(b.threshold(H), none);
  b.learn(H, 5, 'h');
  t.strictSame(b.threshold(H), none, 'the newest day does not vouch for itself');
});

t.test('bucket h is in the lookback iff H - lookback <= h < H - holdback', async (t) => {
  for (const [h, within] of [
    [H - 169, false],
    [H - 168, true],
    [H - 25, true],
    [H - 24, false],
    [H, false],
  ] as const) {
    const b = baseline();
    t.equal(b.threshold(H).bytes, null);
    b.learn(h, 7, 'Host');
    t.equal(b.threshold(H).bytes, within ? 7 : null, `${h - H}`);
    const stateOfNewer = h >= H - 24 ? 'pending' : 'never_seen';
    t.equal(b.hostState('hoST', H), within ? 'known' : stateOfNewer);
    t.equal(b.firstSeenMs('HOST'), h >= H - 168 ? h * msPerHour : 0);
  }
});

t.test('hosts of JPEGs without a size are known, sizes without a host count', async (t) => {
  const b = baseline();
  b.learn(H - 30, Number.NaN, 'h');
  b.learn(H - 40, 9, '');
  t.equal(b.hostState('h', H), 'known');
  t.strictSame(b.threshold(H), {
    bytes: 9,
    samples: 1,
    hours: 2,
    fromMs: (H - 40) * msPerHour,
    toMs: (H - 29) * msPerHour,
  });
  t.equal(b.hostState('other', H), 'never_seen');
  t.equal(b.firstSeenMs('other'), 0);
});

t.test('the first hour is not one that the lookback has left behind', async (t) => {
  const b = baseline();
  b.learn(H - 200, 1, 'h');
  b.learn(H - 3, 1, 'h');
  t.equal(b.hostState('h', H), 'pending');
  t.equal(b.firstSeenMs('h'), (H - 3) * msPerHour);
  t.equal(b.hostState('h', H - 190), 'pending');
  t.equal(b.firstSeenMs('h'), (H - 200) * msPerHour);
});

t.test('a gap in the window matters: known, then pending, then known again', async (t) => {
  const b = baseline();
  b.learn(H, 1, 'h');
  b.learn(H + 200, 1, 'h');
  t.equal(b.hostState('h', H + 25), 'known');
  t.equal(b.hostState('h', H + 168), 'known');
  t.equal(b.hostState('h', H + 200), 'pending');
  t.equal(b.hostState('h', H + 225), 'known');
});

t.test('the threshold is the nearest-rank percentile of a plain sort', async () => {
  const size = fc.oneof(fc.nat(20), fc.nat(), fc.maxSafeNat());
  const observation = fc.record({ hour: fc.integer({ min: H - 168, max: H - 25 }), size });
  const milli = fc.constantFrom(50_000, 90_000, 95_000, 99_000, 99_900, 100_000);
  fc.assert(
    fc.property(fc.array(observation, { minLength: 1, maxLength: 200 }), milli, (list, p) => {
      const b = baseline({ ...window, percentileMilli: p });
      for (const { hour, size } of list) b.learn(hour, size, '');
      const sorted = list.map(({ size }) => size).sort((x, y) => x - y);
      const rank = Number((BigInt(p) * BigInt(list.length) + 99_999n) / 100_000n);
      return b.threshold(H).bytes === sorted[rank - 1];
    }),
    { numRuns: 200 },
  );
});
