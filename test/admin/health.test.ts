/** When the process is ready, and what is said if it is not. */
import t from 'tap';
import { details, readiness } from '../../src/admin/health.js';
import { RunState } from '../../src/admin/observed.js';
import { MemorySpool } from '../../src/spool/memory-spool.js';
import { aBatch, aFeed, input, output, running } from './seen.js';

const now = Date.UTC(2026, 10, 24);

function fullSpool(): MemorySpool {
  const spool = new MemorySpool({ maxBytes: 1000 });
  spool.append({ ...aBatch, oldestMs: now - 5000 });
  return spool;
}

t.test('not ready while it loads and while it stops', async (t) => {
  const state = new RunState();
  t.strictSame(readiness(state), { ready: false, reasons: ['the baseline is being loaded'] });
  t.strictSame(details(state, now), { phase: 'loading' });
  const stopping = running();
  stopping.phase = 'stopping';
  t.strictSame(readiness(stopping).reasons, ['the process is stopping']);
  t.strictSame(readiness(running()), { ready: true, reasons: [] });
});

t.test('not ready with a listener down, or a spool that holds the inputs up', async (t) => {
  const spool = fullSpool();
  t.equal(spool.full, true);
  const state = running({
    inputs: [input('udp a', false), input('tcp b'), input('tls c', false)],
    outputs: [output('fluentd', { spool })],
  });
  t.strictSame(readiness(state).reasons, [
    'the listener udp a is down',
    'the listener tls c is down',
    'the spool of fluentd is full: inputs are paused',
  ]);
  const broken = running({ outputs: [output('fluentd', { spool, writable: () => false })] });
  t.strictSame(readiness(broken).reasons, [
    'the spool of fluentd cannot be written to: inputs are paused',
  ]);
});

t.test('ready, whatever does not keep events from being taken in; but it is told', async (t) => {
  const [baseline] = running().observed!.baselines();
  const state = running({
    outputs: [output('fluentd'), output('syslog', { spool: fullSpool(), blocks: false })],
    baselines: () => [
      { ...baseline!, ready: false, text: 'not ready: 3 of 100', thresholdBytes: null },
    ],
    feeds: () => [aFeed('quiet'), aFeed('blind', {}, 'none of 1,000 JPEG events carries a size')],
  });
  t.strictSame(readiness(state), { ready: true, reasons: [] });
  t.match(details(state, now), {
    phase: 'running',
    outputs: [
      { name: 'fluentd', spool: { full: false, oldest_event_age_seconds: 0 } },
      {
        name: 'syslog',
        spool: { full: true, oldest_event_age_seconds: 5, when_full: 'drop_oldest' },
      },
    ],
    baselines: [
      { direction: 'download', ready: false, text: 'not ready: 3 of 100', threshold_bytes: null },
    ],
    feeds: [
      { name: 'blind', text: /none of 1,000/ },
      { name: 'quiet', text: '' },
    ],
    feeds_not_shown: 0,
  });
});

t.test(
  'feeds are as many as senders like: the details are bounded, warnings come first',
  async (t) => {
    const feeds = Array.from({ length: 1000 }, (_, i) =>
      aFeed(`f${i}`, {}, i === 999 ? 'bad' : ''),
    );
    const told = details(running({ feeds: () => feeds }), now) as { feeds: { name: string }[] };
    t.equal(told.feeds.length, 50);
    t.match(told, { feeds: [{ name: 'f999' }, { name: 'f0' }], feeds_not_shown: 950 });
  },
);

t.test('the age of what is being read from disk is not known', async (t) => {
  const spool = Object.assign(fullSpool(), { after: () => null });
  const told = details(running({ outputs: [output('fluentd', { spool })] }), now);
  t.match(told, { outputs: [{ spool: { oldest_event_age_seconds: null } }] });
});
