/**
 * Fuzzes for as long as it is told; ends with 1 at the first failure of any target, after all have run.
 *
 *     npm run fuzz -- [--seed N] [--minutes M] [--only framing,cef] [--at NUMBER]
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.js';
import { targets } from './targets.js';
import { watch } from './watchdog.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string', default: '10' },
    only: { type: 'string' },
    at: { type: 'string' },
  },
});
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
const only = values.only?.split(',') ?? Object.keys(targets);
const minutes = Number(values.minutes);
if (!Number.isSafeInteger(seed) || !(minutes > 0))
  throw new Error('--seed and --minutes are numbers');
console.log(`seed ${seed}, ${minutes} minutes, ${only.join(', ')}`);

const folder = mkdtempSync(join(tmpdir(), 'stegwatch-fuzz-'));
const at = values.at === undefined ? {} : { at: Number(values.at) };
const progress = watch(seed, only);
const results = await fuzz({ seed, folder, only, minutes, progress, ...at });
for (const { target, inputs, failure } of results) {
  console.log(
    `${target}: ${inputs} inputs, ${failure === null ? 'all well' : `FAILED: ${failure}`}`,
  );
}
process.exitCode = results.some(({ failure }) => failure !== null) ? 1 : 0;
