/** What `sync` says: counted as forces of segments, and looked at after a power loss. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { OpenSpoolOptions } from '../../src/spool/open-spool.js';
import { MemoryFolder } from '../support/memory-folder.js';
import { until } from '../support/until.js';
import { batchOf, opened } from './opened-spool.js';

/** The kernel has written nothing by itself. */
const nothingMore = () => 0;

async function make(options: Partial<OpenSpoolOptions>) {
  const folder = new MemoryFolder();
  const forced: string[] = [];
  const found = await opened(folder, options);
  folder.fault = (operation, name) => {
    if (operation === 'sync' && name.endsWith('.segment')) forced.push(name);
    return null;
  };
  /** How many batches a power loss leaves. */
  const left = async () => {
    const { spool } = await opened(folder.afterPowerLoss(nothingMore));
    const { events } = spool;
    await spool.close();
    return events;
  };
  return { ...found, folder, forced, left };
}

t.test('none: only what is finished, and what is asked for', async (t) => {
  const { spool, folder, forced, left } = await make({ sync: 'none', syncIntervalMs: 1 });
  for (let n = 0; n < 20; n++) spool.append(batchOf('small'));
  await sleep(30);
  t.strictSame(forced, [], 'nothing is forced by itself');
  t.equal(await left(), 0);
  t.equal(await spool.sync(), true);
  t.equal(forced.length, 1, 'it was asked for');
  t.equal(await left(), 20);
  for (let n = 0; n < 6; n++) {
    spool.append(batchOf(Buffer.alloc(3000)));
    await settled();
  }
  const names = [...folder.files_.keys()].filter((name) => name.endsWith('.segment')).sort();
  t.ok(names.length > 2, `${names.length} segments`);
  for (const name of names.slice(0, -1)) t.ok(forced.includes(name), `${name} is finished`);
  t.ok(forced.length <= 1 + 2 * names.length, `${forced.length} forces`);
  await spool.close();
});

t.test('always: each batch, and one force at a time', async (t) => {
  const { spool, forced, left, counters } = await make({ sync: 'always', syncIntervalMs: 1e6 });
  for (let n = 1; n <= 5; n++) {
    spool.append(batchOf('small'));
    await settled();
    t.equal(forced.length, n, 'one for each');
    t.equal(await left(), n);
  }
  const before = counters.spool_syncs;
  for (let n = 0; n < 50; n++) spool.append(batchOf('small'));
  await settled();
  t.equal(await left(), 55);
  t.ok(counters.spool_syncs - before <= 2, 'those of one turn share');
  await spool.close();
});

t.test('interval: what was written, again and again, and nothing if nothing was', async (t) => {
  const { spool, forced, left } = await make({ sync: 'interval', syncIntervalMs: 5 });
  for (let n = 1; n <= 3; n++) {
    spool.append(batchOf('small'));
    spool.append(batchOf('small'));
    await until('the interval has passed', async () => (await left()) === 2 * n);
    t.equal(forced.length, n, 'one for both');
  }
  await sleep(50);
  t.equal(forced.length, 3);
  await spool.close();
});

t.test('no batch waits for a force', async (t) => {
  const { spool, folder } = await make({ sync: 'always' });
  let syncs = 0;
  folder.fault = (operation) => {
    if (operation === 'sync') syncs++;
    return null;
  };
  for (let n = 0; n < 10; n++) spool.append(batchOf('small'));
  t.equal(syncs, 0);
  t.equal(spool.lastSeq, 10);
  await spool.close();
});

t.test('overlapping calls share, and each covers what came before it', async (t) => {
  const { spool, left, counters } = await make({ sync: 'none' });
  let short = 0;
  const calls: Promise<void>[] = [];
  for (let n = 1; n <= 40; n++) {
    spool.append(batchOf('small'));
    calls.push(
      spool.sync().then(async (fine) => {
        if (!fine || (await left()) < n) short++;
      }),
    );
    if (n % 7 === 0) await Promise.resolve();
    if (n % 13 === 0) await new Promise(setImmediate);
  }
  await Promise.all(calls);
  t.equal(short, 0, 'all that came before each is on disk');
  t.ok(counters.spool_syncs <= 10, `${counters.spool_syncs} forces for 40 calls`);
  await spool.close();
});

t.test('after EIO nothing is believed until what was there has been delivered', async (t) => {
  const { spool, folder, counters } = await make({ sync: 'none' });
  for (let n = 0; n < 10; n++) spool.append(batchOf('small'));
  folder.fault = (operation, name) =>
    operation === 'sync' && name.endsWith('.segment') ? 'EIO' : null;
  t.equal(await spool.sync(), false);
  t.ok(counters.spool_sync_failures > 0);
  folder.fault = () => null;
  for (let n = 0; n < 9; n++) {
    spool.append(batchOf(Buffer.alloc(1000)));
    t.equal(await spool.sync(), false, 'not by time, not by a new segment');
    spool.ack(n + 1);
    t.equal(await spool.sync(), false, `not once ${n + 1} of 10 are delivered`);
  }
  spool.ack(10);
  t.equal(await spool.sync(), true);
  t.ok(spool.lastSeq > 10, 'those that came after it were forced');
  await spool.close();
});

/** What was begun by now has been done: a force in the memory folder takes one turn. */
async function settled(): Promise<void> {
  for (let n = 0; n < 10; n++) await new Promise(setImmediate);
}
