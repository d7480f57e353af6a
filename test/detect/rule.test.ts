import t from 'tap';
import { hostKeyFor } from '../../src/detect/event/host.js';
import { JpegTestResult } from '../../src/detect/event/jpeg.js';
import { ExactBaseline } from '../../src/detect/exact-baseline.js';
import { compare, hostToLearn, isLearned } from '../../src/detect/rule.js';
import { recommended, sentinel } from '../support/detection.js';

const hour = 500_000;

/** 100 sizes of 1..100 of known.example two days ago, and one of pending.example an hour ago. */
function baseline(): ExactBaseline {
  const held = new ExactBaseline(sentinel, hostKeyFor(sentinel));
  for (let bytes = 1; bytes <= 100; bytes++) held.learn(hour - 48, bytes, 'known.example');
  held.learn(hour - 1, 1, 'pending.example');
  return held;
}

t.test('large is strictly above the threshold and at least minimum_bytes', async (t) => {
  const of = (bytes: number, minimumBytes = 0) =>
    compare(bytes, ['new.example'], hour, baseline(), { ...sentinel, minimumBytes });
  t.match(of(95), { compared: true, large: false, alerts: false });
  t.match(of(96), { compared: true, large: true, alerts: true, hostState: 'never_seen' });
  t.match(of(96, 97), { compared: true, large: false });
  t.match(of(97, 97), { large: true });
  t.match(of(Number.NaN), { compared: false, large: false });
});

t.test('a baseline that is not ready compares nothing', async (t) => {
  const rule = { ...sentinel, minimumSamples: 101 };
  t.match(compare(1e9, ['new.example'], hour, baseline(), rule), { compared: false, large: false });
});

t.test('of several hosts the least known is judged, and the first of equals', async (t) => {
  const of = (...hosts: string[]) => compare(1e6, hosts, hour, baseline(), sentinel);
  t.match(of('known.example'), { hostState: 'known', alerts: false, firstSeenMs: 0 });
  t.match(of('known.example', 'pending.example'), {
    host: 'pending.example',
    hostState: 'pending',
    firstSeenMs: (hour - 1) * 3_600_000,
    alerts: true,
  });
  t.match(of('pending.example', 'a.example', 'b.example'), {
    host: 'a.example',
    hostState: 'never_seen',
  });
  t.match(of(), { host: '', learnedHost: '', hostState: 'absent', firstSeenMs: 0, alerts: true });
  const small = compare(1, ['known.example', 'a.example'], hour, baseline(), sentinel);
  t.match(small, { large: false, learnedHost: 'a.example', alerts: false }, 'and is learned');
});

t.test('a small JPEG asks nothing about its host', async (t) => {
  const silent = Object.assign(baseline(), {
    hostState: () => t.fail('asked') as never,
    firstSeenMs: () => t.fail('asked') as never,
  });
  t.match(compare(1, ['known.example'], hour, silent, sentinel), { hostState: null });
});

t.test('large_host remembers the hosts of large JPEGs alone', async (t) => {
  const rule = { ...recommended, newSource: 'large_host', minimumBytes: 50 } as const;
  const threshold = { bytes: 100, samples: 1, hours: 1, fromMs: 0, toMs: 1 };
  t.equal(hostToLearn('h', 101, threshold, rule), 'h');
  t.equal(hostToLearn('h', 100, threshold, rule), '');
  t.equal(hostToLearn('h', Number.NaN, threshold, rule), '');
  t.equal(hostToLearn('h', 40, { ...threshold, bytes: 30 }, rule), '', 'below minimum_bytes');
  const none = { ...threshold, bytes: null };
  t.equal(hostToLearn('h', 50, none, rule), 'h', 'no threshold yet: minimum_bytes alone');
  t.equal(hostToLearn('h', 49, none, rule), '');
  t.equal(hostToLearn('h', 1, threshold, recommended), 'h', 'else every host');
});

t.test('what is learned', async (t) => {
  const exclusion = { name: 'x', reason: 'y', expiresMs: null, match: {}, learn: false };
  const { judgedOnly, judgedAndLearned } = JpegTestResult;
  t.equal(isLearned(judgedAndLearned, null), true);
  t.equal(isLearned(judgedAndLearned, exclusion), false);
  t.equal(isLearned(judgedAndLearned, { ...exclusion, learn: true }), true);
  t.equal(isLearned(judgedOnly, null), false);
});
