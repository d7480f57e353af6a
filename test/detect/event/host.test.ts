import fc from 'fast-check';
import t from 'tap';
import type { DetectionConfig } from '../../../src/config/config.js';
import {
  boundedHost,
  HostFinder,
  hostKeyFor,
  normalizeHost,
  urlHost,
} from '../../../src/detect/event/host.js';
import type { Fields } from '../../../src/fields.js';
import { recommended, sentinel } from '../../support/detection.js';
import { event } from '../../support/event-builder.js';
import { profileOf } from '../../support/feeds.js';

const hostOf = (fields: Fields, url: string, detection: DetectionConfig) =>
  new HostFinder(detection).find(fields, profileOf({}), { all: [url] })[0]?.host ?? '';

t.test('without fallback the host is dhost to the letter', async (t) => {
  const of = (dhost: string) =>
    hostOf(
      event({ dhost, dst: '10.0.0.1', request: 'http://u/a.jpg' }),
      'http://u/a.jpg',
      sentinel,
    );
  t.equal(of('CDN.Example.:80'), 'CDN.Example.:80');
  t.equal(of('-'), '-');
  t.equal(of('None'), 'None');
  t.equal(of(''), '');
  t.equal(hostOf(event({}), 'http://u/a.jpg', sentinel), '');
});

t.test('with fallback: dhost, else the host of the URL, else dst, else none', async (t) => {
  const of = (dhost: string, request: string, dst = '') =>
    hostOf(event({ dhost, request, dst }), request, recommended);
  t.equal(of('Cdn.example', 'http://u.example/a.jpg'), 'Cdn.example');
  for (const missing of ['', '-', 'None', 'NONE', 'n/a', 'N/A', 'unknown', ' Unknown ']) {
    t.equal(of(missing, 'http://u.example:8080/a.jpg', '10.0.0.1'), 'u.example:8080', missing);
    t.equal(of(missing, '/a.jpg', '10.0.0.1'), '10.0.0.1', missing);
    t.equal(of('', '/a.jpg', missing), '', missing);
  }
  t.equal(of('none.example', '/a.jpg'), 'none.example');
  t.equal(of('', 'http://-/a.jpg', '10.0.0.1'), '10.0.0.1', 'a placeholder in the URL');
});

t.test('most suspicious: every host that may be the true one', async (t) => {
  const finder = new HostFinder(recommended);
  const hosts = (pairs: [string, string][], urls: string[], keys = {}) =>
    finder.find(event(pairs), profileOf(keys), { all: urls }).map(({ host }) => host);
  const url = 'http://evil.example/a.jpg';
  const dash: [string, string][] = [
    ['dhost', '-'],
    ['dhost', 'known.example'],
  ];
  t.strictSame(hosts(dash, [url]), ['known.example', 'evil.example'], 'beside a placeholder');
  const empty: [string, string][] = [
    ['dhost', ' '],
    ['dhost', 'known.example'],
  ];
  t.strictSame(hosts(empty, [url]), ['known.example', 'evil.example'], 'beside an empty one');
  t.strictSame(
    hosts([], [url, 'http://known.example/b']),
    ['evil.example', 'known.example'],
    'of two URLs',
  );
  t.strictSame(
    hosts([['dst', '192.0.2.9']], ['http://known.example/b.jpg', '/a.jpg']),
    ['known.example', '192.0.2.9'],
    'a path may be the true URL',
  );
  const site = { host: ['dhost', 'Site'] };
  const twoLabels: [string, string][] = [
    ['cs2', 'evil.example'],
    ['cs2Label', 'Site'],
    ['cs6', 'known.example'],
    ['cs6Label', 'Site'],
  ];
  t.strictSame(hosts(twoLabels, [''], site), ['evil.example', 'known.example'], 'of two labels');
  const forged: [string, string][] = [
    ['dhost', 'known.example'],
    ['cs2', 'evil.example'],
    ['cs2Label', 'Site'],
  ];
  t.strictSame(hosts(forged, [''], site), ['known.example', 'evil.example'], 'of two fields');
  t.strictSame(hosts([['dhost', 'a']], [url]), ['a'], 'one is one');
});

