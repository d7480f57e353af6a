/** A disk that fails, in a folder in memory: nothing is lost while the process lives. */
import t from 'tap';
import type { OpenSpoolOptions } from '../../src/spool/open-spool.js';
import { MemoryFolder } from '../support/memory-folder.js';
import { until } from '../support/until.js';
import { opened } from './opened-spool.js';

t.test('a force that failed is not made good by the next one, but by delivery', async (t) => {
  const { spool, folder } = await make();
  append(spool, 1);
  folder.fault = (operation) => (operation === 'sync' ? 'EIO' : null);
  t.equal(await spool.sync(), false);
  folder.fault = () => null;
  append(spool, 1);
  t.equal(await spool.sync(), false, 'the first batch may never be on disk');
  spool.ack(2);
  append(spool, 1);
  t.equal(await spool.sync(), true);
  await spool.close();
});

t.test('a segment finished while it is forced is forced again before it is closed', async (t) => {
  const { spool, folder } = await make();
  append(spool, 3000);
  const first = spool.sync();
  await Promise.resolve();
  for (let n = 0; n < 3; n++) append(spool, 3000);
  t.equal(await first, true);
  t.equal(await spool.sync(), true);
  const found = folder.afterPowerLoss(() => 0);
  const { spool: again } = await make({ folder: found });
  t.equal(again.events, 4, 'all is there after a power loss');
  await spool.close();
  await again.close();
});

t.test('sync calls that overlap share', async (t) => {
  const { spool, folder } = await make();
  append(spool, 10);
  const before = folder.syncs;
  await Promise.all(Array.from({ length: 50 }, () => spool.sync()));
  t.ok(folder.syncs - before <= 2, `${folder.syncs - before} forces`);
  await spool.close();
});

t.test('what cannot be written or cut back is delivered, and written later', async (t) => {
  const { spool, folder, lines, counters } = await make();
  folder.fault = (operation) => (['write', 'truncate'].includes(operation) ? 'ENOSPC' : null);
  for (let n = 0; n < 5; n++) append(spool, 10);
  t.equal(spool.storing, false);
  t.equal(spool.full, true);
  t.equal(spool.after(0)?.seq, 1, 'it is delivered meanwhile');
  spool.ack(1);
  await until('it was tried again', () => counters.spool_write_failures > 5);
  folder.fault = () => null;
  await until('the disk takes it', () => spool.storing);
  t.equal(spool.full, false);
  t.equal(lines.filter(({ msg }) => /cannot be written to/.test(msg)).length, 1, 'said once');
  const { spool: again } = await make({ folder: folder.afterKill() });
  t.equal(again.events, 4);
  await spool.close();
  await again.close();
});

t.test('drop_oldest: the newest survive, and each event is delivered or counted', async (t) => {
  const { spool, counters } = await make({ whenFull: 'drop_oldest' });
  const total = 200;
  for (let n = 0; n < total; n++) append(spool, 1000);
  t.ok(spool.diskBytes < 40_000);
  let read = 0;
  let last = 0;
  await until('all is read', () => {
    for (let b = spool.after(last); b !== null; b = spool.after(last)) {
      read++;
      last = b.seq;
      spool.ack(last);
    }
    return last === total;
  });
  t.equal(read + counters.spool_dropped_events, total);
  t.equal(counters.spool_missing_events, 0);
  t.equal(spool.events, 0);
  t.equal(spool.bytes, 0);
  await spool.close();
});

async function make(options: Partial<OpenSpoolOptions> & { folder?: MemoryFolder } = {}) {
  const folder = options.folder ?? new MemoryFolder();
  const { spool, counters, lines } = await opened(folder, options);
  spool.cover(Number.MAX_SAFE_INTEGER);
  return { spool, folder, counters, lines };
}

function append(
  spool: { append: (batch: import('../../src/stages.js').Batch) => void },
  n: number,
) {
  const entries = Buffer.alloc(n, 'x');
  const observations = Buffer.alloc(0);
  spool.append({ entries, observations, eventCount: 1, alertCount: 0, alertsAt: n, oldestMs: 1 });
}
