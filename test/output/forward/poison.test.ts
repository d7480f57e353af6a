/**
 * Entries that a receiver takes from nobody. The rule in each test: they are set aside, each alone and
 * only they, the rest arrives, and none is set aside by a receiver that merely does not work.
 */
import t from 'tap';
import type { OutputDeadlines } from '../../../src/output/forward/forward-output.js';
import type { Batch, DeadLetters } from '../../../src/stages.js';
import { batchOf, entriesIn } from '../../support/entries.js';
import { ForwardServer } from '../../support/forward-server.js';
import {
  acked,
  type Forwarding,
  makeForwarding,
  numbersOf,
  range,
} from '../../support/forwarding.js';
import { until } from '../../support/until.js';

t.setTimeout(300_000);

interface Poisonable {
  n: number;
  bad?: true;
  pad?: string;
}

const deadlines: Partial<OutputDeadlines> = {
  ackMs: 150,
  suspectMs: 20,
  retryFirstMs: 5,
  retryMaxMs: 20,
};

class Grave implements DeadLetters {
  accepts = true;
  asked = 0;
  readonly batches: Batch[] = [];
  readonly reasons: string[] = [];

  setAside(entries: Batch, reason: string): boolean {
    this.asked++;
    if (!this.accepts) return false;
    this.batches.push(entries);
    this.reasons.push(reason);
    return true;
  }

  get numbers(): number[] {
    return this.batches.flatMap(({ entries }) =>
      entriesIn(entries).map((record) => (record as Poisonable).n),
    );
  }
}

const isBad = (record: unknown): boolean => (record as Poisonable).bad === true;

/** Appends a few events each ms until told to stop: what lives beside the bad ones. */
function traffic(spool: Forwarding['spool'], from: number): { stop: () => number } {
  let n = from;
  const timer = setInterval(() => spool.append(batchOf([{ n: n++ }])), 5);
  return {
    stop: () => {
      clearInterval(timer);
      return n;
    },
  };
}

function records(count: number, bad: readonly number[]): Poisonable[] {
  return range(count).map((n) => (bad.includes(n) ? { n, bad: true } : { n }));
}

