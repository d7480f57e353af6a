/**
 * What an event may cost. No clock decides: bytes taken from the heap are counted, and the time of the whole path is
 * held only against a bare loop of the same parse that runs in turn with it, with twice the room that it needs.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { chunksOf, isJpeg } from '../../bench/stages/chunks.js';
import { leastCosts } from '../../bench/stages/costs.js';
import { makeStages } from '../../bench/stages/stages.js';
import { tuneEngine } from '../../src/platform/engine.js';

tuneEngine();

t.setTimeout(300_000);

/**
 * Measured: 18, a share of the objects of a batch and of a chunk.
 * A number in a box adds 16, a string, a view or a closure 32 to 100.
 */
const mostBytesPerEvent = 40;
/** `npm run bench:stages` says 1.1 to 1.4. */
const mostTimesBare = 2.8;

t.test('an event that is no JPEG takes next to nothing from the heap', async (t) => {
  const flags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];
  const script = join('build', 'bench', 'stages', 'allocations-process.js');
  const bytes = Number(execFileSync(process.execPath, [...flags, script], { encoding: 'utf8' }));
  t.ok(bytes < mostBytesPerEvent, `${bytes} bytes per event`);
  t.ok(bytes > 0, 'something was measured');
});

t.test('the whole path costs no more than a few bare parses', async (t) => {
  const nowMs = Date.now();
  const seed = 20261124;
  const mixed = chunksOf({ lines: 3000, seed, nowMs });
  const others = chunksOf({ lines: 3000, seed, nowMs, keep: (line) => !isJpeg(line) });
  const jpegs = chunksOf({ lines: 6000, seed, nowMs, keep: isJpeg });
  const stages = await makeStages({ path: t.testdir(), nowMs, mixed, others, jpegs });
  const both = stages.filter(({ name }) => name === 'bare parse' || name.startsWith('whole path'));
  const [bare, whole] = [...leastCosts(both, 60).values()] as [number, number];
  t.ok(whole / bare < mostTimesBare, `${(whole / bare).toFixed(2)} times the bare parse`);
});
