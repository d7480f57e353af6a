/** What goes beyond the query: skip, directions, duplicate keys, large_host, repeats, feeds. */
import t from 'tap';
import type { DetectionConfig } from '../../src/config/config.js';
import { recommended, sentinel } from '../support/detection.js';
import { hour, jpeg, make, now } from './judging.js';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;
/** Repeats are a subject of their own. */
const noRepeats = { ...recommended.suppress, by: [] };
const loud: DetectionConfig = { ...recommended, suppress: noRepeats };

t.test('a skipped download neither alerts nor teaches, and is counted', async (t) => {
  const { judge, history, counters, feeds } = make(loud);
  history(100, kibibyte);
  const skipped: [Record<string, string>, keyof typeof counters][] = [
    [{ act: 'Blocked' }, 'skipped_by_action'],
    [{ requestMethod: 'HEAD' }, 'skipped_by_method'],
    [{ outcome: '404' }, 'skipped_by_status'],
  ];
  for (const [keys, counter] of skipped) {
    const verdict = judge({ ...jpeg(mebibyte, 'probed.example'), ...keys });
    t.match(verdict, { jpeg: true, alert: null, suppressed: null, download: { learned: false } });
    t.equal(counters[counter], 1, counter);
  }
  t.match(counters, { jpeg_events: 3, judged: 0, observations: 0, jpeg_without_bytes: 0 });
  t.match(feeds.seen()[0], { events: 3, jpegs: 3, skipped: 3, noBytes: 0 });
  const later = { receivedAtMs: now + 25 * hour };
  t.match(judge(jpeg(mebibyte, 'probed.example'), later).alert, { host_state: 'never_seen' });
});

t.test('sentinel judges and learns what the recommended preset skips', async (t) => {
  const { judge, history } = make(sentinel);
  history();
  const blocked = judge({ ...jpeg(200), act: 'Blocked', requestMethod: 'HEAD', outcome: '404' });
  t.match(blocked, { alert: { bytes: 200 }, download: { learned: true } });
});

t.test('upload: sent bytes, a baseline and hosts of their own', async (t) => {
  const { judge, history, counters, uploads } = make({ ...loud, direction: 'upload' });
  history(100, kibibyte, uploads);
  const post = { ...jpeg(1, 'drop.example'), requestMethod: 'POST', out: String(mebibyte) };
  const verdict = judge(post);
  t.match(verdict, {
    alert: { direction: 'upload', bytes: mebibyte, host: 'drop.example', level: 'high' },
    upload: { learned: true, bytes: mebibyte, host: 'drop.example' },
    download: { learned: false },
  });
  t.match(judge({ ...post, requestMethod: 'GET' }), { jpeg: true, alert: null });
  t.equal(counters.jpeg_not_uploads, 1);
  t.equal(judge({ ...post, dhost: 'x.known.example' }).alert?.host, undefined, 'known for uploads');
});

t.test('both: the higher ratio is the alert, the other is told in it', async (t) => {
  const { judge, history, baseline, uploads } = make({ ...loud, direction: 'both' });
  history(100, 10 * kibibyte, baseline);
  history(100, kibibyte, uploads);
  const put = { ...jpeg(2 * mebibyte), requestMethod: 'PUT', out: String(mebibyte) };
  const verdict = judge(put);
  t.match(verdict.alert, {
    direction: 'upload',
    bytes: mebibyte,
    ratio: 10.78,
    also: { direction: 'download', bytes: 2 * mebibyte, ratio: 2.16 },
  });
  t.notOk('also' in verdict.alert!.also!);
  t.match(verdict, {
    download: { learned: true, bytes: 2 * mebibyte },
    upload: { learned: true, bytes: mebibyte },
  });
  const get = judge({ ...jpeg(2 * mebibyte, 'other.example'), requestMethod: 'GET' });
  t.match(get, { alert: { direction: 'download' }, upload: { learned: false } });
  t.notOk('also' in get.alert!);
  const small = judge({ ...put, dhost: 'third.example', in: '1' });
  t.match(small.alert, { direction: 'upload' });
  t.notOk('also' in small.alert!, 'only what alerts too');
});

t.test('a forged second key does not hide an event', async (t) => {
  const { judge, history, counters } = make(loud);
  history(100, kibibyte);
  const forged: [string, string][] = [
    ['request', 'http://evil.example/a.jpg'],
    ['in', String(mebibyte)],
    ['dhost', 'evil.example'],
    ['dhost', 'known.example'],
    ['in', '1'],
    ['request', 'http://known.example/index.html'],
  ];
  const verdict = judge(forged);
  t.match(verdict, {
    alert: {
      host: 'evil.example',
      bytes: mebibyte,
      url: 'http://evil.example/a.jpg',
      duplicate_keys: ['request', 'dhost', 'in'],
    },
    download: { learned: true, host: 'evil.example' },
  });
  t.ok(Number.isNaN(verdict.download.bytes), 'nobody knows which size is true: none is learned');
  t.equal(counters.jpeg_several_hosts, 1);
  const faithful = make(sentinel);
  faithful.history();
  t.match(faithful.judge(forged), { jpeg: false, alert: null }, 'the query takes the last');
});