t.test('a profile names the host by another field, or by several', async (t) => {
  const finder = new HostFinder(recommended);
  const profile = profileOf({ host: ['VendorHost', 'dvchost', 'Site'] });
  const of = (pairs: Record<string, string>) => {
    const fields = event(pairs);
    const found = finder.find(fields, profile, { all: ['/a.jpg'] });
    return found.map(({ host, index }) => ({ host, from: fields.key(index) }));
  };
  t.strictSame(of({ dhost: 'ignored', VendorHost: 'a' }), [{ host: 'a', from: 'VendorHost' }]);
  t.strictSame(of({ VendorHost: '-', dvchost: 'b' }), [{ host: 'b', from: 'dvchost' }]);
  t.strictSame(of({ cs2: 'c', cs2Label: 'Site' }), [{ host: 'c', from: 'cs2' }], 'by its label');
  t.strictSame(of({ dst: '192.0.2.1' }), [{ host: '192.0.2.1', from: 'dst' }]);
});

t.test('a key that came twice: all its values, or the last', async (t) => {
  const fields = event([
    ['dhost', 'evil.example'],
    ['dhost', 'known.example'],
    ['dhost', '-'],
  ]);
  const hosts = (detection: DetectionConfig) =>
    new HostFinder(detection).find(fields, profileOf({}), { all: [''] }).map(({ host }) => host);
  t.strictSame(hosts(recommended), ['evil.example', 'known.example']);
  t.strictSame(hosts(sentinel), ['-']);
});

t.test('the host of a URL, with and without a scheme', async (t) => {
  const cases: Record<string, string> = {
    'http://h.example/a.jpg': 'h.example',
    'HTTPS://H.example:8443/a.jpg?x=http://other/': 'H.example:8443',
    'https://user:pw@h.example/a.jpg': 'h.example',
    'https://user@x@h.example/a.jpg': 'h.example',
    'https://good.example\\@evil.example/a.jpg': 'good.example',
    'https:\\\\h.example\\a.jpg': 'h.example',
    'https://h.example?a.jpg': 'h.example',
    'https://h.example#a.jpg': 'h.example',
    'https://h.example': 'h.example',
    'https://[2001:db8::1]:443/a.jpg': '[2001:db8::1]:443',
    'https://bücher.example/a.jpg': 'bücher.example',
    'h.example/a.jpg': 'h.example',
    'h.example:8080/a.jpg': 'h.example:8080',
    'intranet/a.jpg': 'intranet',
    '10.1.2.3/a.jpg': '10.1.2.3',
    '[2001:db8::1]/a.jpg': '[2001:db8::1]',
    'example.com': 'example.com',
    'example.com:443': 'example.com:443',
    '10.1.2.3': '10.1.2.3',
  };
  for (const [url, host] of Object.entries(cases)) t.equal(urlHost(url), host, url);
  for (const url of [
    '',
    '/',
    '/a.jpg',
    '/img/a.jpg',
    'photo.jpg',
    'photo.jpg?x=example.com/',
    '?%',
    'data:image/jpeg;base64,AAAA',
    'http://',
    'http:///a.jpg',
    '//h.example/a.jpg',
    '/\\\\h.example/a.jpg',
    'a b/c.jpg',
    '\\"www.example.com/\\"',
  ]) {
    t.equal(urlHost(url), '', JSON.stringify(url));
  }
});

t.test('normalisation: case, port, brackets, trailing dot, punycode', async (t) => {
  const cases: Record<string, string> = {
    'CDN.Example.COM': 'cdn.example.com',
    'cdn.example.com.': 'cdn.example.com',
    'cdn.example.com:443': 'cdn.example.com',
    'cdn.example.com.:443': 'cdn.example.com',
    ' cdn.example.com ': 'cdn.example.com',
    'Bücher.example': 'xn--bcher-kva.example',
    'XN--BCHER-KVA.example': 'xn--bcher-kva.example',
    '１０.example': '10.example',
    '10.1.2.3:80': '10.1.2.3',
    '2001:DB8:0:0::1': '2001:db8::1',
    '[2001:db8::1]': '2001:db8::1',
    '[2001:DB8::1]:8443': '2001:db8::1',
    '::ffff:10.1.2.3': '10.1.2.3',
    'fe80::1%eth0': 'fe80::1',
    '1.2.3': '1.2.3',
    'img_1.example': 'img_1.example',
    '.': '.',
    ':443': ':443',
  };
  for (const [host, name] of Object.entries(cases)) t.equal(normalizeHost(host), name, host);
});

