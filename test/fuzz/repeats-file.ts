/**
 * Mutated files of the alerts raised. Whatever the bytes: loading does not throw, and says what is not
 * used; what is loaded is taken; a fresh save loads equal and without a notice.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RepeatsFile } from '../../src/baseline/repeats-file.js';
import { Repeats } from '../../src/detect/repeats/repeats.js';
import { Counters } from '../../src/observe/counters.js';
import type { RaisedAlert } from '../../src/stages.js';
import { repairSections } from './checksums.js';
import { type FuzzTarget, must, tokensOf } from './target.js';

const nowMs = Date.UTC(2026, 10, 24, 10, 15);
const suppress = { by: ['host'], windowMs: 86_400_000, maxAlerts: 1000 } as const;
const tokens = [
  ...tokensOf('STEGRPT\n', '["download","host","x"]', '["upload","no host","f"]', '[]', 'null'),
  Buffer.alloc(12),
];

export async function repeatsFile(folder: string): Promise<FuzzTarget> {
  const seeds: Buffer[] = [];
  for (const count of [0, 1, 5, 3000]) seeds.push(await fileOf(count, folder));
  const repair = (bytes: Buffer): void => repairSections(bytes, 12, 0);
  const check = (bytes: Buffer): Promise<void> => checkFile(bytes, folder);
  return { name: 'repeats-file', seeds, tokens, inputs: 120, repair, check };
}

async function fileOf(count: number, folder: string): Promise<Buffer> {
  const alerts: RaisedAlert[] = Array.from({ length: count }, (_, i) => ({
    key: JSON.stringify(['download', 'host', `höst${i}.example`]),
    atMs: nowMs - i,
    repeats: i % 7,
  }));
  const file = new RepeatsFile({ path: folder, counters: new Counters() });
  await file.save({ version: 1, snapshot: () => [alerts] });
  return readFileSync(join(folder, 'repeats'));
}

async function checkFile(bytes: Buffer, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'repeats'), bytes);
  const counters = new Counters();
  const file = new RepeatsFile({ path: folder, counters });
  const { alerts, notice } = await file.load();
  must(counters.baseline_unused_files === (notice === null ? 0 : 1), 'not counted');
  must(notice === null || notice.message.endsWith('.'), 'no sentence');
  const repeats = new Repeats({ suppress, counters });
  repeats.restore(alerts, nowMs);
  must(repeats.size <= suppress.maxAlerts, `${repeats.size} alerts`);
  const key = repeats.keyOf(facts)!;
  const first = repeats.check(key, nowMs);
  const second = repeats.check(key, nowMs);
  const expected = (first?.count ?? 0) + 1;
  must(second?.count === expected, `repeat ${second?.count} after ${first?.count}`);
  repeats.suppressedBy(key, second!);
  if (notice?.what === 'newer_format') return;
  await file.save(repeats);
  const again = await new RepeatsFile({ path: folder, counters }).load();
  must(again.notice === null, again.notice?.message ?? '');
  const saved = [...repeats.snapshot()].flat();
  must(JSON.stringify(again.alerts) === JSON.stringify(saved), 'not what was saved');
}

const facts = {
  direction: 'download',
  host: 'höst1.example',
  feed: 'f',
  account: '',
  filename: '',
} as const;
