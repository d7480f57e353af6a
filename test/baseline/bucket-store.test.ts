import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  type BucketState,
  decodeHosts,
  encodeIdentity,
  formatVersion,
} from '../../src/baseline/bucket-file.js';
import { BucketStore, type StoredBucket } from '../../src/baseline/bucket-store.js';
import { diskState } from '../support/disk-state.js';
import { encodeHosts } from '../support/encode-hosts.js';
import { fixture } from '../support/fixture.js';

/** 2026-11-24T04 UTC. */
const hour = Date.UTC(2026, 10, 24, 4) / 3_600_000;
const name = '2026-11-24T04.bucket';

async function storeIn(path: string, fingerprint = 'f1'): Promise<BucketStore> {
  const store = new BucketStore({ path, direction: 'download' });
  await store.open(fingerprint);
  return store;
}

function stateOf(...tail: number[]): BucketState {
  const none = new Float64Array(0);
  const sizes = { means: none, counts: none, tail: Float64Array.from(tail) };
  return { through: null, sealed: false, observations: tail.length, sizes };
}

async function hostsOf(bucket: StoredBucket | null): Promise<string[]> {
  const hosts: string[] = [];
  for (const block of bucket?.hosts ?? []) await decodeHosts(block, (host) => hosts.push(host));
  return hosts;
}

t.test('a bucket has one file, named by its hour, and no other user can read it', async (t) => {
  const path = t.testdir();
  const store = await storeIn(path);
  await store.append(hour, stateOf(1), encodeHosts(['a']));
  t.strictSame(readdirSync(join(path, 'download')), [name]);
  t.equal(statSync(join(path, 'download', name)).mode & 0o007, 0);
  t.strictSame(await store.hours(), [hour]);
});

t.test('appends add up, in this process and in the next one', async (t) => {
  const path = t.testdir();
  const store = await storeIn(path);
  await store.append(hour, stateOf(1), encodeHosts(['a']));
  await store.append(hour, stateOf(1, 2), encodeHosts(['b']));
  const next = await storeIn(path);
  await next.read(hour);
  await next.append(hour, stateOf(1, 2, 3), encodeHosts(['c']));

  const { bucket, notice } = await (await storeIn(path)).read(hour);
  t.equal(notice, null);
  t.strictSame(bucket?.state, stateOf(1, 2, 3));
  t.strictSame(await hostsOf(bucket), ['a', 'b', 'c']);
});

t.test('a rewrite keeps the hosts of the file and is one checkpoint', async (t) => {
  const path = t.testdir();
  const store = await storeIn(path);
  for (let i = 0; i < 20; i++) await store.append(hour, stateOf(1, 2, i), encodeHosts([`h${i}`]));
  const before = statSync(join(path, 'download', name)).size;
  await store.rewrite(hour, { ...stateOf(5), sealed: true }, encodeHosts(['last']));
  t.ok(statSync(join(path, 'download', name)).size < before / 2);
  const { bucket } = await (await storeIn(path)).read(hour);
  t.equal(bucket?.state.sealed, true);
  t.equal((await hostsOf(bucket)).length, 21);
});

t.test('a log whose old checkpoints outweigh the rest is rewritten by itself', async (t) => {
  const path = t.testdir();
  const store = await storeIn(path);
  const large = stateOf(...Array.from({ length: 4096 }, (_, i) => i));
  let largest = 0;
  for (let i = 0; i < 300; i++) {
    await store.append(hour, large, encodeHosts([`h${i}`]));
    largest = Math.max(largest, statSync(join(path, 'download', name)).size);
  }
  t.ok(largest < 5 * 1024 * 1024, `never more than ${largest} bytes of 10 MB written`);
  t.equal((await hostsOf((await (await storeIn(path)).read(hour)).bucket)).length, 300);
});

t.test('a torn checkpoint is told, and the next append replaces it', async (t) => {
  const path = t.testdir();
  const file = join(path, 'download', name);
  const store = await storeIn(path);
  await store.append(hour, stateOf(1), encodeHosts(['a']));
  await store.append(hour, stateOf(1, 2), encodeHosts(['b']));
  truncateSync(file, statSync(file).size - 1);

  const next = await storeIn(path);
  const { bucket, notice } = await next.read(hour);
  t.equal(notice?.what, 'torn');
  t.match(notice?.message, /middle of a checkpoint/);
  t.strictSame(bucket?.state, stateOf(1));
  await next.append(hour, stateOf(1, 3), encodeHosts(['c']));
  const last = await (await storeIn(path)).read(hour);
  t.equal(last.notice, null);
  t.strictSame(await hostsOf(last.bucket), ['a', 'c']);
});

