import t from 'tap';
import { readObservations } from '../../src/batch/observation.js';
import { OpenBatch, type OpenBatchOptions } from '../../src/batch/open-batch.js';
import { createForwardEncoder } from '../../src/encode/forward-entry.js';
import { Problem } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import type { Encoder } from '../../src/stages.js';
import { Verdict } from '../../src/verdict.js';
import { anAlert } from '../support/alerts.js';
import { decodeAll } from '../support/msgpack.js';
import { buildTable } from '../support/table-builder.js';

const now = Date.UTC(2026, 10, 24, 10, 15, 32, 123);

function encoder(): Encoder {
  return createForwardEncoder({ raw: 'never', counters: new Counters() });
}

function batch(
  closeAtBytes = 64 * 1024,
  maxMessageBytes = 64 * 1024,
  only: OpenBatchOptions['only'] = 'all',
): OpenBatch {
  return new OpenBatch({ encoder: encoder(), maxMessageBytes, closeAtBytes, only, observes: true });
}

function event(text = 'x', receivedAtMs = now) {
  return buildTable({ message: text, problem: Problem.notCef, receivedAtMs }, 16);
}

function messages(entries: Buffer): unknown[] {
  return decodeAll(entries).map((entry) => (entry as { message: string }[])[1]!.message);
}

const quiet = new Verdict();

function alerting(): Verdict {
  return Object.assign(new Verdict(), { alert: anAlert() });
}

function learning(host: string, bytes: number): Verdict {
  const verdict = Object.assign(new Verdict(), { hour: 498_754 });
  Object.assign(verdict.download, { learned: true, host, bytes });
  return verdict;
}

t.test('a new batch is empty and seals to nothing', async (t) => {
  const open = batch();
  t.ok(open.empty);
  t.notOk(open.shouldClose);
  t.match(open.seal(), { alertsAt: 0, eventCount: 0, alertCount: 0 });
  t.equal(open.seal().entries.length, 0);
});

t.test('events are sealed in order, with the receipt of the first', async (t) => {
  const open = batch();
  for (let i = 0; i < 3; i++) open.add(event(`m${i}`, now + i), quiet);
  t.notOk(open.empty);
  t.notOk(open.shouldClose);
  const sealed = open.seal();
  t.strictSame(messages(sealed.entries), ['m0', 'm1', 'm2']);
  t.match(sealed, { eventCount: 3, alertCount: 0, oldestMs: now });
  t.equal(sealed.alertsAt, sealed.entries.length);
  t.equal(sealed.observations.length, 0);
});

t.test('an alert closes the batch, is last in it, and `alertsAt` is where it starts', async (t) => {
  const open = batch();
  open.add(event('m0'), quiet);
  open.add(event('m1'), alerting());
  t.ok(open.shouldClose);
  const sealed = open.seal();
  t.match(sealed, { eventCount: 1, alertCount: 1 });
  t.strictSame(messages(sealed.entries.subarray(0, sealed.alertsAt)), ['m0']);
  t.strictSame(messages(sealed.entries.subarray(sealed.alertsAt)), ['m1']);
});

t.test('a batch of one alert has no events before it', async (t) => {
  const open = batch();
  open.add(event(), alerting());
  t.match(open.seal(), { alertsAt: 0, eventCount: 0, alertCount: 1 });
});

t.test('a batch that has its size is to be closed, and then takes nothing more', async (t) => {
  const open = batch(1000);
  let added = 0;
  while (!open.shouldClose) {
    open.add(event('x'.repeat(100)), quiet);
    added++;
  }
  t.ok(open.seal().entries.length >= 1000);
  t.equal(open.seal().eventCount, added);
  t.throws(() => open.add(event(), quiet), { message: /should have been closed/ });
  t.equal(open.seal().eventCount, added);
});

