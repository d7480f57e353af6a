/**
 * Against the real receiver. The rule in each test: the process neither ends nor hangs, all records
 * arrive as they were, and none twice while nothing fails.
 */
import t from 'tap';
import type { OutputDeadlines } from '../../../src/output/forward/forward-output.js';
import { batchOf, entry, numbered } from '../../support/entries.js';
import { Fluentd } from '../../support/fluentd.js';
import { testFolder } from '../../support/folder.js';
import { makeForwarding } from '../../support/forwarding.js';
import { requirePeer } from '../../support/peers.js';
import { until } from '../../support/until.js';

const tag = 'stegwatch.event';
const alertTag = 'stegwatch.alert';

/** Longer than Fluentd needs on a busy machine, shorter than the freeze below. */
const deadlines: Partial<OutputDeadlines> = {
  connectMs: 1500,
  loginMs: 1500,
  writeMs: 1500,
  ackMs: 1500,
};

/** Where nothing fails no deadline may pass, however busy the machine. */
const patient: Partial<OutputDeadlines> = {
  connectMs: 60_000,
  loginMs: 60_000,
  writeMs: 60_000,
  ackMs: 60_000,
};

// Nine starts of Ruby.
t.setTimeout(120_000);

const fluentd = requirePeer(t, 'fluentd');
if (fluentd !== null) {
  t.test('records and their times arrive as they were, under both tags, none twice', async (t) => {
    const receiver = await Fluentd.start(t, { fluentd, folder: testFolder(t, {}) });
    const { output, spool, counters } = makeForwarding(t, [receiver.port], {}, patient);
    output.start();
    const odd = {
      text: 'größer\n"\\',
      number: 2 ** 40,
      none: null,
      list: [1, 'a'],
      map: { a: 1.5 },
    };
    spool.append({
      ...batchOf([]),
      entries: entry(odd, 1_700_000_000_123),
      alertsAt: 0,
      alertCount: 1,
    });
    for (let i = 0; i < 200; i++) spool.append(batchOf(numbered(i * 50, 50, 600)));
    await until('all is acked', () => spool.batches === 0, 60_000);
    await until('all is written', () => receiver.records(tag).length >= 10_000, 60_000);
    await receiver.stop();
    t.strictSame(receiver.records(alertTag), [{ time: '1700000000.123000000', record: odd }]);
    t.strictSame(numbersOf(receiver), range(10_000), 'each once, in order');
    t.equal(counters.events_acked, 10_001);
    t.equal(counters.chunks_resent, 0);
  });

  t.test('stopped and started again: what came meanwhile arrives, none twice', async (t) => {
    const receiver = await Fluentd.start(t, { fluentd, folder: testFolder(t, {}) });
    const { output, spool, counters } = makeForwarding(t, [receiver.port], {}, patient);
    output.start();
    spool.append(batchOf(numbered(0, 100)));
    await until('all is acked', () => spool.batches === 0);
    await receiver.stop();
    spool.append(batchOf(numbered(100, 100)));
    await until('attempts were refused', () => counters.connect_failures >= 3);
    await receiver.start();
    await until('all is acked', () => spool.batches === 0);
    await receiver.stop();
    t.strictSame(numbersOf(receiver), range(200));
  });

  t.test('killed in the middle of much traffic and started again: all arrives', async (t) => {
    const receiver = await Fluentd.start(t, { fluentd, folder: testFolder(t, {}) });
    const { output, spool, counters } = makeForwarding(t, [receiver.port], {}, deadlines);
    output.start();
    for (let i = 0; i < 200; i++) spool.append(batchOf(numbered(i * 50, 50, 600)));
    await until('some was acked', () => counters.events_acked > 0);
    await receiver.kill();
    await receiver.start();
    await until('all is acked', () => spool.batches === 0, 60_000);
    await receiver.stop();
    t.strictSame(distinct(numbersOf(receiver)), range(10_000));
  });

  t.test('frozen for longer than every deadline, then going on: all arrives', async (t) => {
    const receiver = await Fluentd.start(t, { fluentd, folder: testFolder(t, {}) });
    const { output, spool, counters, lines } = makeForwarding(t, [receiver.port], {}, deadlines);
    output.start();
    spool.append(batchOf(numbered(0, 100)));
    await until('all is acked', () => spool.batches === 0);
    receiver.freeze();
    for (let i = 1; i < 30; i++) spool.append(batchOf(numbered(i * 100, 100, 600)));
    await until('two acks were waited for in vain', () => counters.ack_timeouts >= 2, 30_000);
    receiver.thaw();
    await until('all is acked', () => spool.batches === 0, 60_000);
    await receiver.stop();
    t.strictSame(distinct(numbersOf(receiver)), range(3000));
    t.ok(lines.some((line) => /no ack within 1500 ms/.test(line.error ?? '')));
    t.ok(lines.some((line) => /delivering .* again/.test(line.msg)));
  });

  t.test('a wrong shared key is said and tried again, the right one delivers', async (t) => {
    const folder = testFolder(t, {});
    const receiver = await Fluentd.start(t, { fluentd, folder, sharedKey: 'right on the server' });
    const config = { sharedKey: 'wrong until the server has it too' };
    const { output, spool, counters, lines } = makeForwarding(
      t,
      [receiver.port],
      config,
      deadlines,
    );
    output.start();
    spool.append(batchOf(numbered(0, 100), [{ alert: 1 }]));
    await until('it was refused', () => counters.connect_failures >= 3, 30_000);
    t.equal(counters.connects, 0);
    t.match(
      lines.find((line) => line.level >= 40),
      { error: /shared_key mismatch/, hint: /check shared_key/ },
    );
    await receiver.stop();
    receiver.sharedKey = config.sharedKey;
    await receiver.start();
    await until('all is acked', () => spool.batches === 0, 30_000);
    await receiver.stop();
    t.strictSame(numbersOf(receiver), range(100));
    t.strictSame(
      receiver.records(alertTag).map(({ record }) => record),
      [{ alert: 1 }],
    );
  });

  t.test('a login on one side only is said, whichever side it is', async (t) => {
    const open = await Fluentd.start(t, { fluentd, folder: testFolder(t, {}) });
    const config = { sharedKey: 'nobody asked for it' };
    const unasked = makeForwarding(t, [open.port], config, { ...deadlines, loginMs: 300 });
    unasked.output.start();
    await until('it failed', () => unasked.counters.connect_failures >= 2, 30_000);
    t.match(
      unasked.lines.find((line) => line.level >= 40),
      { hint: /remove the shared key here/ },
    );
    await unasked.output.stop(0);
    await open.stop();

    open.sharedKey = 'asked for';
    await open.start();
    const missing = makeForwarding(t, [open.port], {}, deadlines);
    missing.output.start();
    missing.spool.append(batchOf([{ n: 0 }]));
    await until('it was said', () => missing.lines.some((line) => line.level >= 40), 30_000);
    t.match(
      missing.lines.find((line) => line.level >= 40),
      { hint: /shared_key_file/ },
    );
    t.equal(missing.spool.batches, 1, 'nothing was lost');
  });
}

function numbersOf(receiver: Fluentd): number[] {
  return receiver.records(tag).map(({ record }) => record.n as number);
}

function distinct(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
