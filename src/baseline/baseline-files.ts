/**
 * Keeps the buckets of one baseline on disk: loads them, writes what has changed, deletes what has
 * expired. All of it goes through one queue, so that no two writes overlap; learning goes on meanwhile.
 */

import { StegwatchError } from '../errors.js';
import type { Counters } from '../observe/counters.js';
import type { Journal } from '../stages.js';
import { Bucket } from './bucket.js';
import { decodeHosts, type Through } from './bucket-file.js';
import type { BucketNotice, BucketStore } from './bucket-store.js';
import { HourHosts } from './hour-hosts.js';

/** Takes the hosts of stored buckets. */
export interface HostReader {
  see(host: string, hour: number): void;
  /** Called between some thousand hosts: time for what takes longer, and for other work. */
  between(): Promise<void>;
}

export class BaselineFiles {
  readonly #store: BucketStore;
  readonly #fingerprint: string;
  readonly #maxHosts: number;
  readonly #counters: Counters;
  #queue: Promise<unknown> = Promise.resolve();
  /** The checkpoint that is waiting for its turn; it will cover whatever is learned until then. */
  #waiting: Promise<void> | null = null;
  /** Files of earlier hours are to be deleted, and have been. */
  #oldest = Number.NEGATIVE_INFINITY;
  #expiredBefore = Number.NEGATIVE_INFINITY;

  constructor(store: BucketStore, fingerprint: string, maxHosts: number, counters: Counters) {
    this.#store = store;
    this.#fingerprint = fingerprint;
    this.#maxHosts = maxHosts;
    this.#counters = counters;
  }

