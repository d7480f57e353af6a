import t from 'tap';
import { RepeatsFile } from '../../src/baseline/repeats-file.js';
import { Repeats } from '../../src/detect/repeats/repeats.js';
import { Counters } from '../../src/observe/counters.js';
import type { Coded } from '../../src/observe/log.js';
import { Checkpoints, type CheckpointsOptions } from '../../src/pipeline/checkpoints.js';
import { testFolder } from '../support/folder.js';

t.test(
  'a disk that fails with each checkpoint has a line a minute for each thing that is lost',
  async (t) => {
    const counters = new Counters();
    const suppress = { by: ['host'], windowMs: 1000, maxAlerts: 10 } as const;
    const path = testFolder(t, {});
    const fails = async () => {
      throw new Error('ENOSPC');
    };
    const said: string[] = [];
    let nowMs = 0;
    const checkpoints = new Checkpoints({
      config: { baseline: { path, checkpointMs: 60_000 }, detection: { time: 'arrival' } },
      state: {
        baselines: { download: { upkeep: async () => {}, checkpoint: fails } },
        clock: { file: { save: fails } },
        repeats: new Repeats({ suppress, counters }),
        repeatsFile: new RepeatsFile({ path, counters }),
      },
      detector: { clock: { ms: 0 } },
      safety: { lastSeq: () => 0, isSafe: async () => true },
      log: {
        error: ({ code, heldBack }: Coded, text: string) =>
          said.push(`${code} ${heldBack} ${text}`),
      },
      now: () => nowMs,
    } as unknown as CheckpointsOptions);
    for (let i = 0; i < 1000; i++) await checkpoints.checkpoint();
    const words = 'could not be saved; trying again at the next checkpoint';
    t.strictSame(said, [
      `BASELINE_NOT_SAVED 0 baseline: ${words}`,
      `BASELINE_NOT_SAVED 0 clock: ${words}`,
    ]);
    nowMs = 60_000;
    await checkpoints.checkpoint();
    t.strictSame(said.slice(2), [
      `BASELINE_NOT_SAVED 999 baseline: ${words}`,
      `BASELINE_NOT_SAVED 999 clock: ${words}`,
    ]);
  },
);
