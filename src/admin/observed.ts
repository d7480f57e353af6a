/**
 * What the admin listener sees of the process: read when somebody asks, never told of an event. `run-admin.ts` makes
 * it from the pipeline.
 */
import type { Feed } from '../feed.js';
import type { OutputCounters } from '../observe/counters.js';
import type { Input, Spool } from '../stages.js';
import type { Direction } from '../verdict.js';

export type Phase = 'loading' | 'running' | 'stopping';

export interface Observed {
  readonly inputs: readonly Input[];
  /** No input reads: a spool that holds them up is full. */
  readonly paused: () => boolean;
  readonly outputs: readonly ObservedOutput[];
  readonly baselines: () => readonly BaselineFacts[];
  readonly feeds: () => readonly FeedFacts[];
}

export interface ObservedOutput {
  readonly name: string;
  readonly counters: OutputCounters;
  readonly spool: Spool;
  readonly maxBytes: number;
  /** Its spool holds the inputs up when it is full. */
  readonly blocks: boolean;
  /** False while its disk takes nothing in. */
  readonly writable: () => boolean;
  /** As far as it knows. */
  readonly connected: () => boolean;
  /** Its last failure, while nothing has been delivered since. */
  readonly trouble: () => string | null;
  /** In its spool. */
  readonly events: () => number;
}

export interface BaselineFacts {
  readonly direction: Direction;
  readonly ready: boolean;
  /** One sentence. */
  readonly text: string;
  /** Null: there is none yet. */
  readonly thresholdBytes: number | null;
  readonly samples: number;
  /** Hours of the lookback with data. */
  readonly hours: number;
  readonly knownHosts: number;
  readonly pendingHosts: number;
  /** First seen in the present hour. */
  readonly newHosts: number;
  readonly maxHosts: number;
  /** `[log2 of the smallest size, samples]` of the lookback, ascending. */
  readonly sizes: () => readonly (readonly [number, number])[];
}

export interface FeedFacts {
  readonly feed: Feed;
  readonly status: string;
  /** One sentence; '' if there is nothing to say. */
  readonly text: string;
  /** Next to nothing of it can be judged, or it is weak. */
  readonly warning: boolean;
}

/** Milliseconds for which the oldest event has waited; null while that is being read from disk. */
export function oldestAgeMs({ spool }: ObservedOutput, nowMs: number): number | null {
  if (spool.batches === 0) return 0;
  const oldest = spool.after(spool.ackedSeq);
  return oldest === null ? null : Math.max(0, nowMs - oldest.oldestMs);
}

/** The part of the process's life, and what is there to be seen in it. */
export class RunState {
  phase: Phase = 'loading';
  /** Null while it is loading. */
  observed: Observed | null = null;
}
