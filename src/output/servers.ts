/**
 * Which server is used. The list's order is the preference: the first is used while it works, the
 * others stand by. One that fails is left at once for the first in the list that has not failed in this
 * round; only when all have failed in a row is there a wait. Pure but for the clock, an argument.
 */
import { type BackoffBounds, backoffMs, boundsAfter } from './backoff.js';

export interface Server {
  readonly host: string;
  readonly port: number;
}

/** A server that was returned to in vain is probed half as often, but at least every so many waits. */
const maxWaits = 64;

export class Servers {
  readonly list: readonly Server[];
  readonly #bounds: BackoffBounds;
  readonly #random: () => number;
  readonly #now: () => number;
  readonly #recoverWaitMs: number;
  #active = 0;
  readonly #failed = new Set<number>();
  /** Those of this round, so far. */
  #allRefused = true;
  /** Rounds in a row in which nothing was delivered, or hardly anything. */
  #rounds = 0;
  /** By server: how many recover waits lie between probes, and when the next one may be. */
  readonly #probes: { waits: number; dueMs: number }[];

  /** @param options.now a clock in ms that only goes forward */
  constructor(options: {
    list: readonly Server[];
    bounds: BackoffBounds;
    recoverWaitMs: number;
    random: () => number;
    now: () => number;
  }) {
    this.list = options.list;
    this.#bounds = options.bounds;
    this.#recoverWaitMs = options.recoverWaitMs;
    this.#random = options.random;
    this.#now = options.now;
    this.#probes = options.list.map(() => ({ waits: 1, dueMs: 0 }));
  }

  get active(): number {
    return this.#active;
  }

  /**
   * The active one has failed. Turns to the next; returns how long to wait before that, in ms.
   * @param refused nobody listens there
   */
  failed(refused = false): number {
    this.#failed.add(this.#active);
    this.#allRefused &&= refused;
    const next = this.list.findIndex((_, index) => !this.#failed.has(index));
    if (next >= 0) {
      this.#active = next;
      return 0;
    }
    const bounds = boundsAfter(this.#bounds, this.#allRefused);
    this.newRound();
    this.#active = 0;
    this.#rounds++;
    return Math.round(backoffMs(this.#rounds, bounds, this.#random));
  }

  /** All may be tried again. */
  newRound(): void {
    this.#failed.clear();
    this.#allRefused = true;
  }

  /**
   * The active one has acked something. A connection that breaks soon after its first ack still counts
   * as a failure of this round, or two such servers would be called in turn without any wait.
   *
   * @param ageMs of the connection
   */
  delivered(ageMs: number): void {
    this.#rounds = 0;
    this.#probes[this.#active]!.waits = 1;
    if (ageMs >= this.#bounds.firstMs) this.newRound();
  }

  /** Servers that are preferred to the active one and may be probed now, the best first. */
  probesDue(): number[] {
    const nowMs = this.#now();
    return this.list
      .map((_, index) => index)
      .filter((index) => index < this.#active && this.#probes[index]!.dueMs <= nowMs);
  }

  /** Goes back to a server that was probed. Until it acks something, it is not trusted as before. */
  returnTo(index: number): void {
    const probe = this.#probes[index]!;
    probe.waits = Math.min(maxWaits, probe.waits * 2);
    probe.dueMs = this.#now() + probe.waits * this.#recoverWaitMs;
    this.#active = index;
    this.newRound();
  }
}

export function addressOf({ host, port }: Server): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