t.test('a damaged file is set aside with the reason; its hour starts anew', async (t) => {
  const path = t.testdir({ download: { [name]: 'nonsense' } });
  const store = await storeIn(path);
  const { bucket, notice } = await store.read(hour);
  t.equal(bucket, null);
  t.equal(notice?.what, 'damaged');
  t.match(notice?.message, /does not begin like a bucket file; it is set aside as .*damaged/);
  t.equal(readFileSync(join(path, 'damaged', `download-${name}`), 'utf8'), 'nonsense');
  t.strictSame(readdirSync(join(path, 'download')), []);
  await store.append(hour, stateOf(1), []);
  t.strictSame((await (await storeIn(path)).read(hour)).bucket?.state, stateOf(1));
});

t.test('a bucket under the name of another hour is damaged', async (t) => {
  const path = t.testdir();
  const store = await storeIn(path);
  await store.append(hour, stateOf(1), []);
  const folder = join(path, 'download');
  writeFileSync(join(folder, '2026-11-24T05.bucket'), readFileSync(join(folder, name)));
  const { notice } = await (await storeIn(path)).read(hour + 1);
  t.match(notice, { what: 'damaged', message: /another bucket than its name/ });
});

t.test('a bucket of other settings is set aside, never mixed', async (t) => {
  const path = t.testdir();
  await (await storeIn(path, 'f1')).append(hour, stateOf(1), encodeHosts(['a']));
  const { bucket, notice } = await (await storeIn(path, 'f2')).read(hour);
  t.equal(bucket, null);
  t.match(notice, { what: 'other_settings', message: /settings .* were different/ });
  t.strictSame(readdirSync(join(path, 'other-settings')), [`download-${name}`]);
});

t.test('a newer format is told, left in place and never written over', async (t) => {
  const identity = { hour, direction: 'download', fingerprint: 'f1' } as const;
  const newer = encodeIdentity(identity, formatVersion + 1);
  const path = t.testdir({ download: { [name]: newer } });
  const store = await storeIn(path);
  const { bucket, notice } = await store.read(hour);
  t.equal(bucket, null);
  t.match(notice, { what: 'newer_format', message: /written by a newer stegwatch/ });
  t.ok(store.isBlocked(hour));
  t.strictSame(readFileSync(join(path, 'download', name)), newer);
});

t.test('a file that cannot be read is told and left in place', async (t) => {
  const path = t.testdir({ download: {} });
  mkdirSync(join(path, 'download', name));
  const store = await storeIn(path);
  t.match((await store.read(hour)).notice, { what: 'unreadable', message: /EISDIR/ });
  t.ok(store.isBlocked(hour));
});

t.test('all are read in the order asked for, one that cannot be read among them', async (t) => {
  const path = t.testdir();
  const store = await storeIn(path);
  for (let i = 0; i < 12; i++) await store.append(hour + i, stateOf(i), encodeHosts([`h${i}`]));
  const [broken, ...asked] = [7, 11, 0, 1, 2, 3, 7, 4, 5, 6, 8, 9, 10];
  const file = join(
    path,
    'download',
    name.replace('T04', `T${String(4 + broken!).padStart(2, '0')}`),
  );
  rmSync(file);
  mkdirSync(file);
  const next = await storeIn(path);
  const read: (readonly [number, readonly string[], string | undefined])[] = [];
  for await (const { hour: at, bucket, notice } of next.readAll(asked.map((i) => hour + i))) {
    read.push([at - hour, await hostsOf(bucket), notice?.what]);
  }
  t.strictSame(
    read,
    asked.map((i) => (i === broken ? [i, [], 'unreadable'] : [i, [`h${i}`], undefined])),
  );
});

t.test('what an interrupted rewrite left is deleted; strange files are left alone', async (t) => {
  const path = t.testdir({ download: { [`${name}.tmp`]: 'half', 'notes.txt': 'mine' } });
  const store = await storeIn(path);
  t.strictSame(readdirSync(join(path, 'download')), ['notes.txt']);
  t.strictSame(await store.hours(), []);
});

