/**
 * Goal: after a crash the baseline is what it was at the last checkpoint. Method: nothing is ever closed
 * here; a new baseline opens the directory as the last one left it, or with its last append cut.
 */
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { encodeIdentity, formatVersion } from '../../src/baseline/bucket-file.js';
import { BucketStore } from '../../src/baseline/bucket-store.js';
import { StegwatchError } from '../../src/errors.js';
import { encodeHosts } from '../support/encode-hosts.js';
import { makeBaseline, now, reopen, seen } from './make-baseline.js';
import { sequences } from './number-sequences.js';

const files = (path: string): string[] => readdirSync(join(path, 'download'));
const hosts = Array.from({ length: 12 }, (_, i) => `h${i}.example`);

t.test('after a crash all is as at the last checkpoint, whenever checkpoints were', async (t) => {
  const step = fc.record({
    ago: fc.constantFrom(0, 0, 0, 1, 20, 24, 25, 60, 167, 168),
    count: fc.integer({ min: 1, max: 3000 }),
    next: fc.constantFrom('go on', 'checkpoint', 'checkpoint', 'crash', 'upkeep'),
  });
  const run = fc.record({
    seed: fc.integer({ min: 1, max: 1 << 30 }),
    kind: fc.nat(sequences(1).length - 1),
    steps: fc.array(step, { minLength: 1, maxLength: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(run, async ({ seed, kind, steps }) => {
      const path = t.testdir();
      const { size } = sequences(seed)[kind]!;
      const unbroken = makeBaseline(null).baseline;
      await unbroken.open(now);
      let running = await reopen(path);
      let n = 0;
      for (const { ago, count, next } of steps) {
        for (const end = n + count; n < end; n++) {
          const bytes = n % 10 === 3 ? Number.NaN : size(n);
          for (const baseline of [unbroken, running]) {
            baseline.learn(now - ago, bytes, hosts[n % 12]!);
          }
        }
        if (next === 'upkeep') await Promise.all([unbroken.upkeep(now), running.upkeep(now)]);
        if (next !== 'go on') await running.checkpoint();
        if (next === 'crash') running = await reopen(path);
      }
      await running.checkpoint();
      running = await reopen(path);
      t.strictSame(seen(running, hosts), seen(unbroken, hosts));
    }),
    { numRuns: 25 },
  );
});

t.test('cut at any byte of the last append, all before it is loaded', async (t) => {
  const path = t.testdir({ live: {}, cut: {} });
  const { baseline } = makeBaseline(join(path, 'live'));
  await baseline.open(now);
  baseline.learn(now, 100, 'before');
  await baseline.checkpoint();
  const [name] = files(join(path, 'live'));
  const file = join(path, 'live', 'download', name!);
  const before = seen(await reopen(join(path, 'live')), ['before', 'after']);
  const end = statSync(file).size;
  baseline.learn(now, 200, 'after');
  await baseline.checkpoint();
  const after = seen(await reopen(join(path, 'live')), ['before', 'after']);
  t.notSame(after, before);

  const cut = join(path, 'cut');
  for (let length = end; length < statSync(file).size; length++) {
    cpSync(join(path, 'live'), cut, { recursive: true });
    truncateSync(join(cut, 'download', name!), length);
    const { baseline: restarted, counters } = makeBaseline(cut);
    const report = await restarted.open(now);
    t.equal(report.notices.length, length === end ? 0 : 1);
    t.equal(counters.baseline_torn, length === end ? 0 : 1);
    t.strictSame(seen(restarted, ['before', 'after']), before, `${length} bytes`);
    if (length % 8 !== 0) continue;
    const goingOn = await reopen(cut);
    goingOn.learn(now, 200, 'after');
    await goingOn.checkpoint();
    t.strictSame(seen(await reopen(cut), ['before', 'after']), after, 'and it goes on from there');
  }
});

t.test('what was learned since the last checkpoint is lost, and only that', async (t) => {
  const path = t.testdir();
  const { baseline } = makeBaseline(path);
  await baseline.open(now);
  baseline.learn(now - 30, 1, 'kept');
  await baseline.checkpoint();
  baseline.learn(now - 30, 2, 'lost');
  const restarted = await reopen(path);
  t.equal(restarted.threshold(now).samples, 1);
  t.equal(restarted.hostState('kept', now), 'known');
  t.equal(restarted.hostState('lost', now), 'never_seen');
});

t.test('learning during a checkpoint is in the next one', async (t) => {
  const path = t.testdir();
  const { baseline } = makeBaseline(path);
  await baseline.open(now);
  baseline.learn(now - 30, 1, 'h1');
  const first = baseline.checkpoint();
  baseline.learn(now - 30, 2, 'h2');
  // The first may have begun before h2: a second call must cover it, however many are waiting.
  await Promise.all([first, baseline.checkpoint(), baseline.checkpoint()]);
  const restarted = await reopen(path);
  t.equal(restarted.threshold(now).samples, 2);
  t.equal(restarted.hostState('h2', now), 'known');
});

t.test('a checkpoint without anything new writes nothing', async (t) => {
  const path = t.testdir();
  const { baseline } = makeBaseline(path);
  await baseline.open(now);
  baseline.learn(now, 1, 'h');
  await baseline.checkpoint();
  const file = join(path, 'download', files(path)[0]!);
  const before = statSync(file).size;
  await baseline.checkpoint();
  t.equal(statSync(file).size, before);
  baseline.learn(now, Number.NaN, '');
  await baseline.checkpoint();
  t.ok(statSync(file).size > before, 'even an event with nothing to learn from counts');
});

t.test("each host goes into an hour's file once", async (t) => {
  const path = t.testdir();
  const { baseline } = makeBaseline(path);
  await baseline.open(now);
  for (let i = 0; i < 5; i++) {
    baseline.learn(now, i, 'unique-host.example');
    await baseline.checkpoint();
  }
  const bytes = readFileSync(join(path, 'download', files(path)[0]!), 'latin1');
  t.equal(bytes.split('unique-host.example').length - 1, 1);
});

t.test('a host that comes late again and again goes into the file once', async (t) => {
  const path = t.testdir();
  const { baseline } = makeBaseline(path);
  await baseline.open(now);
  baseline.learn(now, 1, 'new.example');
  for (let i = 0; i < 5; i++) {
    baseline.learn(now - 1, 1, 'late.example');
    await baseline.checkpoint();
  }
  const [older] = files(path).sort();
  const text = readFileSync(join(path, 'download', older!), 'latin1');
  t.equal(text.split('late.example').length - 1, 1);
});

t.test('sealed buckets are written compactly and load as sealed', async (t) => {
  const path = t.testdir();
  const { baseline } = makeBaseline(path);
  await baseline.open(now - 25);
  for (let i = 0; i < 50; i++) {
    baseline.learn(now - 25, i, `h${i}`);
    await baseline.checkpoint();
  }
  const file = join(path, 'download', files(path)[0]!);
  const open = statSync(file).size;
  await baseline.upkeep(now);
  await baseline.checkpoint();
  t.ok(statSync(file).size < open / 5);
  const restarted = await reopen(path);
  t.equal(restarted.stats(now).sealedBuckets, 1);
  t.equal(restarted.stats(now).knownHosts, 50);
  t.strictSame(restarted.threshold(now), baseline.threshold(now));
});

t.test('another host key needs no new buckets: keys come from hosts as received', async (t) => {
  const path = t.testdir();
  const { baseline } = makeBaseline(path);
  await baseline.open(now);
  baseline.learn(now - 30, 1, 'a.example.com');
  await baseline.checkpoint();
  const domain = (host: string): string => host.split('.').slice(-2).join('.');
  const restarted = await reopen(path, now, { hostKey: domain });
  t.equal(restarted.hostState('b.example.com', now), 'known');
});

t.test('each unusable file is told with its reason, and the rest loads', async (t) => {
  const path = t.testdir();
  const { baseline } = makeBaseline(path);
  await baseline.open(now);
  for (const ago of [30, 31, 32, 33, 34]) baseline.learn(now - ago, ago, `h${ago}`);
  await baseline.checkpoint();
  await makeOther(path, now - 35);
  const [, , damaged, newer, torn] = files(path).map((name) => join(path, 'download', name));
  writeFileSync(damaged!, 'nonsense');
  const identity = { hour: now, direction: 'download', fingerprint: 'f1' } as const;
  writeFileSync(newer!, encodeIdentity(identity, formatVersion + 1));
  truncateSync(torn!, statSync(torn!).size - 1);

  const { baseline: restarted, counters } = makeBaseline(path);
  const report = await restarted.open(now);
  t.strictSame(
    report.notices.map(({ what }) => what),
    ['other_settings', 'damaged', 'newer_format', 'torn'],
  );
  for (const { message, file } of report.notices)
    t.ok(message.includes(file) && message.endsWith('.'));
  t.equal(counters.baseline_unused_files, 3);
  t.equal(counters.baseline_torn, 1);
  t.match(report, { buckets: 2, samples: 2, hosts: 2, newestHour: now - 30 });
  t.equal(restarted.hostState('h34', now), 'known');
  t.equal(restarted.hostState('h33', now), 'never_seen', 'the damaged one');

  restarted.learn(now - 32, 5, 'h');
  await restarted.checkpoint();
  t.ok((await reopen(path)).hostState('h', now) === 'never_seen', 'a newer file is not written');
});

/** A bucket of other settings in the same directory. */
async function makeOther(path: string, hour: number): Promise<void> {
  const other = makeBaseline(t.testdir(), { fingerprint: 'f2' }).baseline;
  await other.open(now);
  other.learn(hour, 1, 'other');
  await other.checkpoint();
  cpSync(t.testdirName, path, { recursive: true });
}

t.test(
  'files outside the lookback are deleted, at open and later, with an hour of margin',
  async (t) => {
    const path = t.testdir();
    const { baseline } = makeBaseline(path);
    await baseline.open(now - 10);
    for (const ago of [170, 169, 168, 30]) baseline.learn(now - ago, 1, 'h');
    await baseline.checkpoint();
    t.equal(files(path).length, 4);
    const { baseline: restarted } = makeBaseline(path);
    t.match(await restarted.open(now), { expiredFiles: 1, buckets: 3 });
    t.equal(files(path).length, 3);
    await restarted.upkeep(now + 2);
    await restarted.checkpoint();
    t.equal(files(path).length, 1);
  },
);

t.test('a failed checkpoint says so and the next one writes it all', async (t) => {
  const path = t.testdir();
  const { baseline, counters } = makeBaseline(path);
  await baseline.open(now);
  baseline.learn(now, 1, 'first');
  await baseline.checkpoint();
  const folder = join(path, 'download');
  const before = readFileSync(join(folder, files(path)[0]!));

  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'no directory');
  baseline.learn(now, 2, 'second');
  baseline.learn(now - 1, 3, 'third');
  const error = await baseline.checkpoint().catch((reason: unknown) => reason);
  t.ok(error instanceof StegwatchError);
  t.match(error, {
    code: 'BASELINE_UNUSABLE',
    message: /cannot be saved \(and \d more\): ENOTDIR/,
  });
  t.match((error as StegwatchError).hint, /free space/);
  t.equal(counters.checkpoint_failures, 1);

  rmSync(folder);
  mkdirSync(folder);
  writeFileSync(join(folder, '2027-01-15T08.bucket'), before);
  await baseline.checkpoint();
  const restarted = await reopen(path);
  t.strictSame(
    ['first', 'second', 'third'].map((host) => restarted.hostState(host, now)),
    ['pending', 'pending', 'pending'],
  );
  t.equal(restarted.threshold(now + 30).samples, 3);
});

t.test('a baseline directory that cannot be made is an error with a hint', async (t) => {
  const path = join(t.testdir({ file: '' }), 'file');
  const error = await makeBaseline(path)
    .baseline.open(now)
    .catch((reason: unknown) => reason);
  t.match(error, { code: 'BASELINE_UNUSABLE', message: /cannot be made or opened: .*ENOTDIR/ });
});

t.test('a forgotten hour is replaced on disk, or deleted if nothing follows', async (t) => {
  const path = t.testdir();
  const { baseline } = makeBaseline(path);
  await baseline.open(now);
  baseline.learn(now - 50, 10, 'old');
  baseline.learn(now - 51, 10, 'old');
  await baseline.checkpoint();
  await baseline.forget(now - 50);
  await baseline.forget(now - 51);
  t.equal(
    (await reopen(path)).threshold(now).samples,
    2,
    'until the checkpoint the old ones stand',
  );
  baseline.learn(now - 50, 20, 'new');
  await baseline.checkpoint();
  const restarted = await reopen(path);
  t.match(restarted.threshold(now), { bytes: 20, samples: 1, hours: 1 });
  t.equal(restarted.hostState('old', now), 'never_seen');
  t.equal(restarted.hostState('new', now), 'known');
});

t.test(
  'an hour with more hosts than it may hold is saved up to the limit, and counted',
  async (t) => {
    const path = t.testdir();
    const { baseline, counters } = makeBaseline(path, { maxHosts: 20 });
    await baseline.open(now);
    for (let i = 0; i < 50; i++) baseline.learn(now, 1, `h${i}`);
    await baseline.checkpoint();
    t.equal(counters.hosts_not_saved, 30);
    const restarted = await reopen(path, now, { maxHosts: 1000 });
    t.equal(restarted.stats(now).pendingHosts, 20);
  },
);

t.test(
  'a filled baseline is the same after learn has closed it and run has opened it',
  async (t) => {
    const path = t.testdir();
    const { baseline } = makeBaseline(path);
    await baseline.open(now);
    for (let i = 0; i < 30_000; i++) {
      baseline.learn(now - 168 + (i % 169), (i * 7919) % 100_003, hosts[i % 12]!);
    }
    await baseline.upkeep(now);
    await baseline.checkpoint();
    const running = await reopen(path);
    t.match(running.stats(now), { sealedBuckets: 144, openBuckets: 25 });
    t.strictSame(seen(running, hosts), seen(baseline, hosts));
  },
);

t.test('a file of the far future, of a wrong clock, takes no host from the others', async (t) => {
  const path = t.testdir();
  const { baseline } = makeBaseline(path);
  await baseline.open(now);
  for (const hour of [now - 30, now + 60_000]) baseline.learn(hour, 10, 'h');
  await baseline.checkpoint();
  const restarted = await reopen(path);
  t.equal(restarted.hostState('h', now), 'known');
  t.equal(restarted.threshold(now).samples, 1);
});

t.test('a file later than any event can tell does not say which hour it is', async (t) => {
  const path = t.testdir();
  const { baseline } = makeBaseline(path);
  await baseline.open(now);
  for (const hour of [now - 30, now - 2, now + 60_000]) baseline.learn(hour, 10, 'h');
  await baseline.checkpoint();
  const { baseline: restarted } = makeBaseline(path);
  t.match(await restarted.open(null, now), { newestHour: now - 2, expiredFiles: 0, buckets: 3 });
  t.equal(restarted.hostState('h', now), 'known');
});

t.test(
  'a host longer than any that is written does not keep the rest from being loaded',
  async (t) => {
    const path = t.testdir();
    const store = new BucketStore({ path, direction: 'download' });
    await store.open('f1');
    const none = new Float64Array(0);
    const sizes = { means: none, counts: none, tail: Float64Array.of(1) };
    // Each byte that is no UTF-8 is read as a character of three.
    const bytes = Buffer.alloc(2 + 0xffff, 0xff);
    await store.append(now - 30, { through: null, sealed: false, observations: 1, sizes }, [
      { count: 1, bytes },
      ...encodeHosts(['a.example']),
    ]);
    const baseline = await reopen(path);
    t.equal(baseline.hostState('a.example', now), 'known');
    t.equal(baseline.hostState('\ufffd'.repeat(0xffff), now), 'known');
  },
);
