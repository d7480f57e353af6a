/**
 * Goal: the sketch is exact while it is small, near when it is large, and above all the same after any
 * number of restarts. Method: the state is compared whole (centroids, counts, raw values), not only a
 * percentile of it, which could agree by luck.
 */
import fc from 'fast-check';
import t from 'tap';
import {
  blockSize,
  type DigestState,
  SizeDigest,
  seal,
  sealedState,
} from '../../src/baseline/size-digest.js';
import { percentile } from '../../src/baseline/threshold.js';
import { exactRank, rankError, sequences } from './number-sequences.js';

/** Rank error that one bucket may have, as a share of its samples; stated in size-digest.ts. */
const statedError = 0.005;
const percents = [100, 1_000, 25_000, 50_000, 75_000, 90_000, 95_000, 99_000, 99_900, 100_000];

function digestOf(values: Iterable<number>): SizeDigest {
  const digest = new SizeDigest();
  for (const value of values) digest.add(value);
  return digest;
}

function plain(state: DigestState): Record<string, number[]> {
  return {
    means: [...state.means],
    counts: [...state.counts],
    tail: [...state.tail],
  };
}

t.test('an empty digest has no samples and seals to nothing', async (t) => {
  const digest = new SizeDigest();
  t.equal(digest.samples, 0);
  t.strictSame(seal(digest.state()), {
    values: new Float64Array(0),
    cumulative: new Float64Array(0),
  });
});

t.test('up to one block the sealed form is each value with its count, exactly', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -3, max: 40 }), { minLength: 1, maxLength: 300 }),
      (values) => {
        const sealed = seal(digestOf(values).state());
        const unique = [...new Set(values.map((value) => value + 0))].sort((a, b) => a - b);
        const cumulative = unique.map((u) => values.filter((value) => value <= u).length);
        t.strictSame([...sealed.values], unique);
        t.strictSame([...sealed.cumulative], cumulative);
      },
    ),
    { numRuns: 50 },
  );
  const full = digestOf(Array.from({ length: blockSize }, (_, i) => i * 1.5));
  t.equal(seal(full.state()).values.length, blockSize, 'a full block is still exact');
  full.add(-1);
  t.ok(seal(full.state()).values.length < blockSize, 'one more and it is a sketch');
});

t.test('nothing is lost: counts add up to the samples, least and greatest are exact', async (t) => {
  for (const { name, size } of sequences(11)) {
    const values = Array.from({ length: 3 * blockSize + 17 }, (_, n) => size(n));
    const digest = digestOf(values);
    const sealed = seal(digest.state());
    t.equal(digest.samples, values.length, name);
    t.equal(sealed.cumulative.at(-1), values.length, name);
    t.equal(sealed.values[0], Math.min(...values), name);
    t.equal(sealed.values.at(-1), Math.max(...values), name);
    t.ok(
      sealed.values.every((value, i) => i === 0 || value > sealed.values[i - 1]!),
      `${name}: strictly ascending`,
    );
  }
});

t.test('the rank error stays within the stated bound, whatever the sequence', async (t) => {
  for (const length of [2 * blockSize, 60_000]) {
    for (const { name, size } of sequences(length)) {
      const values = Float64Array.from({ length }, (_, n) => size(n));
      const sealed = seal(digestOf(values).state());
      values.sort();
      for (const percent of percents) {
        const found = percentile([sealed], percent)!;
        const error = rankError(values, found, exactRank(length, percent)) / length;
        t.ok(error <= statedError, `${name}, ${length} values, p${percent / 1000}: ${error}`);
      }
    }
  }
});

t.test('memory is bounded: centroids stay below the limit plus one block', async (t) => {
  for (const { name, size } of sequences(5)) {
    const digest = new SizeDigest();
    for (let n = 0; n < 40 * blockSize; n++) {
      digest.add(size(n));
      if (n % blockSize === 1) t.ok(digest.state().means.length <= 2500, name);
    }
  }
});

t.test('restored at any points it is in the same state as if it had never stopped', async (t) => {
  const restart = fc.integer({ min: 1, max: 6000 });
  const sequence = fc.record({
    kind: fc.integer({ min: 0, max: sequences(1).length - 1 }),
    seed: fc.integer({ min: 1, max: 1 << 30 }),
    gaps: fc.array(restart, { minLength: 1, maxLength: 12 }),
  });
  fc.assert(
    fc.property(sequence, ({ kind, seed, gaps }) => {
      const { size } = sequences(seed)[kind]!;
      const unbroken = new SizeDigest();
      let restarted = new SizeDigest();
      let n = 0;
      for (const gap of gaps) {
        for (const end = n + gap; n < end; n++) {
          const value = size(n);
          unbroken.add(value);
          restarted.add(value);
        }
        restarted = SizeDigest.restore(restarted.state());
        t.strictSame(plain(restarted.state()), plain(unbroken.state()));
      }
      t.equal(restarted.samples, unbroken.samples);
    }),
    { numRuns: 40 },
  );
});

t.test(
  'a state restored right after a full block, and in the middle of one, goes on equally',
  async (t) => {
    const { size } = sequences(99)[0]!;
    const values = Array.from({ length: 9 * blockSize }, (_, n) => size(n));
    const expected = plain(digestOf(values).state());
    for (const cut of [
      1,
      blockSize - 1,
      blockSize,
      blockSize + 1,
      3 * blockSize,
      3 * blockSize + 1,
    ]) {
      const restored = SizeDigest.restore(digestOf(values.slice(0, cut)).state());
      for (const value of values.slice(cut)) restored.add(value);
      t.strictSame(plain(restored.state()), expected, `cut at ${cut}`);
    }
  },
);

t.test('a second run over the same values gives the same state', async (t) => {
  const run = (): Record<string, number[]> => {
    const { size } = sequences(3)[2]!;
    return plain(digestOf(Array.from({ length: 50_000 }, (_, n) => size(n))).state());
  };
  t.strictSame(run(), run());
});

t.test('a state is a copy: what is added later does not change it', async (t) => {
  const digest = digestOf([1, 2]);
  const state = digest.state();
  digest.add(0);
  seal(state);
  t.strictSame([...state.tail], [1, 2], 'and sealing leaves it as it is');
});

t.test('the sealed form survives being written as a state', async (t) => {
  for (const { name, size } of sequences(17)) {
    const sealed = seal(digestOf(Array.from({ length: 10_000 }, (_, n) => size(n))).state());
    t.strictSame(seal(sealedState(sealed)), sealed, name);
  }
});

t.test('0 and -0 are one value', async (t) => {
  const sealed = seal(digestOf([0, -0, 0]).state());
  t.equal(sealed.values.length, 1);
  t.ok(Object.is(sealed.values[0], 0));
});
