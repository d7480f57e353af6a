import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import t from 'tap';
import { BucketStore } from '../../src/baseline/bucket-store.js';
import { type RaisedAlerts, RepeatsFile } from '../../src/baseline/repeats-file.js';
import { Counters } from '../../src/observe/counters.js';
import type { RaisedAlert } from '../../src/stages.js';

const start = Date.UTC(2026, 10, 24, 10, 15);

function alertOf(i: number): RaisedAlert {
  return { key: `["download","host","höst${i}.example"]`, atMs: start + i, repeats: i % 7 };
}

function alertsOf(count: number, version = 1): RaisedAlerts & { readonly all: RaisedAlert[] } {
  const all = Array.from({ length: count }, (_, i) => alertOf(i));
  const blocks = [all.slice(0, count >> 1), all.slice(count >> 1)];
  return { version, all, snapshot: () => blocks };
}

function fileIn(path: string, readOnly = false): { file: RepeatsFile; counters: Counters } {
  const counters = new Counters();
  return { file: new RepeatsFile({ path, counters, readOnly }), counters };
}

t.test('what is saved is loaded', async (t) => {
  for (const count of [0, 1, 2, 10_000]) {
    const path = join(t.testdir(), `${count}`, 'baseline');
    const alerts = alertsOf(count);
    await fileIn(path).file.save(alerts);
    const { file, counters } = fileIn(path);
    t.strictSame(await file.load(), { alerts: alerts.all, notice: null });
    t.equal(counters.baseline_unused_files, 0);
    t.strictSame(readdirSync(path), ['repeats']);
    t.equal(statSync(join(path, 'repeats')).mode & 0o007, 0, 'no other user can read it');
  }
});

t.test('without a file there is nothing, and nothing to tell', async (t) => {
  const path = join(t.testdir(), 'missing');
  t.strictSame(await fileIn(path).file.load(), { alerts: [], notice: null });
  t.notOk(existsSync(path));
});

t.test('it is written only when something has changed', async (t) => {
  const path = t.testdir();
  const { file } = fileIn(path);
  await file.save(alertsOf(0, 0));
  t.notOk(existsSync(join(path, 'repeats')), 'version 0 is as loaded');
  await file.save(alertsOf(3, 1));
  const before = statSync(join(path, 'repeats')).ino;
  await file.save(alertsOf(5, 1));
  t.equal(statSync(join(path, 'repeats')).ino, before);
  await file.save(alertsOf(5, 2));
  t.equal((await fileIn(path).file.load()).alerts.length, 5);
});

t.test('what an interrupted save left behind goes', async (t) => {
  const path = t.testdir({ 'repeats.tmp': 'half' });
  await fileIn(path).file.load();
  t.strictSame(readdirSync(path), []);
});

t.test('a file cut anywhere, or with any byte changed, gives what came before', async (t) => {
  const whole = alertsOf(5000);
  const source = t.testdir();
  await fileIn(source).file.save(whole);
  const bytes = readFileSync(join(source, 'repeats'));
  const cuts = [0, 1, 15, 17, 27, 29, 1000, bytes.length >> 1, bytes.length - 1];
  for (const at of cuts) {
    for (const kind of ['cut', 'changed']) {
      const path = join(source, `${kind}${at}`);
      mkdirSync(path);
      const damaged = Buffer.from(bytes);
      damaged[at] = damaged[at]! ^ 0x10;
      writeFileSync(join(path, 'repeats'), kind === 'cut' ? bytes.subarray(0, at) : damaged);
      const { file, counters } = fileIn(path);
      const { alerts, notice } = await file.load();
      t.strictSame(alerts, whole.all.slice(0, alerts.length), 'a beginning');
      t.ok(alerts.length < 5000);
      t.equal(notice?.what, 'damaged', `${kind} at ${at}`);
      t.equal(counters.baseline_unused_files, 1);
      t.strictSame(readdirSync(path), ['damaged']);
      t.ok(existsSync(join(path, 'damaged', 'repeats')));
      await file.save({ ...whole, version: 0 });
      t.notOk((await fileIn(path).file.load()).notice, 'and is saved anew');
    }
  }
});

t.test('a part of a damaged file that is whole is used', async (t) => {
  const path = t.testdir();
  await fileIn(path).file.save(alertsOf(5000));
  const name = join(path, 'repeats');
  truncateSync(name, statSync(name).size - 1);
  const { alerts, notice } = await fileIn(path).file.load();
  t.ok(alerts.length > 2000, `${alerts.length}`);
  t.match(notice?.message, `the ${alerts.length} alerts before that are used`);
});