  /**
   * The newest hour up to `latest` that has a file, or null.
   * @throws StegwatchError BASELINE_UNUSABLE if the directory cannot be used
   */
  async newestHour(latest: number): Promise<number | null> {
    await this.#open();
    try {
      return (await this.#store.hours()).filter((hour) => hour <= latest).at(-1) ?? null;
    } catch (error) {
      throw unusable('The baseline cannot be read', error);
    }
  }

  /**
   * Loads every bucket from `oldest` on, the oldest first, and deletes files of earlier hours. Those after
   * `newest`, of a clock that was wrong, come before all others, which then have the last word on a host.
   * Read only, it deletes nothing and loads none after `newest`: what a later hour saw was not known then.
   * @param hosts told each host of each bucket
   * @throws StegwatchError BASELINE_UNUSABLE if the directory cannot be used
   */
  async load(
    oldest: number,
    newest: number,
    buckets: Map<number, Bucket>,
    hosts: HostReader,
  ): Promise<{ readonly notices: BucketNotice[]; readonly expired: number }> {
    const notices: BucketNotice[] = [];
    await this.#open();
    try {
      const expired = await this.#store.expire(oldest);
      this.#expiredBefore = oldest;
      const { readOnly } = this.#store;
      const hours = await this.#store.hours();
      const future = hours.filter((hour) => hour > newest);
      const inTurn = [...future, ...hours.filter((hour) => hour <= newest)].filter(
        (hour) => !readOnly || (hour >= oldest && hour <= newest),
      );
      for await (const { hour, bucket: stored, notice } of this.#store.readAll(inTurn)) {
        if (notice !== null) notices.push(this.#count(notice));
        if (stored === null) continue;
        const count = stored.hosts.reduce((sum, block) => sum + block.count, 0);
        const stillOpen = new HourHosts(this.#maxHosts, count);
        buckets.set(hour, Bucket.restore(hour, stored.state, stillOpen));
        for (const block of stored.hosts) {
          await decodeHosts(
            block,
            (host) => hosts.see(host, hour),
            () => hosts.between(),
          );
        }
        await hosts.between();
      }
      return { notices, expired };
    } catch (error) {
      throw unusable('The baseline cannot be read', error);
    }
  }

  async #open(): Promise<void> {
    try {
      await this.#store.open(this.#fingerprint);
    } catch (error) {
      throw unusable('The directory of the baseline cannot be made or opened', error);
    }
  }

  /** Names to be written for a new bucket; null if its hour must not be written. */
  hostsOf(hour: number): HourHosts | null {
    return this.#store.isBlocked(hour) ? null : new HourHosts(this.#maxHosts, 0);
  }

  /**
   * Resolves when all that had been learned at the time of the call is on disk, and the files of hours
   * before `oldest` are gone. Read only, it does nothing.
   *
   * @param journal what the buckets were learned from; null: nothing that is kept
   * @throws StegwatchError BASELINE_UNUSABLE if some of it failed; the next checkpoint tries again
   */
  checkpoint(
    buckets: ReadonlyMap<number, Bucket>,
    oldest: number,
    journal: Journal | null,
  ): Promise<void> {
    if (this.#store.readOnly) return Promise.resolve();
    this.#oldest = oldest;
    this.#waiting ??= this.#enqueue(async () => {
      this.#waiting = null;
      const failures = await this.#saveAll(buckets, journal);
      await this.#deleteExpired().catch((error: unknown) => failures.push(error));
      if (failures.length === 0) return;
      this.#counters.checkpoint_failures++;
      const more = failures.length === 1 ? '' : ` (and ${failures.length - 1} more)`;
      throw unusable(`The baseline cannot be saved${more}`, failures[0]);
    });
    return this.#waiting;
  }

  /** The hour's file counts no more; the next checkpoint replaces or deletes it. */
  discard(hour: number): Promise<void> {
    return this.#enqueue(async () => this.#store.discard(hour));
  }

  /** Returns what went wrong; one bad hour does not keep the others from being saved. */
  async #saveAll(
    buckets: ReadonlyMap<number, Bucket>,
    journal: Journal | null,
  ): Promise<unknown[]> {
    const newest = Math.max(...buckets.keys());
    const failures: unknown[] = [];
    for (const bucket of [...buckets.values()]) {
      if (bucket.hosts === null || buckets.get(bucket.hour) !== bucket) continue;
      try {
        // Names are let go of once a whole interval brought nothing: while late events come, each name
        // would otherwise be written, and counted, again with every checkpoint.
        if (bucket.unsaved) await this.#save(bucket, bucket.hosts, journal);
        else if (bucket.hour < newest) bucket.hosts.release();
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }

  async #deleteExpired(): Promise<void> {
    await this.#store.deleteDiscarded();
    if (this.#oldest === this.#expiredBefore) return;
    const before = this.#oldest;
    await this.#store.expire(before);
    this.#expiredBefore = before;
  }

  async #save(bucket: Bucket, hosts: HourHosts, journal: Journal | null): Promise<void> {
    // One moment: an observation, its host and its place in the journal are in the same checkpoint.
    const through = journal === null ? null : positionIn(journal);
    const state = bucket.state(through);
    const unsaved = hosts.takeUnsaved();
    try {
      // Else a power loss could leave a bucket that has learned what was never taken in.
      if (journal !== null && !(await journal.sync())) throw new Error('the spool is not on disk');
      if (state.sealed) await this.#store.rewrite(bucket.hour, state, unsaved);
      else await this.#store.append(bucket.hour, state, unsaved);
    } catch (error) {
      hosts.putBack(unsaved);
      throw error;
    }
    bucket.saved(state);
  }

  #count(notice: BucketNotice): BucketNotice {
    if (notice.what === 'torn') this.#counters.baseline_torn++;
    else this.#counters.baseline_unused_files++;
    return notice;
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

function positionIn(journal: Journal): Through {
  const seq = journal.position();
  if (seq === null) throw new Error('the spool takes nothing in at the moment');
  return { journal: journal.id, seq };
}

function unusable(what: string, error: unknown): StegwatchError {
  const why = error instanceof Error ? error.message : String(error);
  return new StegwatchError(
    'BASELINE_UNUSABLE',
    `${what}: ${why}`,
    'The directory of baseline.path must be on a disk with free space, and writable by stegwatch.',
    { cause: error },
  );
}
