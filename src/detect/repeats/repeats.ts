/**
 * Which alerts were raised, so that their repeats can be held back: one alert per key and window, which
 * begins when it is raised and does not move.
 *
 * Bounded by `maxAlerts`: the alert raised longest ago is forgotten first. In shards, since a cache
 * rehashes all its keys in one go as it grows (a million took 107 ms).
 */
import { LRUCache } from 'lru-cache';
import type { DetectionConfig } from '../../config/config.js';
import { msPerHour } from '../../hour.js';
import { countOf } from '../../observe/counted.js';
import type { Counters } from '../../observe/counters.js';
import type { RaisedAlert } from '../../stages.js';
import type { AlertSuppressed } from '../../verdict.js';
import { isKeyBy, keyInWords, type RepeatFacts, repeatKey, sharedInWords } from './repeat-key.js';

export interface Repeat {
  /** Repeats of the alert so far, this one included. */
  readonly count: number;
  /** When the alert was raised, epoch ms. */
  readonly firstMs: number;
}

/** `repeats` is counted in place. */
type Raised = { readonly atMs: number; repeats: number };

/** Alerts per shard; a rehash of so many, and a copy of them for a checkpoint, take a millisecond or so. */
const alertsPerShard = 8192;
const msPerSecond = 1000;
const msPerMinute = 60_000;

export class Repeats {
  #suppress: DetectionConfig['suppress'];
  readonly #counters: Pick<Counters, 'repeat_evictions'>;
  /** Each in the order in which its alerts were raised: never read but by `peek`, which leaves it. */
  readonly #shards: readonly LRUCache<string, Raised>[];
  #size = 0;
  #version = 0;

