import t from 'tap';
import type { EventFacts } from '../../src/detect/exclusions/event-facts.js';
import { Problem } from '../../src/fields.js';
import { recommended, sentinel } from '../support/detection.js';
import { event } from '../support/event-builder.js';
import { hour, jpeg, make, now } from './judging.js';

t.test('sentinel: larger than the 95th percentile, strictly, and from a new host', async (t) => {
  const { judge, history, counters } = make(sentinel);
  history();
  t.equal(judge(jpeg(95)).alert, null, 'the threshold itself is not above it');
  t.match(judge(jpeg(96, 'b.example')).alert, {
    bytes: 96,
    threshold_bytes: 95,
    samples: 100,
    host: 'b.example',
    host_state: 'never_seen',
    account: 'alice',
    url: 'http://b.example/img/a.jpg',
    filename: 'a.jpg',
    level: 'medium',
  });
  t.equal(judge(jpeg(96, 'known.example')).alert, null);
  t.match(judge(jpeg(96, 'Known.example')).alert, { host: 'Known.example' }, 'another case is new');
  t.match(counters, { jpeg_events: 4, judged: 4, alerts: 2, alerts_excluded: 0, observations: 4 });
});

t.test('sentinel: an event without a host always passes the test for a new source', async (t) => {
  const { judge, history, counters } = make(sentinel);
  history();
  t.match(judge(jpeg(96, '')).alert, { host: '', host_state: 'absent', level: 'low' });
  t.match(judge(jpeg(97, '')).alert, { host_state: 'absent' }, 'and again');
  t.equal(judge(jpeg(95, '')).alert, null);
  t.equal(counters.jpeg_without_host, 3);
});

t.test('sentinel: an empty lookback is no threshold: no alert', async (t) => {
  const { judge, counters } = make(sentinel);
  t.equal(judge(jpeg(1_000_000)).alert, null);
  t.match(counters, { jpeg_events: 1, judged: 0, alerts: 0, observations: 1 });
});

t.test('sentinel: a threshold of zero is a threshold', async (t) => {
  const { judge, baseline } = make(sentinel);
  baseline.learn(Math.floor(now / hour) - 30, 0, 'known.example');
  t.equal(judge(jpeg(0)).alert, null);
  t.match(judge(jpeg(1)).alert, { threshold_bytes: 0, ratio: 1 });
});

t.test('an event without a size never alerts and is learned without one', async (t) => {
  const { judge, history, counters } = make(sentinel);
  history();
  for (const size of ['', 'None', '-5', '1,000', '12.5']) {
    const verdict = judge(jpeg(size));
    t.equal(verdict.alert, null);
    t.match(verdict, { jpeg: true, download: { learned: true, host: 'new.example' } });
    t.ok(Number.isNaN(verdict.download.bytes));
  }
  t.match(counters, { jpeg_without_bytes: 5, judged: 0, jpeg_events: 5, observations: 5 });
});

t.test('judge first, then learn: an event does not make its own host known', async (t) => {
  const { judge, history, baseline } = make(sentinel);
  history();
  t.match(judge(jpeg(200)).alert, { host_state: 'never_seen' });
  const second = judge(jpeg(200), { receivedAtMs: now + 5 * hour });
  t.match(second.alert, { host_state: 'pending', first_seen: '2026-11-24T12:00:00.000Z' });
  t.equal(
    judge(jpeg(900), { receivedAtMs: now + 25 * hour }).alert,
    null,
    'known after the holdback',
  );
  t.equal(baseline.hostState('new.example', Math.floor(now / hour) + 25), 'known');
});

t.test('a file type in another case is judged, but only the exact one is learned', async (t) => {
  const { judge, history } = make(sentinel);
  history();
  const typed = (fileType: string, bytes: number) =>
    judge({ request: 'h/x', fileType, in: String(bytes), dhost: 'n.example' });
  t.match(typed('JPEG FILES', 200), {
    jpeg: true,
    download: { learned: false },
    alert: { bytes: 200 },
  });
  t.match(typed('Jpeg Files', 200), {
    jpeg: true,
    download: { learned: true },
    alert: { bytes: 200 },
  });
  t.match(typed('PNG Files', 200), { jpeg: false, download: { learned: false }, alert: null });
});