function distinct(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

for (const refusal of ['silence', 'close'] as const) {
  t.test(`bad entries in a chunk of many (${refusal}): only they are set aside`, async (t) => {
    const server = await ForwardServer.start(t, { refuses: isBad, refusal });
    const grave = new Grave();
    const forwarding = makeForwarding(t, [server.port], {}, deadlines, Math.random, grave);
    const { output, spool, counters, lines } = forwarding;
    const bad = [0, 123, 124, 999];
    spool.append(batchOf(records(1000, bad)));
    output.start();
    const more = traffic(spool, 1000);
    await until('they are set aside', () => grave.batches.length === bad.length, 60_000);
    const count = more.stop();
    await acked(spool);
    t.strictSame(distinct(grave.numbers), bad);
    t.strictSame(
      distinct(numbersOf(server)),
      range(count).filter((n) => !bad.includes(n)),
    );
    t.ok(grave.batches.every((b) => b.eventCount === 1 && b.alertsAt === b.entries.length));
    t.ok(grave.batches.every((b) => b.oldestMs === 1_700_000_000_000 && b.alertCount === 0));
    t.match(counters, { dead_letter_events: 4, events_acked: count - 4 });
    t.ok(counters.chunks_split >= 3);
    t.match(grave.reasons[0], refusal === 'close' ? /closed the connection on/ : /did not ack/);
    t.ok(lines.some(({ level, msg }) => level === 50 && /set aside/.test(msg)));
  });

  t.test(`an entry larger than any chunk, at the head of the line (${refusal})`, async (t) => {
    const server = await ForwardServer.start(t, { refuses: isBad, refusal });
    const grave = new Grave();
    const forwarding = makeForwarding(t, [server.port], {}, deadlines, Math.random, grave);
    const { output, spool, counters } = forwarding;
    spool.append(batchOf([], [{ n: 0, bad: true, pad: 'x'.repeat(1_500_000) }]));
    output.start();
    const more = traffic(spool, 1);
    await until('it is set aside', () => grave.batches.length === 1, 60_000);
    const count = more.stop();
    await acked(spool);
    t.match(grave.batches[0], { alertsAt: 0, eventCount: 0, alertCount: 1 });
    t.equal(counters.chunks_split, 0);
    t.ok(server.refused >= 3, 'it was tried three times');
    t.strictSame(distinct(numbersOf(server)), range(count).slice(1));
  });

  t.test(`alone in a quiet feed (${refusal}) it is sent again: nothing tells`, async (t) => {
    const server = await ForwardServer.start(t, { refuses: isBad, refusal });
    const grave = new Grave();
    const quick = { ...deadlines, ackMs: 100 };
    const { output, spool } = makeForwarding(t, [server.port], {}, quick, Math.random, grave);
    spool.append(batchOf([{ n: 0, bad: true }]));
    output.start();
    await until('many attempts', () => server.refused >= 8, 60_000);
    t.equal(grave.asked, 0);
    for (let n = 1; grave.asked === 0; n++) {
      spool.append(batchOf([{ n }]));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await acked(spool);
    t.strictSame(grave.numbers, [0], 'traffic beside it does');
  });
}

t.test('a receiver that acks nothing, is slow or frozen is never suspected', async (t) => {
  const server = await ForwardServer.start(t, { acks: 'none' });
  const grave = new Grave();
  const quick = { ...deadlines, ackMs: 40 };
  const forwarding = makeForwarding(t, [server.port], {}, quick, Math.random, grave);
  const { output, spool, counters } = forwarding;
  for (let n = 0; n < 12; n++) spool.append(batchOf([{ n, pad: 'x'.repeat(600_000) }]));
  output.start();
  await until('many connections acked nothing', () => counters.ack_timeouts >= 10, 60_000);
  server.change({ acksPerConnection: 2, acks: 'right' });
  let n = 12;
  const more = traffic(spool, n);
  await until(
    'it froze after two acks, again and again',
    () => counters.ack_timeouts >= 25,
    60_000,
  );
  n = more.stop();
  server.change({ acksPerConnection: Number.POSITIVE_INFINITY, acks: 'right' });
  await acked(spool);
  t.match(counters, { chunks_split: 0, dead_letter_events: 0 });
  t.equal(grave.asked, 0);
  t.strictSame(distinct(numbersOf(server)), range(n));
});

t.test('a receiver that closes each connection without an ack is never suspected', async (t) => {
  const server = await ForwardServer.start(t, { acks: 'none', closeAfterBytes: 1 });
  const grave = new Grave();
  const forwarding = makeForwarding(t, [server.port], {}, deadlines, Math.random, grave);
  const { output, spool, counters } = forwarding;
  for (let n = 0; n < 20; n++) spool.append(batchOf([{ n }]));
  output.start();
  await until('many attempts', () => counters.connects >= 50, 60_000);
  server.change({ acks: 'right', closeAfterBytes: Number.POSITIVE_INFINITY });
  await acked(spool);
  t.match(counters, { chunks_split: 0, dead_letter_events: 0 });
});

t.test('a receiver that closes connections at random is not believed', async (t) => {
  const server = await ForwardServer.start(t, { closesOn: 0.2 });
  const grave = new Grave();
  const forwarding = makeForwarding(t, [server.port], {}, deadlines, Math.random, grave);
  const { output, spool, counters } = forwarding;
  output.start();
  const more = traffic(spool, 0);
  await until('many connections', () => counters.connects >= 150, 60_000);
  server.change({ closesOn: 0 });
  const count = more.stop();
  await acked(spool);
  t.equal(grave.asked, 0);
  t.strictSame(distinct(numbersOf(server)), range(count));
});

t.test('what cannot be set aside is sent on, and tried again', async (t) => {
  const server = await ForwardServer.start(t, { refuses: isBad });
  const grave = new Grave();
  grave.accepts = false;
  const forwarding = makeForwarding(t, [server.port], {}, deadlines, Math.random, grave);
  const { output, spool, counters, lines } = forwarding;
  spool.append(batchOf([{ n: 0, bad: true }]));
  output.start();
  const more = traffic(spool, 1);
  await until('it was asked twice', () => grave.asked >= 2, 60_000);
  t.match(counters, { dead_letter_events: 0 });
  t.ok(spool.batches > 0, 'the spool keeps it');
  t.ok(lines.some(({ msg }) => /cannot be set aside/.test(msg)));
  server.change({ refuses: null });
  const count = more.stop();
  await acked(spool);
  t.strictSame(distinct(numbersOf(server)), range(count), 'delivered once the receiver takes it');
});

t.test('without a place for dead letters nothing is set aside, and the rest flows', async (t) => {
  const server = await ForwardServer.start(t, { refuses: isBad });
  const { output, spool, counters } = makeForwarding(t, [server.port], {}, deadlines);
  spool.append(batchOf(records(20, [3])));
  output.start();
  const more = traffic(spool, 20);
  await until('much came behind it', () => distinct(numbersOf(server)).length >= 300, 60_000);
  const count = more.stop();
  await until('all but one', () => distinct(numbersOf(server)).length === count - 1);
  t.equal(counters.dead_letter_events, 0);
  t.ok(spool.batches > 0);
});

t.test('many bad entries: all of them are found', async (t) => {
  const server = await ForwardServer.start(t, { refuses: isBad });
  const grave = new Grave();
  const quick = { ...deadlines, ackMs: 100, suspectMs: 2 };
  const forwarding = makeForwarding(t, [server.port], {}, quick, Math.random, grave);
  const { output, spool } = forwarding;
  const bad = range(400).filter((n) => n % 10 === 0);
  for (let at = 0; at < 400; at += 100) {
    spool.append(batchOf(records(400, bad).slice(at, at + 100)));
  }
  output.start();
  const more = traffic(spool, 400);
  await until('they are set aside', () => grave.batches.length >= bad.length, 110_000);
  const count = more.stop();
  await acked(spool);
  t.strictSame(distinct(grave.numbers), bad);
  t.strictSame(
    distinct(numbersOf(server)),
    range(count).filter((n) => !bad.includes(n)),
  );
});
