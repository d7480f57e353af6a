/**
 * `npm run faults -- --seed N --minutes M`: real processes under faults, and a ledger of every event.
 * docs/faults.md tells what is done and how to read the result. Ends with 1 if anything is lost or
 * unexplained. `--help` tells the options.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findProgram } from '../test/support/peers.js';
import { endAll } from './faults/children.js';
import { isFine, table } from './faults/report.js';
import { runFaults } from './faults/run.js';

const help = `npm run faults -- [options]

Real processes under a seeded plan of faults, and a ledger of every event (docs/faults.md).
Ends with 1 if anything is lost or unexplained.

  --seed N       what the plan is made from; printed; without it a fresh one
  --minutes M    how long (5)
  --round S      seconds of a round (60), 5 or more
  --rate R       events per second (1500)
  --json FILE    the result as JSON too
  --memory       the spool in memory: must lose events, and so tests the ledger
  --help         this text
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    minutes: { type: 'string', default: '5' },
    round: { type: 'string', default: '60' },
    rate: { type: 'string', default: '1500' },
    json: { type: 'string' },
    memory: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const [seed, minutes, round, rate] = [values.seed, values.minutes, values.round, values.rate].map(
  Number,
) as [number, number, number, number];
if (!Number.isSafeInteger(seed) || !(minutes > 0) || !(round >= 5) || !(rate > 0)) {
  throw new Error('--seed: a whole number; --minutes, --rate: above 0; --round: at least 5');
}

const folder = mkdtempSync(join(tmpdir(), 'stegwatch-faults-'));
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
process.on('exit', () => {
  endAll();
  rmSync(folder, { recursive: true, force: true });
});

console.log(`seed ${seed}`);
const report = await runFaults({
  seed,
  rounds: Math.max(1, Math.round((minutes * 60) / round)),
  roundMs: round * 1000,
  rate,
  folder,
  fluentd: findProgram('fluentd') ?? { missing: 'fluentd is not installed' },
  spoolOnDisk: !values.memory,
  arriveWithinMs: 30_000,
  say: (line) => console.log(line),
});
console.log(`\n${table(report)}`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
process.exit(isFine(report) ? 0 : 1);
