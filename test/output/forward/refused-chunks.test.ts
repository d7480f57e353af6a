/** What becomes of refused chunks when nearly everything is refused: it ends, and stays bounded. */
import { pino } from 'pino';
import t from 'tap';
import { OutputCounters } from '../../../src/observe/counters.js';
import { DeliveryLog } from '../../../src/output/delivery-log.js';
import { ChunkCutter } from '../../../src/output/forward/chunk-cutter.js';
import { RefusedChunks } from '../../../src/output/forward/refused-chunks.js';
import { SendWindow } from '../../../src/output/forward/send-window.js';
import { MemorySpool } from '../../../src/spool/memory-spool.js';
import type { Batch, DeadLetters } from '../../../src/stages.js';
import { batchOf, entriesIn, numbered } from '../../support/entries.js';

const perBatch = 1000;

/** A window over eight batches of bad entries. */
function setUp(deadLetters: DeadLetters | null) {
  const spool = new MemorySpool({ maxBytes: 64 * 1024 * 1024 });
  const counters = new OutputCounters();
  const cutter = new ChunkCutter({ tag: 'e', alertTag: 'a', ack: true, maxMessageBytes: 30_000 });
  const window = new SendWindow({ spool, cutter, counters, maxChunks: 8 });
  const log = new DeliveryLog(pino({ level: 'silent' }), () => 0);
  for (let i = 0; i < 8; i++) {
    spool.append(batchOf(numbered(i * perBatch, perBatch, 30)));
  }
  return { spool, window, counters, log, refused: refusedBy(window) };

  function refusedBy(of: SendWindow): RefusedChunks {
    return new RefusedChunks({ window: of, deadLetters, alertTag: 'a', counters, log });
  }
}

t.test('all of it bad: every entry is set aside once, in bounded chunks', async (t) => {
  const aside: number[] = [];
  const setAside = ({ entries }: Batch): boolean => {
    aside.push(...entriesIn(entries).map((record) => (record as { n: number }).n));
    return true;
  };
  const { spool, window, counters, refused } = setUp({ setAside });
  let most = 0;
  for (let round = 0; spool.batches > 0 && round < 20_000; round++) {
    while (window.next().length > 0);
    for (const chunk of window.unacked) {
      chunk.refusals++;
      chunk.refusedBy = 'ignored';
    }
    refused.resolve('server');
    most = Math.max(most, window.unacked.length);
  }
  t.equal(spool.batches, 0, 'it comes to an end');
  t.equal(aside.length, 8 * perBatch);
  t.equal(new Set(aside).size, 8 * perBatch);
  t.equal(counters.dead_letter_events, 8 * perBatch);
  t.ok(most > 20 && most <= 48 + 16 * 3, `at most ${most} chunks`);
});

t.test('with no place for them it stays bounded too', async (t) => {
  const { spool, window, refused, counters } = setUp(null);
  let most = 0;
  for (let round = 0; spool.batches > 0 && round < 50_000; round++) {
    while (window.next().length > 0);
    for (const chunk of window.unacked) chunk.refusals++;
    refused.resolve('server');
    most = Math.max(most, window.unacked.length);
  }
  t.ok(most <= 48 + 16 * 3, `at most ${most} chunks`);
  t.equal(spool.batches, 0, 'after ten refusals each is dropped, so that what is behind it can go');
  t.equal(counters.dead_letter_events, 0);
  t.equal(counters.dead_letter_events_dropped, 8 * perBatch);
});
