/** What is said of each part, and how it looks. */
import t from 'tap';
import { type Observed, RunState } from '../../../src/admin/observed.js';
import { sentences } from '../../../src/admin/page/sentences.js';
import { OutputCounters } from '../../../src/observe/counters.js';
import { MemorySpool } from '../../../src/spool/memory-spool.js';
import { aBatch, aFeed, input, output, running } from '../seen.js';

const now = Date.UTC(2026, 10, 24);

function said(changes: Partial<Observed> = {}): string[] {
  return sentences(running(changes), now).map((one) => `${one.mood} ${one.part}: ${one.text}`);
}

function counted(changes: Partial<OutputCounters>): OutputCounters {
  return Object.assign(new OutputCounters(), changes);
}

function spoolSince(ms: number): MemorySpool {
  const spool = new MemorySpool({ maxBytes: 1_000_000 });
  spool.append({ ...aBatch, oldestMs: now - ms });
  return spool;
}

t.test('each part has a sentence when all is well', async (t) => {
  const counters = counted({ connects: 1, events_acked: 1234 });
  t.strictSame(said({ outputs: [output('fluentd', { counters, maxBytes: 8 * 2 ** 30 })] }), [
    'good intake: events are taken in: udp 127.0.0.1:5514, tcp 127.0.0.1:5514',
    'good output fluentd: 1,234 events delivered',
    'good spool of fluentd: empty; there is room for 8 GiB',
    'good baseline, download: ready',
    'good feed Acme Proxy: 10 events, 2 of them JPEGs, which can be judged',
  ]);
});

t.test('before it runs, and after', async (t) => {
  t.strictSame(sentences(new RunState(), now), [
    { part: 'intake', mood: 'wait', text: 'the baseline is being loaded' },
  ]);
  const stopping = running();
  stopping.phase = 'stopping';
  t.match(sentences(stopping, now)[0], { mood: 'bad', text: 'the process is stopping' });
});

t.test('intake: each reason that /readyz has, or no listener at all', async (t) => {
  t.match(said({ inputs: [input('udp a', false), input('tcp b', false)] }), [
    'bad intake: the listener udp a is down',
    'bad intake: the listener tcp b is down',
  ]);
  t.equal(said({ inputs: [] })[0], 'bad intake: no listener is configured');
});

t.test('an output: not connected yet, away, and what it refused', async (t) => {
  const of = (changes: Parameters<typeof output>[1]) =>
    said({ outputs: [output('fluentd', changes)] })[1];
  t.equal(of({}), 'wait output fluentd: not connected yet');
  t.equal(
    of({ counters: counted({ connect_failures: 2 }) }),
    'bad output fluentd: not reached yet, 2 attempts failed; the log says why',
  );
  const ofFile = (changes: Parameters<typeof output>[1]) =>
    said({ outputs: [output('file', changes)] })[1];
  t.equal(ofFile({}), 'wait output file: not opened yet');
  t.match(
    ofFile({ counters: counted({ connect_failures: 1 }) }),
    /: not opened yet, 1 attempt fai/,
  );
  const counters = counted({ connects: 1, events_acked: 7 });
  t.equal(
    of({ counters, spool: spoolSince(9_000), events: () => 3 }),
    'good output fluentd: 7 events delivered',
  );
  const connected = () => false;
  t.equal(
    of({ counters, connected }),
    'good output fluentd: 7 events delivered; not connected, nothing waits',
  );
  t.equal(
    of({ counters, connected, spool: spoolSince(9_000), events: () => 3 }),
    'wait output fluentd: 7 events delivered; not connected, 3 events wait',
  );
  t.match(ofFile({ counters, connected }), /^good .*; not open, nothing waits$/);
  const away = 'bad output fluentd: it is away or does not keep up: 3 events wait, the oldest for';
  const saysWhy = '; the log says why';
  for (const [ms, words] of [
    [11_000, '11 s'],
    [600_000, '10 min'],
    [7_200_000, '2 h'],
  ] as const) {
    const text = of({ counters, spool: spoolSince(ms), events: () => 3 });
    t.equal(text, `${away} ${words}${saysWhy}`);
  }
  const trouble = () => '192.0.2.1:24224: connect ECONNREFUSED; start it';
  t.equal(
    of({ counters, trouble, spool: spoolSince(11_000), events: () => 1 }),
    'bad output fluentd: it is away or does not keep up: 1 event waits, the oldest for 11 s; ' +
      'last failure: 192.0.2.1:24224: connect ECONNREFUSED; start it',
  );
  t.equal(
    of({ counters, trouble }),
    'good output fluentd: 7 events delivered',
    "what passed by itself is the log's",
  );
  t.equal(
    of({ counters: counted({ connects: 1, events_acked: 7, dead_letter_events: 1 }) }),
    'bad output fluentd: 7 events delivered; 1 event refused and set aside: see spool inspect',
  );
  const refused = counted({ connects: 1, events_acked: 7, dead_letter_events_dropped: 2 });
  const dropped = '2 events DROPPED: refused, and could not be set aside';
  t.equal(of({ counters: refused }), `bad output fluentd: 7 events delivered; ${dropped}`);
  t.equal(
    of({ counters: refused, spool: spoolSince(11_000), events: () => 3 }),
    `${away} 11 s${saysWhy}; ${dropped}`,
  );
});

