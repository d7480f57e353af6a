import t from 'tap';
import { countSizes, drawHistogram, type Mark } from '../../../src/commands/tune/histogram.js';
import { randomFrom } from '../../support/traffic.js';

const KiB = 1024;
const TiB = 1024 ** 4;

function draw(sizes: readonly number[], marks: readonly Mark[] = [], width = 100) {
  return drawHistogram(countSizes(sizes), marks, width);
}

t.test('sizes are counted by powers of two, exactly at their bounds', async (t) => {
  t.strictSame(countSizes([]), { zero: 0, octaves: [] });
  t.strictSame(countSizes([Number.NaN, 0, 0, 1, 2, 3, 4, 7, 8]), {
    zero: 2,
    octaves: [1, 2, 2, 1],
  });
  for (let octave = 1; octave <= 53; octave++) {
    const bound = 2 ** octave;
    const { octaves } = countSizes([bound - 1, bound]);
    t.equal(octaves.length, octave + 1, `2^${octave} is in its own row`);
    t.equal(octaves[octave], 1);
    t.equal(octaves[octave - 1], 1, `2^${octave} - 1 is below`);
  }
});

t.test('no sizes draw nothing', async (t) => {
  t.strictSame(draw([]), []);
  t.strictSame(draw([Number.NaN], [{ bytes: 10, words: 'p95' }]), []);
});

t.test('one size is one row with a whole bar', async (t) => {
  const [line, ...rest] = draw([70 * KiB], [], 40);
  t.match(line, /^ {2}64KiB {2}1 {2}#+$/);
  t.equal(line!.length <= 40, true);
  t.strictSame(rest, []);
});

t.test('sizes of zero have a row of their own', async (t) => {
  const lines = draw([0, 0, 0, 1], [{ bytes: 0, words: 'minimum_bytes' }]);
  t.equal(lines.length, 2);
  t.match(lines[0], /^ {5}0B {2}3 {2}#+ {2}< minimum_bytes$/);
  t.match(lines[1], /^ {5}1B {2}1 {2}#+$/);
});

t.test('sizes over 1 TiB, and the largest that a number holds', async (t) => {
  const lines = draw([3 * TiB, Number.MAX_SAFE_INTEGER]);
  t.match(lines[0], /^ {3}2TiB {2}1 {2}#+$/);
  t.equal(lines[1], '      …', 'nothing in between');
  t.match(lines[2], /^4096TiB {2}1 {2}#+$/);
});

t.test('a mark stands in the row of its size, also where there is none of that size', async (t) => {
  const lines = draw(
    [1000, 1000, 1000, 5000],
    [
      { bytes: 1023, words: 'p95' },
      { bytes: 1000, words: 'p90' },
      { bytes: 2048, words: 'p99' },
      { bytes: 256 * KiB, words: 'minimum_bytes' },
    ],
  );
  t.match(lines[0], /^ {3}512B {2}3 {2}#+ {2}< p90, p95$/, 'in order of size');
  t.match(lines[1], /^ {3}1KiB {2}0$/, 'a single empty row is shown');
  t.match(lines[2], /^ {3}2KiB {2}0 +< p99$/);
  t.match(lines[3], /^ {3}4KiB {2}1 {2}#+$/);
  t.equal(lines[4], '      …');
  t.match(lines[5], /^ 256KiB {2}0 +< minimum_bytes$/);
  t.equal(lines.length, 6);
});

t.test('bars are to scale, and what occurs at all is seen', async (t) => {
  const sizes = [...Array(1000).fill(10), ...Array(500).fill(20), 40];
  const [whole, half, one] = draw(sizes, [], 60).map((line) => line.split('#').length - 1);
  t.ok(whole! > 35, `${whole}`);
  t.ok(Math.abs(half! - whole! / 2) <= 0.5, `${half} of ${whole}`);
  t.equal(one, 1);
});

t.test('no line is longer than the width', async (t) => {
  const seed = 20261124;
  t.comment(`seed ${seed}`);
  const random = randomFrom(seed);
  const words = ['p90', 'p95', 'p97.5', 'p99', 'p99.5', 'p99.9', 'minimum_bytes'];
  for (let run = 0; run < 200; run++) {
    const size = () => Math.floor(2 ** (random() * 53));
    const sizes = Array.from({ length: 1 + Math.floor(random() * 3000) }, size);
    const bunched = size();
    const marks = words.map((word) => ({
      bytes: run % 2 ? bunched : size(),
      words: word,
    }));
    const width = 40 + Math.floor(random() * 61);
    const lines = draw(sizes, marks, width);
    t.ok(Math.max(...lines.map((line) => line.length)) <= width, `${width} columns`);
    t.ok(lines.length <= 54);
    const drawn = lines.map((line) =>
      Number(/^ *\S+ {2,}([\d,]+)/.exec(line)?.[1]?.replaceAll(',', '') ?? 0),
    );
    t.equal(
      drawn.reduce((sum, count) => sum + count, 0),
      sizes.length,
      'none is left out',
    );
  }
});
