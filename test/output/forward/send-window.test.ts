import t from 'tap';
import { OutputCounters } from '../../../src/observe/counters.js';
import type { Chunk } from '../../../src/output/forward/chunk.js';
import { ChunkCutter } from '../../../src/output/forward/chunk-cutter.js';
import { SendWindow } from '../../../src/output/forward/send-window.js';
import { splitChunk } from '../../../src/output/forward/split-chunk.js';
import { MemorySpool } from '../../../src/spool/memory-spool.js';
import { batchOf } from '../../support/entries.js';

t.test('a batch is acked to the spool once both its chunks are delivered', async (t) => {
  const { spool, window } = windowOver(1);
  spool.append(batchOf([{ n: 1 }], [{ n: 2 }]));
  const [events, alerts] = window.next();
  window.delivered(alerts!);
  t.equal(spool.batches, 1, 'its events are still on the way');
  window.delivered(events!);
  t.equal(spool.batches, 0);
});

t.test('a later run that is delivered first waits for the earlier one', async (t) => {
  const { spool, window } = windowOver(2);
  spool.append(batchOf([{ n: 1 }]));
  const [first] = window.next();
  spool.append(batchOf([{ n: 2 }]));
  const [second] = window.next();
  window.delivered(second!);
  t.equal(spool.batches, 2);
  t.strictSame(window.unacked, [first]);
  window.delivered(first!);
  t.equal(spool.batches, 0);
});

t.test('what is unacked comes oldest first, and is the very same chunks', async (t) => {
  const { spool, window } = windowOver(8);
  const sent: Chunk[] = [];
  for (const n of [1, 2, 3]) {
    spool.append(batchOf([{ n }], [{ n: -n }]));
    sent.push(...window.next());
  }
  window.delivered(sent[2]!);
  t.strictSame(
    window.unacked.map((chunk) => chunk.id),
    sent.filter((_, i) => i !== 2).map((chunk) => chunk.id),
  );
});

t.test('no run is cut while the window is full', async (t) => {
  const { spool, window } = windowOver(2);
  spool.append(batchOf([{ n: 1 }], [{ n: 2 }]));
  const [events] = window.next();
  spool.append(batchOf([{ n: 3 }]));
  t.strictSame(window.next(), []);
  window.delivered(events!);
  t.equal(window.next().length, 1, 'one has left, one may enter');
});

t.test('batches without entries are acked without being sent', async (t) => {
  const { spool, window } = windowOver(2);
  spool.append(batchOf([]));
  t.strictSame(window.next(), []);
  t.equal(spool.batches, 0);
});

t.test('batches without entries are not acked before what came earlier', async (t) => {
  const { spool, window } = windowOver(2);
  spool.append(batchOf([{ n: 1 }]));
  const [chunk] = window.next();
  spool.append(batchOf([]));
  t.strictSame(window.next(), []);
  t.equal(spool.batches, 2);
  window.delivered(chunk!);
  t.equal(spool.batches, 0);
});

t.test('batches without entries are passed over though the window is full', async (t) => {
  const { spool, window } = windowOver(1);
  spool.append(batchOf([{ n: 1 }]));
  const [chunk] = window.next();
  for (let i = 0; i < 3; i++) spool.append(batchOf([]));
  t.strictSame(window.next(), []);
  spool.append(batchOf([{ n: 2 }]));
  window.delivered(chunk!);
  t.equal(spool.after(0)?.seq, 5, 'they left with the batch before them');
  t.equal(window.next().length, 1);
});

t.test('batches without entries need no connection: nothing is cut for them', async (t) => {
  const { spool, window } = windowOver(2);
  spool.append(batchOf([]));
  spool.append(batchOf([]));
  spool.append(batchOf([{ n: 1 }]));
  window.passEmpty();
  t.equal(spool.after(0)?.seq, 3);
  t.strictSame(window.unacked, []);
  t.equal(window.next().length, 1);
});

t.test('a chunk that is delivered twice counts once', async (t) => {
  const { spool, window, counters } = windowOver(2);
  spool.append(batchOf([{ n: 1 }, { n: 2 }], [{ n: 3 }]));
  const [events, alerts] = window.next();
  for (const chunk of [events!, events!, alerts!]) window.delivered(chunk);
  window.delivered(events!);
  t.equal(counters.chunks_acked, 2);
  t.equal(counters.events_acked, 3);
});

t.test(
  'suspects take no place in the window, and what is behind them holds few runs',
  async (t) => {
    const { spool, window } = windowOver(1);
    spool.append(batchOf([{ n: 0 }]));
    const [bad] = window.next();
    bad!.refusals = 1;
    for (let n = 1; n <= 50; n++) {
      spool.append(batchOf([{ n }]));
      const [good] = window.next();
      window.delivered(good!);
    }
    t.strictSame([spool.ackedSeq, window.unacked], [0, [bad]]);
    window.setAside(bad!);
    t.strictSame([spool.ackedSeq, spool.batches], [51, 0], 'all of it at once');
  },
);

t.test('pieces take the place of their chunk', async (t) => {
  const { spool, window, counters } = windowOver(8);
  spool.append(batchOf([{ n: 1 }, { n: 2 }], [{ n: 3 }]));
  const [events, alerts] = window.next();
  const pieces = splitChunk(events!, 16);
  window.replace(events!, pieces);
  t.strictSame(window.unacked, [...pieces, alerts]);
  for (const chunk of window.unacked) window.delivered(chunk);
  t.match(counters, { chunks_acked: 3, events_acked: 3 });
  t.equal(spool.batches, 0);
});

t.test('behind a suspect 8 MiB are cut, then single batches as witnesses up to 12', async (t) => {
  const { spool, window } = windowOver(1);
  const MiB = 1024 * 1024;
  const batch = batchOf([{ pad: 'x'.repeat(MiB / 2) }]);
  for (let i = 0; i < 80; i++) spool.append(batch);
  window.next()[0]!.refusals = 1;
  const cutAll = (witness: boolean): number => {
    let bytes = 0;
    for (let cut = window.next(witness); cut.length > 0; cut = window.next(witness)) {
      for (const chunk of cut) {
        bytes += Buffer.concat(chunk.entries).length;
        window.delivered(chunk);
      }
    }
    return Math.round(bytes / MiB);
  };
  t.ok(Math.abs(cutAll(false) - 8) <= 1);
  t.equal(window.next(true)[0]!.entryCount, 1, 'one batch');
  window.delivered(window.unacked[1]!);
  t.ok(Math.abs(cutAll(true) - 4) <= 1);
  t.equal(spool.ackedSeq, 0);
});

function windowOver(maxChunks: number) {
  const spool = new MemorySpool({ maxBytes: 1e9 });
  const counters = new OutputCounters();
  const options = { tag: 'event', alertTag: 'alert', ack: true, maxMessageBytes: 1e6 };
  const cutter = new ChunkCutter(options);
  return { spool, counters, window: new SendWindow({ spool, cutter, counters, maxChunks }) };
}
