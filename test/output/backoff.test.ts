import fc from 'fast-check';
import t from 'tap';
import { backoffMs, boundsAfter } from '../../src/output/backoff.js';

const bounds = { firstMs: 500, maxMs: 30_000 };

t.test('the bound of the wait doubles with each failure, up to the maximum', async (t) => {
  const almostOne = () => 0.999_999_9;
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((n) =>
    Math.round(backoffMs(n, bounds, almostOne)),
  );
  t.strictSame(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

t.test('the jitter is full: from nothing to the bound, in proportion', async (t) => {
  t.equal(
    backoffMs(3, bounds, () => 0),
    0,
  );
  t.equal(
    backoffMs(3, bounds, () => 0.25),
    500,
  );
});

t.test('any number of failures gives a finite wait within the maximum', async (t) => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), random, (failures, r) => {
      const wait = backoffMs(failures, bounds, () => r);
      return wait >= 0 && wait <= bounds.maxMs;
    }),
    { numRuns: 300 },
  );
  t.pass('300 runs');
});

t.test('nobody listens: another maximum, never above the other', async (t) => {
  t.strictSame(boundsAfter(bounds, false), bounds);
  t.strictSame(boundsAfter(bounds, true), { firstMs: 500, maxMs: 5000 });
  t.strictSame(boundsAfter({ firstMs: 10, maxMs: 100 }, true), { firstMs: 10, maxMs: 100 });
});