t.test('forged values of keys that a feed does not send itself hide nothing either', async (t) => {
  const events: [string, Record<string, string> | [string, string][], object?][] = [
    [
      'a second label',
      {
        ...jpeg(mebibyte),
        cs1: '200',
        cs1Label: 'HTTP Status',
        cs6: '404',
        cs6Label: 'HTTP Status',
      },
    ],
    ['another key for the status', { ...jpeg(mebibyte), HTTPStatusCode: '200', outcome: '404' }],
    [
      'the size of another kind of event',
      { request: 'a.example/a.jpg', fsize: String(mebibyte), out: '1' },
      { vendor: 'Netskope', product: 'Tenant' },
    ],
    [
      'the full name of a key',
      { ...jpeg(1), bytesIn: String(mebibyte) },
      { vendor: 'Cisco', product: 'Firepower' },
    ],
    [
      'a second URL',
      [
        ['request', 'http://evil.example/a.jpg'],
        ['in', String(mebibyte)],
        ['request', 'http://www.known.example/b.jpg'],
      ],
    ],
  ];
  for (const [name, pairs, header = {}] of events) {
    const { judge, history } = make(loud);
    history(100, kibibyte);
    t.ok(judge(pairs, { header }).alert, name);
  }
});

t.test('the URL in an alert is that of the judged host', async (t) => {
  const { judge, history } = make(loud);
  history(100, kibibyte);
  const { alert } = judge([
    ['request', 'http://evil.example/a.jpg'],
    ['in', String(mebibyte)],
    ['request', 'http://www.known.example/b.jpg'],
  ]);
  t.match(alert, { host: 'evil.example', url: 'http://evil.example/a.jpg', filename: 'a.jpg' });
});

t.test('forged sizes do not raise the threshold', async (t) => {
  const { judge, history, baseline } = make(loud);
  history(100, kibibyte);
  for (let i = 0; i < 60; i++) {
    judge([
      ['request', 'http://www.known.example/a.jpg'],
      ['in', '5000'],
      ['in', String(2 ** 53 - 1)],
    ]);
  }
  const later = baseline.threshold(Math.floor(now / hour) + 25);
  t.ok(later.bytes! <= 100 * kibibyte, String(later.bytes));
});

t.test('zero bytes: to the letter a size, by recommendation none', async (t) => {
  const letter = make(sentinel);
  t.match(letter.judge(jpeg(0)).download, { learned: true, bytes: 0 });
  const mended = make(loud);
  t.ok(Number.isNaN(mended.judge(jpeg(0)).download.bytes));
  t.match(mended.counters, { jpeg_without_bytes: 1, jpeg_zero_bytes: 1 });
  t.match(mended.feeds.seen()[0], { noBytes: 1 });
});

t.test('large_host: a host that served only small JPEGs is still new', async (t) => {
  const settings: DetectionConfig = { ...loud, newSource: 'large_host' };
  const { judge, history, baseline } = make(settings);
  history(100, 10 * kibibyte);
  const heldHour = Math.floor(now / hour);
  t.match(judge(jpeg(kibibyte, 'small.example')).download, { learned: true, host: '' });
  t.match(judge(jpeg(mebibyte, 'large.example')), {
    alert: { host_state: 'never_seen' },
    download: { learned: true, host: 'large.example' },
  });
  const later = { receivedAtMs: now + 25 * hour };
  t.equal(baseline.hostState('large.example', heldHour + 25), 'known');
  t.match(judge(jpeg(mebibyte, 'small.example'), later).alert, { host_state: 'never_seen' });
  t.equal(judge(jpeg(mebibyte, 'large.example'), later).alert, null);
  const sub = judge(jpeg(mebibyte, 'b.large.example'), later).alert;
  t.match(sub, { host_state: 'never_seen' }, 'one host does not vouch for its neighbour');
});

