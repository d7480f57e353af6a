/** What `feeds` says that is surely not meant, and what is none of our business. */
import t from 'tap';
import { feedNotices } from '../../src/config/feed-notices.js';
import { shippedFeeds } from '../../src/feeds/shipped.js';
import { load } from './loading.js';

const noticesOf = (...feeds: object[]) => load(JSON.stringify({ feeds })).notices;

t.test('a field that misspells a name of the dictionary is told, with the name', async (t) => {
  t.strictSame(noticesOf({ vendor: 'A', host: 'requestt' }), [
    'feeds[0].host: no CEF key is called "requestt"; if it is a key or label of the vendor\'s own, ' +
      'all is well; the nearest key is "request"',
  ]);
  const near: readonly [written: string, key: string][] = [
    ['dhots', 'dhost'],
    ['ReceivedByte', 'ReceivedBytes'],
    ['reqeustMethod', 'requestMethod'],
    ['filetyp', 'fileType'],
  ];
  for (const [written, key] of near) {
    const [notice, ...more] = noticesOf({ vendor: 'A', file_type: ['fileType', written] });
    t.match(notice, `feeds[0].file_type[1]: no CEF key is called "${written}"`);
    t.match(notice, `the nearest key is "${key}"`);
    t.strictSame(more, []);
  }
});

t.test("names of the dictionary in any case, and vendors' own, are let be", async (t) => {
  for (const name of ['REQUEST', 'receivedbytes', 'bytesIn', 'ContentType', 'mimeType', 'url']) {
    t.strictSame(noticesOf({ vendor: 'A', host: name }), [], name);
  }
  const shipped = shippedFeeds.map(({ source, ...feed }) => ({ ...feed, judge: true }));
  const misspelled = feedNotices(shipped).filter((notice) => notice.includes('no CEF key'));
  t.strictSame(misspelled, [], 'the table that ships holds names of many vendors');
});

t.test('an entry behind one that fits all of it is told', async (t) => {
  const dead = (...rows: readonly [vendor: string, product: string][]) =>
    noticesOf(...rows.map(([vendor, product]) => ({ vendor, product })));
  t.strictSame(dead(['A', '*'], ['B', 'x'], ['a', 'Proxy']), [
    'feeds[2] never counts: feeds[0] stands before it and fits all that it fits',
  ]);
  t.equal(dead(['*', '*'], ['B', 'x']).length, 1);
  t.equal(dead(['Palo*', 'P'], ['palo alto*', 'p']).length, 1);
  t.equal(dead(['Palo*', 'P'], ['Palo', 'P']).length, 1, '* is also no text');
  t.strictSame(dead(['A', 'Proxy'], ['A', '*']), [], 'the wide one behind');
  t.strictSame(dead(['A', 'x'], ['B', 'x'], ['A', 'y']), []);
  t.strictSame(dead(['Palo*', 'P'], ['Pal', 'P'], ['P*', 'P']), []);
});

t.test('as many as a screen holds are told', async (t) => {
  const rows = Array.from({ length: 100 }, (_, at) => ({ vendor: `v${at}`, host: 'dhots' }));
  const notices = noticesOf(...rows);
  t.equal(notices.length, 21);
  t.equal(notices.at(-1), 'feeds: … and 80 more notices');
});