t.test('names that are no hour are no buckets', async (t) => {
  const names = [
    '2026-11-24T24.bucket',
    '2026-13-24T04.bucket',
    '2026-02-30T04.bucket',
    'x.bucket',
  ];
  const path = t.testdir({ download: Object.fromEntries(names.map((n) => [n, ''])) });
  t.strictSame(await (await storeIn(path)).hours(), []);
});

t.test('expired files go, those set aside too, and only of this direction', async (t) => {
  const older = '2026-11-24T03.bucket';
  const path = t.testdir({
    download: { [older]: '', [name]: '' },
    damaged: { [`download-${older}`]: '', [`download-${name}`]: '', [`upload-${older}`]: '' },
    'other-settings': { [`download-${older}`]: '' },
  });
  t.equal(await (await storeIn(path)).expire(hour), 3);
  t.strictSame(readdirSync(join(path, 'download')), [name]);
  t.strictSame(readdirSync(join(path, 'damaged')), [`download-${name}`, `upload-${older}`]);
  t.strictSame(readdirSync(join(path, 'other-settings')), []);
});

t.test('a discarded bucket stays on disk until its successor or the deletion', async (t) => {
  const path = t.testdir();
  const store = await storeIn(path);
  for (const h of [hour, hour + 1]) await store.append(h, stateOf(1), encodeHosts(['old']));
  store.discard(hour);
  store.discard(hour + 1);
  t.equal(readdirSync(join(path, 'download')).length, 2);
  await store.append(hour, stateOf(2), encodeHosts(['new']));
  await store.deleteDiscarded();
  const next = await storeIn(path);
  t.strictSame(await next.hours(), [hour]);
  t.strictSame(await hostsOf((await next.read(hour)).bucket), ['new']);
});

t.test('another process that writes to the same file is noticed, and its data kept', async (t) => {
  const path = t.testdir();
  const store = await storeIn(path);
  await store.append(hour, stateOf(1), []);
  appendFileSync(join(path, 'download', name), 'theirs');
  await t.rejects(store.append(hour, stateOf(1, 2), []), /another process has written/);
  t.ok(
    readFileSync(join(path, 'download', name))
      .toString('latin1')
      .endsWith('theirs'),
  );
});

t.test('a file that somebody deleted is an error once, then made anew', async (t) => {
  const path = t.testdir();
  const store = await storeIn(path);
  for (const write of ['append', 'rewrite'] as const) {
    await store.append(hour, stateOf(1), encodeHosts(['a']));
    rmSync(join(path, 'download', name));
    await t.rejects(store[write](hour, stateOf(1, 2), encodeHosts(['b'])), { code: 'ENOENT' });
    await store[write](hour, stateOf(1, 2), encodeHosts(['b']));
    t.strictSame(await hostsOf((await (await storeIn(path)).read(hour)).bucket), ['b']);
  }
});

t.test('a file damaged while in use is set aside, told once, then made anew', async (t) => {
  const path = t.testdir();
  const store = await storeIn(path);
  await store.append(hour, stateOf(1), encodeHosts(['a']));
  writeFileSync(join(path, 'download', name), 'nonsense');
  await t.rejects(
    store.rewrite(hour, stateOf(1), encodeHosts(['b'])),
    /damaged while in use.*set aside/,
  );
  t.ok(existsSync(join(path, 'damaged', `download-${name}`)));
  await store.rewrite(hour, stateOf(1), encodeHosts(['b']));
  t.strictSame((await (await storeIn(path)).read(hour)).bucket?.state, stateOf(1));
});

t.test('a store that is not open writes nothing', async (t) => {
  const store = new BucketStore({ path: t.testdir(), direction: 'download' });
  await t.rejects(store.append(hour, stateOf(1), []), /has not been opened/);
});

t.test('a directory that cannot be made is an error of the system', async (t) => {
  const path = join(t.testdir({ file: '' }), 'file');
  await t.rejects(storeIn(path), { code: 'ENOTDIR' });
  const locked = t.testdir({ locked: {} });
  chmodSync(join(locked, 'locked'), 0o500);
  if (process.getuid?.() === 0) return; // root may write anywhere
  await t.rejects(storeIn(join(locked, 'locked')), { code: 'EACCES' });
});

