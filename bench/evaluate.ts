/**
 * `npm run evaluate`: what the presets and their switches find in labelled synthetic traffic, and at the
 * price of how many alerts. Writes docs/evaluation.md; ends with 1 if a floor is broken, and says which.
 * One worker per seed, two at a time. With `--seeds` other than the document's it only prints.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Evaluation } from './evaluation/evaluation.js';
import { exitCode } from './evaluation/floors.js';
import { report } from './evaluation/report.js';
import { runSeed, type SeedResult, seeds } from './evaluation/runs.js';

if (isMainThread) await main();
else parentPort!.postMessage(runSeed(workerData as number));

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: 'string' } } });
  const wanted = values.seeds?.split(',').map(Number) ?? seeds;
  if (!wanted.every(Number.isSafeInteger)) throw new Error('--seeds: whole numbers, by commas');
  console.log(`seeds ${wanted.join(', ')}`);
  const evaluation = new Evaluation(await runSeeds(wanted));
  const text = report(evaluation);
  if (values.seeds === undefined) {
    writeFileSync('docs/evaluation.md', text);
    console.log('docs/evaluation.md written');
  } else console.log(text);
  for (const { text: floor, seen, holds } of evaluation.floors) {
    console.log(`${holds ? 'holds ' : 'BROKEN'}  ${floor}: ${seen}`);
  }
  process.exitCode = exitCode(evaluation.floors);
}

/** In order of the seeds, whichever is done first. */
async function runSeeds(wanted: readonly number[]): Promise<readonly SeedResult[]> {
  const results: SeedResult[] = [];
  const waiting = [...wanted.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, seed] = next;
      results[at] = await inWorker(seed);
      console.log(`seed ${seed}: ${results[at].events.toLocaleString('en-US')} events`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  return results;
}

function inWorker(seed: number): Promise<SeedResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: seed });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
