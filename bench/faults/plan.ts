/**
 * What will be done to whom, and when: a function of the seed, the time, and what this machine can do. A
 * run is a row of rounds. In a round of kind `storm` four lanes of faults go on beside each other; in a
 * `damage` round the spool is damaged while the program is dead. Each round ends in calm: all faults are
 * over, and all that was taken in must arrive.
 */
import { randomFrom } from '../workload.js';
import type { DamageKind } from './damage.js';
import type { DiskFault } from './disk.js';

export type Step =
  | { readonly kind: 'kill'; readonly atMs: number; readonly downMs: number }
  | { readonly kind: 'terminate'; readonly atMs: number }
  | { readonly kind: 'freeze'; readonly atMs: number; readonly forMs: number }
  | { readonly kind: 'cut sender'; readonly atMs: number }
  | { readonly kind: 'fill disk'; readonly atMs: number; readonly forMs: number }
  | {
      readonly kind: 'fail disk';
      readonly atMs: number;
      readonly forMs: number;
      readonly how: DiskFault;
      readonly waitMs: number;
    }
  | {
      readonly kind: 'receiver';
      readonly atMs: number;
      readonly forMs: number;
      readonly how: ReceiverFault;
    };

export type ReceiverFault =
  | 'away'
  | 'frozen'
  | 'no acks'
  | 'late acks'
  | 'cut before ack'
  | 'cut after ack'
  | 'killed';

export type Lane = 'program' | 'receiver' | 'disk' | 'sender';

export interface Round {
  readonly number: number;
  readonly kind: 'storm' | 'damage';
  readonly damage: DamageKind | null;
  readonly forMs: number;
  readonly receiver: 'mock' | 'fluentd';
  readonly tmpfs: boolean;
  readonly sync: 'none' | 'interval' | 'always';
  readonly maxSize: string;
  readonly lanes: Readonly<Record<Lane, readonly Step[]>>;
}

/** What can be done here. */
export interface Abilities {
  /** Else there is nothing to damage: the program is killed with a backlog, and that is all. */
  readonly spool: boolean;
  readonly fluentd: boolean;
  readonly tmpfs: boolean;
  readonly failingDisk: boolean;
}

type Random = () => number;

export function planOf(seed: number, rounds: number, roundMs: number, can: Abilities): Round[] {
  const random = randomFrom(seed);
  const kinds: readonly (DamageKind | null)[] = can.spool
    ? [null, 'bytes', null, 'cursor', null, 'tail']
    : ['bytes'];
  return Array.from({ length: rounds }, (_, i) => {
    const damage = kinds[i % kinds.length]!;
    // Damage is done in front of a receiver that can be told to keep its acks back.
    const receiver = can.fluentd && damage === null && i % 4 === 2 ? 'fluentd' : 'mock';
    const tmpfs = can.tmpfs && (i % 2 === 0 || random() < 0.3);
    const storm = damage === null;
    const none: readonly Step[] = [];
    return {
      number: i + 1,
      kind: storm ? 'storm' : 'damage',
      damage,
      forMs: roundMs,
      receiver,
      tmpfs,
      sync: oneOf(random, ['interval', 'none', 'always'] as const),
      maxSize: storm ? oneOf(random, ['2MiB', '16MiB', '64MiB']) : '64MiB',
      lanes: {
        program: storm ? programLane(random, roundMs) : none,
        receiver: storm ? receiverLane(random, roundMs, receiver) : none,
        disk: storm ? diskLane(random, roundMs, tmpfs, can.failingDisk) : none,
        sender: senderLane(random, roundMs),
      },
    };
  });
}

function programLane(random: Random, roundMs: number): Step[] {
  return lane(random, roundMs, [4_000, 10_000], (atMs) => {
    const draw = random();
    if (draw < 0.65) {
      const downMs = random() < 0.6 ? 0 : between(random, 200, 3_000);
      return { kind: 'kill', atMs, downMs };
    }
    if (draw < 0.8) return { kind: 'terminate', atMs };
    return { kind: 'freeze', atMs, forMs: between(random, 300, 3_000) };
  });
}

function receiverLane(random: Random, roundMs: number, receiver: 'mock' | 'fluentd'): Step[] {
  const faults: readonly ReceiverFault[] =
    receiver === 'fluentd'
      ? ['away', 'frozen', 'killed']
      : ['away', 'frozen', 'no acks', 'late acks', 'cut before ack', 'cut after ack'];
  return lane(random, roundMs, [1_000, 6_000], (atMs) => {
    const how = oneOf(random, faults);
    const forMs = how.startsWith('cut') ? 0 : between(random, 500, 5_000);
    return { kind: 'receiver', atMs, forMs, how };
  });
}

function diskLane(random: Random, roundMs: number, tmpfs: boolean, failing: boolean): Step[] {
  if (!tmpfs && !failing) return [];
  return lane(random, roundMs, [3_000, 10_000], (atMs) => {
    const forMs = between(random, 500, 4_000);
    if (tmpfs && (!failing || random() < 0.4)) return { kind: 'fill disk', atMs, forMs };
    const how = oneOf(random, ['slow', 'slow', 'eio', 'enospc', 'fsync', 'half'] as const);
    return { kind: 'fail disk', atMs, forMs, how, waitMs: between(random, 5, 300) };
  });
}

function senderLane(random: Random, roundMs: number): Step[] {
  return lane(random, roundMs, [3_000, 12_000], (atMs) => ({ kind: 'cut sender', atMs }));
}

/** Steps one after the other with gaps, the last one over well before the round is. */
function lane(
  random: Random,
  roundMs: number,
  [least, most]: readonly [number, number],
  step: (atMs: number) => Step,
): Step[] {
  const steps: Step[] = [];
  let atMs = between(random, least, most);
  while (atMs < roundMs - 1_000) {
    const next = step(atMs);
    steps.push(next);
    atMs += ('forMs' in next ? next.forMs : 0) + between(random, least, most);
  }
  return steps;
}

function between(random: Random, least: number, most: number): number {
  return Math.round(least + random() * (most - least));
}

export function oneOf<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)]!;
}
