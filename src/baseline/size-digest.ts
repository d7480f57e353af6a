/**
 * The sizes of one bucket. Up to one block (4096) of them are held as they came, so the percentile of
 * a quiet hour is exact; from then on full blocks go into a t-digest (npm `tdigest`; T. Dunning,
 * "Computing Extremely Accurate Quantiles Using t-Digests").
 *
 *     values -> block of 4096 -> sorted, permuted -> TDigest -> recompressed above 2500 centroids
 *
 * The hard part is that a restart must change nothing. The state is a function of the sequence of
 * values alone: what would be random in the package (`compress()`, hence K = 0) is done here with a
 * permutation seeded by the number of values, and every block ends with exact cumulative counts, which
 * is precisely the state that pushing the centroids back in ascending order gives. A checkpoint is
 * therefore [centroids after the last full block, raw values since].
 *
 * Measured rank error of one bucket: at most 0.35 % of its samples over log-normal, constant, heavily
 * tied, monotone and alternating sequences of up to a million values; the tests hold 0.5 %.
 */
import { type Centroid, TDigest } from 'tdigest';

/** Values held exactly. Pushing one block takes about 1.5 ms, so learning never stalls for long. */
export const blockSize = 4096;
const smallestBlock = 64;
/** Share of a bucket's samples that one centroid may stand for, at most (at the median). */
const delta = 0.01;
/** Above this many centroids they are compressed (to 500–800, measured): bounds memory and file. */
const maxCentroids = 2500;

/** A bucket's sizes in their last form: `cumulative[i]` observations are at most `values[i]`. */
export interface SealedSizes {
  /** Ascending, without duplicates. */
  readonly values: Float64Array;
  readonly cumulative: Float64Array;
}

/** All there is to a digest, for the file: weighted values ascending by mean, then raw ones. */
export interface DigestState {
  readonly means: Float64Array;
  readonly counts: Float64Array;
  /** Values since the last full block, in the order in which they came. At most `blockSize`. */
  readonly tail: Float64Array;
}

export class SizeDigest {
  #digest: TDigest | null = null;
  #block = new Float64Array(smallestBlock);
  #used = 0;
  #digested = 0;

  /** A digest in exactly the state that `state()` described. */
  static restore(state: DigestState): SizeDigest {
    const restored = new SizeDigest();
    if (state.means.length > 0) {
      // Ascending: each centroid is a new maximum, so none is merged into another.
      restored.#digest = digestOf(Array.from(state.means, (mean, i) => centroid(mean, state, i)));
      restored.#digested = restored.#digest.n;
    }
    for (const value of state.tail) restored.add(value);
    return restored;
  }

  get samples(): number {
    return this.#digested + this.#used;
  }

  /** @param bytes a finite number */
  add(bytes: number): void {
    if (this.#used === this.#block.length) this.#makeRoom();
    this.#block[this.#used++] = bytes + 0; // -0 becomes 0: one value, one entry
  }

  /** A copy; later values do not change it. */
  state(): DigestState {
    const centroids = this.#digest?.toArray() ?? [];
    return {
      means: Float64Array.from(centroids, (c) => c.mean),
      counts: Float64Array.from(centroids, (c) => c.n),
      tail: this.#block.slice(0, this.#used),
    };
  }

  #makeRoom(): void {
    if (this.#block.length < blockSize) {
      const larger = new Float64Array(this.#block.length * 2);
      larger.set(this.#block);
      this.#block = larger;
      return;
    }
    this.#digest ??= new TDigest(delta, 0, 1.1);
    this.#digested += this.#used;
    this.#used = 0;
    // A random order is the best case of a t-digest, an ascending one its worst.
    for (const value of permute(this.#block.sort(), this.#digested)) this.#digest.push(value);
    makeExact(this.#digest);
    if (this.#digest.size() > maxCentroids) {
      this.#digest = digestOf(permute(this.#digest.toArray(), this.#digested));
    }
  }
}

/**
 * The last form of a bucket: centroids and raw values merged into one ascending list. Nothing is
 * pushed into the digest for it, so values that were still raw stay exact.
 */
export function seal(state: DigestState): SealedSizes {
  const { means, counts } = state;
  const tail = state.tail.slice().sort();
  const values = new Float64Array(means.length + tail.length);
  const cumulative = new Float64Array(values.length);
  let length = 0;
  let total = 0;
  for (let c = 0, t = 0; c < means.length || t < tail.length; ) {
    const fromTail = c === means.length || (t < tail.length && tail[t]! < means[c]!);
    const value = fromTail ? tail[t]! : means[c]!;
    total += fromTail ? 1 : counts[c]!;
    if (fromTail) t++;
    else c++;
    if (length === 0 || values[length - 1] !== value) values[length++] = value;
    cumulative[length - 1] = total;
  }
  // Copies, not views: a view would keep the longer buffer alive for the days a bucket lives.
  return { values: values.slice(0, length), cumulative: cumulative.slice(0, length) };
}

/** The sealed form written as a state, so that one file layout serves open and sealed buckets. */
export function sealedState(sizes: SealedSizes): DigestState {
  const counts = sizes.cumulative.map(
    (total, i) => total - (i === 0 ? 0 : sizes.cumulative[i - 1]!),
  );
  return { means: sizes.values, counts, tail: new Float64Array(0) };
}

function centroid(mean: number, state: DigestState, index: number): Centroid {
  return { mean, n: state.counts[index]! };
}

function digestOf(centroids: Centroid[]): TDigest {
  const digest = new TDigest(delta, 0, 1.1);
  digest.push_centroid(centroids);
  makeExact(digest);
  return digest;
}

/** Brings the cumulative counts up to date; asking for everything is the package's public way. */
function makeExact(digest: TDigest): void {
  digest.toArray(true);
}

/** Fisher–Yates in place with a linear congruential generator (Numerical Recipes constants). */
function permute<T extends number[] | Float64Array | Centroid[]>(items: T, seed: number): T {
  const list = items as unknown[];
  let state = seed >>> 0;
  for (let i = list.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 0x1_0000_0000) * (i + 1));
    const swapped = list[i];
    list[i] = list[j];
    list[j] = swapped;
  }
  return items;
}