t.test('read only, nothing on the disk changes, whatever lies there', async (t) => {
  const path = t.testdir();
  const owner = await storeIn(path);
  await owner.append(hour, stateOf(1), encodeHosts(['a']));
  await owner.append(hour + 1, stateOf(2), []);
  await owner.append(hour + 2, stateOf(3), []);
  const folder = join(path, 'download');
  writeFileSync(join(folder, '2026-11-24T05.bucket'), 'not a bucket');
  writeFileSync(join(folder, '2026-11-24T07.bucket'), encodeIdentity(identityOf(3), 99));
  writeFileSync(join(folder, `${name}.tmp`), 'an interrupted rewrite');
  const before = diskState(path);

  const store = new BucketStore({ path, direction: 'download', readOnly: true });
  await store.open('f1');
  t.equal(await store.expire(hour + 100), 0);
  t.strictSame(await store.hours(), [hour, hour + 1, hour + 2, hour + 3]);
  t.strictSame((await store.read(hour)).bucket?.state, stateOf(1));
  t.match((await store.read(hour + 1)).notice?.message, /read only and stays where it is/);
  t.equal((await store.read(hour + 3)).notice?.what, 'newer_format');
  store.discard(hour);
  await store.deleteDiscarded();
  await t.rejects(store.append(hour, stateOf(1, 2), []), /read only/);
  await t.rejects(store.rewrite(hour, stateOf(1, 2), []), /read only/);

  const other = new BucketStore({ path, direction: 'download', readOnly: true });
  await other.open('other settings');
  t.match((await other.read(hour)).notice, {
    what: 'other_settings',
    message: /stays where it is/,
  });
  t.strictSame(diskState(path), before);
});

t.test('read only, a directory that is not there is not made', async (t) => {
  const path = join(t.testdir(), 'none');
  const store = new BucketStore({ path, direction: 'download', readOnly: true });
  await store.open('f1');
  t.strictSame(await store.hours(), []);
  t.strictSame(await store.read(hour), { bucket: null, notice: null });
  t.notOk(existsSync(path));
});

t.test('read only, a checkpoint being written is not seen, the one before it is', async (t) => {
  const path = t.testdir();
  const owner = await storeIn(path);
  const file = join(path, 'download', name);
  await owner.append(hour, stateOf(1), encodeHosts(['a']));
  const first = readFileSync(file);
  await owner.append(hour, stateOf(1, 2), encodeHosts(['b']));
  const second = readFileSync(file);
  for (let length = first.length; length <= second.length; length++) {
    writeFileSync(file, second.subarray(0, length));
    const before = diskState(path);
    const store = new BucketStore({ path, direction: 'download', readOnly: true });
    await store.open('f1');
    const { bucket, notice } = await store.read(hour);
    const whole = length === second.length;
    const seen = { state: bucket?.state, hosts: await hostsOf(bucket), notice };
    const state = whole ? stateOf(1, 2) : stateOf(1);
    const expected = { state, hosts: whole ? ['a', 'b'] : ['a'], notice: null };
    if (!t.strictSame(seen, expected, `${length} of ${second.length} bytes`)) return;
    if (!t.strictSame(diskState(path), before)) return;
  }
});

function identityOf(after: number) {
  return { hour: hour + after, direction: 'download', fingerprint: 'f1' } as const;
}

t.test('a file of format 1 is read, and written anew with the next checkpoint', async (t) => {
  const path = t.testdir({ download: {} });
  const file = join(path, 'download', name);
  cpSync(fixture('format-1.bucket'), file);
  const store = await storeIn(path);
  const { bucket } = await store.read(hour);
  t.equal(bucket?.state.observations, 2);
  t.equal(bucket?.state.through, null, 'it knows of no journal');
  t.strictSame(await hostsOf(bucket), ['a.example', 'ü.example']);
  const through = { journal: '00112233445566aa', seq: 41 };
  await store.append(hour, { ...stateOf(1, 2, 3), through }, encodeHosts(['c.example']));
  t.equal(readFileSync(file).readUInt16LE(8), 2);
  const next = await storeIn(path);
  const again = (await next.read(hour)).bucket;
  t.strictSame(again?.state.through, through);
  t.strictSame(await hostsOf(again), ['a.example', 'ü.example', 'c.example']);
  await next.append(hour, stateOf(1, 2, 3, 4), []);
  t.equal((await (await storeIn(path)).read(hour)).bucket?.state.observations, 4);
});
