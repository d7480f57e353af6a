/**
 * `stegwatch spool replay`: takes dead letters, or the segments of another directory, into the spool once
 * more. What was taken in is gone from where it was: deleted, or moved to `replayed/` beside it.
 */
import { join } from 'node:path';
import { StegwatchError } from '../../errors.js';
import { countOf } from '../../observe/counted.js';
import { Counters } from '../../observe/counters.js';
import { createLogger } from '../../observe/log.js';
import { openTakenIn, spoolFolder } from '../../pipeline/open-taken-in.js';
import type { DirectoryLock } from '../../platform/directory-lock.js';
import { deadLetterFolder } from '../../spool/aside.js';
import type { DiskSpool } from '../../spool/disk-spool.js';
import type { Folder } from '../../spool/folder.js';
import { diskFolder, recordsOf } from '../../spool/open-spool.js';
import { scanLetters, scanSpool } from '../../spool/scan.js';
import type { Segment } from '../../spool/segment-log.js';
import { TextOutput } from '../text-output.js';
import type { SpoolCommandOptions } from './inspect.js';

export interface ReplayOptions extends Omit<SpoolCommandOptions, 'json'> {
  /** A directory with segments; null: the dead letters. */
  readonly directory: string | null;
}

interface Taken {
  readonly segments: number;
  readonly events: number;
  /** Segments for which there was no room. */
  readonly left: number;
}

/** @throws StegwatchError SPOOL_UNUSABLE, also while `run` is at work */
export async function replay({ config, directory, stdout }: ReplayOptions): Promise<number> {
  const output = new TextOutput(stdout);
  const path = spoolFolder(config);
  if (path === null) {
    const hint = 'Set spool.path to the directory of the spool.';
    throw new StegwatchError('SPOOL_UNUSABLE', 'spool.path is false: no spool is on disk.', hint);
  }
  const takenIn = await openTakenIn(config, new Counters(), createLogger('warn'));
  if (takenIn.kind === 'memory') throw new Error('a spool on disk was expected');
  const from = diskFolder(directory ?? join(path, deadLetterFolder));
  const { spool, lock } = takenIn;
  const { segments, events, left } = await takeAllAndClose(from, spool, lock, directory === null);
  if (segments + left === 0) await output.line(`There is nothing to replay in ${from.path}.`);
  else {
    const taken = `${countOf(events, 'event')} from ${countOf(segments, 'segment')}`;
    await output.line(`${taken} are in the spool again; \`stegwatch run\` delivers them.`);
  }
  if (left === 0) return 0;
  await output.line(`The spool is full: ${countOf(left, 'segment')} stay in ${from.path}.`);
  return 1;
}

async function takeAllAndClose(
  from: Folder,
  spool: DiskSpool,
  lock: DirectoryLock | null,
  deadLetters: boolean,
): Promise<Taken> {
  try {
    return await takeAll(from, spool, deadLetters);
  } finally {
    await spool.close();
    await lock?.release();
  }
}

async function takeAll(from: Folder, spool: DiskSpool, deadLetters: boolean): Promise<Taken> {
  const { segments, acked } = deadLetters
    ? { segments: await scanLetters(from), acked: 0 }
    : await undelivered(from);
  let events = 0;
  for (const [index, segment] of segments.entries()) {
    if (spool.full) return { segments: index, events, left: segments.length - index };
    for await (const record of recordsOf(from, [segment])) {
      if (record.seq <= acked) continue;
      // What they taught was learned when they came.
      spool.append({ ...record, observations: Buffer.alloc(0) });
      events += record.events;
    }
    if (!(await spool.sync())) throw new Error('the spool cannot be written to');
    if (deadLetters) {
      await from.remove(segment.name);
      await from.remove(segment.name.replace(/\.segment$/, '.json'));
    } else await from.move(segment.name, `replayed/${segment.name}`);
  }
  return { segments: segments.length, events, left: 0 };
}

/** Of another spool. */
async function undelivered(from: Folder): Promise<{ segments: readonly Segment[]; acked: number }> {
  const { segments, cursor } = await scanSpool(from);
  return { segments, acked: cursor?.acked ?? 0 };
}
