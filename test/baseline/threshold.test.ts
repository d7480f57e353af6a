import fc from 'fast-check';
import t from 'tap';
import { type SealedSizes, SizeDigest, seal } from '../../src/baseline/size-digest.js';
import { percentile } from '../../src/baseline/threshold.js';
import { exactPercentile, exactRank, rankError, sequences } from './number-sequences.js';

function sealedOf(values: Iterable<number>): SealedSizes {
  const digest = new SizeDigest();
  for (const value of values) digest.add(value);
  return seal(digest.state());
}

t.test('no bucket, and buckets without samples, have no threshold', async (t) => {
  t.equal(percentile([], 95_000), null);
  t.equal(percentile([sealedOf([]), sealedOf([])], 95_000), null);
  t.equal(percentile([sealedOf([]), sealedOf([7])], 95_000), 7);
});

t.test('over exact buckets it is exactly what sorting all values gives', async (t) => {
  const size = fc.oneof(
    fc.integer({ min: 0, max: 50 }),
    fc.nat(),
    fc.maxSafeNat(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const buckets = fc.array(fc.array(size, { maxLength: 60 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(buckets, fc.integer({ min: 0, max: 100_000 }), (lists, milli) => {
      const exact = exactPercentile(lists.flat(), milli);
      t.equal(percentile(lists.map(sealedOf), milli), exact);
    }),
    { numRuns: 600 },
  );
});

t.test(
  'neighbouring doubles and the ends of their range do not confuse the bisection',
  async (t) => {
    const up = 1 + Number.EPSILON;
    t.equal(percentile([sealedOf([1, up])], 50_000), 1);
    t.equal(percentile([sealedOf([1, up])], 51_000), up);
    const ends = [-Number.MAX_VALUE, -Number.MIN_VALUE, 0, Number.MIN_VALUE, Number.MAX_VALUE];
    for (const [i, value] of ends.entries()) {
      t.equal(
        percentile(
          ends.map((end) => sealedOf([end])),
          20_000 * (i + 1),
        ),
        value,
      );
    }
  },
);

t.test('it does not depend on the order of the buckets', async (t) => {
  const lists = sequences(4).map(({ size }) =>
    sealedOf(Array.from({ length: 5000 }, (_, n) => size(n))),
  );
  const found = percentile(lists, 95_000);
  t.equal(percentile(lists.slice().reverse(), 95_000), found);
});

t.test('over six days of sketches the rank error stays within 0.1 percent at p95', async (t) => {
  for (const { name, size } of sequences(23)) {
    const all: number[] = [];
    const buckets = Array.from({ length: 144 }, (_, hour) => {
      // Every seventh bucket is large enough to be a sketch, the rest are exact.
      const values = Array.from({ length: hour % 7 === 0 ? 6000 : 300 }, (_, n) => size(n));
      all.push(...values);
      return sealedOf(values);
    });
    const found = percentile(buckets, 95_000)!;
    const sorted = Float64Array.from(all).sort();
    const error = rankError(sorted, found, exactRank(all.length, 95_000)) / all.length;
    t.ok(error <= 0.001, `${name}: ${error}`);
  }
});
