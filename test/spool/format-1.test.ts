/** Files of other versions: those of format 1 are read for ever, those of a newer one are left alone. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import t, { type Test } from 'tap';
import { cursorVersion, slotDistance, slotLength } from '../../src/spool/cursor.js';
import { DiskFolder } from '../../src/spool/folder.js';
import { encodePrefix, formatVersion, prefixLength } from '../../src/spool/segment.js';
import { diskState } from '../support/disk-state.js';
import { fixture } from '../support/fixture.js';
import { batchOf, drain, opened } from './opened-spool.js';

const segment = '0000000000000001.segment';

t.test('format 1, as it was written once: all of it is read', async (t) => {
  const path = t.testdir({});
  copyFileSync(fixture('format-1.segment'), join(path, segment));
  copyFileSync(fixture('format-1.cursor'), join(path, 'cursor'));
  const { spool, notices, events, uncovered, counters } = await opened(new DiskFolder(path));
  t.strictSame(notices, []);
  t.equal(spool.id, 'a1b2c3d4e5f60718');
  t.equal(events, 5);
  t.equal(spool.ackedSeq, 1);
  t.equal(spool.lastSeq, 3, 'it was closed in order');
  const learned: unknown[] = [];
  for await (const { seq, observations, tag } of uncovered()) {
    learned.push({ seq, observations: String(observations), tag });
  }
  t.strictSame(learned, [
    { seq: 2, observations: 'learned from 2', tag: 77 },
    { seq: 3, observations: 'learned from 3', tag: 77 },
  ]);
  const read: object[] = [];
  await drain(spool, ({ seq, entries, alertsAt, eventCount, alertCount, oldestMs }) => {
    read.push({ seq, entries: String(entries), alertsAt, eventCount, alertCount, oldestMs });
  });
  const times = { oldestMs: 1_700_000_000_002, alertsAt: 16, eventCount: 2, alertCount: 1 };
  t.strictSame(read, [
    { ...times, seq: 2, entries: 'entries, batch 2 and an alert' },
    {
      ...times,
      seq: 3,
      entries: 'entries, batch 3',
      eventCount: 2,
      alertCount: 0,
      oldestMs: 1_700_000_000_003,
    },
  ]);
  t.equal(counters.spool_missing_events, 0);
  await spool.close();
});

t.test('the first 16 bytes of a segment and a slot are what every version must keep', async (t) => {
  t.equal(
    readFileSync(fixture('format-1.segment')).toString('hex', 0, 16),
    '5354454753504c0a010000005eeadd48',
  );
  t.equal(readFileSync(fixture('format-1.cursor')).toString('latin1', 0, 8), 'STEGCUR\n');
});

const makeNewer = {
  'a segment': (path: string) => {
    const prefix = encodePrefix(Buffer.alloc(8, 1), Buffer.alloc(8, 2), 0, formatVersion + 1);
    // Only the first 16 bytes are what we know of it.
    prefix.fill(0xee, 16);
    writeFileSync(join(path, '0000000000000009.segment'), prefix);
  },
  'its cursor': (path: string) => {
    const slot = Buffer.alloc(slotLength, 0xee);
    slot.write('STEGCUR\n', 0, 'latin1');
    slot.writeUInt16LE(cursorVersion + 1, 8);
    slot.writeUInt32LE(crc32(slot.subarray(16), crc32(slot.subarray(0, 12))), 12);
    // The other one is still of this format: it would be believed.
    const file = readFileSync(join(path, 'cursor'));
    slot.copy(file, 0);
    writeFileSync(join(path, 'cursor'), file);
  },
};

for (const [what, make] of Object.entries(makeNewer)) {
  t.test(`${what} of a newer format: refused with words, nothing changed`, async (t) => {
    const path = await filled(t, t.testdir({}), 'old');
    // What a crash leaves would be removed by an opening that goes well.
    writeFileSync(join(path, '0000000000000005.segment'), 'short');
    make(path);
    const before = diskState(path);
    await t.rejects(opened(new DiskFolder(path)), {
      code: 'SPOOL_UNUSABLE',
      message: new RegExp(`written by a newer stegwatch: .* has format ${formatVersion + 1}`),
    });
    t.strictSame(diskState(path), before);
  });
}

t.test('a cursor of another spool counts for nothing: all is delivered again', async (t) => {
  const root = t.testdir({});
  const path = await filled(t, root, 'mine');
  const other = await filled(t, root, 'other', 3);
  copyFileSync(join(other, 'cursor'), join(path, 'cursor'));
  const { spool, notices } = await opened(new DiskFolder(path));
  t.match(
    notices.map(({ text }) => text).join(),
    /cursor .* belongs to another spool: all that the spool holds is/,
  );
  const read = await drain(spool);
  t.strictSame(
    read.map(({ text }) => text),
    ['mine 1', 'mine 2', 'mine 3'],
  );
  await spool.close();
  const again = await opened(new DiskFolder(path));
  t.strictSame(again.notices, [], 'its own cursor is there again');
  t.equal(again.spool.batches, 0);
  await again.spool.close();
});

t.test('the cursor alone is damaged in one slot: the other one counts', async (t) => {
  const path = await filled(t, t.testdir({}), 'mine', 2);
  const file = readFileSync(join(path, 'cursor'));
  const generations = [16, slotDistance + 16].map((at) => file.readDoubleLE(at));
  const older = generations[0]! < generations[1]! ? 0 : slotDistance;
  file[older + 30]! ^= 1;
  writeFileSync(join(path, 'cursor'), file);
  const { spool, notices } = await opened(new DiskFolder(path));
  t.strictSame(notices, []);
  t.strictSame(
    (await drain(spool)).map(({ text }) => text),
    ['mine 3'],
  );
  await spool.close();
});

/** Three batches, some acked. */
async function filled(t: Test, root: string, text: string, acked = 1): Promise<string> {
  const path = join(root, text);
  const { spool } = await opened(new DiskFolder(path));
  for (let n = 1; n <= 3; n++) spool.append(batchOf(`${text} ${n}`));
  spool.ack(acked);
  await spool.close();
  t.ok(readFileSync(join(path, segment)).length > prefixLength);
  return path;
}
