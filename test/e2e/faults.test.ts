/**
 * The fault suite (docs/faults.md) for a few rounds with a fixed seed: nothing that was taken in is lost.
 * And the ledger itself: where the spool is in memory, a kill must show.
 */
import t, { type Test } from 'tap';
import { isFine, table } from '../../bench/faults/report.js';
import { type FaultOptions, runFaults } from '../../bench/faults/run.js';
import { requirePeer } from '../support/peers.js';

t.setTimeout(280_000);

const shared = { roundMs: 8_000, rate: 1_500, arriveWithinMs: 30_000 };

t.test('under faults nothing is lost that was taken in, and nothing is unexplained', async (t) => {
  const fluentd = requirePeer(t, 'fluentd') ?? { missing: 'fluentd is not installed' };
  const { report, steps } = await runWith(t, { seed: 20261124, rounds: 3, fluentd });
  t.ok(isFine(report), 'nothing is lost or unexplained', {
    steps,
    table: table(report).split('\n'),
  });
  t.ok(report.kills >= 2, `${report.kills} kills`);
  t.ok(report.totals.takenIn > 1_000, `${report.totals.takenIn} events were taken in`);
  t.ok(report.alerts > 0 && report.baseline.observations > 100, 'some were learned, some alerted');
  for (const reason of report.skipped) t.pass('a fault', { skip: reason });
});

t.test('the ledger shows what a kill costs where the spool is in memory', async (t) => {
  const fluentd = { missing: 'not asked for' };
  const { report } = await runWith(t, {
    seed: 1,
    rounds: 1,
    fluentd,
    spoolOnDisk: false,
    arriveWithinMs: 3_000,
  });
  t.ok(report.totals.lost > 0, `${report.totals.lost} are lost`);
  t.notOk(isFine(report));
  t.ok(
    report.baseline.differences.length > 0,
    'and what the baseline knows more than was delivered',
  );
});

async function runWith(
  t: Test,
  options: Pick<FaultOptions, 'seed' | 'rounds' | 'fluentd'> & Partial<FaultOptions>,
) {
  const steps: string[] = [];
  const folder = t.testdir({});
  const say = (line: string): void => void steps.push(line);
  const report = await runFaults({ ...shared, folder, say, spoolOnDisk: true, ...options });
  t.comment(`seed ${report.seed}: ${report.totals.takenIn} taken in, ${report.totals.lost} lost`);
  return { report, steps };
}
