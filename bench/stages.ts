/**
 * `npm run bench:stages`: what each stage of the hot path costs per event, in one process, without sockets. The
 * rounds of all stages are run in turn, so that a slow moment of the machine meets all of them; the least of the
 * rounds is the figure, since what disturbs can only add. Budgets are in parses of the bare loop.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tuneEngine } from '../src/platform/engine.js';
import { chunksOf, isJpeg } from './stages/chunks.js';
import { leastCosts } from './stages/costs.js';
import { makeStages, type Stage } from './stages/stages.js';

// As `stegwatch run` does.
tuneEngine();
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '20261124' },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const lines = 12_000;

const path = mkdtempSync(join(tmpdir(), 'stegwatch-stages-'));
try {
  const nowMs = Date.now();
  const stages = await makeStages({
    path,
    nowMs,
    mixed: chunksOf({ lines, seed, nowMs }),
    others: chunksOf({ lines, seed, nowMs, keep: (line) => !isJpeg(line) }),
    jpegs: chunksOf({ lines: 4 * lines, seed, nowMs, keep: isJpeg }),
  });
  console.log(
    `node ${process.version}, ${cpus()[0]?.model.trim()}, seed ${seed}, least of ${rounds} rounds in turn`,
  );
  report(stages, leastCosts(stages, rounds));
} finally {
  rmSync(path, { recursive: true, force: true });
}
process.exit();

function report(stages: readonly Stage[], least: ReadonlyMap<string, number>): void {
  const bare = least.get('bare parse')!;
  for (const { name, after, budget } of stages) {
    const ns = least.get(name)! - (after === undefined ? 0 : least.get(after)!);
    const ratio = (ns / bare).toFixed(2);
    const verdict = budget === null ? '' : ns / bare <= budget ? 'ok' : 'OVER';
    console.log(
      `${name.padEnd(26)} ${ns.toFixed(0).padStart(6)} ns/event  ${ratio.padStart(5)} x bare parse` +
        (budget === null ? '' : `  budget ${budget.toFixed(2)}  ${verdict}`),
    );
  }
}
