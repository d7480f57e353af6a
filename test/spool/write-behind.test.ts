/** Batches that wait for their acks before they are written: what is on disk when, and that nothing is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Held } from '../../src/spool/batch-window.js';
import { Block } from '../../src/spool/block-pool.js';
import type { OpenSpoolOptions } from '../../src/spool/open-spool.js';
import { WriteBehind } from '../../src/spool/write-behind.js';
import { MemoryFolder } from '../support/memory-folder.js';
import { until } from '../support/until.js';
import { batchOf, drain, opened } from './opened-spool.js';

/** Never by itself. */
const never = Number.MAX_SAFE_INTEGER;

t.test('what is acked in time leaves what it taught on disk, and no entries', async (t) => {
  const { spool, folder } = await make({ maxUnwrittenAgeMs: never });
  const { operations: opened } = folder;
  for (let n = 1; n <= 3; n++) spool.append(batchOf('entries '.repeat(1000), `taught ${n}`));
  t.equal(folder.operations, opened, 'nothing is written yet');
  t.equal(spool.after(0)?.seq, 1, 'but delivered');
  spool.ack(3);
  t.ok(spool.diskBytes < 500, `${spool.diskBytes} bytes of three`);
  const killed = await make({ folder: folder.afterKill() });
  t.strictSame(await taught(killed), ['1: taught 1', '2: taught 2', '3: taught 3']);
  t.equal(killed.spool.events, 0);
  t.equal(killed.spool.ackedSeq, killed.spool.lastSeq);
  for (let n = 4; n <= 5; n++) spool.append(batchOf('entries '.repeat(1000), `taught ${n}`));
  t.ok(spool.diskBytes > 16_000, 'what may have to be written counts for the bound');
  spool.ack(5);
  t.equal(spool.events, 0);
  t.equal(spool.bytes, 0);
  await spool.close();
  const again = await make({ folder: folder.afterKill() });
  t.equal((await taught(again)).length, 5);
  t.strictSame(await drain(again.spool), []);
});

t.test('what is not acked in time is written whole, in order', async (t) => {
  const { spool, folder } = await make({ maxUnwrittenAgeMs: 60 });
  for (let n = 1; n <= 5; n++) {
    spool.append({ ...batchOf(`entries ${n}`, `taught ${n}`), oldestMs: Date.now() });
  }
  const { operations } = folder;
  await until('all is written', () => folder.operations >= operations + 5);
  const killed = await make({ folder: folder.afterKill() });
  t.equal(killed.spool.events, 5);
  const texts = (await drain(killed.spool)).map(({ text }) => text);
  t.strictSame(
    texts,
    [1, 2, 3, 4, 5].map((n) => `entries ${n}`),
  );
  await spool.close();
});

t.test('an alert, a force and the end wait for nothing', async (t) => {
  const { spool, folder } = await make({ maxUnwrittenAgeMs: never });
  const eventsAfterKill = async () => (await make({ folder: folder.afterKill() })).spool.events;
  spool.append(batchOf('event 1'));
  spool.append({ ...batchOf('alert'), eventCount: 0, alertCount: 1, alertsAt: 0 });
  t.equal(await eventsAfterKill(), 2, 'with the alert what was there before it');
  spool.append(batchOf('event 2'));
  t.equal(await eventsAfterKill(), 2);
  t.equal(await spool.sync(), true);
  t.equal(await eventsAfterKill(), 3);
  spool.append(batchOf('event 3'));
  t.equal(spool.writeAll(), true);
  t.equal(await eventsAfterKill(), 4);
  spool.append(batchOf('event 4'));
  t.equal(await spool.close(), 0, 'none lost');
  t.equal(await eventsAfterKill(), 5);
});

t.test('with sync: always nothing waits', async (t) => {
  const { spool, folder } = await make({ maxUnwrittenAgeMs: never, sync: 'always' });
  spool.append(batchOf('event'));
  t.equal((await make({ folder: folder.afterKill() })).spool.events, 1);
  await spool.close();
});

