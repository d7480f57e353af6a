/**
 * Which hosts have been seen in which hours: sharded tables from host key to a slot of `HourRings`. Sharded,
 * because a table copies itself whole as it grows, and a sweep walks over one of them in one go.
 *
 * Bounded by `maxHosts`. Each shard keeps two tiers, each in the order of last use, so that a flood of new
 * names cannot push out the hosts that verdicts rest on:
 *
 *     known    some hour in the lookback                           evicted last
 *     pending  only hours newer than the holdback, or left over    evicted first
 *
 * Hosts move between the tiers when they are seen, when room is needed, and in `sweep`; each move
 * happens where one shard is at hand, so nothing ever walks over all hosts at once. A host whose hours
 * have all left the lookback is expired: it goes without being counted as an eviction.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Counters } from '../observe/counters.js';
import type { HostState } from '../stages.js';
import { HostTable, type Tier } from './host-table.js';
import { HourRings } from './hour-rings.js';
import { NameBytes } from './name-bytes.js';
import type { Sightings } from './sightings.js';

export interface KnownHostsOptions {
  readonly lookbackHours: number;
  readonly holdbackHours: number;
  readonly maxHosts: number;
  readonly counters: Pick<Counters, 'host_evictions'>;
}

const known: Tier = 0;
const pending: Tier = 1;

/** Hosts per shard on average: a sweep of so few takes well under a millisecond. */
const hostsPerShard = 4096;
/** Hosts moved up at most in search of one to evict, some 3 ms' work; `sweep` does the rest. */
const maxMoves = 4096;
/** Sightings taken in one turn of the event loop: some 10 ms' work. */
const seenPerTurn = 16 * 1024;

/** A host to ask for, which notes where it was found: asked for again, it is not looked up again. */
export class HostHandle {
  readonly key: string;
  /** Of no meaning but to `KnownHosts`: one of them only, and only while the slot is of this generation. */
  table: HostTable | null = null;
  id = -1;
  slot = -1;
  generation = -1;

  constructor(key: string) {
    this.key = key;
  }
}

