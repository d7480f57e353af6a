/** What a spool on disk is made from: its options, and what was found on disk. */
import type { Complaints } from '../observe/complaints.js';
import type { OutputCounters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import { readableBytes } from '../stages.js';
import type { Aside } from './aside.js';
import type { Cursor, CursorReading } from './cursor.js';
import type { Folder } from './folder.js';
import type { Segment } from './segment-log.js';

export type SyncMode = 'none' | 'interval' | 'always';
export type WhenFull = 'block' | 'drop_oldest';

export interface DiskSpoolOptions {
  readonly maxBytes: number;
  readonly whenFull: WhenFull;
  readonly sync: SyncMode;
  readonly syncIntervalMs: number;
  readonly counters: OutputCounters;
  readonly log: Logger;
  /** Epoch ms. */
  readonly now?: () => number;
  /** After which what failed is tried again. */
  readonly retryMs?: number;
  /** How old an event may be that waits in memory for its ack and is not written, in ms; 0: none waits. */
  readonly maxUnwrittenAgeMs?: number;
  /** False: no baseline rests on it, so what is acked need not be `cover`ed. */
  readonly isJournal?: boolean;
}

export function withDefaults(options: DiskSpoolOptions): Required<DiskSpoolOptions> {
  // With `sync: always` all is written, and forced, at once.
  const maxUnwrittenAgeMs = options.sync === 'always' ? 0 : (options.maxUnwrittenAgeMs ?? 0);
  return { now: Date.now, retryMs: 1000, isJournal: true, ...options, maxUnwrittenAgeMs };
}

/** What was found on disk: made by `openSpool`. */
export interface SpoolState {
  readonly folder: Folder;
  readonly spoolId: Buffer;
  readonly segments: readonly Segment[];
  readonly segmentBytes: number;
  /** Of the observations to be written. */
  readonly tag: number;
  readonly cursor: Cursor;
  readonly aside: Aside;
  readonly reading: CursorReading;
  /** Number of the newest batch that is there; numbers above it, up to `written`, are passed over. */
  readonly storedSeq: number;
  /** Bytes of records that are not acked, or a little more. */
  readonly backlogBytes: number;
  /** The segment with the oldest batch that is not acked; null if none is. */
  readonly backlog: Segment | null;
  /** Of the oldest batch that is not acked; null if not known. */
  readonly backlogEventsBefore: number | null;
}

/** What the window holds at most: its blocks are seldom full. */
const windowBytes = readableBytes + 2 * 1024 * 1024;

/** What can be dropped is not in the window. */
export function windowBytesOf({ whenFull, maxBytes }: DiskSpoolOptions): number {
  return whenFull === 'drop_oldest' ? Math.min(windowBytes, maxBytes / 4) : windowBytes;
}

/** Counts what was forced to disk; says when it could not be. */
export function forceReport(
  counters: OutputCounters,
  complaints: Complaints,
): (fine: boolean) => void {
  return (fine) => {
    counters.spool_syncs++;
    if (fine) return;
    counters.spool_sync_failures++;
    complaints.say(
      'SPOOL_SYNC_FAILED',
      'the spool cannot be forced to disk: a power loss may lose it',
    );
  };
}

/** With `sync: interval`, what calls for it. It keeps no process alive. */
export function syncTimer(
  { sync, syncIntervalMs }: DiskSpoolOptions,
  onDue: () => void,
): NodeJS.Timeout | undefined {
  return sync === 'interval' ? setInterval(onDue, syncIntervalMs).unref() : undefined;
}
