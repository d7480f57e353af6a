/** A disk that fails now and then, at anything: nothing is lost while the process lives. */
import fc from 'fast-check';
import t from 'tap';
import { MemoryFolder } from '../support/memory-folder.js';
import { randomOf } from '../support/random.js';
import { until } from '../support/until.js';
import { batchOf, drain, opened } from './opened-spool.js';

const seed = Number(process.env.SEED ?? 20261124);
const numRuns = 150;
const mebibyte = 1024 * 1024;
const allCovered = Number.MAX_SAFE_INTEGER;
/** A window of a batch or two: what is behind them is read from disk. */
const small = { maxBytes: 4 * mebibyte, whenFull: 'drop_oldest' } as const;

const storm = fc.record({
  seed: fc.integer(),
  share: fc.constantFrom(0.05, 0.3, 0.8),
  operations: fc.uniqueArray(
    fc.constantFrom('create', 'write', 'truncate', 'read', 'remove', 'sync', 'cursor'),
    { minLength: 1 },
  ),
});
const block = { maxBytes: 40_000, whenFull: 'block' } as const;

t.test('EIO and ENOSPC at random: all is delivered, and on disk once it recovers', async (t) => {
  t.comment(`SEED=${seed}`);
  const seen = { failed: 0, written: 0 };
  await fc.assert(
    fc.asyncProperty(storm, fc.boolean(), async (weather, cold) => {
      const random = randomOf(weather.seed);
      const folder = new MemoryFolder();
      const { spool, counters } = await opened(folder, cold ? small : block);
      spool.cover(allCovered);
      let failures = 0;
      folder.fault = (operation, name) => {
        const kind = name === 'cursor' && operation === 'write' ? 'cursor' : operation;
        if (!(weather.operations as string[]).includes(kind) || random() >= weather.share)
          return null;
        failures++;
        // What may drop its oldest does so when the disk is full, and counts it: here nothing is to be lost.
        return cold || random() < 0.5 ? 'EIO' : 'ENOSPC';
      };
      let read = 0;
      const readOn = (): boolean => {
        const batch = spool.after(read);
        if (batch === null) return false;
        if (batch.seq !== read + 1) throw new Error(`${batch.seq} comes after ${read}`);
        if (!contentOf(batch.seq).equals(batch.entries)) throw new Error(`${batch.seq} is another`);
        read = batch.seq;
        if (random() < 0.5) spool.ack(read);
        return true;
      };
      for (let n = 0; n < 60; n++) {
        spool.append(batchOf(contentOf(spool.lastSeq + 1)));
        if (random() < 0.4) readOn();
        if (random() < 0.3) await new Promise(setImmediate);
      }
      folder.fault = () => null;
      await until('it writes again', () => spool.storing);
      // On disk: what a new process would find.
      const { spool: next } = await opened(folder.afterKill(), { maxBytes: 1024 * mebibyte });
      const found = new Set((await drain(next)).map(({ seq }) => seq));
      for (let seq = spool.ackedSeq + 1; seq <= 60; seq++)
        if (!found.has(seq)) throw new Error(`${seq} is not on disk`);
      await next.close();
      await until('all is read', () => {
        while (readOn());
        // The window is that small: nothing is read while it is held.
        spool.ack(read);
        return read === 60;
      });
      spool.ack(60);
      const lost = counters.spool_missing_events + counters.spool_damaged_bytes;
      if (lost > 0 || spool.bytes !== 0 || spool.events !== 0 || counters.spool_dropped_events > 0)
        throw new Error(`${lost} lost, ${spool.bytes} bytes and ${spool.events} events are left`);
      if ((await spool.close()) !== 0) throw new Error('something was never written');
      if (failures > 0) seen.failed++;
      if (counters.spool_write_failures > 0) seen.written++;
    }),
    { numRuns, seed, includeErrorInReport: true },
  );
  t.ok(seen.failed > numRuns / 2, `${seen.failed} runs with a fault`);
  t.ok(seen.written > numRuns / 4, `${seen.written} in which writing failed`);
});

t.test('what cannot be deleted is tried again', async (t) => {
  const folder = new MemoryFolder();
  const { spool, lines } = await opened(folder, block);
  spool.cover(allCovered);
  let refused = 0;
  folder.fault = (operation) => (operation === 'remove' && ++refused > 0 ? 'EIO' : null);
  for (let n = 1; n <= 12; n++) spool.append(batchOf(Buffer.alloc(3000)));
  spool.ack(12);
  await until('it was tried', () => refused > 3);
  folder.fault = () => null;
  await until('they are gone', () => segmentsIn(folder).length === 0);
  t.equal(spool.diskBytes, 0);
  t.equal(lines.filter(({ msg }) => /cannot be deleted/.test(msg)).length, 1, 'said once');
  await spool.close();
});

t.test('it takes at most half of what is free, beside what it has', async (t) => {
  const folder = new MemoryFolder();
  const first = await opened(folder, { maxBytes: 1e6, freeBytes: async () => 100_000 });
  t.equal(first.maxBytes, 50_000);
  t.match(
    first.notices.map(({ text }) => text).join(),
    /more than half of the free disk: .* at most 50000 bytes/,
  );
  let appended = 0;
  for (; !first.spool.full && appended < 100; appended++)
    first.spool.append(batchOf(Buffer.alloc(2000)));
  t.ok(first.spool.diskBytes >= 50_000 && first.spool.diskBytes < 53_000);
  await first.spool.close();
  const held = segmentsIn(folder).reduce((sum, { content }) => sum + content.length, 0);
  const second = await opened(folder, { maxBytes: 1e6, freeBytes: async () => 0 });
  t.equal(second.maxBytes, held, 'what it has counts as its own');
  t.equal(second.spool.full, true);
  t.equal((await drain(second.spool)).length, appended);
  await second.spool.close();
  for (const freeBytes of [async () => 2e6, async () => null]) {
    const { spool, maxBytes, notices } = await opened(new MemoryFolder(), {
      maxBytes: 1e6,
      freeBytes,
    });
    t.equal(maxBytes, 1e6);
    t.strictSame(notices, []);
    await spool.close();
  }
});

t.test('what is set aside is bounded, and a restart does not forget it', async (t) => {
  const folder = new MemoryFolder();
  const most = 40_000 / 8;
  const aside = () =>
    [...folder.files_]
      .filter(([name]) => name.includes('/'))
      .reduce((sum, [, { content }]) => sum + content.length, 0);
  let letters = 0;
  for (let life = 0; life < 3; life++) {
    const { spool, lines } = await opened(folder, block);
    for (let n = 0; n < 20; n++) if (spool.setAside(batchOf(Buffer.alloc(900)), 'no')) letters++;
    t.match(lines.map(({ msg }) => msg).join(), /cannot be set aside/);
    await spool.close();
    // Each letter has a prefix and a note beside its record.
    t.ok(aside() <= most + letters * 200, `${aside()} bytes in ${letters} letters`);
  }
  t.ok(letters >= 4 && letters <= 5, `${letters} letters`);
});

function segmentsIn(folder: MemoryFolder) {
  return [...folder.files_].filter(([name]) => /^\d+\.segment$/.test(name)).map(([, file]) => file);
}

function contentOf(seq: number): Buffer {
  return Buffer.alloc(1 + ((seq * 7919) % 6000), `${seq};`);
}
