import t from 'tap';
import {
  MillisecondHistogram,
  median,
  percentile,
  summary,
} from '../../../bench/measure/statistics.js';

t.test('percentiles are values that were seen, by nearest rank', async (t) => {
  const values = [15, 50, 20, 40, 35];
  t.equal(percentile(values, 5), 15);
  t.equal(percentile(values, 30), 20);
  t.equal(percentile(values, 40), 20);
  t.equal(percentile(values, 50), 35);
  t.equal(percentile(values, 100), 50);
  t.strictSame(values, [15, 50, 20, 40, 35], 'the list is left as it was');
  t.throws(() => percentile([], 50), /no values/);
});

t.test('the median of an even number is the lower of the two in the middle', async (t) => {
  t.equal(median([4, 1, 3, 2]), 2);
  t.equal(median([7]), 7);
  t.strictSame(summary([4, 1, 3]), { median: 3, min: 1, max: 4 });
});

t.test('a histogram gives weights their due, and bounds what it is given', async (t) => {
  const histogram = new MillisecondHistogram(100);
  t.equal(histogram.percentile(50), null);
  histogram.add(3, 98);
  histogram.add(20, 1);
  histogram.add(5_000, 1);
  histogram.add(-4, 0.5);
  t.equal(histogram.percentile(0.4), 0);
  t.equal(histogram.percentile(50), 3);
  t.equal(histogram.percentile(99), 20);
  t.equal(histogram.percentile(100), 100);
  histogram.reset();
  t.equal(histogram.percentile(99), null);
});

t.test('weights that are fractions add up to the last percentile', async (t) => {
  const histogram = new MillisecondHistogram(10);
  for (let i = 0; i < 30; i++) histogram.add(i % 3, 1 / 3);
  t.equal(histogram.percentile(100), 2);
});