t.test('recommended: minimum bytes, samples and history', async (t) => {
  const kibibyte = 1024;
  const few = make(recommended);
  few.history(99, kibibyte);
  t.equal(few.judge(jpeg(1e9)).alert, null, '99 samples');

  const short = make(recommended);
  for (let i = 0; i < 500; i++) {
    short.baseline.learn(Math.floor(now / hour) - 30 - (i % 71), 1000, 'known.example');
  }
  t.equal(short.judge(jpeg(1e9)).alert, null, '71 hours');

  const { judge, history } = make(recommended);
  history(100, kibibyte);
  t.equal(judge(jpeg(256 * kibibyte - 1)).alert, null, 'above the percentile, below the minimum');
  t.match(judge(jpeg(256 * kibibyte)).alert, { threshold_bytes: 95 * kibibyte });
});

t.test('recommended: a host is its registrable domain, however it is written', async (t) => {
  const { judge, history } = make(recommended);
  history(100, 1000);
  for (const host of ['known.example', 'img.KNOWN.example.', 'x.known.example:8443']) {
    t.equal(judge(jpeg(1e6, host)).alert, null, host);
  }
  t.match(judge(jpeg(1e6, 'known.example.org')).alert, { host: 'known.example.org' });
});

t.test('recommended: the URL’s host, then dst, stand in for a missing dhost', async (t) => {
  const { judge, history, counters } = make(recommended);
  history(100, 1000);
  const base = { in: '1000000', request: 'http://img.known.example/a.jpg' };
  t.equal(judge({ ...base, dhost: 'None' }).alert, null, 'the URL names a known host');
  const byAddress = judge({ ...base, request: '/a.jpg', dst: '192.0.2.7' });
  t.match(byAddress, {
    download: { host: '192.0.2.7' },
    alert: { host: '192.0.2.7', host_state: 'never_seen' },
  });
  const none = judge({ ...base, request: '/a.jpg', dst: '-' });
  t.match(none, { download: { host: '' }, alert: { host_state: 'absent', level: 'low' } });
  t.equal(counters.jpeg_without_host, 1);
});

t.test('an exclusion holds an alert back and says which and why', async (t) => {
  const rule = { name: 'backup', reason: 'CHG-1', expiresMs: null, match: {}, learn: false };
  const seen: Pick<EventFacts, 'url' | 'filename'>[] = [];
  const { judge, history, counters, baseline } = make(recommended, (facts, atMs) => {
    t.equal(atMs, now);
    seen.push({ url: facts.url, filename: facts.filename });
    return facts.host === 'backup.example' ? rule : null;
  });
  history(100, 1000);
  const verdict = judge(jpeg(1e6, 'backup.example'));
  t.equal(verdict.alert, null);
  t.strictSame(verdict.suppressed, { by: 'exclusion', name: 'backup', reason: 'CHG-1' });
  t.match(verdict.heldBack, { host: 'backup.example', bytes: 1e6 }, 'for people to see');
  t.equal(verdict.download.learned, false);
  t.match(seen[0], { url: 'http://backup.example/img/a.jpg', filename: 'a.jpg' });
  t.equal(baseline.hostState('backup.example', Math.floor(now / hour)), 'never_seen');

  const small = judge(jpeg(10, 'backup.example'));
  t.match(
    small,
    { alert: null, suppressed: null, heldBack: null, download: { learned: false } },
    'no would-be alert: no mark',
  );
  t.match(judge(jpeg(1e6, 'other.example')), { suppressed: null, download: { learned: true } });
  t.match(counters, { alerts: 1, alerts_excluded: 1, observations: 1, jpeg_events: 3 });
});

