/** The damage that the fault suite does to a spool: what it says was hit must be all that the spool loses. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type DamageKind, damageSpool } from '../../../bench/faults/damage.js';
import { idOf } from '../../../bench/faults/events.js';
import { randomFrom } from '../../../bench/workload.js';
import { OutputCounters } from '../../../src/observe/counters.js';
import { recordsOf } from '../../../src/spool/found.js';
import { diskFolder, openSpool } from '../../../src/spool/open-spool.js';
import { scanSpool } from '../../../src/spool/scan.js';
import { batchOf, entriesIn } from '../../support/entries.js';
import { keptLog } from '../../support/kept-log.js';

const batches = 40;
const perBatch = 10;
const seeds = 30;

async function fill(path: string): Promise<void> {
  const { spool } = await openSpool({
    folder: diskFolder(path),
    maxBytes: 1024 * 1024,
    whenFull: 'block',
    sync: 'none',
    syncIntervalMs: 1000,
    counters: new OutputCounters(),
    log: keptLog().log,
  });
  for (let batch = 0; batch < batches; batch++) {
    const events = Array.from({ length: perBatch }, (_, i) => ({
      externalId: idOf(batch * perBatch + i),
      pad: randomBytes(30).toString('hex'),
    }));
    spool.append(batchOf(events));
  }
  await spool.close();
}

async function readable(path: string): Promise<Set<string>> {
  const folder = diskFolder(path);
  const ids = new Set<string>();
  const { segments } = await scanSpool(folder);
  for await (const { entries } of recordsOf(folder, segments)) {
    for (const entry of entriesIn(entries)) ids.add((entry as { externalId: string }).externalId);
  }
  return ids;
}

for (const kind of ['bytes', 'tail', 'cursor'] satisfies DamageKind[]) {
  t.test(`${kind}: what cannot be read any more was said to be hit`, async (t) => {
    const base = t.testdir({});
    let lost = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const path = join(base, `${seed}`);
      await fill(path);
      const { what, numbers, held } = damageSpool(path, kind, randomFrom(seed));
      t.equal(held, batches * perBatch);
      const left = await readable(path);
      const hit = new Set(numbers.map(idOf));
      const all = Array.from({ length: held }, (_, i) => idOf(i));
      const gone = all.filter((id) => !left.has(id));
      t.strictSame(
        gone.filter((id) => !hit.has(id)),
        [],
        `seed ${seed}: ${what}`,
      );
      lost += gone.length;
    }
    t.equal(lost > 0, kind !== 'cursor', `${lost} events lost`);
  });
}

t.test('damage changes the files', async (t) => {
  const path = t.testdir({});
  await fill(path);
  const bytes = () =>
    readdirSync(path).map((name) => readFileSync(join(path, name)).toString('hex'));
  const before = bytes();
  damageSpool(path, 'bytes', randomFrom(1));
  t.notSame(bytes(), before);
});
