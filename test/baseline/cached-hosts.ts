/**
 * `KnownHosts` as it would be with an `lru-cache` per tier and a set of hours per host: plain, slow, and
 * what evictions are compared with.
 */
import { LRUCache } from 'lru-cache';
import type { KnownHostsOptions } from '../../src/baseline/known-hosts.js';

interface Shard {
  readonly known: LRUCache<string, Set<number>>;
  readonly pending: LRUCache<string, Set<number>>;
}

/** For at most as many hosts as one move of the search for room may pass (4096). */
export class CachedHosts {
  evictions = 0;
  readonly #options: KnownHostsOptions;
  readonly #shard: Shard;

  constructor(options: KnownHostsOptions) {
    this.#options = options;
    const tier = () => new LRUCache<string, Set<number>>({ max: options.maxHosts + 1 });
    this.#shard = { known: tier(), pending: tier() };
  }

  get known(): number {
    return this.#shard.known.size;
  }

  get pending(): number {
    return this.#shard.pending.size;
  }

  see(key: string, hour: number, now: number): void {
    const { known, pending } = this.#shard;
    const hours = known.get(key) ?? pending.get(key);
    if (hours === undefined) this.#makeRoom(now);
    this.#place(key, (hours ?? new Set()).add(hour), now);
  }

  state(key: string, hour: number): string {
    const hours = this.#shard.known.peek(key) ?? this.#shard.pending.peek(key);
    if (hours === undefined) return 'never_seen';
    if (this.#inLookback(hours, hour)) return 'known';
    return Math.max(...hours) >= hour - this.#options.holdbackHours ? 'pending' : 'never_seen';
  }

  sweep(now: number): void {
    const { known, pending } = this.#shard;
    for (const tier of [known, pending]) {
      for (const [key, hours] of [...tier.rentries()] as [string, Set<number>][]) {
        const belongs = this.#inLookback(hours, now) ? known : pending;
        if (this.#expired(hours, now)) tier.delete(key);
        else if (belongs !== tier) this.#place(key, hours, now);
      }
    }
  }

  #makeRoom(now: number): void {
    const { known, pending } = this.#shard;
    if (this.known + this.pending < this.#options.maxHosts) return;
    const [oldest] = [...known.rentries()] as [string, Set<number>][];
    if (oldest !== undefined && this.#expired(oldest[1], now)) {
      known.delete(oldest[0]);
      return;
    }
    for (const [key, hours] of [...pending.rentries()] as [string, Set<number>][]) {
      if (this.#inLookback(hours, now)) {
        this.#place(key, hours, now);
        continue;
      }
      if (!this.#expired(hours, now)) this.evictions++;
      pending.delete(key);
      return;
    }
    const [first] = [...known.rkeys()] as string[];
    known.delete(first!);
    this.evictions++;
  }

  #place(key: string, hours: Set<number>, now: number): void {
    const { known, pending } = this.#shard;
    const [to, from] = this.#inLookback(hours, now) ? [known, pending] : [pending, known];
    from.delete(key);
    to.set(key, hours);
  }

  #inLookback(hours: ReadonlySet<number>, hour: number): boolean {
    const { lookbackHours, holdbackHours } = this.#options;
    return [...hours].some((h) => h >= hour - lookbackHours && h < hour - holdbackHours);
  }

  #expired(hours: ReadonlySet<number>, hour: number): boolean {
    return Math.max(...hours) < hour - this.#options.lookbackHours - 1;
  }
}
