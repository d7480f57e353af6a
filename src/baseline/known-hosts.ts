/**
 * Which hosts have been seen in which hours: a sharded `lru-cache` from host key to a slot of
 * `HourRings`. Sharded, because a cache rehashes all its keys in one go as it grows: a single one of a
 * million entries stood still for 107 ms, one of some 4,000 does for a fraction of a millisecond.
 *
 * Bounded by `maxHosts`. Each shard keeps two tiers, so that a flood of new names cannot push out the
 * hosts that verdicts rest on:
 *
 *     known    some hour in the lookback                           evicted last
 *     pending  only hours newer than the holdback, or left over    evicted first
 *
 * Hosts move between the tiers when they are seen, when room is needed, and in `sweep`; each move
 * happens where one shard is at hand, so nothing ever walks over all hosts at once. A host whose hours
 * have all left the lookback is expired: it goes without being counted as an eviction.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Counters } from '../observe/counters.js';
import type { HostState } from '../stages.js';
import { ownCopy, shardOf } from './host-text.js';
import { HourRings } from './hour-rings.js';

export interface KnownHostsOptions {
  readonly lookbackHours: number;
  readonly holdbackHours: number;
  readonly maxHosts: number;
  readonly counters: Pick<Counters, 'host_evictions'>;
}

type Tier = LRUCache<string, number>;

interface Shard {
  readonly known: Tier;
  readonly pending: Tier;
}

/** Hosts per shard on average; a rehash of so few takes well under a millisecond. */
const hostsPerShard = 4096;
/** Hosts moved up at most in search of one to evict, some 3 ms' work; `sweep` does the rest. */
const maxMoves = 4096;

export class KnownHosts {
  readonly #options: KnownHostsOptions;
  readonly #rings: HourRings;
  readonly #shards: Shard[];
  /** What one shard may hold: the mean and eight standard deviations, so none overflows by chance. */
  readonly #maxShard: number;
  #known = 0;
  #pending = 0;
  /** The shard that gave up a host last. */
  #cursor = 0;
  /** Hosts moved up in the present search. */
  #moves = 0;

