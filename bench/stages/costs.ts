/** Measures stages in turn: a slow moment of the machine meets all of them, and the least of the rounds is kept. */
import type { Stage } from './stages.js';

/** Rounds in which the functions are compiled. */
const warmUpRounds = 12;

/** Least nanoseconds per event of each stage, with the one that it is measured with. */
export function leastCosts(stages: readonly Stage[], rounds: number): ReadonlyMap<string, number> {
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
