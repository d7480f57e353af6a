/** `stegwatch spool inspect`: what waits for delivery, what was set aside, and why. */
import type { Writable } from 'node:stream';
import type { Config, OutputName } from '../../config/config.js';
import { formatSize } from '../../config/units.js';
import { count, countOf } from '../../observe/counted.js';
import { printable } from '../../observe/printable.js';
import { spoolFolder } from '../../pipeline/open-taken-in.js';
import { isDirectoryLocked } from '../../platform/directory-lock.js';
import { inspectSpool, type SpoolReport } from '../../spool/inspect.js';
import { diskFolder } from '../../spool/open-spool.js';
import { TextOutput } from '../text-output.js';
import { noSpoolYet } from './no-spool.js';

export interface SpoolCommandOptions {
  readonly config: Config;
  /** Whose spools; null: of all outputs that the config uses. */
  readonly output: OutputName | null;
  readonly json: boolean;
  readonly stdout: Writable;
}

/** @throws StegwatchError SPOOL_UNUSABLE */
export async function inspect(options: SpoolCommandOptions): Promise<number> {
  const { config, json } = options;
  const stdout = new TextOutput(options.stdout);
  if (config.spool.path === null) {
    await stdout.line(
      json ? 'null' : 'spool.path is false: the spool is in memory, nothing is on disk.',
    );
    return 0;
  }
  const outputs = options.output === null ? config.forward.outputs : [options.output];
  for (const output of outputs) {
    const path = spoolFolder(config, output)!;
    const report = await inspectSpool(diskFolder(path));
    const inUse = await isDirectoryLocked(path).catch(() => false);
    if (json) await stdout.line(JSON.stringify({ output, path, inUse, ...report }));
    else {
      const lines = report.id === null ? noSpoolYet(config, path) : describe(path, inUse, report);
      for (const line of lines) await stdout.line(printable(line));
    }
  }
  return 0;
}

function describe(path: string, inUse: boolean, report: SpoolReport): string[] {
  const { segments, bytes, events, backlogBytes, oldestMs, lastSeq, coveredSeq } = report;
  const use = inUse ? 'a stegwatch is at work on it' : 'nobody is at work on it';
  const oldest = oldestMs === null ? '' : `, the oldest received ${iso(oldestMs)}`;
  const unlearned = Math.max(0, lastSeq - coveredSeq);
  const lines = [
    `Spool in ${path}; ${use}.`,
    `  on disk       ${countOf(segments, 'segment')}, ${formatBytes(bytes)}`,
    events === 0
      ? '  to deliver    nothing'
      : `  to deliver    ${countOf(events, 'event')}, ${formatBytes(backlogBytes)}${oldest}`,
    `  baseline      ${countOf(unlearned, 'batch').replace('batchs', 'batches')} not yet in a saved baseline`,
  ];
  if (!report.cursor) {
    lines.push('  cursor        cannot be read: everything will be delivered, some of it twice');
  }
  for (const name of report.unreadable) lines.push(`  unreadable    ${printable(name)}`);
  if (report.damagedFiles > 0) {
    const files = countOf(report.damagedFiles, 'file');
    lines.push(`  damaged       ${files}, ${formatBytes(report.damagedBytes)}, in ${path}/damaged`);
  }
  return [...lines, ...deadLetters(report)];
}

function deadLetters({ deadLetters, deadLetterFiles, deadLetterBytes }: SpoolReport): string[] {
  if (deadLetterFiles === 0) return [];
  const lines = [
    `  dead letters  ${count(deadLetterFiles)}, ${formatBytes(deadLetterBytes)}; ` +
      '`stegwatch spool replay` sends them again',
  ];
  for (const { at, reason, events, alerts } of deadLetters) {
    const what = countOf(events + alerts, 'event');
    lines.push(`    ${printable(String(at))}  ${what}: ${printable(String(reason))}`);
  }
  return lines;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function formatBytes(bytes: number): string {
  return bytes < 1024 ? `${bytes} bytes` : formatSize(roundedUnit(bytes));
}

/** To a whole number of its unit, which is as much as a person asks for. */
function roundedUnit(bytes: number): number {
  const unit = 1024 ** Math.floor(Math.log2(bytes) / 10);
  return Math.round(bytes / unit) * unit;
}