t.test('new_source host, case-sensitive: the key is the host to the letter', async (t) => {
  const key = hostKeyFor(sentinel);
  for (const host of ['Example.com', 'example.com', 'example.com.', 'example.com:80', '-']) {
    t.equal(key(host), host);
  }
});

t.test(
  'new_source registrable_domain follows the public suffix list, private section too',
  async (t) => {
    const key = hostKeyFor(recommended);
    const cases: Record<string, string> = {
      'a.b.Example.com': 'example.com',
      'img.example.co.uk:443': 'example.co.uk',
      'alice.github.io': 'alice.github.io',
      'x.alice.github.io': 'alice.github.io',
      'd1.cloudfront.net': 'd1.cloudfront.net',
      'bucket.s3.amazonaws.com': 'bucket.s3.amazonaws.com',
      'github.io': 'github.io',
      'co.uk': 'co.uk',
      intranet: 'intranet',
      'img.corp.internal': 'corp.internal',
      '10.1.2.3': '10.1.2.3',
      '11.1.2.3': '11.1.2.3',
      '[2001:db8::1]:80': '2001:db8::1',
      'a..com': 'a..com',
    };
    for (const [host, name] of Object.entries(cases)) t.equal(key(host), name, host);
  },
);

t.test('new_source host, normalised, keeps sub-domains apart', async (t) => {
  const key = hostKeyFor({ ...recommended, newSource: 'host' });
  t.equal(key('A.Example.com.'), 'a.example.com');
  t.not(key('a.example.com'), key('b.example.com'));
});

t.test('a host of absurd length is kept short, distinct and in its domain', async (t) => {
  const long = (letter: string) => `${letter.repeat(40_000)}.${'x.'.repeat(40)}evil.example.com`;
  t.equal(boundedHost('a.example'), 'a.example');
  t.ok(boundedHost(long('a')).length <= 255);
  t.not(boundedHost(long('a')), boundedHost(long('b')));
  t.equal(boundedHost(long('a')), boundedHost(long('a')));
  t.equal(hostKeyFor(recommended)(boundedHost(long('a'))), 'example.com');
  const pairs = boundedHost('\u{1F600}'.repeat(400));
  t.equal(Buffer.from(pairs).toString(), pairs, 'no half pair at the cut');
});

t.test('any text has a key, never empty, the same each time, and is never refused', async () => {
  const key = hostKeyFor(recommended);
  const pieces = fc.constantFrom(
    '.',
    ':',
    '[',
    ']',
    '@',
    '%',
    '..',
    '::',
    'com',
    'ü',
    '\u0000',
    '1',
  );
  const host = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
    fc.array(pieces, { minLength: 1, maxLength: 12 }).map((list) => list.join('')),
    fc.ipV6(),
    fc.domain(),
  );
  fc.assert(
    fc.property(host, (text) => {
      urlHost(text);
      urlHost(`http://${text}`);
      return key(text) !== '' && key(text) === hostKeyFor(recommended)(text);
    }),
    { numRuns: 300 },
  );
});

t.test('64 KiB of hostile text cost milliseconds, wherever the repetition stands', async (t) => {
  const length = 65_000;
  for (const piece of ['.', ':', '@', '[', '%', ' ', 'a.', 'ü.', '1:', '\\']) {
    const text = piece.repeat(length / piece.length);
    for (const url of [`x${text}y`, `x${text}`, `${text}.com`, `//${text}x`]) {
      const started = performance.now();
      urlHost(url);
      normalizeHost(url);
      const tookMs = performance.now() - started;
      t.ok(tookMs < 300, `${JSON.stringify(url.slice(0, 8))}: ${tookMs} ms`);
    }
  }
});

t.test('punycode is quadratic, so no long text is asked for it', async (t) => {
  const spent = (work: () => void) => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const long = '漢'.repeat(20_000);
  t.equal(urlHost(long), '');
  t.equal(urlHost(`${long}/a.jpg`), '', 'no name is so long');
  t.equal(normalizeHost(long), long);
  const key = hostKeyFor(recommended);
  // Quadratic, each of these took half a second.
  const ms = spent(() => {
    for (let i = 0; i < 20; i++) {
      key(boundedHost(urlHost(`http://${long}.com/a.jpg`)));
      urlHost(long);
    }
  });
  t.ok(ms < 2000, `${ms} ms`);
});
