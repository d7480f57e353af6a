/**
 * How much the whole path takes from V8's heap per event that is no JPEG, in a process of its own whose nursery
 * is so large that nothing is collected while it is measured: then the heap's growth is all that was allocated.
 *
 *     node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 …       prints bytes per event
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tuneEngine } from '../../src/platform/engine.js';
import { chunksOf, isJpeg } from './chunks.js';
import { makeStages } from './stages.js';

tuneEngine();
const seed = 20261124;
const nowMs = Date.now();
const path = mkdtempSync(join(tmpdir(), 'stegwatch-allocations-'));
const some = (lines: number, keep: (line: string) => boolean) =>
  chunksOf({ lines, seed, nowMs, keep });
const others = some(4000, (line) => !isJpeg(line));
try {
  const jpegs = some(2000, isJpeg);
  const stages = await makeStages({ path, nowMs, mixed: others, others, jpegs });
  const { run } = stages.find(({ name }) => name.startsWith('whole path'))!;
  const round = () => {
    for (const chunk of others.list) run(chunk);
  };
  for (let i = 0; i < 40; i++) round();
  (globalThis as unknown as { gc: () => void }).gc();
  const before = process.memoryUsage().heapUsed;
  const rounds = 10;
  for (let i = 0; i < rounds; i++) round();
  const bytes = process.memoryUsage().heapUsed - before;
  console.log((bytes / (rounds * others.frames)).toFixed(2));
} finally {
  rmSync(path, { recursive: true, force: true });
}
process.exit();
