/**
 * `stegwatch spool replay`: takes dead letters, or the segments of another directory, into the spool once
 * more. What was taken in is gone from where it was: deleted, or moved to `replayed/` beside it.
 */
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputName } from '../../config/config.js';
import { StegwatchError } from '../../errors.js';
import { countOf } from '../../observe/counted.js';
import { createLogger } from '../../observe/log.js';
import { printable } from '../../observe/printable.js';
import { openTakenIn, spoolFolder } from '../../pipeline/open-taken-in.js';
import { isDirectoryLocked } from '../../platform/directory-lock.js';
import { deadLetterFolder } from '../../spool/aside.js';
import type { DiskSpool } from '../../spool/disk-spool.js';
import type { Folder } from '../../spool/folder.js';
import { deliveredOf, recordsOf } from '../../spool/found.js';
import { diskFolder } from '../../spool/open-spool.js';
import { scanLetters, scanSpool } from '../../spool/scan.js';
import { prefixLength } from '../../spool/segment.js';
import type { Segment } from '../../spool/segment-log.js';
import { TextOutput } from '../text-output.js';
import type { SpoolCommandOptions } from './inspect.js';
import { noSpoolYet } from './no-spool.js';

export interface ReplayOptions extends Omit<SpoolCommandOptions, 'json' | 'output'> {
  /** Null: the first that the config uses. */
  readonly output: OutputName | null;
  /** A directory with segments; null: the dead letters. */
  readonly directory: string | null;
}

interface Taken {
  readonly segments: number;
  readonly events: number;
  /** Segments for which there was no room. */
  readonly left: number;
  /** Segments that are kept, since not all of them could be read. */
  readonly damaged: readonly string[];
}

/** @throws StegwatchError SPOOL_UNUSABLE, also while `run` is at work */
export async function replay(options: ReplayOptions): Promise<number> {
  const { config, directory } = options;
  const output = new TextOutput(options.stdout);
  const name = options.output ?? config.forward.outputs[0]!;
  const path = spoolFolder(config, name);
  if (path === null) {
    const hint = 'Set spool.path to the directory of the spool.';
    throw new StegwatchError('SPOOL_UNUSABLE', 'spool.path is false: no spool is on disk.', hint);
  }
  if (await isDirectoryLocked(path).catch(() => false)) {
    const hint = 'Stop it (`run` delivers what is in the spool when it starts again), then replay.';
    throw new StegwatchError('SPOOL_UNUSABLE', `A stegwatch is at work on ${path}.`, hint);
  }
  if (directory === null && !existsSync(path)) {
    // None is made to find that it is empty.
    for (const line of noSpoolYet(config, path)) await output.line(printable(line));
    return 0;
  }
  const takenIn = await openTakenIn(config, name, createLogger('warn'));
  if (takenIn.kind === 'memory') throw new Error('a spool on disk was expected');
  const from = diskFolder(directory ?? join(path, deadLetterFolder));
  let taken: Taken;
  try {
    if (directory !== null) await mayTake(directory, path);
    taken = await takeAll(from, takenIn.spool, directory === null);
  } finally {
    await takenIn.close();
  }
  const { segments, events, left, damaged } = taken;
  if (segments + left + damaged.length === 0) {
    await output.line(`There is nothing to replay in ${from.path}.`);
  } else {
    const what = `${countOf(events, 'event')} from ${countOf(segments, 'segment')}`;
    await output.line(`${what} are in the spool again; \`stegwatch run\` delivers them.`);
  }
  for (const name of damaged) {
    await output.line(
      `${name} is damaged: what could be read of it is in the spool, the file is kept.`,
    );
  }
  if (left === 0) return damaged.length > 0 ? 1 : 0;
  await output.line(`The spool is full: ${countOf(left, 'segment')} stay in ${from.path}.`);
  return 1;
}

async function takeAll(from: Folder, spool: DiskSpool, deadLetters: boolean): Promise<Taken> {
  const { segments, acked } = deadLetters
    ? { segments: await scanLetters(from), acked: 0 }
    : await undelivered(from);
  let events = 0;
  let done = 0;
  const damaged: string[] = [];
  for (const [index, segment] of segments.entries()) {
    if (spool.full) return { segments: done, events, left: segments.length - index, damaged };
    let length = prefixLength;
    for await (const record of recordsOf(from, [segment])) {
      length += record.recordBytes;
      if (record.seq <= acked) continue;
      // What they taught was learned when they came.
      spool.append({ ...record, observations: Buffer.alloc(0) });
      events += record.events;
    }
    if (!(await spool.sync())) throw new Error('the spool cannot be written to');
    const whole = length === segment.end;
    if (whole) done++;
    else damaged.push(segment.name);
    if (!deadLetters) {
      // A damaged one too: what could be read of it must not come a second time.
      await from.move(segment.name, `replayed/${segment.name}`);
    } else if (whole) {
      await from.remove(segment.name);
      await from.remove(segment.name.replace(/\.segment$/, '.json'));
    }
  }
  return { segments: done, events, left: 0, damaged };
}

/** The directory must be another one, and nobody's. */
async function mayTake(directory: string, own: string): Promise<void> {
  const path = await realpath(directory).catch(() => directory);
  const hint = 'Name a directory with segments that no stegwatch uses.';
  if (path === (await realpath(own))) {
    throw new StegwatchError('SPOOL_UNUSABLE', `${directory} is the spool itself.`, hint);
  }
  if (await isDirectoryLocked(path).catch(() => false)) {
    throw new StegwatchError('SPOOL_UNUSABLE', `${directory} is in use by a stegwatch.`, hint);
  }
}

/** Of another spool. */
async function undelivered(from: Folder): Promise<{ segments: readonly Segment[]; acked: number }> {
  const scan = await scanSpool(from);
  return { segments: scan.segments, acked: deliveredOf(scan).acked };
}
