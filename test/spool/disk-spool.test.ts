/** The spool on disk: the contract of all spools first, then what only a disk can do to one. */
import t, { type Test } from 'tap';
import { OutputCounters } from '../../src/observe/counters.js';
import type { DiskSpool } from '../../src/spool/disk-spool.js';
import { diskFolder, openSpool } from '../../src/spool/open-spool.js';
import type { DiskSpoolOptions } from '../../src/spool/spool-state.js';
import type { Batch } from '../../src/stages.js';
import { spoolContract } from '../contract/spool.contract.js';
import { testFolder } from '../support/folder.js';
import { keptLog } from '../support/kept-log.js';

/** No baseline holds on to anything. */
const allCovered = Number.MAX_SAFE_INTEGER;

spoolContract(t, 'disk spool', async (t, maxBytes) => {
  const spool = await open(t, testFolder(t, {}), { maxBytes });
  spool.cover(allCovered);
  return spool;
});

spoolContract(t, 'disk spool, written behind', async (t, maxBytes) => {
  const spool = await open(t, testFolder(t, {}), {
    maxBytes,
    maxUnwrittenAgeMs: Number.MAX_SAFE_INTEGER,
  });
  spool.cover(allCovered);
  return spool;
});

t.test('what is not acked is there after a restart, in order, and numbers go on', async (t) => {
  const path = testFolder(t, {});
  const first = await open(t, path);
  for (let n = 1; n <= 5; n++) first.append(batchOf(`batch ${n}`));
  first.ack(2);
  await first.close();
  const second = await open(t, path);
  t.equal(second.ackedSeq, 2);
  t.equal(second.lastSeq, 5);
  t.strictSame(await readAll(second, 3), ['batch 3', 'batch 4', 'batch 5']);
  second.append(batchOf('batch 6'));
  t.strictSame(await readAll(second, 4), ['batch 3', 'batch 4', 'batch 5', 'batch 6']);
  second.ack(6);
  second.cover(6);
  t.equal(second.bytes, 0);
});

async function open(
  t: Test,
  path: string,
  options: Partial<DiskSpoolOptions> = {},
): Promise<DiskSpool> {
  const { spool } = await openSpool({
    folder: diskFolder(path),
    maxBytes: 64 * 1024 * 1024,
    whenFull: 'block',
    sync: 'none',
    syncIntervalMs: 500,
    counters: new OutputCounters(),
    log: keptLog().log,
    ...options,
  });
  t.teardown(() => spool.close().catch(() => {}));
  return spool;
}

function batchOf(text: string): Batch {
  const entries = Buffer.from(text);
  return {
    entries,
    alertsAt: entries.length,
    observations: Buffer.from('seen'),
    eventCount: 1,
    alertCount: 0,
    oldestMs: 1,
  };
}

/** Waits until so many can be read. */
async function readAll(spool: DiskSpool, count: number): Promise<string[]> {
  for (;;) {
    const texts: string[] = [];
    for (let b = spool.after(spool.ackedSeq); b !== null; b = spool.after(b.seq)) {
      texts.push(String(b.entries));
    }
    if (texts.length >= count) return texts;
    await new Promise<void>((resolve) => {
      spool.onReadable = resolve;
    });
  }
}