t.test('parts that lie about themselves are damage, not a crash', async (t) => {
  const alert = (atMs: number, repeats: number, length: number, key: string): Buffer => {
    const bytes = Buffer.alloc(18);
    bytes.writeDoubleLE(atMs, 0);
    bytes.writeDoubleLE(repeats, 8);
    bytes.writeUInt16LE(length, 16);
    return Buffer.concat([bytes, Buffer.from(key)]);
  };
  for (const [name, payload, length] of [
    ['a key that is longer than the part', alert(start, 1, 200, 'a'), null],
    ['no time', alert(Number.NaN, 1, 1, 'a'), null],
    ['a time that no date has', alert(1e300, 1, 1, 'a'), null],
    ['less than no repeats', alert(start, -1, 1, 'a'), null],
    ['half an alert', Buffer.alloc(10), null],
    ['a part of 4 GiB', Buffer.alloc(10), 0xffff_ffff],
  ] as const) {
    const path = t.testdir();
    writeFileSync(join(path, 'repeats'), Buffer.concat([prefix(1), ...section(payload, length)]));
    const { alerts, notice } = await fileIn(path).file.load();
    t.strictSame(alerts, [], name);
    t.equal(notice?.what, 'damaged', name);
  }
});

t.test('a newer format stays where it is, is not used and not written over', async (t) => {
  const path = t.testdir();
  writeFileSync(join(path, 'repeats'), Buffer.concat([prefix(2), Buffer.from('news')]));
  const { file, counters } = fileIn(path);
  const { alerts, notice } = await file.load();
  t.strictSame(alerts, []);
  t.equal(notice?.what, 'newer_format');
  t.match(notice?.message, 'has format 2');
  t.equal(counters.baseline_unused_files, 1);
  await file.save(alertsOf(3));
  t.strictSame(
    readFileSync(join(path, 'repeats')),
    Buffer.concat([prefix(2), Buffer.from('news')]),
  );
});

t.test('a file that cannot be read stays where it is', async (t) => {
  const path = t.testdir({ repeats: {} });
  const { file } = fileIn(path);
  const { alerts, notice } = await file.load();
  t.strictSame(alerts, []);
  t.equal(notice?.what, 'unreadable');
  await file.save(alertsOf(3));
  t.ok(statSync(join(path, 'repeats')).isDirectory());
});

t.test('read only: nothing is moved, removed or written', async (t) => {
  const path = t.testdir({ repeats: 'nonsense', 'repeats.tmp': 'of the one that runs' });
  const { file } = fileIn(path, true);
  const { notice } = await file.load();
  t.match(notice?.message, 'stays where it is');
  await file.save(alertsOf(3));
  t.strictSame(readdirSync(path).sort(), ['repeats', 'repeats.tmp']);
  t.equal(readFileSync(join(path, 'repeats'), 'utf8'), 'nonsense');
});

t.test('a failed save is said, counted and tried again', async (t) => {
  const path = t.testdir({ baseline: 'a file where the directory should be' });
  const { file, counters } = fileIn(join(path, 'baseline'));
  await t.rejects(file.save(alertsOf(3)), { code: 'BASELINE_UNUSABLE' });
  t.equal(counters.checkpoint_failures, 1);
  chmodSync(path, 0o755);
  await t.rejects(file.save(alertsOf(3)), { code: 'BASELINE_UNUSABLE' });
});

t.test('the buckets beside it neither mind nor delete it', async (t) => {
  const path = t.testdir();
  const { file } = fileIn(path);
  await file.save(alertsOf(3));
  const store = new BucketStore({ path, direction: 'download' });
  await store.open('f1');
  t.strictSame(await store.hours(), []);
  t.equal(await store.expire(Number.MAX_SAFE_INTEGER), 0);
  t.equal((await file.load()).alerts.length, 3);
});

t.test('the event loop turns while many are saved', async (t) => {
  const alerts = alertsOf(50_000);
  let turns = 0;
  let timer = setImmediate(turn);
  function turn(): void {
    turns++;
    timer = setImmediate(turn);
  }
  await fileIn(t.testdir()).file.save(alerts);
  clearImmediate(timer);
  t.ok(turns >= 50_000 / 2048, `${turns} turns`);
});

t.test('keys as long as they can be are saved and loaded', async (t) => {
  const path = t.testdir();
  const all = [1, 5000, 21_845].map((length) => ({ ...alertOf(1), key: '\u4e00'.repeat(length) }));
  const long = Array.from({ length: 300 }, () => all[1]!);
  const tooLong = { ...alertOf(1), key: 'x'.repeat(65_536) };
  await fileIn(path).file.save({ version: 1, snapshot: () => [[...all, tooLong], long] });
  t.strictSame(await fileIn(path).file.load(), { alerts: [...all, ...long], notice: null });
});

/** As the layout in docs/baseline-format.md says, by hand. */
function prefix(version: number): Buffer {
  const bytes = Buffer.from('STEGRPT\n\0\0\0\0\0\0\0\0', 'latin1');
  bytes.writeUInt16LE(version, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 12)), 12);
  return bytes;
}

function section(payload: Buffer, length: number | null): Buffer[] {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(length ?? payload.length, 0);
  header.writeUInt32LE(crc32(payload), 4);
  header.writeUInt32LE(crc32(header.subarray(0, 8)), 8);
  return [header, payload];
}
