import t from 'tap';
import { type AlertFacts, makeAlert } from '../../../src/detect/alert/alert.js';
import { filenameOf } from '../../../src/detect/event/jpeg-event.js';
import type { HostState } from '../../../src/verdict.js';
import { sentinel } from '../../support/detection.js';

const threshold = {
  bytes: 1000,
  samples: 20,
  hours: 5,
  fromMs: Date.UTC(2026, 10, 17),
  toMs: Date.UTC(2026, 10, 23),
};

function facts(
  hostState: HostState = 'never_seen',
  { firstSeenMs = 0, host = 'cdn.example', thresholdBytes = 1000 } = {},
): AlertFacts {
  const event = {
    url: 'http://cdn.example/a.jpg?x=1',
    urls: ['http://cdn.example/a.jpg?x=1'],
    account: 'alice',
  };
  const comparison = {
    threshold: { ...threshold, bytes: thresholdBytes },
    compared: true,
    large: true,
    host,
    learnedHost: host,
    hostState,
    firstSeenMs,
    alerts: true,
  };
  return {
    event,
    side: { direction: 'download', bytes: 1234 },
    comparison,
    mismatch: false,
    twice: [],
  };
}

t.test('an alert carries every field of the contract and no other', async (t) => {
  t.strictSame(makeAlert(facts(), sentinel), {
    id: 'a2ff777e-46c8-4649-b19a-25a0ac059a18',
    rule: 'large_jpeg_from_new_source',
    title: 'Abnormally large JPEG file downloaded from new source',
    level: 'medium',
    reason:
      'a.jpg?x=1 (1.2 KiB) from cdn.example is 1.2 times the 95th percentile ' +
      '(1000 B of 20 JPEGs, 6 days); the host was never seen before',
    direction: 'download',
    filename: 'a.jpg?x=1',
    url: 'http://cdn.example/a.jpg?x=1',
    account: 'alice',
    host: 'cdn.example',
    host_state: 'never_seen',
    bytes: 1234,
    threshold_bytes: 1000,
    percentile: 95,
    ratio: 1.23,
    samples: 20,
    baseline_from: '2026-11-17T00:00:00.000Z',
    baseline_to: '2026-11-23T00:00:00.000Z',
    techniques: ['T1001.002'],
    tactics: ['command-and-control'],
    query_tactics: ['InitialAccess'],
  });
});

t.test('without a host the level is low; a host that was seen has a first_seen', async (t) => {
  t.equal(makeAlert(facts('absent', { host: '' }), sentinel).level, 'low');
  const firstSeenMs = Date.UTC(2026, 10, 23, 14);
  const pending = makeAlert(facts('pending', { firstSeenMs }), sentinel);
  t.match(pending, { level: 'low', first_seen: '2026-11-23T14:00:00.000Z' });
});

t.test(
  'an upload is told as one; mismatch and duplicate keys only where there are any',
  async (t) => {
    const upload = makeAlert(
      {
        ...facts(),
        side: { direction: 'upload', bytes: 1234 },
        mismatch: true,
        twice: ['in', 'dhost'],
      },
      sentinel,
    );
    t.match(upload, {
      rule: 'large_jpeg_to_new_host',
      title: 'Abnormally large JPEG file uploaded to new host',
      direction: 'upload',
      level: 'high',
      mismatch: true,
      duplicate_keys: ['in', 'dhost'],
      reason:
        / to cdn\.example is 1\.2 times .* of 20 uploaded JPEGs.*its file type and its name disagree$/,
    });
    t.not(upload.id, makeAlert(facts(), sentinel).id, 'not the id of the hunting query');
  },
);

t.test('numbers stay finite and percentiles keep their fraction', async (t) => {
  const zero = facts('never_seen', { thresholdBytes: 0 });
  t.equal(makeAlert(zero, sentinel).ratio, 1234, 'over a threshold of 0: the bytes');
  t.equal(makeAlert(facts(), { ...sentinel, percentileMilli: 99_900 }).percentile, 99.9);
});

t.test('the filename is what follows the last slash, query string included', async (t) => {
  t.equal(filenameOf('http://h/a/b.jpg?x=1'), 'b.jpg?x=1');
  t.equal(filenameOf('http://h/b.jpg?next=/c'), 'c', 'as the query does it');
  t.equal(filenameOf('http://h/'), '');
  t.equal(filenameOf('b.jpg'), 'b.jpg');
});