t.test('one alert a host and day; the rest say what they repeat', async (t) => {
  const { judge, history, counters } = make(recommended);
  history(100, kibibyte);
  t.ok(judge(jpeg(mebibyte, 'a.evil.example')).alert);
  const second = judge(jpeg(2 * mebibyte, 'b.EVIL.example:443'), { receivedAtMs: now + 60_000 });
  t.match(second, {
    alert: null,
    suppressed: {
      by: 'repeat',
      name: 'host evil.example',
      count: 1,
      first: new Date(now).toISOString(),
    },
    heldBack: { host: 'b.EVIL.example:443', bytes: 2 * mebibyte },
    download: { learned: true },
  });
  t.match(judge(jpeg(mebibyte, 'c.evil.example')).suppressed, { count: 2 });
  t.match(
    judge(jpeg(mebibyte, 'other.example')),
    { alert: Object, heldBack: null },
    'another host',
  );
  t.match(counters, { alerts: 2, alerts_repeated: 2, alerts_excluded: 0 });
  const nextDay = { receivedAtMs: now + 23 * hour };
  t.equal(judge(jpeg(mebibyte, 'd.evil.example'), nextDay).alert, null, 'within the window');
});

t.test('by user and by file; an excluded event is no repeat and begins no window', async (t) => {
  const by = (...keys: ('host' | 'user' | 'file')[]) => ({
    ...recommended,
    suppress: { ...recommended.suppress, by: keys },
  });
  const users = make(by('user'));
  users.history(100, kibibyte);
  t.ok(users.judge(jpeg(mebibyte, 'a.example')).alert);
  t.match(users.judge(jpeg(mebibyte, 'b.example')).suppressed, { name: 'user alice' });
  t.ok(users.judge({ ...jpeg(mebibyte, 'c.example'), suser: 'bob' }).alert);

  const rule = { name: 'x', reason: 'y', expiresMs: null, match: {}, learn: false };
  let excluded = true;
  const hosts = make(by('host'), () => (excluded ? rule : null), false);
  hosts.history(100, kibibyte);
  t.match(hosts.judge(jpeg(mebibyte)).suppressed, { by: 'exclusion', name: 'x' });
  excluded = false;
  t.ok(hosts.judge(jpeg(mebibyte)).alert);
  excluded = true;
  t.match(hosts.judge(jpeg(mebibyte)).suppressed, { by: 'exclusion' }, 'the exclusion is told');
});

t.test('a feed without hosts alerts once in a window, and low', async (t) => {
  const { judge, history, counters } = make(recommended);
  history(100, kibibyte);
  const hostless = { request: '/img/a.jpg', in: String(mebibyte) };
  const of = (product: string) => judge(hostless, { header: { vendor: 'Example', product } });
  t.match(of('Proxy').alert, { host: '', host_state: 'absent', level: 'low' });
  t.match(of('Proxy').suppressed, { by: 'repeat', count: 1 });
  t.match(of('Other').alert, { host_state: 'absent' }, 'another feed');
  t.match(counters, { alerts: 2, alerts_repeated: 1, jpeg_without_host: 3 });
});

t.test('type against name raises the level, and is told', async (t) => {
  const { judge, history } = make(loud);
  history(100, 10 * kibibyte);
  const plain = judge(jpeg(mebibyte, 'a.example')).alert!;
  t.match(plain, { level: 'medium' });
  t.notOk('mismatch' in plain);
  const disguised = { ...jpeg(mebibyte, 'b.example'), fileType: 'application/x-dosexec' };
  t.match(judge(disguised).alert, { level: 'high', mismatch: true });
});

t.test('a feed with judge: false is not looked at', async (t) => {
  const feed = { vendor: 'noisy*', product: '*', judge: false };
  const { judge, history, counters } = make(loud, () => null, true, [feed]);
  history(100, kibibyte);
  const header = { vendor: 'Noisy Corp', product: 'Proxy' };
  const verdict = judge(jpeg(mebibyte), { header });
  t.match(verdict, { jpeg: false, alert: null, download: { learned: false } });
  t.match(counters, { not_judged_feed: 1, jpeg_events: 0 });
  t.ok(judge(jpeg(mebibyte)).alert, 'others are');
});

t.test('a JPEG without a URL is counted for its feed', async (t) => {
  const { judge, counters, feeds } = make(loud);
  const verdict = judge({ fileType: 'image/jpeg', in: '5', request: 'None' });
  t.match(verdict, { jpeg: false, download: { learned: false } });
  t.equal(counters.jpeg_without_url, 1);
  t.match(feeds.seen()[0], { jpegs: 1, noUrl: 1 });
});

t.test('sizes and hosts where the feed really has them', async (t) => {
  const { judge, history } = make(loud);
  history(100, kibibyte);
  const swapped = { request: 'h.example/a.jpg', app: 'https', dhost: 'h.example' };
  const header = { vendor: 'Netskope', product: 'Example Tenant' };
  const verdict = judge({ ...swapped, in: '900', out: String(mebibyte) }, { header });
  t.match(verdict.alert, { bytes: mebibyte });
  const letter = make({ ...loud, feedProfiles: false });
  letter.history(100, kibibyte);
  t.equal(letter.judge({ ...swapped, in: '900', out: String(mebibyte) }, { header }).alert, null);
});