  constructor(options: {
    readonly suppress: DetectionConfig['suppress'];
    readonly counters: Pick<Counters, 'repeat_evictions'>;
  }) {
    this.#suppress = options.suppress;
    this.#counters = options.counters;
    const { maxAlerts } = options.suppress;
    const count = Math.ceil(maxAlerts / alertsPerShard);
    // Room for chance: of one shard nothing is evicted but what is the oldest of all.
    const mean = maxAlerts / count;
    const max = Math.min(maxAlerts, Math.ceil(mean + 8 * Math.sqrt(mean)));
    this.#shards = Array.from(
      { length: count },
      () =>
        new LRUCache<string, Raised>({
          max,
          dispose: (_value, _key, reason) => {
            if (reason === 'evict') this.#evicted();
          },
        }),
    );
  }

  /** From now on; but for `maxAlerts`, which is for good. Alerts raised by other keys than `by` are not compared. */
  use(suppress: DetectionConfig['suppress']): void {
    this.#suppress = { ...suppress, maxAlerts: this.#suppress.maxAlerts };
  }

  /** Alerts remembered, those whose window has ended included until room is needed. */
  get size(): number {
    return this.#size;
  }

  /** Grows with every change since it was made: what has this version on disk need not be saved. */
  get version(): number {
    return this.#version;
  }

  /** What alerts like this one share, or null if nothing is ever held back. */
  keyOf(facts: RepeatFacts): string | null {
    return repeatKey(facts, this.#suppress.by);
  }

  /**
   * Null: raise it, and its window begins; else it is a repeat, and is counted.
   * @param atMs moment of the event, epoch ms; may go back
   */
  check(key: string, atMs: number): Repeat | null {
    const shard = this.#shardOf(key);
    const raised = shard.peek(key);
    this.#version++;
    if (raised !== undefined && this.#inWindow(raised, atMs)) {
      raised.repeats++;
      return { count: raised.repeats, firstMs: raised.atMs };
    }
    this.#dropEnded(shard, atMs);
    this.#raise(key, { atMs, repeats: 0 });
    return null;
  }

  /** What `check` would say; changes nothing. */
  peek(key: string, atMs: number): Repeat | null {
    const raised = this.#shardOf(key).peek(key);
    if (raised === undefined || !this.#inWindow(raised, atMs)) return null;
    return { count: raised.repeats + 1, firstMs: raised.atMs };
  }

  /** The `alert_suppressed` of a repeat. */
  suppressedBy(key: string, { count, firstMs }: Repeat): AlertSuppressed {
    const first = new Date(firstMs).toISOString();
    const moment = `${first.slice(0, 16).replace('T', ' ')} UTC`;
    const held = `alerts of ${sharedInWords(key)} are held back for ${this.#windowInWords()}`;
    return {
      by: 'repeat',
      name: keyInWords(key),
      reason: `repeat of the alert of ${moment}; ${held}`,
      count,
      first,
    };
  }

  /**
   * Everything remembered, block by block; a block is a copy of one moment, and small. Between blocks
   * others may be changed: each alert stands for itself.
   */
  *snapshot(): Generator<readonly RaisedAlert[]> {
    for (const shard of this.#shards) {
      const block: RaisedAlert[] = [];
      for (const [key, { atMs, repeats }] of shard.rentries() as Iterable<[string, Raised]>) {
        block.push({ key, atMs, repeats });
      }
      if (block.length > 0) yield block;
    }
  }

  /**
   * Takes what a snapshot held, before the first `check`. What was made by another `suppress.by` is
   * left out; an alert from the future (the clock was wrong) counts as raised now.
   */
  restore(alerts: readonly RaisedAlert[], nowMs: number): void {
    const mine = alerts.filter(({ key }) => isKeyBy(key, this.#suppress.by));
    if (mine.length < alerts.length) this.#version++;
    for (const { key, atMs, repeats } of mine.sort((a, b) => a.atMs - b.atMs)) {
      if (atMs > nowMs) this.#version++;
      this.#raise(key, { atMs: Math.min(atMs, nowMs), repeats });
    }
  }

  /**
   * An event may be older than the alert; then it is a repeat if it is so by less than the window. If by
   * more, the clock was wrong when the alert was raised: that must not hold back anything.
   */
  #inWindow({ atMs: raisedMs }: Raised, atMs: number): boolean {
    return Math.abs(atMs - raisedMs) < this.#suppress.windowMs;
  }

  #hasEnded({ atMs: raisedMs }: Raised, nowMs: number): boolean {
    return nowMs - raisedMs >= this.#suppress.windowMs;
  }

  /** As the newest of its shard. */
  #raise(key: string, raised: Raised): void {
    const shard = this.#shardOf(key);
    if (shard.delete(key)) this.#size--;
    if (this.#size >= this.#suppress.maxAlerts) this.#evictOldest(raised.atMs);
    shard.set(key, raised);
    this.#size++;
  }

  /** Two at most: more than are added, so that in the long run none is kept. */
  #dropEnded(shard: LRUCache<string, Raised>, nowMs: number): void {
    for (let i = 0; i < 2; i++) {
      const oldest = oldestOf(shard);
      if (oldest === null || !this.#hasEnded(oldest.raised, nowMs)) return;
      shard.delete(oldest.key);
      this.#size--;
    }
  }

  #evictOldest(nowMs: number): void {
    let from: LRUCache<string, Raised> | null = null;
    let oldest: { readonly key: string; readonly raised: Raised } | null = null;
    for (const shard of this.#shards) {
      const candidate = oldestOf(shard);
      if (candidate === null) continue;
      if (oldest !== null && candidate.raised.atMs >= oldest.raised.atMs) continue;
      from = shard;
      oldest = candidate;
    }
    if (from === null || oldest === null) return;
    from.delete(oldest.key);
    this.#size--;
    if (!this.#hasEnded(oldest.raised, nowMs)) this.#counters.repeat_evictions++;
  }

  /** A single shard was full: senders can choose names that fall into one. */
  #evicted(): void {
    this.#size--;
    this.#counters.repeat_evictions++;
  }

  /** FNV-1a. Only spreads load. */
  #shardOf(key: string): LRUCache<string, Raised> {
    let hash = 0x811c9dc5;
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
    return this.#shards[(hash >>> 0) % this.#shards.length]!;
  }

  #windowInWords(): string {
    const { windowMs } = this.#suppress;
    if (windowMs % msPerHour === 0) return countOf(windowMs / msPerHour, 'hour');
    if (windowMs % msPerMinute === 0) return countOf(windowMs / msPerMinute, 'minute');
    return countOf(windowMs / msPerSecond, 'second');
  }
}

function oldestOf(
  shard: LRUCache<string, Raised>,
): { readonly key: string; readonly raised: Raised } | null {
  const first = shard.rkeys().next();
  if (first.done) return null;
  return { key: first.value, raised: shard.peek(first.value)! };
}
