/** Bytes that a disk has changed: all that lies outside of them arrives, and what is lost is counted. */
import t from 'tap';
import { OutputCounters } from '../../src/observe/counters.js';
import { openSpool } from '../../src/spool/open-spool.js';
import { keptLog } from '../support/kept-log.js';
import { MemoryFolder } from '../support/memory-folder.js';
import { randomOf } from '../support/random.js';

const total = 60;
const recordBytes = 64 + 9 + 400;
const seed = Number(process.env.SEED ?? 20261124);

t.test(
  'flips, zeroes and cuts anywhere: it opens, and each event arrives or is counted',
  async (t) => {
    t.comment(`SEED=${seed}`);
    const random = randomOf(seed);
    for (let run = 0; run < 300; run++) {
      const folder = await filled();
      const segments = [...folder.files_].filter(([name]) => name.endsWith('.segment'));
      const [name, file] = segments[Math.floor(random() * segments.length)]!;
      const at = Math.floor(random() * file.content.length);
      const kind = run % 4;
      if (kind === 0) file.content[at]! ^= 1 + Math.floor(random() * 255);
      else if (kind === 1) file.content.fill(0, at);
      else if (kind === 2) file.content.fill(0, 0, at);
      else file.content = file.content.subarray(0, at);
      const { read, counters } = await readAll(folder);
      const what = `run ${run}: kind ${kind} at ${at} of ${name}`;
      t.ok(
        read.every((seq, i) => i === 0 || seq > read[i - 1]!),
        `${what}: in order`,
      );
      t.equal(read.length + counters.spool_missing_events, total, `${what}: read or counted`);
      const most = kind === 0 ? 1 : kind === 2 ? Math.floor(at / recordBytes) + 1 : total;
      t.ok(counters.spool_missing_events <= most, `${what}: only what was damaged`);
    }
  },
);

t.test('a first record whose mark went with the prefix costs no more than itself', async (t) => {
  for (const to of [41, 44, 48]) {
    const folder = await filled();
    const names = [...folder.files_.keys()].filter((name) => name.endsWith('.segment')).sort();
    const { content } = folder.files_.get(names[1]!)!;
    content.fill(0, 0, 40);
    // Its header still checks: its checksum does not cover the mark, which is random and may hold a zero.
    for (let i = 40; i < to; i++) content[i]! ^= 0xff;
    const { read, counters } = await readAll(folder);
    t.equal(read.length, total - 1, `the first ${to} bytes are wrong`);
    t.equal(counters.spool_missing_events, 1);
  }
});

t.test('a segment that is gone from the middle is counted', async (t) => {
  const folder = await filled();
  const names = [...folder.files_.keys()].filter((name) => name.endsWith('.segment')).sort();
  folder.files_.delete(names[2]!);
  const { read, counters } = await readAll(folder);
  t.ok(counters.spool_missing_events > 0);
  t.equal(read.length + counters.spool_missing_events, total);
});

async function filled(): Promise<MemoryFolder> {
  const folder = new MemoryFolder();
  const { spool } = await open(folder);
  // A record within an entry, as who sends events may imitate one.
  const entries = Buffer.alloc(400, 'STEGSPL\n');
  const batch = {
    entries,
    observations: Buffer.alloc(9),
    alertsAt: 400,
    alertCount: 0,
    oldestMs: 1,
  };
  for (let n = 0; n < total; n++) spool.append({ ...batch, eventCount: 1 });
  await spool.close();
  return folder.afterKill();
}

async function readAll(folder: MemoryFolder) {
  const { spool, counters } = await open(folder);
  const read: number[] = [];
  for (let idle = 0; idle < 10; ) {
    const batch = spool.after(read.at(-1) ?? 0);
    if (batch !== null) read.push(batch.seq);
    else idle++;
    if (batch === null) await new Promise(setImmediate);
  }
  await spool.close();
  return { read, counters };
}

async function open(folder: MemoryFolder) {
  const counters = new OutputCounters();
  const options = { whenFull: 'block', sync: 'none', syncIntervalMs: 500, retryMs: 1 } as const;
  const { log } = keptLog();
  const freeBytes = async () => null;
  const { spool } = await openSpool({
    folder,
    maxBytes: 1e5,
    counters,
    log,
    freeBytes,
    ...options,
  });
  return { spool, counters };
}
