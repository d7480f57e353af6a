/**
 * Mutated segments and cursors of a spool. Whatever the bytes: it opens, or says that it is of a newer
 * version; what it gives comes in ascending order and within its own bounds; it comes to an end; and what
 * is appended to it then is delivered, also after another opening.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { StegwatchError } from '../../src/errors.js';
import { OutputCounters } from '../../src/observe/counters.js';
import type { DiskSpool } from '../../src/spool/disk-spool.js';
import { diskFolder, openSpool } from '../../src/spool/open-spool.js';
import { headerLength } from '../../src/spool/record.js';
import { prefixLength } from '../../src/spool/segment.js';
import type { Batch } from '../../src/stages.js';
import { keptLog } from '../support/kept-log.js';
import { type FuzzTarget, must, tokensOf } from './target.js';

const cursor = 'cursor';

export async function spoolSegment(folder: string): Promise<FuzzTarget> {
  const files = await filesOf(folder);
  const name = [...files.keys()].find((file) => file !== cursor)!;
  const check = (bytes: Buffer): Promise<void> => checkWith(folder, files, name, bytes);
  const tokens = [...tokensOf('STEGSPL\n', '\0\0\0\0'), files.get(name)!.subarray(40, 48)];
  const seeds = [files.get(name)!];
  const repair = repairSegment;
  return { name: 'spool-segment', seeds, tokens, inputs: 60, maxLength: 20_000, repair, check };
}

export async function spoolCursor(folder: string): Promise<FuzzTarget> {
  const files = await filesOf(folder);
  const check = (bytes: Buffer): Promise<void> => checkWith(folder, files, cursor, bytes);
  const seeds = [files.get(cursor)!];
  const tokens = tokensOf('STEGCUR\n', '\0\0\0\0');
  const repair = repairCursor;
  return { name: 'spool-cursor', seeds, tokens, inputs: 60, maxLength: 2_000, repair, check };
}

/** The files of a spool with six batches, two of them acked. */
async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const spool = await openIn(folder);
  for (let n = 1; n <= 6; n++) spool.append(batchOf(`batch ${n} ${'x'.repeat(100 * n)}`));
  spool.ack(2);
  await spool.close();
  const files = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile()) files.set(entry.name, readFileSync(join(folder, entry.name)));
  }
  return files;
}

async function checkWith(
  folder: string,
  files: ReadonlyMap<string, Buffer>,
  mutated: string,
  bytes: Buffer,
): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, whole] of files) {
    writeFileSync(join(folder, name), name === mutated ? bytes : whole);
  }
  const spool = await openIn(folder).catch((error: unknown) => {
    must(error instanceof StegwatchError && /newer/.test(error.message), `did not open: ${error}`);
    return null;
  });
  if (spool === null) return;
  const fresh = 'appended after all of that';
  spool.append(batchOf(fresh));
  await deliverUpTo(spool, fresh);
  spool.append(batchOf(`${fresh}, and kept`));
  await spool.close();
  const again = await openIn(folder);
  await deliverUpTo(again, `${fresh}, and kept`);
  must(again.batches === 0, 'something is left for ever');
  await again.close();
}

/** Reads and acks until this text comes, which must be the last. */
async function deliverUpTo(spool: DiskSpool, text: string): Promise<void> {
  const { lastSeq } = spool;
  let seq = spool.ackedSeq;
  for (;;) {
    const batch = spool.after(seq);
    if (batch === null) {
      must(spool.batches > 0, `it ended without "${text}"`);
      await new Promise<void>((resolve) => {
        spool.onReadable = resolve;
        if (spool.after(seq) !== null) resolve();
      });
      continue;
    }
    must(batch.seq > seq && batch.seq <= lastSeq, 'not in ascending order');
    must(batch.alertsAt <= batch.entries.length, 'alerts beyond the entries');
    seq = batch.seq;
    const isLast = String(batch.entries) === text;
    spool.ack(seq);
    if (isLast) return;
  }
}

async function openIn(path: string): Promise<DiskSpool> {
  const { spool } = await openSpool({
    folder: diskFolder(path),
    maxBytes: 1024 * 1024,
    whenFull: 'block',
    sync: 'none',
    syncIntervalMs: 500,
    counters: new OutputCounters(),
    log: keptLog().log,
    freeBytes: async () => null,
  });
  spool.cover(Number.MAX_SAFE_INTEGER);
  return spool;
}

function batchOf(text: string): Batch {
  const entries = Buffer.from(text);
  const observations = Buffer.from('seen');
  const alertsAt = entries.length;
  return { entries, observations, alertsAt, eventCount: 1, alertCount: 0, oldestMs: 1 };
}

function repairSegment(bytes: Buffer): void {
  if (bytes.length < prefixLength) return;
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 12)), 12);
  bytes.writeUInt32LE(crc32(bytes.subarray(16, 36)), 36);
  for (let at = prefixLength; at + headerLength <= bytes.length; ) {
    const middle = at + headerLength + bytes.readUInt32LE(at + 20);
    const end = middle + bytes.readUInt32LE(at + 24);
    if (end <= bytes.length) {
      bytes.writeUInt32LE(crc32(bytes.subarray(at + headerLength, middle)), at + 12);
      bytes.writeUInt32LE(crc32(bytes.subarray(middle, end)), at + 16);
    }
    bytes.writeUInt32LE(crc32(bytes.subarray(at + 12, at + headerLength)), at + 8);
    at = end;
  }
}

function repairCursor(bytes: Buffer): void {
  for (const at of [0, 512]) {
    const slot = bytes.subarray(at, at + 96);
    if (slot.length === 96) {
      slot.writeUInt32LE(crc32(slot.subarray(16), crc32(slot.subarray(0, 12))), 12);
    }
  }
}
