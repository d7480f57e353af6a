/**
 * Holds the alerts of the sidecar against those of `hunt`, one direction of one event at a time. They may
 * differ for two reasons only, and each difference must be shown to be one of them:
 *
 *   rank edge   an hour of more than 4096 sizes is a t-digest in the sidecar and exact in `hunt`: the
 *               threshold may be off by as many ranks as `baseline/size-digest.ts` states
 *   order       `hunt` sorts by time, the sidecar takes events as they come: of two events of one new
 *               host whose order that changes, the one that comes first is the one that finds it unseen
 *
 * Whatever else differs is a mistake.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Alert, Direction } from '../../src/verdict.js';
import { msPerHour, type Taken } from './week-traffic.js';

/** Rank error of one bucket, as a share of its samples. */
const statedError = 0.005;
const blockSize = 4096;
const levelRatios = [3, 10, 30];

export interface AlertRecord {
  readonly externalId: string;
  readonly alert: Alert;
  readonly [key: string]: unknown;
}

interface Lookback {
  /** Ascending. */
  readonly sizes: Float64Array;
  /** Samples in hours that the sidecar holds as a sketch. */
  readonly sketched: number;
}

/** The sizes that each hour is compared with, as the test knows them. */
class Lookbacks {
  readonly #hours = new Map<number, number[]>();
  readonly #made = new Map<number, Lookback>();

  constructor(taken: readonly Taken[], direction: Direction) {
    for (const { event, atMs } of taken) {
      const bytes = event.sizes[direction];
      if (bytes === undefined || Number.isNaN(bytes) || !event.learned(atMs)) continue;
      const hour = Math.floor(atMs / msPerHour);
      const held = this.#hours.get(hour);
      if (held === undefined) this.#hours.set(hour, [bytes]);
      else held.push(bytes);
    }
  }

