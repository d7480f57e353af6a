/**
 * Opens the spool of one output: finds out what was delivered, what was not and where writing goes on.
 * Whatever a crash or a bad disk has left, it opens; what cannot be read is set aside and said. Only two
 * things keep it from opening: a folder that cannot be used at all, and a format of a newer version.
 */
import { randomBytes } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { StegwatchError, wordsOf } from '../errors.js';
import type { ConditionCode } from '../observe/log-codes.js';
import { Aside, damagedFolder } from './aside.js';
import { Cursor, type CursorReading } from './cursor.js';
import { DiskSpool } from './disk-spool.js';
import { DiskFolder, type Folder } from './folder.js';
import { backlogOf, deliveredOf, readTail, recordsOf, type Tail } from './found.js';
import { type SpoolScan, scanSpool } from './scan.js';
import { prefixLength, spoolIdLength } from './segment.js';
import type { Segment } from './segment-log.js';
import type { DiskSpoolOptions } from './spool-state.js';

/** Files of 32 MiB: few of them in a large spool, and little that waits for its last byte to be acked. */
const maxSegmentBytes = 32 * 1024 * 1024;
const minSegmentBytes = 4 * 1024;
/** A small spool has that many segments too, so that room comes free bit by bit. */
const segmentsInSpool = 16;
/** The part of `maxBytes` that damaged bytes and dead letters may take. */
const asideShare = 1 / 8;
/**
 * After a crash so many numbers are passed over. A power loss takes batches away that others, such as a
 * baseline, may know; their numbers must not come back. More than a kernel keeps from the disk for long.
 */
const passedNumbers = 2 ** 20;

/** What the owner of the files should be told. */
export interface SpoolNotice {
  readonly code: ConditionCode;
  /** A sentence. */
  readonly text: string;
}

export interface OpenedSpool {
  readonly spool: DiskSpool;
  readonly notices: readonly SpoolNotice[];
  /** Bytes that it may take; less than configured if the disk has not twice as many free. */
  readonly maxBytes: number;
  /** Events that were not delivered when it was last closed, as far as is known. */
  readonly events: number;
  /** What may not be in a saved baseline, delivered or not, in the order of the batches. */
  uncovered(): AsyncGenerator<KeptObservations>;
}

export interface OpenSpoolOptions extends DiskSpoolOptions {
  readonly folder: Folder;
  /** Says by which settings the observations to come are made: u32; opaque. */
  readonly tag?: number;
  /** Of half of the free disk: less than 1 if other spools share it. */
  readonly diskShare?: number;
  /** Of the disk; null if that cannot be known. */
  readonly freeBytes?: () => Promise<number | null>;
}

/** What was learned from one batch. */
export interface KeptObservations {
  readonly seq: number;
  /** Valid until the next one is asked for. */
  readonly observations: Buffer;
  /** Of its segment, else of a neighbour; null if none can be read. */
  readonly tag: number | null;
}

export function diskFolder(path: string): Folder {
  return new DiskFolder(path);
}

/** @throws StegwatchError SPOOL_UNUSABLE */
export async function openSpool(options: OpenSpoolOptions): Promise<OpenedSpool> {
  const { folder } = options;
  try {
    return await open(options);
  } catch (error) {
    if (error instanceof StegwatchError) throw error;
    throw unusable(folder.path, error);
  }
}

export function unusable(path: string, cause: unknown): StegwatchError {
  return new StegwatchError(
    'SPOOL_UNUSABLE',
    `The spool in ${path} cannot be opened: ${wordsOf(cause)}`,
    'Give spool.path a directory that the user of stegwatch may write to.',
    { cause },
  );
}

async function open(options: OpenSpoolOptions): Promise<OpenedSpool> {
  const { folder, counters } = options;
  await folder.make();
  const scan = await scanSpool(folder);
  const notices = noticesOf(folder, scan);
  for (const name of scan.empty) await folder.remove(name);
  for (const name of scan.unreadable) {
    // A disk that is full must not keep it from opening.
    await folder.move(name, `${damagedFolder}/${name}`).catch(() => {});
  }
  const tail = await readTail(folder, scan);
  const [first] = scan.segments;
  const { acked, ackedEvents } = deliveredOf(scan);
  const events = Math.max(tail.events, ackedEvents);
  const missing = (scan.cursor?.writtenEvents ?? 0) - events;
  if (missing > 0) {
    counters.spool_missing_events += missing;
    const text = `${missing} events at the end of the spool cannot be read any more.`;
    notices.push({ code: 'SPOOL_EVENTS_MISSING', text });
  }
  const maxBytes = await affordable(options, scan, notices);
  const spoolId = scan.spoolId ?? randomBytes(spoolIdLength);
  const backlog = backlogOf(scan, tail, acked);
  const written = nextNumber(scan, tail, acked);
  const covered = scan.cursor?.covered ?? 0;
  // Without a backlog all there is has been acked, and what is passed over.
  const done =
    backlog.length === 0 ? { acked: written, ackedEvents: events } : { acked, ackedEvents };
  const dropped = scan.cursor?.dropped ?? 0;
  const droppedEvents = backlog.length === 0 ? 0 : (scan.cursor?.droppedEvents ?? 0);
  const end = { written, writtenEvents: events };
  const reading = { ...done, ...end, covered, dropped, droppedEvents, closed: false };
  const cursor = await beginCursor(folder, spoolId, reading, scan, notices);
  const state = {
    folder,
    spoolId,
    segments: scan.segments,
    segmentBytes: Math.min(maxSegmentBytes, Math.max(minSegmentBytes, maxBytes / segmentsInSpool)),
    tag: options.tag ?? 0,
    cursor,
    aside: new Aside({ folder, spoolId, maxBytes: maxBytes * asideShare, bytes: scan.asideBytes }),
    reading,
    storedSeq: tail.seq,
    backlogBytes: backlog.reduce((sum, { end }) => sum + end - prefixLength, 0),
    backlog: backlog[0] ?? null,
    backlogEventsBefore: scan.cursor?.ackedEvents ?? first?.eventsBefore ?? null,
  };
  return {
    spool: new DiskSpool(state, { ...options, maxBytes }),
    notices,
    maxBytes,
    events: events - done.ackedEvents - droppedEvents,
    uncovered: () =>
      uncovered(folder, scan.segments, covered, ({ name }, error) => {
        const what = 'what it has to teach the baseline is not learned';
        options.log.error(
          { code: 'BASELINE_NOT_RELEARNED', spool: folder.path },
          `${name} cannot be read (${wordsOf(error)}): ${what}`,
        );
      }),
  };
}

