/**
 * `npm run bench:stages`: what each stage of the hot path costs per event, in one process, without sockets. The
 * rounds of all stages are run in turn, so that a slow moment of the machine meets all of them; the least of the
 * rounds is the figure, since what disturbs can only add. Budgets are in parses of the bare loop.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chunksOf, isJpeg } from './stages/chunks.js';
import { makeStages, type Stage } from './stages/stages.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '20261124' },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const lines = 12_000;
const warmUpRounds = 12;

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
  report(stages, measure(stages));
} finally {
  rmSync(path, { recursive: true, force: true });
}
process.exit();

/** Least nanoseconds per event of each stage, alone. */
function measure(stages: readonly Stage[]): Map<string, number> {
  const least = new Map<string, number>();
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    for (const stage of stages) {
      const ns = timed(stage);
      if (round < warmUpRounds) continue;
      least.set(stage.name, Math.min(ns, least.get(stage.name) ?? Number.POSITIVE_INFINITY));
    }
  }
  return least;
}

function timed({ run, chunks }: Stage): number {
  const before = process.hrtime.bigint();
  for (const chunk of chunks.list) run(chunk);
  return Number(process.hrtime.bigint() - before) / chunks.frames;
}

function report(stages: readonly Stage[], least: Map<string, number>): void {
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