  at(hour: number): Lookback {
    let lookback = this.#made.get(hour);
    if (lookback === undefined) {
      const lists: number[][] = [];
      for (let h = hour - 7 * 24; h < hour - 24; h++) lists.push(this.#hours.get(h) ?? []);
      const sketched = lists.filter(({ length }) => length > blockSize);
      lookback = {
        sizes: Float64Array.from(lists.flat()).sort(),
        sketched: sketched.reduce((sum, { length }) => sum + length, 0),
      };
      this.#made.set(hour, lookback);
    }
    return lookback;
  }
}

/** How many ranks `value` is away from the 95th percentile. */
function rankError({ sizes }: Lookback, value: number): number {
  const rank = rankOfThreshold(sizes);
  const below = countBelow(sizes, value);
  let notAbove = below;
  while (notAbove < sizes.length && sizes[notAbove] === value) notAbove++;
  return Math.max(0, rank - notAbove, below + 1 - rank);
}

function rankOfThreshold(sizes: Float64Array): number {
  return Math.max(1, Math.ceil((95 * sizes.length) / 100));
}

function countBelow(sizes: Float64Array, value: number): number {
  let low = 0;
  let high = sizes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sizes[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A reading of `hunt` that takes some events at other moments than the sidecar. */
export interface Moved {
  readonly ids: ReadonlySet<number>;
  readonly hosts: ReadonlySet<string>;
}

const noneMoved: Moved = { ids: new Set(), hosts: new Set() };

export class Comparison {
  readonly counts = {
    alerts: 0,
    uploads: 0,
    both: 0,
    pending: 0,
    absent: 0,
    twice: 0,
    mismatch: 0,
    exact: 0,
    thresholdDiffers: 0,
    onlySidecar: 0,
    onlyHunt: 0,
    order: 0,
    /** Of or beside an event that `hunt` takes at its own time and the sidecar does not. */
    moved: 0,
  };
  maxRankError = 0;
  maxAllowed = 0;
  readonly mistakes: string[] = [];
  readonly #taken: ReadonlyMap<number, Taken>;
  readonly #position: ReadonlyMap<number, number>;
  readonly #ofHost = new Map<string, Taken[]>();
  readonly #lookbacks: Readonly<Record<Direction, Lookbacks>>;
  readonly #moved: Moved;

  constructor(taken: readonly Taken[], moved: Moved = noneMoved) {
    this.#moved = moved;
    this.#taken = new Map(taken.map((one) => [one.event.id, one]));
    this.#position = new Map(taken.map(({ event }, at) => [event.id, at]));
    for (const one of taken) {
      for (const host of one.event.hosts) {
        const others = this.#ofHost.get(host);
        if (others === undefined) this.#ofHost.set(host, [one]);
        else others.push(one);
      }
    }
    this.#lookbacks = {
      download: new Lookbacks(taken, 'download'),
      upload: new Lookbacks(taken, 'upload'),
    };
  }

  compare(sidecar: readonly AlertRecord[], hunted: readonly AlertRecord[]): this {
    const ofSidecar = byId(sidecar);
    const ofHunt = byId(hunted);
    for (const id of new Set([...ofSidecar.keys(), ...ofHunt.keys()])) {
      const ours = ofSidecar.get(id);
      const theirs = ofHunt.get(id);
      const alike = ours !== undefined && theirs !== undefined;
      this.counts.alerts++;
      // A line of another time is another record.
      if (alike && !this.#taken.get(id)!.moved) this.#compareRecords(id, ours, theirs);
      for (const direction of ['download', 'upload'] as const) {
        this.#compareSide(id, direction, sideOf(ours, direction), sideOf(theirs, direction));
      }
      if (alike) this.#compareOrderOfSides(id, ours.alert, theirs.alert);
    }
    return this;
  }

  /** True if a size is near enough to the threshold of this moment for sketch and truth to differ. */
  isAtEdge(direction: Direction, atMs: number, bytes: number): boolean {
    const lookback = this.#lookbacks[direction].at(Math.floor(atMs / msPerHour));
    return rankError(lookback, bytes) <= this.#allowed(lookback) + 1;
  }

  /** Ranks by which the threshold may be off. */
  #allowed({ sketched }: Lookback): number {
    return statedError * sketched + this.#moved.ids.size;
  }

  #compareRecords(id: number, ours: AlertRecord, theirs: AlertRecord): void {
    if (isDeepStrictEqual(restOf(ours), restOf(theirs))) return;
    this.#mistake(id, 'the records differ beside the alert', restOf(ours), restOf(theirs));
  }

  #compareSide(id: number, direction: Direction, ours: Alert | null, theirs: Alert | null): void {
    const { counts } = this;
    const alert = ours ?? theirs;
    if (alert === null) return;
    this.#countKinds(alert);
    if (ours !== null && theirs !== null && isDeepStrictEqual(ours, theirs)) {
      counts.exact++;
      this.#checkThreshold(id, direction, theirs, 'exact');
    } else if (this.#isMoved(id)) {
      counts.moved++;
    } else if (ours === null || theirs === null) {
      if (ours === null) counts.onlyHunt++;
      else counts.onlySidecar++;
      this.#checkThreshold(id, direction, alert, ours === null ? 'exact' : 'sketch');
      if (!this.isAtEdge(direction, this.#taken.get(id)!.atMs, alert.bytes)) {
        this.#mistake(id, `${direction} alerts on one side only`, ours, theirs);
      }
    } else {
      this.#compareFields(id, direction, ours, theirs);
    }
  }

  #countKinds({ direction, host_state, duplicate_keys, mismatch }: Alert): void {
    const { counts } = this;
    if (direction === 'upload') counts.uploads++;
    if (host_state === 'pending') counts.pending++;
    if (host_state === 'absent') counts.absent++;
    if (duplicate_keys !== undefined) counts.twice++;
    if (mismatch) counts.mismatch++;
  }

  #compareFields(id: number, direction: Direction, ours: Alert, theirs: Alert): void {
    const sameThreshold = ours.threshold_bytes === theirs.threshold_bytes;
    const sameState = isDeepStrictEqual(newness(ours), newness(theirs));
    if (!sameThreshold) this.counts.thresholdDiffers++;
    this.#checkThreshold(id, direction, ours, 'sketch');
    this.#checkThreshold(id, direction, theirs, 'exact');
    if (!sameState) {
      this.counts.order++;
      if (!isNew(ours) || !isNew(theirs) || !this.#comesInOtherOrder(id)) {
        this.#mistake(id, 'not the same host, or not as new', ours, theirs);
      }
    }
    if (!isDeepStrictEqual(plain(ours), plain(theirs))) {
      if (this.#moved.ids.size === 0) this.#mistake(id, 'a field differs', ours, theirs);
    }
    if (sameState && ours.level !== theirs.level && !crossesALevel(ours, theirs)) {
      this.#mistake(id, 'the level differs', ours, theirs);
    }
    if (sameState && sameThreshold && ours.reason !== theirs.reason && this.#moved.ids.size === 0) {
      this.#mistake(id, 'the reason differs', ours, theirs);
    }
  }

