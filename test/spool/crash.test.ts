/** The world stops before, or in the middle of, each operation of a script; then the spool opens again. */
import t from 'tap';
import { Counters } from '../../src/observe/counters.js';
import type { DiskSpool } from '../../src/spool/disk-spool.js';
import { openSpool } from '../../src/spool/open-spool.js';
import { keptLog } from '../support/kept-log.js';
import { MemoryFolder } from '../support/memory-folder.js';
import { randomOf } from '../support/random.js';

const seed = Number(process.env.SEED ?? 20261124);

/** What a script knows when the world stops. */
interface Ledger {
  readonly texts: Map<number, string>;
  readonly takenIn: Set<number>;
  acked: number;
  /** What the ack that was under way would have acked. */
  acking: number;
  forcedUpTo: number;
}

for (const kind of ['kill', 'power loss'] as const) {
  t.test(`${kind} at every operation: nothing is lost, nothing is made up`, async (t) => {
    t.comment(`SEED=${seed}`);
    let crashes = 0;
    for (let script = 0; script < 4; script++) {
      const whole = new MemoryFolder();
      await play(whole, seed + script);
      for (let k = 1; k <= whole.operations; k++) {
        for (const torn of [false, true]) {
          const folder = new MemoryFolder();
          folder.stopAt = k;
          folder.torn = torn;
          const ledger = await play(folder, seed + script);
          const random = randomOf(k * 2 + Number(torn));
          const after = kind === 'kill' ? folder.afterKill() : folder.afterPowerLoss(random);
          const wrong = await check(after, ledger, kind === 'kill', crashes % 7);
          if (wrong !== null)
            return t.fail(`script ${script}, operation ${k}, torn ${torn}: ${wrong}`);
          crashes++;
        }
      }
    }
    t.ok(crashes > 300, `${crashes} crashes`);
  });
}

async function play(folder: MemoryFolder, seed: number): Promise<Ledger> {
  const random = randomOf(seed);
  const ledger: Ledger = {
    texts: new Map(),
    takenIn: new Set(),
    acked: 0,
    acking: 0,
    forcedUpTo: 0,
  };
  const spool = await open(folder).catch(() => null);
  for (let step = 0; spool !== null && step < 60 && !folder.stopped; step++) {
    const dice = random();
    if (dice < 0.6) append(spool, ledger, Math.floor(random() ** 8 * 3000), folder);
    else if (dice < 0.8) ack(spool, ledger, folder, random());
    else if (dice < 0.9) spool.cover(Math.floor(spool.ackedSeq * random()));
    else await force(spool, ledger, folder);
    if (random() < 0.3) await new Promise(setImmediate);
  }
  await spool?.close();
  return ledger;
}

function append(spool: DiskSpool, ledger: Ledger, size: number, folder: MemoryFolder): void {
  const text = `${spool.lastSeq + 1}:${'x'.repeat(size)}`;
  const entries = Buffer.from(text);
  ledger.texts.set(spool.lastSeq + 1, text);
  const observations = Buffer.from(size % 2 === 0 ? '' : `seen ${spool.lastSeq + 1}`);
  const counts = { eventCount: 1, alertCount: 0, alertsAt: entries.length, oldestMs: 1 };
  spool.append({ entries, observations, ...counts });
  if (spool.storing && !folder.stopped) ledger.takenIn.add(spool.lastSeq);
}

function ack(spool: DiskSpool, ledger: Ledger, folder: MemoryFolder, part: number): void {
  const next = spool.after(spool.ackedSeq);
  if (next === null) return;
  ledger.acking = next.seq + Math.floor(part * (spool.lastSeq - next.seq));
  spool.ack(ledger.acking);
  if (!folder.stopped) ledger.acked = spool.ackedSeq;
}

async function force(spool: DiskSpool, ledger: Ledger, folder: MemoryFolder): Promise<void> {
  const { lastSeq } = spool;
  if ((await spool.sync()) && !folder.stopped) ledger.forcedUpTo = lastSeq;
}

/** @param again the world stops a second time, in the opening, at this operation; 0 does not */
async function check(found: MemoryFolder, ledger: Ledger, kill: boolean, again: number) {
  let folder = found;
  if (again > 0) {
    folder.stopAt = again;
    await open(folder).then(
      (spool) => spool.close(),
      () => {},
    );
    folder = folder.afterKill();
  }
  const spool = await open(folder);
  const read: number[] = [];
  const last = Math.max(0, ...ledger.texts.keys());
  if (spool.lastSeq < last && (kill ? ledger.takenIn.has(last) : true) && last > 0) {
    if (kill || ledger.takenIn.has(last)) return `number ${last} would be used twice`;
  }
  for (let idle = 0; idle < 20; ) {
    const batch = spool.after(read.at(-1) ?? 0);
    if (batch === null) {
      idle++;
      await new Promise(setImmediate);
      continue;
    }
    if (String(batch.entries) !== ledger.texts.get(batch.seq))
      return `batch ${batch.seq} is made up`;
    if (batch.seq <= (read.at(-1) ?? 0)) return 'the order is wrong';
    read.push(batch.seq);
  }
  await spool.close();
  const must = [...ledger.takenIn].filter((seq) =>
    kill
      ? seq > Math.max(ledger.acked, ledger.acking)
      : seq > ledger.acking && seq <= ledger.forcedUpTo,
  );
  const lost = must.filter((seq) => !read.includes(seq));
  if (lost.length > 0) return `${lost} are lost, read ${read}`;
  const back = kill ? read.filter((seq) => seq <= ledger.acked) : [];
  return back.length > 0 ? `${back} come back, acked ${ledger.acked}` : null;
}

async function open(folder: MemoryFolder): Promise<DiskSpool> {
  const { spool } = await openSpool({
    folder,
    maxBytes: 40_000,
    whenFull: 'block',
    sync: 'none',
    syncIntervalMs: 500,
    retryMs: 1,
    counters: new Counters(),
    log: keptLog().log,
    freeBytes: async () => null,
  });
  return spool;
}
