import fc from 'fast-check';
import t from 'tap';
import { nearestRank } from '../src/nearest-rank.js';
import { exactRank } from './baseline/number-sequences.js';

t.test('99.9 percent of 1000 is rank 999, not 1000', async (t) => {
  t.equal(nearestRank(1000, 99_900), 999);
  t.equal(nearestRank(1001, 99_900), 1000);
  t.equal(nearestRank(20, 95_000), 19);
  t.equal(nearestRank(21, 95_000), 20);
  t.equal(nearestRank(1, 1), 1);
  t.equal(nearestRank(7, 100_000), 7);
  t.equal(nearestRank(5, 0), 1, 'there is no rank 0');
  t.equal(nearestRank(1, 95_000), 1);
  t.equal(nearestRank(10, 0), 1);
  t.equal(nearestRank(10, 100_000), 10);
});

t.test('the rank is what exact arithmetic gives, for any number of samples', async (t) => {
  const samples = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 2 ** 52 }));
  fc.assert(
    fc.property(samples, fc.integer({ min: 0, max: 100_000 }), (count, milli) => {
      t.equal(nearestRank(count, milli), exactRank(count, milli));
    }),
    { numRuns: 1000 },
  );
});
