/** From frame to spool with real batch, encoder and spool; what is decoded and judged is given. */
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import t from 'tap';
import { type Observation, readObservations } from '../../src/batch/observation.js';
import { OpenBatch, type OpenBatchOptions } from '../../src/batch/open-batch.js';
import { createForwardEncoder } from '../../src/encode/forward-entry.js';
import { Problem } from '../../src/fields.js';
import { Counters, OutputCounters } from '../../src/observe/counters.js';
import { EventPath } from '../../src/pipeline/event-path.js';
import { Lane } from '../../src/pipeline/lane.js';
import { MemorySpool } from '../../src/spool/memory-spool.js';
import { anAlert } from '../support/alerts.js';
import { entriesIn } from '../support/entries.js';
import { fillTable } from '../support/table-builder.js';

type Only = OpenBatchOptions['only'];

/** What detect says of one event, in short. */
interface Said {
  readonly jpeg: boolean;
  readonly alert: boolean;
  readonly suppressed: boolean;
  /** Host and size that each direction learns, or null. */
  readonly download: { host: string; bytes: number } | null;
  readonly upload: { host: string; bytes: number } | null;
}

const hour = 498_754;
const peer = { address: '127.0.0.1' };
const now = Date.UTC(2026, 10, 24, 10);
const plain: Said = { jpeg: false, alert: false, suppressed: false, download: null, upload: null };
const teaching: Said = { ...plain, jpeg: true, download: { host: 'img.example.net', bytes: 9 } };

t.test('for any verdicts: the filter of the input arrives, and all that was learned', async (t) => {
  const learned = fc.option(
    fc.record({
      host: fc.string({ unit: 'binary', maxLength: 30 }),
      bytes: fc.oneof(fc.nat(), fc.constant(Number.NaN)),
    }),
  );
  const jpeg = fc.record({
    jpeg: fc.constant(true),
    alert: fc.boolean(),
    suppressed: fc.boolean(),
    download: learned,
    upload: learned,
  });
  const sequence = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(plain) }, jpeg), {
    maxLength: 60,
  });
  const only = fc.constantFrom<Only>('all', 'jpeg', 'alerts');
  const closeAtBytes = fc.integer({ min: 1, max: 3000 });
  fc.assert(
    fc.property(sequence, only, closeAtBytes, (events, only, closeAtBytes) => {
      const run = pathOver(events, only, closeAtBytes);
      for (const n of events.keys()) run.event(n);
      run.path.closeBatches();
      const stored = run.stored();
      const kept = numbersOf(events, (said) => forwarded(said, only));
      const alerts = new Set(numbersOf(events, (said) => said.alert && forwarded(said, only)));
      const { counters } = run;
      return (
        same(
          stored.events,
          kept.filter((n) => !alerts.has(n)),
        ) &&
        same(
          stored.alerts,
          kept.filter((n) => alerts.has(n)),
        ) &&
        same(stored.observations, events.flatMap(observationsOf)) &&
        same(run.encoded, kept) &&
        counters.spooled_events === kept.length &&
        counters.spooled_events + counters.not_forwarded === events.length &&
        counters.batches === run.spool.batches &&
        stored.allHoldSomething
      );
    }),
    { numRuns: 200 },
  );
  t.pass('200 runs');
});

t.test('what was learned is taken in after 100 ms, though nothing is forwarded', async (t) => {
  const run = pathOver([teaching], 'alerts', 64 * 1024);
  run.event(0);
  t.equal(run.spool.batches, 0);
  await sleep(150);
  t.equal(run.spool.batches, 1);
  t.match(run.spool.after(0), { eventCount: 0, alertCount: 0, alertsAt: 0, oldestMs: now });
});

t.test('events that leave nothing make no batch', async (t) => {
  const run = pathOver([plain], 'alerts', 64 * 1024);
  run.event(0);
  await sleep(150);
  run.path.closeBatches();
  t.equal(run.spool.batches, 0);
  t.match(run.counters, { not_forwarded: 1, batches: 0, spooled_events: 0 });
});