t.test('more than the window holds is written, and read back in order', async (t) => {
  const { spool } = await make({ maxUnwrittenAgeMs: never, maxBytes: 256 * 1024 * 1024 });
  const count = 60;
  for (let n = 1; n <= count; n++) spool.append(batchOf(`${n}:${'x'.repeat(500_000)}`));
  t.ok(
    spool.diskBytes > (count - 1) * 500_000,
    'what had waited is written before what cannot wait',
  );
  const numbers = (await drain(spool)).map(({ text }) => Number.parseInt(text, 10));
  t.strictSame(
    numbers,
    Array.from({ length: count }, (_, i) => i + 1),
  );
  await spool.close();
});

t.test('a disk that fails meanwhile: delivered all the same, and nothing is lost', async (t) => {
  const { spool, folder, lines } = await make({ maxUnwrittenAgeMs: never });
  for (let n = 1; n <= 6; n++) spool.append(batchOf(`entries ${n}`, `taught ${n}`));
  folder.fault = (operation) => (operation === 'write' ? 'EIO' : null);
  spool.ack(2);
  t.equal(spool.events, 4, 'the ack counts');
  t.equal(spool.writeAll(), false);
  t.ok(spool.full, 'inputs pause');
  t.equal(lines.filter(({ msg }) => /cannot be written to/.test(msg)).length, 1, 'said once');
  spool.ack(3);
  folder.fault = () => null;
  await until('the disk takes it', () => spool.storing);
  t.notOk(spool.full);
  const killed = await make({ folder: folder.afterKill() });
  const left = (await drain(killed.spool)).map(({ text }) => text);
  t.strictSame(left, ['entries 4', 'entries 5', 'entries 6']);
  t.equal((await drain(spool)).length, 3);
  await spool.close();
});

t.test('what is old is stored at the next look, whatever came after it', async (t) => {
  const stored: string[] = [];
  let looks = 0;
  let now = 1_000_000;
  const behind = new WriteBehind({
    maxAgeMs: 100,
    now: () => now,
    store: (held, batch) =>
      stored.push(`${held.seq}${batch.entries.length === 0 ? ' taught' : ''}`),
    onStored: () => looks++,
  });
  const mayWait = (ageMs: number) => behind.mayWait(heldOf(1, now - ageMs));
  t.ok(mayWait(0) && mayWait(69));
  t.notOk(mayWait(70), 'at the look after the next one it would be too old');
  t.notOk(mayWait(-1), 'the clock was set back');
  t.notOk(behind.mayWait({ ...heldOf(1, now), alertCount: 1 }), 'an alert never waits');
  for (let seq = 1; seq <= 3; seq++) behind.push(heldOf(seq, now));
  behind.storeDelivered(1);
  t.strictSame(stored, ['1 taught']);
  t.equal(behind.bytes, 20);
  await sleep(60);
  t.strictSame(stored, ['1 taught'], 'time is what `now` says');
  behind.push(heldOf(4, now + 50));
  now += 75;
  await until('a look', () => looks === 1);
  t.strictSame(stored, ['1 taught', '2', '3']);
  now += 3_600_000;
  await until('another', () => looks === 2);
  t.equal(stored.at(-1), '4');
  t.equal(behind.first, null);
  for (let seq = 5; seq <= 2000; seq++) {
    behind.push(heldOf(seq, now));
    if (seq > 8) behind.storeDelivered(seq - 4);
  }
  behind.close();
  t.equal(stored.length, 2000);
  t.equal(stored.at(-1), '2000');
  t.equal(behind.bytes, 0);
});

async function make({
  folder = new MemoryFolder(),
  ...options
}: Partial<OpenSpoolOptions> & { folder?: MemoryFolder } = {}) {
  return { ...(await opened(folder, options)), folder };
}

async function taught({ uncovered }: Awaited<ReturnType<typeof make>>): Promise<string[]> {
  const found: string[] = [];
  for await (const { seq, observations } of uncovered()) found.push(`${seq}: ${observations}`);
  return found;
}

function heldOf(seq: number, oldestMs: number): Held {
  const batch = { ...batchOf('entries'), seq, oldestMs, recordBytes: 10, eventsUpTo: 0 };
  return { ...batch, block: new Block(1) };
}
