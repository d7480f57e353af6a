/** Opening what detection rests on, to look on: the directory stays as it is, and later hours are not seen. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../src/config/load.js';
import { Counters } from '../../src/observe/counters.js';
import { makeBaselines, openDetection } from '../../src/pipeline/open-detection.js';
import { diskState } from '../support/disk-state.js';

const msPerHour = 3_600_000;
const now = Date.UTC(2026, 10, 24, 4, 30);
const hour = Math.floor(now / msPerHour);
const quiet = { info: () => undefined, warn: () => undefined };

function configAt(path: string) {
  const yaml = `{ detection: { minimum_samples: 1, minimum_history: 0h }, baseline: { path: ${JSON.stringify(path)}, max_hosts: 1000 } }`;
  return loadConfig({ text: yaml, env: {} });
}

/** A baseline as `run` leaves it: an old hour that has expired, one of the lookback, this hour, later ones. */
async function filled(path: string): Promise<void> {
  const { download } = makeBaselines(configAt(path), new Counters());
  await download!.open(hour - 170);
  for (const [at, host] of [
    [hour - 170, 'old.example'],
    [hour - 30, 'known.example'],
    [hour, 'today.example'],
    [hour + 40, 'known.example'],
    [hour + 40, 'later.example'],
  ] as const) {
    download!.learn(at, 1000, host);
  }
  await download!.checkpoint();
}

t.test('read only: expired files, leftovers and damage stay, to the byte', async (t) => {
  const path = t.testdir();
  await filled(path);
  const folder = join(path, 'download');
  writeFileSync(join(folder, '2026-11-23T01.bucket'), 'damaged');
  writeFileSync(join(folder, '2026-11-23T02.bucket.tmp'), 'left over');
  writeFileSync(join(path, 'repeats'), 'damaged too');
  writeFileSync(join(path, 'repeats.tmp'), 'left over');
  const last = join(
    folder,
    readdirSync(folder)
      .filter((name) => name.endsWith('.bucket'))
      .at(-2)!,
  );
  appendFileSync(last, Buffer.alloc(7, 1));
  const before = diskState(path);
  const said: unknown[] = [];
  const log = { info: () => undefined, warn: (...args: unknown[]) => void said.push(args.at(-1)) };
  const state = await openDetection(configAt(path), now, new Counters(), log, { readOnly: true });
  const download = state.baselines.download!;
  download.learn(hour, 5, 'a.example');
  await download.upkeep(hour);
  await download.checkpoint();
  await state.repeatsFile.save(state.repeats);
  t.strictSame(diskState(path), before);
  t.equal(said.filter((text) => /stays where it is/.test(String(text))).length, 2, `${said}`);
});

t.test('read only: what a later hour learned was not known then', async (t) => {
  const path = t.testdir();
  await filled(path);
  const { baselines } = await openDetection(configAt(path), now, new Counters(), quiet, {
    readOnly: true,
  });
  const download = baselines.download!;
  // Forty hours later it was seen again; that must not push the hour of the lookback out of its ring.
  t.equal(download.hostState('known.example', hour), 'known');
  t.equal(download.firstSeenMs('known.example'), (hour - 30) * msPerHour);
  t.equal(download.lastSeenMs('known.example'), (hour - 30) * msPerHour);
  t.equal(download.hostState('today.example', hour), 'pending');
  t.equal(download.lastSeenMs('today.example'), hour * msPerHour);
  t.equal(download.hostState('later.example', hour), 'never_seen');
  t.equal(download.lastSeenMs('later.example'), 0);
  t.equal(download.hostState('old.example', hour), 'never_seen');
  t.equal(download.threshold(hour).samples, 1);
});

t.test('read only: with `time: event` too the moment is the one that is given', async (t) => {
  const path = t.testdir();
  const yaml = `{ detection: { time: event }, baseline: { path: ${JSON.stringify(path)}, max_hosts: 1000 } }`;
  const config = loadConfig({ text: yaml, env: {} });
  const { download } = makeBaselines(config, new Counters());
  await download!.open(hour);
  for (const at of [hour - 30, hour + 3]) download!.learn(at, 1000, 'a.example');
  await download!.checkpoint();
  const state = await openDetection(config, now, new Counters(), quiet, { readOnly: true });
  t.ok(state.baselines.download!.hasBucket(hour - 30));
  t.notOk(state.baselines.download!.hasBucket(hour + 3));
});