export class KnownHosts {
  readonly #options: KnownHostsOptions;
  readonly #rings: HourRings;
  readonly #shards: HostTable[];
  /** What one shard may hold: the mean and eight standard deviations, so none overflows by chance. */
  readonly #maxShard: number;
  readonly #name = new NameBytes();
  #known = 0;
  #pending = 0;
  /** The newest hour in which a host was met for the first time, and how many were. */
  readonly #met = { hour: Number.NEGATIVE_INFINITY, hosts: 0 };
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
    this.#shards = Array.from({ length: count }, () => new HostTable(this.#maxShard));
  }

  /** Hosts with an hour in the lookback; exact after `sweep` for its hour, until the next one. */
  get known(): number {
    return this.#known;
  }

  /** All other hosts that are held. */
  get pending(): number {
    return this.#pending;
  }

  /** Hosts that were not held when they were seen in this hour. Known of the newest such hour only. */
  metIn(hour: number): number {
    return this.#met.hour === hour ? this.#met.hosts : 0;
  }

  /**
   * @param hour when it was seen
   * @param now the hour to which "pending" and "expired" refer, should room be needed
   */
  see(host: HostHandle, hour: number, now: number): void {
    let isHeld = this.#find(host);
    if (isHeld && this.#isFuture(host.slot, hour)) {
      this.#remove(host.table!, host.id);
      isHeld = this.#find(host);
    }
    if (isHeld) {
      this.#seeAgain(host.table!, host.id, host.slot, hour, now);
    } else {
      // Right after a `#find` in vain: the name is still at hand.
      const table = this.#shardOf(this.#name);
      const id = this.#add(table, this.#name, hour, now);
      this.#note(host, table, id, table.numberOf(id));
      this.#meet(hour);
    }
  }

  /** What comes late is not counted; an hour that a wrong clock has told does not stand in the way for ever. */
  #meet(hour: number): void {
    const met = this.#met;
    if (hour > met.hour || met.hour - hour >= this.#rings.span) {
      met.hour = hour;
      met.hosts = 0;
    }
    if (hour === met.hour) met.hosts++;
  }

  /** As `see` for each, in their order but for hosts of different shards. Other work is let in between. */
  async seeAll(sightings: Sightings, now: number): Promise<void> {
    const name = new NameBytes();
    const { order, ends } = sightings.byShard(this.#shards.length);
    for (let shard = 0, i = 0; shard < ends.length; shard++) {
      const table = this.#shards[shard]!;
      while (i < ends[shard]!) {
        const hour = sightings.copyName(order[i++]!, name);
        this.#seeIn(table, name, hour, now);
        if (i % seenPerTurn === 0) await nextTurn();
      }
    }
  }

  #seeIn(table: HostTable, name: NameBytes, hour: number, now: number): void {
    let id = table.find(name);
    if (id !== -1 && this.#isFuture(table.numberOf(id), hour)) {
      this.#remove(table, id);
      id = -1;
    }
    if (id === -1) this.#add(table, name, hour, now);
    else this.#seeAgain(table, id, table.numberOf(id), hour, now);
  }

  #seeAgain(table: HostTable, id: number, slot: number, hour: number, now: number): void {
    this.#rings.mark(slot, hour);
    this.#use(table, id, this.#tierFor(slot, now));
  }

  state(host: HostHandle, hour: number): Exclude<HostState, 'absent'> {
    if (!this.#find(host)) return 'never_seen';
    if (this.#inLookback(host.slot, hour)) return 'known';
    return this.#rings.newest(host.slot) >= hour - this.#options.holdbackHours
      ? 'pending'
      : 'never_seen';
  }

  /** The first remembered hour that is at least `from`, or -1. */
  firstHour(host: HostHandle, from: number): number {
    return this.#find(host) ? this.#rings.firstIn(host.slot, from, Number.POSITIVE_INFINITY) : -1;
  }

  /** The newest hour in which it was seen, or -1. */
  lastHour(host: HostHandle): number {
    return this.#find(host) ? this.#rings.newest(host.slot) : -1;
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
      for (const tier of [known, pending]) {
        eachFromOldest(shard, tier, (id) => {
          if (!this.#rings.unmark(shard.numberOf(id), hour)) this.#remove(shard, id);
        });
      }
      await nextTurn();
    }
  }

  #sweepShard(shard: HostTable, hour: number): void {
    // Least recently seen first, so that those which move keep their order.
    eachFromOldest(shard, known, (id) => {
      const slot = shard.numberOf(id);
      if (this.#expired(slot, hour)) this.#remove(shard, id);
      else if (!this.#inLookback(slot, hour)) this.#use(shard, id, pending);
    });
    eachFromOldest(shard, pending, (id) => {
      const slot = shard.numberOf(id);
      if (this.#inLookback(slot, hour)) this.#use(shard, id, known);
      else if (this.#expired(slot, hour)) this.#remove(shard, id);
    });
  }

  /** Makes sure that one more host fits into `home` and into the whole. */
  #makeRoom(home: HostTable, now: number): void {
    this.#moves = 0;
    if (home.size(known) + home.size(pending) >= this.#maxShard) {
      if (!this.#dropExpired(home, now) && !this.#evictPending(home, now)) this.#evictKnown(home);
    }
    if (this.#known + this.#pending < this.#options.maxHosts) return;
    if (this.#dropExpired(home, now)) return;
    if (this.#anywhere((shard) => this.#evictPending(shard, now))) return;
    this.#anywhere((shard) => this.#evictKnown(shard));
  }

  /** Goes round the shards, so that each gives up its least recently seen in turn. */
  #anywhere(evict: (shard: HostTable) => boolean): boolean {
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
  #isFuture(slot: number, hour: number): boolean {
    return this.#rings.newest(slot) - hour >= this.#rings.span;
  }

  #dropExpired(shard: HostTable, now: number): boolean {
    const id = shard.oldest(known);
    if (id === -1 || !this.#expired(shard.numberOf(id), now)) return false;
    this.#remove(shard, id);
    return true;
  }

  /** Hosts that have become known since they were last looked at are moved up on the way. */
  #evictPending(shard: HostTable, now: number): boolean {
    for (;;) {
      const id = shard.oldest(pending);
      if (id === -1 || this.#moves > maxMoves) return false;
      const slot = shard.numberOf(id);
      if (this.#inLookback(slot, now)) {
        this.#use(shard, id, known);
        this.#moves++;
        continue;
      }
      if (!this.#expired(slot, now)) this.#options.counters.host_evictions++;
      this.#remove(shard, id);
      return true;
    }
  }

  #evictKnown(shard: HostTable): boolean {
    const id = shard.oldest(known);
    if (id === -1) return false;
    this.#remove(shard, id);
    this.#options.counters.host_evictions++;
    return true;
  }

  #inLookback(slot: number, hour: number): boolean {
    const { lookbackHours, holdbackHours } = this.#options;
    return this.#rings.firstIn(slot, hour - lookbackHours, hour - holdbackHours) !== -1;
  }

  #tierFor(slot: number, now: number): Tier {
    return this.#inLookback(slot, now) ? known : pending;
  }

  /** With one hour of margin, since an event may still be judged in the hour before. */
  #expired(slot: number, hour: number): boolean {
    return this.#rings.newest(slot) < hour - this.#options.lookbackHours - 1;
  }

  /** Brings the handle up to date; false if the host is not held. */
  #find(host: HostHandle): boolean {
    if (host.slot !== -1 && this.#rings.generation(host.slot) === host.generation) return true;
    const name = this.#name.set(host.key);
    const table = this.#shardOf(name);
    const id = table.find(name);
    host.slot = -1;
    if (id === -1) return false;
    this.#note(host, table, id, table.numberOf(id));
    return true;
  }

  /** Adds one that is not held. Returns its id. */
  #add(table: HostTable, name: NameBytes, hour: number, now: number): number {
    this.#makeRoom(table, now);
    const slot = this.#rings.allocate(hour);
    const tier = this.#tierFor(slot, now);
    this.#count(tier, 1);
    return table.add(name, slot, tier);
  }

  #shardOf(name: NameBytes): HostTable {
    return this.#shards[name.spread % this.#shards.length]!;
  }

  #note(host: HostHandle, table: HostTable, id: number, slot: number): void {
    host.table = table;
    host.id = id;
    host.slot = slot;
    host.generation = this.#rings.generation(slot);
  }

  #use(shard: HostTable, id: number, tier: Tier): void {
    const before = shard.tierOf(id);
    if (before !== tier) {
      this.#count(before, -1);
      this.#count(tier, 1);
    }
    shard.use(id, tier);
  }

  #remove(shard: HostTable, id: number): void {
    this.#count(shard.tierOf(id), -1);
    this.#rings.free(shard.numberOf(id));
    shard.remove(id);
  }

  #count(tier: Tier, difference: number): void {
    if (tier === known) this.#known += difference;
    else this.#pending += difference;
  }
}

/** What is done with one may move it into the other tier, or remove it. */
function eachFromOldest(shard: HostTable, tier: Tier, each: (id: number) => void): void {
  for (let id = shard.oldest(tier); id !== -1; ) {
    const next = shard.newerThan(id);
    each(id);
    id = next;
  }
}
