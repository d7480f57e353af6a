/** What a power loss may bring back, and what a baseline learns again after a crash. */
import t from 'tap';
import { readCursor } from '../../src/spool/cursor.js';
import type { DiskSpool } from '../../src/spool/disk-spool.js';
import type { OpenedSpool } from '../../src/spool/open-spool.js';
import { MemoryFolder } from '../support/memory-folder.js';
import { randomOf } from '../support/random.js';
import { batchOf, drain, opened } from './opened-spool.js';

const seed = Number(process.env.SEED ?? 20261124);
const scripts = 120;
/** Each sector as it was when it was forced last. */
const oldest = () => 0;

/** What is known when the power goes. */
interface Ledger {
  appended: number;
  acked: number;
  covered: number;
  /** All up to it was forced, by an answer of `sync`. */
  forced: number;
}

t.test('nothing comes back that was acked when the cursor was forced last', async (t) => {
  t.comment(`SEED=${seed}`);
  const seen = { back: 0, held: 0 };
  for (let script = 0; script < scripts; script++) {
    const folder = new MemoryFolder();
    const { spool, ledger } = await play(folder, seed + script);
    const found = folder.afterPowerLoss(randomOf(script));
    const cursor = await readCursor(folder.afterPowerLoss(oldest));
    const forced = cursor.kind === 'cursor' ? cursor.reading.acked : 0;
    const after = await opened(found);
    const read = (await drain(after.spool)).map(({ seq }) => seq);
    const what = `script ${script}, acked ${ledger.acked}, ${forced} of them forced`;
    t.strictSame(
      read.filter((seq) => seq <= forced),
      [],
      `${what}: none of those`,
    );
    const must = range(ledger.acked, ledger.forced);
    t.strictSame(
      must.filter((seq) => !read.includes(seq)),
      [],
      `${what}: what was forced is there`,
    );
    if (read.some((seq) => seq <= ledger.acked)) seen.back++;
    if (forced > 0 && forced < ledger.acked) seen.held++;
    t.ok(after.spool.lastSeq >= ledger.appended, `${what}: no number is used twice`);
    await after.spool.close();
    await spool.close();
  }
  t.ok(seen.back > scripts / 10, `${seen.back} scripts after which some came twice`);
  t.ok(seen.held > scripts / 10, `${seen.held} in which only some acks were forced`);
});

for (const kind of ['kill', 'power loss'] as const) {
  t.test(`${kind}: what is not covered is learned again, exactly, and in order`, async (t) => {
    t.comment(`SEED=${seed}`);
    let learned = 0;
    for (let script = 0; script < scripts; script++) {
      const folder = new MemoryFolder();
      const { spool, ledger } = await play(folder, seed + script);
      const random = randomOf(script);
      const found = kind === 'kill' ? folder.afterKill() : folder.afterPowerLoss(random);
      const cursor = await readCursor(found);
      const covered = cursor.kind === 'cursor' ? cursor.reading.covered : 0;
      const after = await opened(found);
      const seqs = await uncoveredOf(after);
      const last = kind === 'kill' ? ledger.appended : ledger.forced;
      const what = `script ${script}, covered ${covered}`;
      const must = range(covered, last).filter(teaches);
      if (kind === 'kill') t.equal(covered, ledger.covered, `${what}: as it was said`);
      t.ok(covered <= ledger.covered, `${what}: never more than was said`);
      t.ok(
        seqs.every((seq, i) => seq > (seqs[i - 1] ?? covered) && seq <= ledger.appended),
        `${what}: in order, and none below`,
      );
      t.strictSame(
        must.filter((seq) => !seqs.includes(seq)),
        [],
        `${what}: all of it`,
      );
      if (kind === 'kill') t.equal(seqs.length, must.length, `${what}: nothing else`);
      learned += seqs.length;
      // The same once more after a death in which nothing was covered.
      const again = await opened(found.afterKill());
      t.strictSame(await uncoveredOf(again), seqs, `${what}: again the same`);
      await again.spool.close();
      await after.spool.close();
      await spool.close();
    }
    t.ok(learned > scripts, `${learned} were learned again`);
  });
}

async function play(folder: MemoryFolder, seed: number) {
  const random = randomOf(seed);
  const { spool } = await opened(folder, { maxBytes: 80_000 });
  const ledger: Ledger = { appended: 0, acked: 0, covered: 0, forced: 0 };
  for (let step = 0; step < 80; step++) {
    const dice = random();
    if (dice < 0.6) append(spool, Math.floor(random() ** 4 * 3000));
    else if (dice < 0.8) spool.ack(someRead(spool, random()));
    else if (dice < 0.9) cover(spool, ledger, Math.floor(spool.ackedSeq * random()));
    else if (await spool.sync()) ledger.forced = spool.lastSeq;
    if (random() < 0.3) await new Promise(setImmediate);
  }
  return {
    spool,
    ledger: Object.assign(ledger, { appended: spool.lastSeq, acked: spool.ackedSeq }),
  };
}

function append(spool: DiskSpool, size: number): void {
  const seq = spool.lastSeq + 1;
  spool.append(batchOf(`${seq}:${'x'.repeat(size)}`, teaches(seq) ? `learned ${seq}` : ''));
}

function cover(spool: DiskSpool, ledger: Ledger, seq: number): void {
  spool.cover(seq);
  ledger.covered = Math.max(ledger.covered, seq);
}

/** Not every batch has something to learn from. */
function teaches(seq: number): boolean {
  return seq % 3 !== 0;
}

function someRead(spool: DiskSpool, part: number): number {
  const next = spool.after(spool.ackedSeq)?.seq ?? spool.ackedSeq;
  return next + Math.floor(part * (spool.lastSeq - next));
}

async function uncoveredOf({ uncovered }: OpenedSpool): Promise<number[]> {
  const seqs: number[] = [];
  for await (const { seq, observations } of uncovered()) {
    if (String(observations) !== `learned ${seq}`) throw new Error(`${seq} taught something else`);
    seqs.push(seq);
  }
  return seqs;
}

/** Numbers above `from`, up to `to`. */
function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + 1 + i);
}