  #checkThreshold(id: number, direction: Direction, alert: Alert, by: 'sketch' | 'exact'): void {
    const { atMs } = this.#taken.get(id)!;
    const lookback = this.#lookbacks[direction].at(Math.floor(atMs / msPerHour));
    const error = rankError(lookback, alert.threshold_bytes);
    const allowed = by === 'exact' ? this.#moved.ids.size : this.#allowed(lookback);
    this.maxRankError = Math.max(this.maxRankError, error);
    this.maxAllowed = Math.max(this.maxAllowed, Math.floor(allowed));
    const few = Math.abs(alert.samples - lookback.sizes.length) <= this.#moved.ids.size;
    if (error > allowed || !few) {
      const known = `${lookback.sizes.length} samples, off by ${error} ranks of ${allowed}`;
      this.#mistake(id, `the threshold is not that of the lookback: ${known}`, alert, null);
    }
  }

  /** The direction with the higher ratio comes first: the same one, unless a ratio differs. */
  #compareOrderOfSides(id: number, ours: Alert, theirs: Alert): void {
    if (ours.also !== undefined && theirs.also !== undefined) this.counts.both++;
    if (ours.direction === theirs.direction || this.#isMoved(id)) return;
    const sides = [ours, theirs].map((alert) => [alert.ratio, alert.also?.ratio]);
    if (isDeepStrictEqual(sides[0], sides[1]?.toReversed())) {
      this.#mistake(id, 'the other direction comes first', ours, theirs);
    }
  }

  /** Another event of its host comes before it by time and after it by arrival, or the reverse. */
  #comesInOtherOrder(id: number): boolean {
    const { event, atMs } = this.#taken.get(id)!;
    const at = this.#position.get(id)!;
    const others = event.hosts.flatMap((host) => this.#ofHost.get(host) ?? []);
    return others.some((other) => {
      const cameBefore = this.#position.get(other.event.id)! < at;
      return cameBefore ? other.atMs > atMs : other.atMs < atMs;
    });
  }

  #isMoved(id: number): boolean {
    const { ids, hosts } = this.#moved;
    return ids.has(id) || this.#taken.get(id)!.event.hosts.some((host) => hosts.has(host));
  }

  #mistake(id: number, what: string, ours: unknown, theirs: unknown): void {
    const [one, other] = [ours, theirs].map((side) => JSON.stringify(side));
    const line = this.#taken.get(id)!.event.text;
    this.mistakes.push(`${what}\n  ${line}\n  run  ${one}\n  hunt ${other}`);
  }
}

function byId(records: readonly AlertRecord[]): ReadonlyMap<number, AlertRecord> {
  return new Map(records.map((record) => [Number(record.externalId), record]));
}

/** Without the alert, and what tells how and when the line came. */
function restOf(record: AlertRecord): object {
  const { alert, received_at, event_id, peer, ...rest } = record;
  return rest;
}

function sideOf(record: AlertRecord | undefined, direction: Direction): Alert | null {
  if (record === undefined) return null;
  const { also, ...first } = record.alert;
  if (first.direction === direction) return first;
  return also?.direction === direction ? also : null;
}

/** Without what follows from a threshold, or from how new the host is. */
function plain(alert: Alert): object {
  const { threshold_bytes, ratio, level, reason, host, host_state, first_seen, ...rest } = alert;
  return rest;
}

/** Of several hosts the least known is judged. */
function newness({ host, host_state, first_seen }: Alert): object {
  return { host, host_state, first_seen };
}

const isNew = ({ host_state }: Alert): boolean =>
  host_state === 'never_seen' || host_state === 'pending';

function crossesALevel(ours: Alert, theirs: Alert): boolean {
  const passed = ({ ratio }: Alert) => levelRatios.filter((times) => ratio >= times).length;
  return passed(ours) !== passed(theirs);
}
