import fc from 'fast-check';
import t from 'tap';
import { SizeDigest, seal } from '../../src/baseline/size-digest.js';
import { sizeHistogram } from '../../src/baseline/size-histogram.js';

function sealedOf(values: Iterable<number>) {
  const digest = new SizeDigest();
  for (const value of values) digest.add(value);
  return seal(digest.state());
}

t.test('nothing learned is no bin', async (t) => {
  t.strictSame(sizeHistogram([]), []);
  t.strictSame(sizeHistogram([sealedOf([])]), []);
});

t.test('a bin has its upper end and not its lower one, and is half a doubling wide', async (t) => {
  t.strictSame(sizeHistogram([sealedOf([1024])]), [[9.5, 1]]);
  t.strictSame(sizeHistogram([sealedOf([1025])]), [[10, 1]]);
  t.strictSame(sizeHistogram([sealedOf([1024, 1025, 2048]), sealedOf([1025])]), [
    [9.5, 1],
    [10, 2],
    [10.5, 1],
  ]);
  t.strictSame(sizeHistogram([sealedOf([0, 1])]), [[0, 2]], 'no smaller than a byte');
});

t.test('for any sizes: every one is in one bin, the bin that it belongs to', async () => {
  const size = fc.oneof(
    fc.nat(300),
    fc.maxSafeNat(),
    fc.nat(52).map((power) => 2 ** power),
  );
  const hours = fc.array(fc.array(size, { maxLength: 40 }), { maxLength: 6 });
  const holds = fc.check(
    fc.property(hours, (lists) => {
      const bins = sizeHistogram(lists.map(sealedOf));
      const belongs = (low: number, value: number) =>
        (value > 2 ** low || (low === 0 && value <= 1)) && value <= 2 ** (low + 0.5);
      for (const [low, samples] of bins) {
        const exact = lists.flat().filter((value) => belongs(low, value)).length;
        if (samples !== exact) return false;
      }
      const total = bins.reduce((sum, [, samples]) => sum + samples, 0);
      return total === lists.flat().length && bins.length <= 108;
    }),
    { numRuns: 500 },
  );
  t.notOk(holds.failed, JSON.stringify(holds));
});
