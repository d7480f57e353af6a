/**
 * One UTC hour of observations. Open, it takes more; sealed, it is sorted values with cumulative counts
 * and never changes again. Sealing is one-way:
 *
 *     open --seal()--> sealed        add() only while open
 */
import type { BucketState, Through } from './bucket-file.js';
import type { HourHosts } from './hour-hosts.js';
import { type SealedSizes, SizeDigest, seal, sealedState } from './size-digest.js';

export class Bucket {
  readonly hour: number;
  /** Hosts still to be written; null in a baseline without files. */
  readonly hosts: HourHosts | null;
  /** How far of the journal its file has. */
  #through: Through | null = null;
  #observations = 0;
  #sizes: SizeDigest | SealedSizes = new SizeDigest();
  /** Observations and form that its file has. */
  #savedObservations = 0;
  #savedSealed = false;

  constructor(hour: number, hosts: HourHosts | null) {
    this.hour = hour;
    this.hosts = hosts;
  }

  /** The bucket that a file describes. */
  static restore(hour: number, state: BucketState, hosts: HourHosts | null): Bucket {
    const bucket = new Bucket(hour, hosts);
    bucket.#observations = state.observations;
    bucket.#sizes = state.sealed ? seal(state.sizes) : SizeDigest.restore(state.sizes);
    bucket.saved(state);
    return bucket;
  }

  /** How far of the journal its file has; null if it knows of none. */
  get through(): Through | null {
    return this.#through;
  }

  /** Events learned, with or without a size. */
  get observations(): number {
    return this.#observations;
  }

  get samples(): number {
    if (this.#sizes instanceof SizeDigest) return this.#sizes.samples;
    return this.#sizes.cumulative.at(-1) ?? 0;
  }

  get sealed(): boolean {
    return !(this.#sizes instanceof SizeDigest);
  }

  /** True if its file, if any, does not say all of it. */
  get unsaved(): boolean {
    return this.#observations !== this.#savedObservations || this.sealed !== this.#savedSealed;
  }

  /**
   * @param bytes NaN (or any other number that is not finite) if the event carried no size
   * @returns false if the bucket is sealed; then nothing has been learned
   */
  add(bytes: number): boolean {
    if (!(this.#sizes instanceof SizeDigest)) return false;
    this.#observations++;
    if (Number.isFinite(bytes)) this.#sizes.add(bytes);
    return true;
  }

  /** Idempotent. */
  seal(): SealedSizes {
    if (this.#sizes instanceof SizeDigest) this.#sizes = seal(this.#sizes.state());
    return this.#sizes;
  }

  /** A copy for the file. @param through how far of the journal it has; null: no further than its file */
  state(through: Through | null = null): BucketState {
    const sizes = this.#sizes;
    return {
      through: through ?? this.#through,
      sealed: this.sealed,
      observations: this.#observations,
      sizes: sizes instanceof SizeDigest ? sizes.state() : sealedState(sizes),
    };
  }

  /** Its file holds `state`. */
  saved(state: BucketState): void {
    this.#through = state.through;
    this.#savedObservations = state.observations;
    this.#savedSealed = state.sealed;
  }
}
