import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import t from 'tap';
import { ClockFile } from '../../src/baseline/clock-file.js';
import { Counters } from '../../src/observe/counters.js';

const reading = { ms: Date.UTC(2026, 10, 24, 10, 50, 0, 123), timedReceiptMs: 1_700_000_000_000 };

function fileIn(path: string, readOnly = false): { file: ClockFile; counters: Counters } {
  const counters = new Counters();
  return { file: new ClockFile({ path, counters, readOnly }), counters };
}

t.test('what is saved is loaded, to the millisecond', async (t) => {
  const path = join(t.testdir(), 'deep', 'baseline');
  for (const saved of [{ ms: 0, timedReceiptMs: 0 }, reading, { ...reading, timedReceiptMs: 0 }]) {
    await fileIn(path).file.save(saved);
    const { file, counters } = fileIn(path);
    t.strictSame(await file.load(), { reading: saved, notice: null });
    t.equal(counters.baseline_unused_files, 0);
  }
  t.equal(statSync(join(path, 'clock')).mode & 0o007, 0, 'no other user can read it');
});

t.test('without a file there is nothing, and nothing to tell', async (t) => {
  const path = join(t.testdir(), 'missing');
  t.strictSame(await fileIn(path).file.load(), { reading: null, notice: null });
  t.notOk(existsSync(path));
});

t.test('it is written only when it has moved', async (t) => {
  const path = t.testdir();
  const { file } = fileIn(path);
  await file.save(reading);
  const { ino } = statSync(join(path, 'clock'));
  await file.save({ ...reading });
  t.equal(statSync(join(path, 'clock')).ino, ino);
  const next = fileIn(path).file;
  await next.load();
  await next.save(reading);
  t.equal(statSync(join(path, 'clock')).ino, ino, 'as loaded');
  await file.save({ ...reading, timedReceiptMs: reading.timedReceiptMs + 1 });
  t.equal(
    (await fileIn(path).file.load()).reading?.timedReceiptMs,
    reading.timedReceiptMs + 1,
    'by receipt alone too',
  );
});

t.test('cut anywhere, or with any byte changed, it is not used, and replaced', async (t) => {
  const path = t.testdir();
  const name = join(path, 'clock');
  await fileIn(path).file.save(reading);
  const bytes = readFileSync(name);
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = changed[at]! ^ 0x10;
    for (const content of [bytes.subarray(0, at), changed]) {
      writeFileSync(name, content);
      const { file, counters } = fileIn(path);
      const { reading: loaded, notice } = await file.load();
      t.equal(loaded, null);
      t.equal(notice?.what, 'damaged', `byte ${at} of ${content.length}`);
      t.equal(counters.baseline_unused_files, 1);
    }
  }
  writeFileSync(name, Buffer.concat([bytes, Buffer.alloc(1)]));
  const { file } = fileIn(path);
  t.equal((await file.load()).reading, null, 'longer');
  await file.save(reading);
  t.strictSame((await fileIn(path).file.load()).reading, reading);
});

t.test('numbers that are no moment are not believed, whatever the checksum', async (t) => {
  const path = t.testdir();
  for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, -1, 9e15]) {
    for (const wrong of [
      { ...reading, ms },
      { ...reading, timedReceiptMs: ms },
    ]) {
      await fileIn(path).file.save(wrong);
      t.equal((await fileIn(path).file.load()).notice?.what, 'damaged', `${ms}`);
    }
  }
});

t.test('a newer format stays as it is', async (t) => {
  const path = t.testdir();
  const name = join(path, 'clock');
  await fileIn(path).file.save(reading);
  const bytes = readFileSync(name);
  bytes.writeUInt16LE(2, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 12)), 12);
  const newer = Buffer.concat([bytes, Buffer.from('and more')]);
  writeFileSync(name, newer);
  const { file } = fileIn(path);
  t.match(await file.load(), { reading: null, notice: { what: 'newer_format' } });
  await file.save(reading);
  t.strictSame(readFileSync(name), newer);
});

t.test('a file that cannot be read stays as it is', async (t) => {
  const path = t.testdir();
  mkdirSync(join(path, 'clock'));
  const { file, counters } = fileIn(path);
  t.match(await file.load(), { reading: null, notice: { what: 'unreadable' } });
  t.equal(counters.baseline_unused_files, 1);
  await file.save(reading);
  t.ok(statSync(join(path, 'clock')).isDirectory());
});

t.test('a save that fails says so, is counted, and is tried again', async (t) => {
  const path = t.testdir({ baseline: 'no directory' });
  const { file, counters } = fileIn(join(path, 'baseline'));
  for (const failures of [1, 2]) {
    await t.rejects(file.save(reading), { code: 'BASELINE_UNUSABLE' });
    t.equal(counters.checkpoint_failures, failures);
  }
});

t.test('read only: nothing is changed', async (t) => {
  const path = t.testdir({ 'clock.tmp': 'left over' });
  const { file } = fileIn(path, true);
  await file.load();
  await file.save(reading);
  t.ok(existsSync(join(path, 'clock.tmp')));
  t.notOk(existsSync(join(path, 'clock')));
});
