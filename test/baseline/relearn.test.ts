/**
 * Goal: after a crash at any moment of a checkpoint, what the journal holds makes the baseline exactly
 * what it was. Method: the directory is copied after each file that is written, each copy is opened, and
 * the whole journal is offered to it.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import type { BucketBaseline } from '../../src/baseline/baseline.js';
import type { BucketState, HostBlock } from '../../src/baseline/bucket-file.js';
import { BucketStore } from '../../src/baseline/bucket-store.js';
import type { Journal } from '../../src/stages.js';
import { makeBaseline, now, reopen, seen } from './make-baseline.js';

const id = '0011223344556677';
const hostNames = ['a.example', 'b.example', 'c.example', ''];

interface Learned {
  readonly seq: number;
  readonly hour: number;
  readonly bytes: number;
  readonly host: string;
}

/** Copies its directory whenever a file has been written. */
class CopyingStore extends BucketStore {
  readonly copies: string[] = [];
  readonly #path: string;
  readonly #to: string;

  constructor(path: string, to: string) {
    super({ path, direction: 'download' });
    this.#path = path;
    this.#to = to;
  }

  override async append(
    hour: number,
    state: BucketState,
    hosts: readonly HostBlock[],
  ): Promise<void> {
    await super.append(hour, state, hosts);
    const copy = join(this.#to, String(this.copies.length));
    cpSync(this.#path, copy, { recursive: true });
    this.copies.push(copy);
  }
}

t.test('whatever was saved, the journal teaches the rest, and nothing twice', async (t) => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        hour: fc.integer({ min: now - 30, max: now }),
        bytes: fc.oneof(fc.integer({ min: 1, max: 1e6 }), fc.constant(Number.NaN)),
        host: fc.constantFrom(...hostNames),
      }),
    },
    { weight: 1, arbitrary: fc.constant('checkpoint' as const) },
  );
  let copies = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const folder = t.testdir({});
      const store = new CopyingStore(join(folder, 'baseline'), join(folder, 'copies'));
      const { baseline } = makeBaseline(null, { store });
      await baseline.open(now);
      const learned: Learned[] = [];
      const journal: Journal = {
        id,
        position: () => learned.length,
        sync: async () => true,
      };
      for (const one of steps) {
        if (one === 'checkpoint') {
          await baseline.checkpoint(journal);
          continue;
        }
        baseline.learn(one.hour, one.bytes, one.host);
        learned.push({ ...one, seq: learned.length + 1 });
      }
      const wanted = JSON.stringify(seen(baseline, hostNames.slice(0, 3)));
      for (const copy of store.copies) {
        copies++;
        const again = await reopen(copy);
        offer(again, learned);
        t.equal(JSON.stringify(seen(again, hostNames.slice(0, 3))), wanted);
      }
    }),
    { numRuns: 200 },
  );
  t.ok(copies > 50, `${copies} crashes`);
});

t.test('positions of another journal mean nothing: all of it is learned', async (t) => {
  const path = t.testdir({});
  const { baseline } = makeBaseline(path);
  await baseline.open(now);
  baseline.learn(now, 10, 'a.example');
  await baseline.checkpoint({ id, position: () => 9, sync: async () => true });
  t.equal(baseline.learnedFrom(id), 9);
  t.equal(baseline.learnedFrom('ffffffffffffffff'), 0);
  const again = await reopen(path);
  t.equal(again.relearn({ journal: id, seq: 9 }, now, 20, 'b.example'), false);
  t.equal(again.relearn({ journal: id, seq: 10 }, now, 20, 'b.example'), true);
  t.equal(again.relearn({ journal: 'ffffffffffffffff', seq: 1 }, now, 20, 'c.example'), true);
});

t.test('nothing is saved while the journal does not hold it, or cannot be forced', async (t) => {
  const path = t.testdir({});
  const { baseline } = makeBaseline(path);
  await baseline.open(now);
  baseline.learn(now, 10, 'a.example');
  const full: Journal = { id, position: () => null, sync: async () => true };
  await t.rejects(baseline.checkpoint(full), { code: 'BASELINE_UNUSABLE' });
  const failing: Journal = { id, position: () => 1, sync: async () => false };
  await t.rejects(baseline.checkpoint(failing), { code: 'BASELINE_UNUSABLE' });
  t.equal((await reopen(path)).hasBucket(now), false);
  await baseline.checkpoint({ ...failing, sync: async () => true });
  t.equal((await reopen(path)).hasBucket(now), true);
});

function offer(baseline: BucketBaseline, learned: readonly Learned[]): void {
  for (const { seq, hour, bytes, host } of learned) {
    baseline.relearn({ journal: id, seq }, hour, bytes, host);
  }
}
