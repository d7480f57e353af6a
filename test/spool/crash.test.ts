/** The world stops before, or in the middle of, each operation of a script; then the spool opens again. */
import t from 'tap';
import { OutputCounters } from '../../src/observe/counters.js';
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
  /** Those with observations. */
  readonly taught: Set<number>;
  /** What was learned up to here is saved, or about to be. */
  covered: number;
  /** Nothing is taken in as soon as it is appended. */
  readonly behind: boolean;
  acked: number;
  /** What the ack that was under way would have acked. */
  acking: number;
  forcedUpTo: number;
}

/** Batches are written as they come, or wait for their acks. */
const unwrittenAges = { 'written at once': 0, 'written behind': Number.MAX_SAFE_INTEGER };

for (const [when, maxUnwrittenAgeMs] of Object.entries(unwrittenAges)) {
  for (const kind of ['kill', 'power loss'] as const) tryAll(when, kind, maxUnwrittenAgeMs);
}

function tryAll(when: string, kind: 'kill' | 'power loss', maxUnwrittenAgeMs: number): void {
  t.test(`${when}, ${kind} at every operation: nothing is lost, nothing is made up`, async (t) => {
    t.comment(`SEED=${seed}`);
    let crashes = 0;
    for (let script = 0; script < 4; script++) {
      const whole = new MemoryFolder();
      await play(whole, seed + script, maxUnwrittenAgeMs);
      for (let k = 1; k <= whole.operations; k++) {
        for (const torn of [false, true]) {
          const folder = new MemoryFolder();
          folder.stopAt = k;
          folder.torn = torn;
          const ledger = await play(folder, seed + script, maxUnwrittenAgeMs);
          const random = randomOf(k * 2 + Number(torn));
          const after = kind === 'kill' ? folder.afterKill() : folder.afterPowerLoss(random);
          const again = crashes % 7;
          const wrong = await check(after, ledger, kind === 'kill', again);
          if (wrong !== null)
            return t.fail(`script ${script}, operation ${k}, torn ${torn}: ${wrong}`);
          crashes++;
        }
      }
    }
    t.ok(crashes > 300, `${crashes} crashes`);
  });
}

async function play(
  folder: MemoryFolder,
  seed: number,
  maxUnwrittenAgeMs: number,
): Promise<Ledger> {
  const random = randomOf(seed);
  const ledger: Ledger = {
    texts: new Map(),
    takenIn: new Set(),
    taught: new Set(),
    covered: 0,
    behind: maxUnwrittenAgeMs > 0,
    acked: 0,
    acking: 0,
    forcedUpTo: 0,
  };
  const opened = await open(folder, maxUnwrittenAgeMs).catch(() => null);
  const spool = opened?.spool ?? null;
  for (let step = 0; spool !== null && step < 60 && !folder.stopped; step++) {
    const dice = random();
    if (dice < 0.6) append(spool, ledger, Math.floor(random() ** 8 * 3000), folder);
    else if (dice < 0.8) ack(spool, ledger, folder, random());
    else if (dice < 0.86) cover(spool, ledger, random());
    else if (dice < 0.92) writeAll(spool, ledger, folder);
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
  // An alert waits for nothing, and nothing that is older does then.
  const alertCount = spool.lastSeq % 4 === 3 ? 1 : 0;
  const counts = { eventCount: 1 - alertCount, alertCount, alertsAt: entries.length, oldestMs: 1 };
  spool.append({ entries, observations, ...counts });
  if (observations.length > 0) ledger.taught.add(spool.lastSeq);
  if (!spool.storing || folder.stopped) return;
  if (!ledger.behind) ledger.takenIn.add(spool.lastSeq);
  else if (alertCount > 0) for (const seq of ledger.texts.keys()) ledger.takenIn.add(seq);
}

/** What had waited for its ack is taken in from here on. */
function writeAll(spool: DiskSpool, ledger: Ledger, folder: MemoryFolder): void {
  if (!spool.writeAll() || folder.stopped) return;
  for (const seq of ledger.texts.keys()) ledger.takenIn.add(seq);
}

function cover(spool: DiskSpool, ledger: Ledger, part: number): void {
  ledger.covered = Math.max(ledger.covered, Math.floor(spool.ackedSeq * part));
  spool.cover(ledger.covered);
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
  if (!(await spool.sync()) || folder.stopped) return;
  ledger.forcedUpTo = lastSeq;
  for (let seq = 1; seq <= lastSeq; seq++) if (ledger.texts.has(seq)) ledger.takenIn.add(seq);
}

/** @param again the world stops a second time, in the opening, at this operation; 0 does not */
async function check(found: MemoryFolder, ledger: Ledger, kill: boolean, again: number) {
  let folder = found;
  if (again > 0) {
    folder.stopAt = again;
    await open(folder).then(
      ({ spool }) => spool.close(),
      () => {},
    );
    folder = folder.afterKill();
  }
  const { spool, uncovered } = await open(folder);
  const taught = new Set<number>();
  for await (const { seq } of uncovered()) taught.add(seq);
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
    // Its entries were not written, since they had been acked; the cursor did not get to know.
    const isDone = batch.entries.length === 0 && ledger.behind && batch.seq <= ledger.acking;
    if (!isDone && String(batch.entries) !== ledger.texts.get(batch.seq))
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
  const forgotten = [...ledger.taught].filter(
    (seq) =>
      seq > ledger.covered && !taught.has(seq) && (seq <= ledger.acked || must.includes(seq)),
  );
  if (kill && forgotten.length > 0)
    return `${forgotten} are not learned, covered ${ledger.covered}`;
  const back = kill ? read.filter((seq) => seq <= ledger.acked) : [];
  return back.length > 0 ? `${back} come back, acked ${ledger.acked}` : null;
}

function open(folder: MemoryFolder, maxUnwrittenAgeMs = 0): ReturnType<typeof openSpool> {
  return openSpool({
    folder,
    maxBytes: 40_000,
    whenFull: 'block',
    sync: 'none',
    syncIntervalMs: 500,
    retryMs: 1,
    maxUnwrittenAgeMs,
    counters: new OutputCounters(),
    log: keptLog().log,
    freeBytes: async () => null,
  });
}
