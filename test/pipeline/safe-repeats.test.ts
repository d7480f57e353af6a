/** What is on disk as raised cannot be lost: copies of the alerts raised wait for the spool. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { RepeatsFile } from '../../src/baseline/repeats-file.js';
import { Repeats } from '../../src/detect/repeats/repeats.js';
import { Counters } from '../../src/observe/counters.js';
import { SafeRepeats, type Safety } from '../../src/pipeline/safe-repeats.js';
import { MemorySpool } from '../../src/spool/memory-spool.js';
import type { Batch } from '../../src/stages.js';

const now = Date.UTC(2026, 10, 24, 12);
const suppress = { by: ['host'], windowMs: 86_400_000, maxAlerts: 100_000 } as const;

const batch: Batch = {
  observations: Buffer.alloc(0),
  entries: Buffer.from('an alert'),
  alertsAt: 0,
  eventCount: 0,
  alertCount: 1,
  oldestMs: now,
};

function setUp(path: string) {
  const counters = new Counters();
  const repeats = new Repeats({ suppress, counters });
  const file = new RepeatsFile({ path, counters });
  const spool = new MemorySpool({ maxBytes: 1024 * 1024 });
  const delivered = new SafeRepeats({ repeats, file, safety: onceDelivered(spool) });
  return {
    repeats,
    file,
    spool,
    delivered,
    /** Raises an alert on a host, whose batch goes to the spool at once. */
    raise(host: string) {
      repeats.check(keyOf(host), now);
      spool.append(batch);
    },
    /** Hosts of the alerts that a restart would find. */
    async onDisk() {
      const { alerts, notice } = await new RepeatsFile({ path, counters }).load();
      t.equal(notice, null);
      return alerts.map(({ key }) => String(JSON.parse(key)[2])).sort();
    },
  };
}

function onceDelivered(spool: MemorySpool): Safety {
  return { lastSeq: () => spool.lastSeq, isSafe: async (seq) => spool.ackedSeq >= seq };
}

function keyOf(host: string): string {
  return JSON.stringify(['download', 'host', host]);
}

t.test('what is undelivered is not saved, however often; once acked it is', async (t) => {
  const { raise, delivered, spool, onDisk } = setUp(t.testdir());
  raise('one');
  for (let i = 0; i < 3; i++) await delivered.checkpoint();
  t.strictSame(await onDisk(), []);
  spool.ack(1);
  await delivered.checkpoint();
  t.strictSame(await onDisk(), ['one']);
});

t.test('what was raised after the copy is not in it, and comes later', async (t) => {
  const { raise, delivered, spool, onDisk } = setUp(t.testdir());
  raise('one');
  raise('two');
  await delivered.checkpoint();
  raise('three');
  spool.ack(1);
  await delivered.checkpoint();
  t.strictSame(await onDisk(), [], 'two is on its way');
  spool.ack(2);
  await delivered.checkpoint();
  t.strictSame(await onDisk(), ['one', 'two'], 'three is on its way');
  spool.ack(3);
  await delivered.checkpoint();
  t.strictSame(await onDisk(), ['one', 'three', 'two']);
});

t.test('a backlog that never ends keeps nothing from being saved', async (t) => {
  const { raise, delivered, spool, onDisk } = setUp(t.testdir());
  for (let i = 1; i <= 10; i++) {
    raise(`host ${i}`);
    raise(`more ${i}`);
    await delivered.checkpoint();
    spool.ack(2 * i - 3); // the newest three batches are always on their way
  }
  const saved = await onDisk();
  t.ok(saved.includes('host 7'), saved.join());
  t.notOk(saved.includes('more 9'), saved.join());
});

t.test('with nothing on the way a checkpoint saves at once', async (t) => {
  const { repeats, delivered, onDisk } = setUp(t.testdir());
  repeats.check(keyOf('one'), now);
  await delivered.checkpoint();
  t.strictSame(await onDisk(), ['one']);
});

t.test('no copy is made of what is on disk already', async (t) => {
  const { repeats, file, spool } = setUp(t.testdir());
  let copies = 0;
  const counted = {
    get version() {
      return repeats.version;
    },
    snapshot() {
      copies++;
      return repeats.snapshot();
    },
  };
  const delivered = new SafeRepeats({ repeats: counted, file, safety: onceDelivered(spool) });
  await delivered.checkpoint();
  t.equal(copies, 0, 'nothing was raised');
  repeats.check(keyOf('one'), now);
  await delivered.checkpoint();
  await delivered.checkpoint();
  t.equal(copies, 1);
});

t.test('what is raised while the copy is made waits for its own batch', async (t) => {
  const { repeats, raise, delivered, spool, onDisk } = setUp(t.testdir());
  for (let i = 0; i < 50_000; i++) repeats.check(keyOf(`h${i}`), now);
  const checkpoint = delivered.checkpoint();
  await nextTurn();
  // In one of the shards that are not yet copied.
  for (let i = 0; i < 20; i++) raise(`during ${i}`);
  await checkpoint;
  t.strictSame(await onDisk(), [], 'its copy may hold what is not delivered');
  spool.ack(20);
  await delivered.checkpoint();
  t.ok((await onDisk()).some((host) => host.startsWith('during')));
});

t.test('a copy of 50,000 does not hold up the loop', async (t) => {
  const { repeats, raise, delivered } = setUp(t.testdir());
  for (let i = 0; i < 50_000; i++) repeats.check(keyOf(`h${i}.example`), now);
  raise('one');
  let turns = 0;
  let copying = true;
  const turning = (async () => {
    for (; copying; turns++) await nextTurn();
  })();
  await delivered.checkpoint();
  copying = false;
  await turning;
  t.ok(turns >= 10, `${turns} turns of the loop meanwhile`);
});
