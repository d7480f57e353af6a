/** Streams of events to readers that read, that do not, and that go. */
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import t from 'tap';
import { EventStream } from '../../../src/admin/page/event-stream.js';
import { RecentAlerts } from '../../../src/admin/page/recent-alerts.js';
import type { Snapshot } from '../../../src/admin/page/snapshot.js';
import { Verdict } from '../../../src/verdict.js';
import { anAlert } from '../../support/alerts.js';
import { until } from '../../support/until.js';

/** The part of a response that is used. */
class Reader extends EventEmitter {
  readonly events: { readonly seen: number }[] = [];
  writableLength = 0;
  readonly req = { socket: new EventEmitter() };
  gone = false;

  write(text: string): void {
    const [, json] = /^data: (.*)\n\n$/.exec(text)!;
    this.events.push(JSON.parse(json!));
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    this.gone = true;
    this.emit('close');
  }
}

function make() {
  const alerts = new RecentAlerts(Date.now);
  let made = 0;
  let fails = false;
  const failures: unknown[] = [];
  const stream = new EventStream(
    alerts,
    (seen) => {
      made++;
      if (fails) throw new Error('on purpose');
      return { seen } as unknown as Snapshot;
    },
    (err) => failures.push(err),
  );
  return {
    ...{ alerts, stream, failures },
    made: () => made,
    fail: () => {
      fails = true;
    },
    open(): Reader {
      const reader = new Reader();
      const { status, body } = stream.answer();
      if (status !== 200 || typeof body !== 'function') throw new Error(`${status} ${body}`);
      body(reader as unknown as ServerResponse);
      return reader;
    },
    alert: () => alerts.add(Object.assign(new Verdict(), { alert: anAlert() })),
  };
}

t.test('all of it at once, then what is new; made once for all readers', async (t) => {
  const { stream, open, made, alert } = make();
  t.teardown(() => stream.stop());
  alert();
  const readers = [open(), open(), open()];
  t.equal(made(), 3);
  stream.tick();
  t.equal(made(), 4);
  for (const { events } of readers) t.strictSame(events, [{ seen: 0 }, { seen: 1 }]);
  alert();
  alert();
  await until('the alerts', () => readers.every(({ events }) => events.length === 3));
  stream.tick();
  for (const { events } of readers) t.strictSame(events.slice(2), [{ seen: 1 }, { seen: 3 }]);
});

t.test('one that does not read is passed over, misses nothing, and goes in the end', async (t) => {
  const { stream, open, alert } = make();
  t.teardown(() => stream.stop());
  const [slow, quick] = [open(), open()];
  slow.writableLength = 1;
  alert();
  stream.tick();
  stream.tick();
  t.equal(slow.events.length, 1);
  t.equal(quick.events.length, 3);
  slow.writableLength = 0;
  stream.tick();
  t.strictSame(slow.events[1], { seen: 0 }, 'with the alert that it has not had');
  slow.writableLength = 1;
  for (let tick = 0; tick < 30; tick++) stream.tick();
  t.equal(slow.gone, false);
  stream.tick();
  t.equal(slow.gone, true);
  t.equal(stream.readers, 1);
  t.equal(quick.gone, false);
});

t.test('so many readers and no more; room again when one goes', async (t) => {
  const { stream, open } = make();
  t.teardown(() => stream.stop());
  const readers = Array.from({ length: 16 }, open);
  t.match(stream.answer(), { status: 503 });
  readers[3]!.destroy();
  t.match(stream.answer(), { status: 200 });
  stream.stop();
  t.ok(readers.every(({ gone }) => gone));
  t.equal(stream.readers, 0);
});

t.test('a failure is told, ends the streams and nothing else', async (t) => {
  const { stream, open, fail, failures } = make();
  t.teardown(() => stream.stop());
  const reader = open();
  fail();
  stream.tick();
  t.match(failures, [{ message: 'on purpose' }]);
  t.equal(reader.gone, true);
  t.throws(() => stream.answer(), { message: 'on purpose' }, 'which the listener answers with 500');
});

t.test('one whose connection is gone goes too, though its response never closes', async (t) => {
  const { stream, open } = make();
  t.teardown(() => stream.stop());
  // As of a request that waits behind another one on its connection.
  open().req.socket.emit('close');
  t.equal(stream.readers, 0);
});
