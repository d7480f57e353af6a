/** Mutated clock files. Whatever the bytes: a moment or a notice, and a fresh save loads equal. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { ClockFile } from '../../src/baseline/clock-file.js';
import { Counters } from '../../src/observe/counters.js';
import { repairPrefix } from './checksums.js';
import { type FuzzTarget, must, tokensOf } from './target.js';

const reading = {
  ms: Date.UTC(2026, 10, 24, 10, 15),
  timedReceiptMs: Date.UTC(2026, 10, 24, 10, 14),
};

export async function clockFile(folder: string): Promise<FuzzTarget> {
  await new ClockFile({ path: folder, counters: new Counters() }).save(reading);
  const seeds = [readFileSync(join(folder, 'clock'))];
  const check = (bytes: Buffer): Promise<void> => checkFile(bytes, folder);
  const tokens = tokensOf('STEGCLK\n', '\0\0\0\0');
  return { name: 'clock-file', seeds, tokens, inputs: 120, maxLength: 200, repair, check };
}

function repair(bytes: Buffer): void {
  repairPrefix(bytes);
  if (bytes.length >= 36) bytes.writeUInt32LE(crc32(bytes.subarray(16, 32)), 32);
}

async function checkFile(bytes: Buffer, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'clock'), bytes);
  const counters = new Counters();
  const file = new ClockFile({ path: folder, counters });
  const { reading: loaded, notice } = await file.load();
  must((loaded === null) === (notice !== null), 'neither or both of a moment and a notice');
  must(counters.baseline_unused_files === (notice === null ? 0 : 1), 'not counted');
  if (loaded !== null) {
    for (const ms of [loaded.ms, loaded.timedReceiptMs]) new Date(ms).toISOString();
  }
  if (notice?.what === 'newer_format') return;
  const next = { ms: reading.ms + 1, timedReceiptMs: reading.ms };
  await file.save(next);
  const again = await new ClockFile({ path: folder, counters }).load();
  must(JSON.stringify(again.reading) === JSON.stringify(next), 'not what was saved');
}