function forwarded(said: Said, only: Only): boolean {
  if (only === 'all') return true;
  return only === 'jpeg' ? said.jpeg : said.alert;
}

function numbersOf(events: readonly Said[], holds: (said: Said) => boolean): number[] {
  return events.flatMap((said, n) => (holds(said) ? [n] : []));
}

function observationsOf({ download, upload }: Said): Observation[] {
  return [
    ...(download === null ? [] : [{ hour, direction: 'download' as const, ...download }]),
    ...(upload === null ? [] : [{ hour, direction: 'upload' as const, ...upload }]),
  ];
}

/** Events carry their number as message; `encoded` are those that the encoder was called for. */
function pathOver(events: readonly Said[], only: Only, closeAtBytes: number) {
  const counters = new OutputCounters();
  const spool = new MemorySpool({ maxBytes: 1e9 });
  const real = createForwardEncoder({ raw: 'never', counters: new Counters() });
  const encoded: number[] = [];
  let current = 0;
  const batch = new OpenBatch({
    encoder: {
      maxEntryBytes: (length) => real.maxEntryBytes(length),
      entry: (...of) => {
        encoded.push(current);
        return real.entry(...of);
      },
    },
    maxMessageBytes: 1000,
    closeAtBytes,
    only,
    observes: true,
  });
  const path = new EventPath({
    maxFields: 16,
    decode: (bytes, start, end, _originalLength, receivedAtMs, _peer, into) => {
      const message = bytes.toString('utf8', start, end);
      fillTable(into, { message, problem: Problem.notCef, receivedAtMs });
    },
    detector: {
      judge: (_fields, into) => {
        const { jpeg, alert, suppressed, download, upload } = events[current]!;
        into.jpeg = jpeg;
        into.alert = alert ? anAlert() : null;
        into.suppressed = suppressed ? { by: 'repeat', count: 2 } : null;
        into.hour = hour;
        if (download !== null) Object.assign(into.download, { learned: true, ...download });
        if (upload !== null) Object.assign(into.upload, { learned: true, ...upload });
      },
    },
    lanes: [new Lane({ batch, spool, counters })],
  });
  return {
    path,
    spool,
    counters,
    encoded,
    event(number: number): void {
      current = number;
      const bytes = Buffer.from(String(number));
      path.frame(bytes, 0, bytes.length, bytes.length, now + number, peer);
    },
    stored: () => readAll(spool),
  };
}

function readAll(spool: MemorySpool) {
  const events: number[] = [];
  const alerts: number[] = [];
  const observations: Observation[] = [];
  let allHoldSomething = true;
  for (let batch = spool.after(0); batch !== null; batch = spool.after(batch.seq)) {
    const before = numbersIn(batch.entries.subarray(0, batch.alertsAt));
    const after = numbersIn(batch.entries.subarray(batch.alertsAt));
    const learned = [...readObservations(batch.observations)];
    if (before.length !== batch.eventCount || after.length !== batch.alertCount) {
      throw new Error('the counts of a batch are not those of its entries');
    }
    events.push(...before);
    alerts.push(...after);
    observations.push(...learned);
    allHoldSomething &&= before.length + after.length + learned.length > 0;
  }
  return { events, alerts, observations, allHoldSomething };
}

function numbersIn(entries: Buffer): number[] {
  return entriesIn(entries).map((record) => Number((record as { message: string }).message));
}

/** Key order aside; NaN equals NaN, as in `Object.is`. */
function same(a: readonly (number | Observation)[], b: readonly (number | Observation)[]): boolean {
  const text = (list: readonly (number | Observation)[]) =>
    list.map((x) => (typeof x === 'number' ? x : [x.hour, x.bytes, x.direction, x.host].join('|')));
  return JSON.stringify(text(a)) === JSON.stringify(text(b));
}