t.test('excluded events teach the baseline where the exclusion says so', async (t) => {
  const rule = { name: 'x', reason: '', expiresMs: null, match: {}, learn: true };
  const teaching = make(recommended, () => rule);
  t.equal(teaching.judge(jpeg(5)).download.learned, true);

  const faithful = make(sentinel, () => rule, false);
  faithful.history();
  t.equal(faithful.judge(jpeg(5)).download.learned, true);
  t.equal(faithful.asked(), 0, 'nothing to suppress, everything learns: not even asked');
  t.match(faithful.judge(jpeg(200)), {
    alert: null,
    suppressed: { name: 'x' },
    download: { learned: true },
  });

  const explicit = make(sentinel, () => ({ ...rule, learn: false }));
  t.equal(explicit.judge(jpeg(5)).download.learned, false, 'learn: false beats the preset');
});

t.test(
  'what is cut, not CEF, or without a whole header is not judged and not learned',
  async (t) => {
    const { judge, history, counters } = make(sentinel);
    history();
    t.match(judge(jpeg(200), { truncated: true }), {
      jpeg: false,
      alert: null,
      download: { learned: false },
    });
    t.equal(counters.not_judged_truncated, 1);
    for (const problem of [Problem.notCef, Problem.headerCut, Problem.empty]) {
      t.match(judge(jpeg(200), { problem }), {
        jpeg: false,
        alert: null,
        download: { learned: false },
      });
    }
    t.match(judge(jpeg(200), { isCef: false }), {
      jpeg: false,
      alert: null,
      download: { learned: false },
    });
    for (const problem of [Problem.textBeforeFirstKey, Problem.tooManyFields]) {
      t.ok(judge(jpeg(200), { problem }).alert, 'damage elsewhere does not blind the rule');
    }
    t.equal(counters.jpeg_events, 2);
  },
);

t.test('the verdict carries what the baseline learned', async (t) => {
  const { judge, baseline } = make({ ...sentinel, time: 'event' });
  const verdict = judge(jpeg(123, 'H.Example'), { eventTimeMs: now - 10 * hour });
  const heldHour = Math.floor((now - 10 * hour) / hour);
  t.match(verdict, { hour: heldHour, download: { learned: true, bytes: 123, host: 'H.Example' } });
  t.equal(baseline.firstSeenMs('H.Example'), heldHour * hour);
});

t.test('time: event judges at the event’s own hour, late ones at the current hour', async (t) => {
  const { judge, detector, counters } = make({ ...sentinel, time: 'event' });
  const at = (eventTimeMs: number) => judge(jpeg(1), { eventTimeMs }).hour;
  const current = Math.floor(now / hour);
  t.equal(detector.clock.ms, 0);
  t.equal(at(now), current);
  t.equal(at(now - 40 * 60_000), current - 1);
  t.equal(at(now - 3 * hour), current);
  t.equal(detector.clock.ms, now);
  t.equal(counters.late_events, 1);
});

t.test(
  'events that are no JPEGs leave no trace: no clock, no observation, no string',
  async (t) => {
    const { judgeFields, detector, counters, asked } = make(recommended);
    const fields = event({ request: 'http://h/a.png', in: '5', fileType: 'PNG', dhost: 'h' });
    fields.value = () => t.fail('made a string') as unknown as string;
    t.match(judgeFields(fields), {
      jpeg: false,
      download: { learned: false },
      alert: null,
      suppressed: null,
    });
    t.equal(detector.clock.ms, 0);
    t.equal(asked(), 0);
    t.match(counters, { jpeg_events: 0, observations: 0 });
  },
);

t.test('a host of absurd length is learned short and shown whole', async (t) => {
  const { judge, history } = make(sentinel);
  history();
  const host = `${'x'.repeat(5000)}.example`;
  const verdict = judge(jpeg(200, host));
  t.ok(verdict.download.host.length < 300);
  t.equal(verdict.alert?.host, host);
});