  constructor(options: KnownHostsOptions) {
    this.#options = options;
    // Judged hours may lie behind the newest learned one by the permitted lateness (<= holdback).
    this.#rings = new HourRings(options.lookbackHours + options.holdbackHours + 2);
    const count = Math.ceil(options.maxHosts / hostsPerShard);
    const mean = options.maxHosts / count;
    this.#maxShard = Math.min(options.maxHosts, Math.ceil(mean + 8 * Math.sqrt(mean)));
    const tier = (): Tier => new LRUCache({ max: this.#maxShard });
    this.#shards = Array.from({ length: count }, () => ({ known: tier(), pending: tier() }));
  }

  /** Hosts with an hour in the lookback; exact after `sweep` for its hour, until the next one. */
  get known(): number {
    return this.#known;
  }

  /** All other hosts that are held. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * @param hour when it was seen
   * @param now the hour to which "pending" and "expired" refer, should room be needed
   */
  see(key: string, hour: number, now: number): void {
    const shard = this.#shardOf(key);
    this.#forgetFuture(shard, key, hour);
    const known = shard.known.get(key);
    if (known !== undefined) {
      this.#rings.mark(known, hour);
      if (!this.#inLookback(known, now)) this.#toPending(shard, key, known);
      return;
    }
    const pending = shard.pending.get(key);
    if (pending !== undefined) {
      this.#rings.mark(pending, hour);
      if (this.#inLookback(pending, now)) this.#toKnown(shard, key, pending);
      return;
    }
    this.#makeRoom(shard, now);
    const slot = this.#rings.allocate(hour);
    if (this.#inLookback(slot, now)) this.#addKnown(shard, ownCopy(key), slot);
    else this.#addPending(shard, ownCopy(key), slot);
  }

  state(key: string, hour: number): Exclude<HostState, 'absent'> {
    const slot = this.#slotOf(key);
    if (slot === undefined) return 'never_seen';
    if (this.#inLookback(slot, hour)) return 'known';
    return this.#rings.newest(slot) >= hour - this.#options.holdbackHours
      ? 'pending'
      : 'never_seen';
  }

  /** The first remembered hour that is at least `from`, or -1. */
  firstHour(key: string, from: number): number {
    const slot = this.#slotOf(key);
    return slot === undefined ? -1 : this.#rings.firstIn(slot, from, Number.POSITIVE_INFINITY);
  }

  /** The newest hour in which it was seen, or -1. */
  lastHour(key: string): number {
    const slot = this.#slotOf(key);
    return slot === undefined ? -1 : this.#rings.newest(slot);
  }

  /** Frees expired hosts and puts each other one into the right tier: one shard per turn of the loop. */
  async sweep(hour: number): Promise<void> {
    for (const shard of this.#shards) {
      this.#sweepShard(shard, hour);
      await nextTurn();
    }
  }

  /** As if nothing had been seen in this hour. */
  async forgetHour(hour: number): Promise<void> {
    for (const shard of this.#shards) {
      for (const [key, slot] of [...shard.known.entries(), ...shard.pending.entries()]) {
        if (!this.#rings.unmark(slot, hour)) this.#remove(shard, key, slot);
      }
      await nextTurn();
    }
  }

  #sweepShard(shard: Shard, hour: number): void {
    // Least recently seen first, so that those which move keep their order.
    for (const [key, slot] of [...shard.known.rentries()] as [string, number][]) {
      if (this.#expired(slot, hour)) this.#remove(shard, key, slot);
      else if (!this.#inLookback(slot, hour)) this.#toPending(shard, key, slot);
    }
    for (const [key, slot] of [...shard.pending.rentries()] as [string, number][]) {
      if (this.#inLookback(slot, hour)) this.#toKnown(shard, key, slot);
      else if (this.#expired(slot, hour)) this.#remove(shard, key, slot);
    }
  }

  /** Makes sure that one more host fits into `home` and into the whole. */
  #makeRoom(home: Shard, now: number): void {
    this.#moves = 0;
    if (home.known.size + home.pending.size >= this.#maxShard) {
      if (!this.#dropExpired(home, now) && !this.#evictPending(home, now)) this.#evictKnown(home);
    }
    if (this.#known + this.#pending < this.#options.maxHosts) return;
    if (this.#dropExpired(home, now)) return;
    if (this.#anywhere((shard) => this.#evictPending(shard, now))) return;
    this.#anywhere((shard) => this.#evictKnown(shard));
  }

  /** Goes round the shards, so that each gives up its least recently seen in turn. */
  #anywhere(evict: (shard: Shard) => boolean): boolean {
    for (let tried = 0; tried < this.#shards.length; tried++) {
      this.#cursor = (this.#cursor + 1) % this.#shards.length;
      if (evict(this.#shards[this.#cursor]!)) return true;
    }
    return false;
  }

  /**
   * Nothing is ever learned that far behind the newest hour of a host, unless a clock that was wrong has put
   * that hour into the future: it would keep the host from being known until that future has come.
   */
  #forgetFuture(shard: Shard, key: string, hour: number): void {
    const slot = shard.known.peek(key) ?? shard.pending.peek(key);
    if (slot === undefined || this.#rings.newest(slot) - hour < this.#rings.span) return;
    this.#remove(shard, key, slot);
  }

  #dropExpired(shard: Shard, now: number): boolean {
    const oldest = leastRecent(shard.known);
    if (oldest === null || !this.#expired(oldest[1], now)) return false;
    this.#remove(shard, oldest[0], oldest[1]);
    return true;
  }

  /** Hosts that have become known since they were last looked at are moved up on the way. */
  #evictPending(shard: Shard, now: number): boolean {
    for (;;) {
      const oldest = leastRecent(shard.pending);
      if (oldest === null || this.#moves > maxMoves) return false;
      const [key, slot] = oldest;
      if (this.#inLookback(slot, now)) {
        this.#toKnown(shard, key, slot);
        this.#moves++;
        continue;
      }
      if (!this.#expired(slot, now)) this.#options.counters.host_evictions++;
      this.#remove(shard, key, slot);
      return true;
    }
  }

  #evictKnown(shard: Shard): boolean {
    const oldest = leastRecent(shard.known);
    if (oldest === null) return false;
    this.#remove(shard, oldest[0], oldest[1]);
    this.#options.counters.host_evictions++;
    return true;
  }

  #inLookback(slot: number, hour: number): boolean {
    const { lookbackHours, holdbackHours } = this.#options;
    return this.#rings.firstIn(slot, hour - lookbackHours, hour - holdbackHours) !== -1;
  }

  /** With one hour of margin, since an event may still be judged in the hour before. */
  #expired(slot: number, hour: number): boolean {
    return this.#rings.newest(slot) < hour - this.#options.lookbackHours - 1;
  }

  #slotOf(key: string): number | undefined {
    const shard = this.#shardOf(key);
    return shard.known.peek(key) ?? shard.pending.peek(key);
  }

  #shardOf(key: string): Shard {
    return this.#shards[shardOf(key, this.#shards.length)]!;
  }

  #addKnown(shard: Shard, key: string, slot: number): void {
    shard.known.set(key, slot);
    this.#known++;
  }

  #addPending(shard: Shard, key: string, slot: number): void {
    shard.pending.set(key, slot);
    this.#pending++;
  }

  #toKnown(shard: Shard, key: string, slot: number): void {
    shard.pending.delete(key);
    this.#pending--;
    this.#addKnown(shard, key, slot);
  }

  #toPending(shard: Shard, key: string, slot: number): void {
    shard.known.delete(key);
    this.#known--;
    this.#addPending(shard, key, slot);
  }

  #remove(shard: Shard, key: string, slot: number): void {
    if (shard.known.delete(key)) this.#known--;
    else if (shard.pending.delete(key)) this.#pending--;
    this.#rings.free(slot);
  }
}

function leastRecent(tier: Tier): [string, number] | null {
  const first = tier.rentries().next();
  return first.done ? null : (first.value as [string, number]);
}