t.test(
  'with `time: event` the clock stands where it was kept, else at the newest hour',
  async (t) => {
    const open = async (path: string, time = 'event') => {
      const yaml = `{ detection: { time: ${time} }, baseline: { path: ${JSON.stringify(path)}, max_hosts: 1000 } }`;
      const config = loadConfig({ text: yaml, env: {} });
      return (await openDetection(config, now, new Counters(), quiet)).clock;
    };
    const path = t.testdir();
    t.match((await open(path)).reading, { ms: 0, timedReceiptMs: 0 }, 'nothing is known');

    const yaml = `{ detection: { time: event }, baseline: { path: ${JSON.stringify(path)}, max_hosts: 1000 } }`;
    const { download } = makeBaselines(loadConfig({ text: yaml, env: {} }), new Counters());
    await download!.open(null);
    download!.learn(hour - 40, 1000, 'a.example');
    await download!.checkpoint();
    const newestMs = (hour - 40) * msPerHour;
    const { reading, file } = await open(path);
    t.strictSame(reading, { ms: newestMs, timedReceiptMs: 0 });

    const kept = { ms: newestMs + 50 * 60_000, timedReceiptMs: now - 1000 };
    await file!.save(kept);
    t.strictSame((await open(path)).reading, kept);
    await file!.save({ ...kept, ms: newestMs - 1 });
    t.equal((await open(path)).reading.ms, newestMs, 'what was learned since counts too');
    await file!.save({ ms: now + msPerHour, timedReceiptMs: now + msPerHour });
    t.strictSame(
      (await open(path)).reading,
      { ms: now + 5 * 60_000, timedReceiptMs: now },
      'never further ahead of the wall than max_future, and no receipt to come',
    );
    t.strictSame(await open(t.testdir({ clock: 'x' }), 'received'), {
      reading: { ms: 0, timedReceiptMs: 0 },
      file: null,
    });
  },
);

t.test('a clock that cannot be read is said, and the newest hour stands for it', async (t) => {
  const path = t.testdir({ clock: 'damaged' });
  const yaml = `{ detection: { time: event }, baseline: { path: ${JSON.stringify(path)}, max_hosts: 1000 } }`;
  const said: unknown[] = [];
  const log = { info: () => undefined, warn: (...args: unknown[]) => void said.push(args) };
  const config = loadConfig({ text: yaml, env: {} });
  const { clock } = await openDetection(config, now, new Counters(), log);
  t.equal(clock.reading.ms, 0);
  t.match(said, [[{ what: 'damaged', file: join(path, 'clock') }, /newest hour of the baseline/]]);
});

t.test('read only: alerts raised after the moment are no reason to hold one back', async (t) => {
  const path = t.testdir();
  const config = configAt(path);
  const { repeats, repeatsFile } = await openDetection(config, now, new Counters(), quiet);
  const keyOf = (host: string) =>
    repeats.keyOf({ direction: 'download', host, feed: 'f', account: '', filename: '' })!;
  repeats.check(keyOf('before.example'), now - 1000);
  repeats.check(keyOf('after.example'), now + 1000);
  await repeatsFile.save(repeats);
  const looked = await openDetection(config, now, new Counters(), quiet, { readOnly: true });
  t.strictSame(looked.repeats.peek(keyOf('before.example'), now), {
    count: 1,
    firstMs: now - 1000,
  });
  t.equal(looked.repeats.peek(keyOf('after.example'), now), null);
});

t.test('read only: no directory is made', async (t) => {
  const path = join(t.testdir(), 'none');
  await openDetection(configAt(path), now, new Counters(), quiet, { readOnly: true });
  t.notOk(existsSync(path));
  mkdirSync(path);
  await openDetection(configAt(path), now, new Counters(), quiet, { readOnly: true });
  t.strictSame(readdirSync(path), []);
});