function noticesOf(folder: Folder, scan: SpoolScan): SpoolNotice[] {
  const notices: SpoolNotice[] = [];
  if (scan.cursorDamaged || (scan.cursor === null && scan.segments.length > 0)) {
    const text =
      `The cursor of the spool in ${folder.path} is missing, cannot be read or belongs to another ` +
      'spool: all that the spool holds is delivered, some of it for the second time.';
    notices.push({ code: 'SPOOL_CURSOR_LOST', text });
  }
  for (const name of scan.unreadable) {
    const text = `${name} is no segment that can be read: it is set aside in ${damagedFolder}/.`;
    notices.push({ code: 'SPOOL_SEGMENT_UNREADABLE', text });
  }
  return notices;
}

/** The number that the last batch seems to have had: no batch was ever given a higher one. */
function nextNumber(
  { cursor, segments, highestName }: SpoolScan,
  tail: Tail,
  acked: number,
): number {
  const known = Math.max(tail.seq, acked, cursor?.written ?? 0, highestName);
  if (cursor?.closed === true || (cursor === null && segments.length === 0)) return known;
  return known + passedNumbers;
}

/**
 * Has what was found on disk, with a cursor that says so: what an earlier process wrote may be the kernel's
 * only, and new files have no names yet.
 */
async function beginCursor(
  folder: Folder,
  spoolId: Buffer,
  reading: CursorReading,
  { segments, cursorGeneration }: SpoolScan,
  notices: SpoolNotice[],
): Promise<Cursor> {
  const cursor = new Cursor(folder, spoolId, cursorGeneration);
  try {
    // Both slots: one from before would be believed if the other came to harm.
    cursor.write(reading);
    cursor.write(reading);
    for (const { name } of segments) {
      const file = folder.openForWriting(name);
      await file.sync().finally(() => file.close());
    }
    await cursor.sync();
    await folder.syncNames();
  } catch (error) {
    const text = `The spool in ${folder.path} cannot be forced to disk: ${wordsOf(error)}.`;
    notices.push({ code: 'SPOOL_SYNC_FAILED', text });
  }
  return cursor;
}

async function* uncovered(
  folder: Folder,
  segments: readonly Segment[],
  covered: number,
  onUnreadable: (segment: Segment, error: unknown) => void,
): AsyncGenerator<KeptObservations> {
  // Where a segment's own cannot be read: settings change less often than segments do.
  let tag = segments.find((segment) => segment.tag !== null)?.tag ?? null;
  for (const [index, segment] of segments.entries()) {
    tag = segment.tag ?? tag;
    const next = segments[index + 1];
    if (next !== undefined && next.firstSeq <= covered + 1) continue;
    try {
      for await (const { seq, observations } of recordsOf(folder, [segment])) {
        if (seq > covered && observations.length > 0) yield { seq, observations, tag };
      }
    } catch (error) {
      onUnreadable(segment, error);
    }
  }
}

/** What a spool may take of the disk: never more than its share of half of what is free, beside what it has. */
async function affordable(
  { folder, maxBytes, diskShare = 1, freeBytes = () => freeOf(folder.path) }: OpenSpoolOptions,
  { segments }: SpoolScan,
  notices: SpoolNotice[],
): Promise<number> {
  const free = await freeBytes();
  if (free === null) return maxBytes;
  const held = segments.reduce((sum, { end }) => sum + end, 0);
  const most = held + Math.floor((free / 2) * diskShare);
  if (maxBytes <= most) return maxBytes;
  const whose = diskShare === 1 ? 'half' : 'its share of half';
  const text =
    `max_size of the spool is more than ${whose} of the free disk: it takes at most ${most} bytes ` +
    `instead of ${maxBytes}.`;
  notices.push({ code: 'SPOOL_SIZE_REDUCED', text });
  return most;
}

async function freeOf(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}
