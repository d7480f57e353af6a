/**
 * What the three kinds of names cost: time per event of the encoder alone, on the same decoded events, in
 * turn, in one process. The ratio to `cef` is the result. Takes about 6 s.
 */
import { createDecoder } from '../src/decode/decode.js';
import { createForwardEncoder } from '../src/encode/forward-entry.js';
import { Fields } from '../src/fields.js';
import { Counters } from '../src/observe/counters.js';
import { Verdict } from '../src/verdict.js';
import { workload } from './workload.js';

const seed = 20261124;
const rounds = 600;
const passes = 20;
const lineCount = 50;
const now = Date.UTC(2026, 10, 24, 10, 0, 0);
const peer = { address: '10.0.0.7' };

const counters = new Counters();
const decode = createDecoder({ counters });
const events = workload(lineCount, seed, now).lines.map((line) => {
  const bytes = Buffer.from(line.trimEnd());
  const fields = new Fields(64);
  decode(bytes, 0, bytes.length, bytes.length, now, peer, fields);
  return fields;
});
const ways = (['cef', 'commonsecuritylog', 'ecs'] as const).flatMap((names) =>
  [false, true].map((resolveLabels) => ({
    name: `${names}${resolveLabels ? ' + labels' : ''}`,
    encoder: createForwardEncoder({ raw: 'never', counters, names, resolveLabels }),
    times: [] as number[],
  })),
);
const verdict = new Verdict();
const out = Buffer.alloc(ways.at(-1)!.encoder.maxEntryBytes(64 * 1024));

for (let round = 0; round < rounds; round++) {
  for (const { encoder, times } of ways) {
    const start = process.hrtime.bigint();
    for (let pass = 0; pass < passes; pass++) {
      for (const fields of events) encoder.entry(fields, verdict, out, 0);
    }
    times.push(Number(process.hrtime.bigint() - start) / (passes * lineCount));
  }
}

console.log(`node ${process.version}, seed ${seed}, ${lineCount} events, ${rounds} rounds in turn`);
const base = quick(ways[0]!.times);
for (const { name, times } of ways) {
  const ns = quick(times);
  console.log(`${name.padEnd(28)} ${ns.toFixed(0).padStart(5)} ns  ${(ns / base).toFixed(2)}`);
}

/** Slices are of a millisecond: a tenth of them is undisturbed even on a busy machine. */
function quick(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 10)]!;
}