t.test('the longest message fits even when the batch is one byte short of closing', async (t) => {
  const longest = buildTable({
    message: '\ufffd'.repeat(4096),
    problem: Problem.notCef,
    rawBytes: Buffer.alloc(4096, 0xff),
    extension: [['dlat', '1']],
  });
  const first = batch(1 << 20, 4096);
  first.add(event(), quiet);
  const oneShort = first.seal().entries.length + 1;
  const open = batch(oneShort, 4096);
  open.add(event(), quiet);
  t.notOk(open.shouldClose);
  open.add(longest, Object.assign(alerting(), { suppressed: { by: 'repeat' } }));
  t.equal(decodeAll(open.seal().entries).length, 2);
});

t.test('what was learned travels with the entries', async (t) => {
  const open = batch();
  open.add(event(), learning('img.example.net', 2_500_000));
  open.add(event(), quiet);
  open.add(event(), learning('', Number.NaN));
  t.strictSame(
    [...readObservations(open.seal().observations)],
    [
      { hour: 498_754, bytes: 2_500_000, direction: 'download', host: 'img.example.net' },
      { hour: 498_754, bytes: Number.NaN, direction: 'download', host: '' },
    ],
  );
});

t.test('any number of observations of any length has room', async (t) => {
  const open = batch(1 << 20);
  const hosts = Array.from({ length: 300 }, (_, i) => `${i}.${'ü'.repeat(i)}`);
  for (const host of hosts) open.add(event(), learning(host, 1));
  const read = [...readObservations(open.seal().observations)].map((o) => o.host);
  t.strictSame(read, hosts);
});

t.test('what is not forwarded leaves only what it teaches', async (t) => {
  const open = batch(1000, 4096, 'alerts');
  t.equal(open.add(event('a', now), quiet), false);
  t.ok(open.empty, 'nothing to keep, nothing kept');
  t.equal(open.add(event('b', now + 1), learning('img.example.net', 1)), false);
  t.notOk(open.empty);
  t.match(open.seal(), { alertsAt: 0, eventCount: 0, alertCount: 0, oldestMs: now + 1 });
  t.equal(open.seal().entries.length, 0);
  t.equal([...readObservations(open.seal().observations)].length, 1);
  t.equal(open.add(event('c', now + 2), alerting()), true);
  t.match(open.seal(), { alertsAt: 0, eventCount: 0, alertCount: 1, oldestMs: now + 1 });
  t.ok(open.shouldClose);
});

t.test('observations alone close a batch too', async (t) => {
  const open = batch(1000, 4096, 'alerts');
  let added = 0;
  for (; !open.shouldClose && added < 1000; added++) open.add(event(), learning('a.example', 1));
  t.equal(open.seal().entries.length, 0);
  t.ok(open.seal().observations.length >= 1000);
  t.ok(open.seal().observations.length < 1000 + 30, `at the bound, after ${added}`);
  t.throws(() => open.add(event(), quiet), { message: /should have been closed/ });
});

t.test('an exclusion or a repeat is no alert, but may be a JPEG', async (t) => {
  const suppressed = Object.assign(new Verdict(), {
    jpeg: true,
    suppressed: { by: 'exclusion', name: 'backup', reason: 'CHG-1' },
  });
  t.equal(batch(1000, 4096, 'alerts').add(event(), suppressed), false);
  t.equal(batch(1000, 4096, 'jpeg').add(event(), suppressed), true);
  t.equal(batch(1000, 4096, 'jpeg').add(event(), quiet), false);
  t.equal(batch(1000, 4096, 'all').add(event(), quiet), true);
});

t.test('a batch that was reset is as new', async (t) => {
  const open = batch();
  open.add(event('old'), Object.assign(learning('old', 1), { alert: anAlert() }));
  open.reset();
  t.ok(open.empty, 'without its observations too');
  t.notOk(open.shouldClose);
  open.add(event('new', now + 5), quiet);
  const sealed = open.seal();
  t.strictSame(messages(sealed.entries), ['new']);
  t.equal(sealed.observations.length, 0);
  t.match(sealed, { eventCount: 1, alertCount: 0, oldestMs: now + 5 });
  t.equal(sealed.alertsAt, sealed.entries.length);
});