t.test('a spool: what waits, full, not writable, and what it had to drop', async (t) => {
  const of = (changes: Parameters<typeof output>[1]) =>
    said({ outputs: [output('fluentd', { blocks: false, maxBytes: 4096, ...changes })] })[2];
  const spool = spoolSince(0);
  const events = () => 3;
  t.equal(of({ spool, events }), 'good spool of fluentd: 3 events, 1.1 KiB of at most 4 KiB');
  const writable = () => false;
  t.match(of({ spool, events, writable }), /^bad spool .*: it cannot be written to: 3 events/);
  t.match(
    of({ counters: counted({ spool_dropped_events: 2 }) }),
    /^bad .*: empty; .*; 2 events DROPPED since the start because it was full$/,
  );
  t.match(
    of({ counters: counted({ spool_missing_events: 1 }) }),
    /^bad .*: empty; .*; 1 event LOST: not to be read from it any more$/,
  );
  t.match(of({ spool }), /: 0 events, 1\.1 KiB of at most/, 'what was learned is in it');
  const full = new MemorySpool({ maxBytes: 1000 });
  full.append({ ...aBatch, oldestMs: now });
  t.match(of({ spool: full, events }), /^bad spool of fluentd: full: 3 events/);
});

t.test('a baseline that warms up needs nothing done', async (t) => {
  const [baseline] = running().observed!.baselines();
  const text = 'not ready: 3 of 100 JPEGs';
  t.ok(
    said({ baselines: () => [{ ...baseline!, ready: false, text }] }).includes(
      `wait baseline, download: ${text}`,
    ),
  );
});

t.test(
  'feeds: warnings first and without their name twice; a bound, and the rest counted',
  async (t) => {
    const many = Array.from({ length: 30 }, (_, i) => aFeed(`f${i}`, { events: 1, jpegs: 0 }));
    const blind = aFeed('blind', {}, 'blind: none of 1,000 JPEG events carries a size');
    const few = { ...aFeed('few', { events: 1, jpegs: 1 }), status: 'too few' };
    const of = (feeds: ReturnType<Observed['feeds']>) =>
      said({ feeds: () => feeds }).filter((one) => /^\w+ feed/.test(one));
    t.strictSame(of([few, blind]), [
      'bad feed blind: none of 1,000 JPEG events carries a size',
      'good feed few: 1 event, 1 of them JPEGs: too few to tell',
    ]);
    const bounded = of([...many, blind]);
    t.equal(bounded.length, 21);
    t.match(bounded[0], /^bad feed blind/);
    t.equal(
      bounded[20],
      'good feeds: 11 feeds more, of which nothing needs a look; /metrics counts them',
    );
    t.match(
      of(Array.from({ length: 22 }, () => blind))[20],
      /^bad feeds: 2 feeds more, 2 of which/,
    );
  },
);
