/** Which feed an event is of: precedence, bounds, headers that somebody made up. */
import t from 'tap';
import type { FeedConfig } from '../../src/config/config.js';
import type { FeedProfile } from '../../src/feed.js';
import { createFeeds } from '../../src/feeds/feeds.js';
import type { Feeds } from '../../src/stages.js';
import { read } from '../decode/reading.js';

const header = (vendor: string, product: string) =>
  read(`CEF:0|${vendor}|${product}|1|2|3|4|in=1`).fields;

const names = (refs: FeedProfile['received']) => refs.map(({ name }) => name);

function profile(feeds: Feeds, vendor: string, product: string): FeedProfile {
  return feeds.of(header(vendor, product)).profile;
}

const config = (feed: Partial<FeedConfig>): FeedConfig => ({
  vendor: '*',
  product: '*',
  judge: true,
  ...feed,
});

t.test('without config and table every feed is read as the query reads it', async (t) => {
  const feeds = createFeeds({ feeds: [], feedProfiles: false });
  const netskope = profile(feeds, 'Netskope', 'Example Tenant');
  t.strictSame(names(netskope.received), ['in']);
  t.strictSame(names(netskope.url), ['request']);
  t.equal(netskope.origin, 'default');
  t.equal(netskope.judge, true);
  t.equal(netskope.timezone, '');
  t.equal(netskope, profile(feeds, 'Other', 'Thing'), 'one object for all of them');
});

t.test('the table that ships fits by patterns, in any case', async (t) => {
  const feeds = createFeeds({ feeds: [], feedProfiles: true });
  for (const [vendor, product, received] of [
    ['Netskope', 'Example Tenant', ['out', 'fsize']],
    ['NETSKOPE', 'x', ['out', 'fsize']],
    ['McAfee', 'Web Gateway', ['out']],
    ['Skyhigh Security', 'Secure Web Gateway', ['out']],
    ['Palo Alto Networks', 'PAN-OS', []],
    ['Palo Alto Networks', 'LF', []],
    ['Netskop', 'Example Tenant', ['in']],
  ] as const) {
    t.strictSame(names(profile(feeds, vendor, product).received), received, `${vendor} ${product}`);
  }
  t.equal(profile(feeds, 'McAfee', 'Web Gateway').origin, 'shipped');
});

t.test(
  'each key of the first entry that fits beats the table, the table the default',
  async (t) => {
    const feeds = createFeeds({
      feeds: [
        config({ vendor: 'netskope', product: 'quiet*', judge: false }),
        config({ vendor: 'Netskope', received: ['cn1'], timezone: '+01:00' }),
        config({ vendor: 'Netskope', received: ['cn2'] }),
        config({ vendor: '*', action: ['verdict'] }),
      ],
      feedProfiles: true,
    });
    const first = profile(feeds, 'Netskope', 'quiet tenant');
    t.equal(first.judge, false);
    t.strictSame(names(first.received), ['out', 'fsize'], 'the rest as in the table');
    const second = profile(feeds, 'Netskope', 'tenant');
    t.strictSame(names(second.received), ['cn1'], 'the first that fits');
    t.strictSame(names(second.sent), ['in']);
    t.strictSame(names(second.action), ['act'], 'later entries that fit add nothing');
    t.equal(second.timezone, '+01:00');
    t.equal(second.origin, 'config');
    const any = profile(feeds, 'Acme', 'Gate');
    t.strictSame(names(any.action), ['verdict']);
    t.strictSame(names(any.received), ['in']);
  },
);

t.test('with sentinel the table does not count, what the config says does', async (t) => {
  const feeds = createFeeds({
    feeds: [config({ vendor: 'Netskope', url: ['url'] })],
    feedProfiles: false,
  });
  const netskope = profile(feeds, 'Netskope', 'tenant');
  t.strictSame(names(netskope.url), ['url']);
  t.strictSame(names(netskope.received), ['in']);
});

t.test('one Feed for a header, whatever stands between, in order of first sight', async (t) => {
  const feeds = createFeeds({ feeds: [], feedProfiles: true });
  const acme = feeds.of(header('Acme', 'Gate'));
  const zscaler = feeds.of(header('Zscaler', 'NSSWeblog'));
  t.not(acme, zscaler);
  t.equal(feeds.of(header('Acme', 'Gate')), acme);
  t.equal(feeds.of(header('Acme', 'Gate')), acme, 'and again at once');
  t.not(feeds.of(header('AcmeG', 'ate')), acme, 'the same bytes, divided otherwise');
  t.not(feeds.of(header('acme', 'Gate')), acme, 'told apart as received');
  t.strictSame(
    feeds.seen().map(({ name }) => name),
    ['Acme Gate', 'Zscaler NSSWeblog', 'AcmeG ate', 'acme Gate'],
  );
});

t.test('escapes are compared as received, and undone for patterns and names', async (t) => {
  const feeds = createFeeds({
    feeds: [config({ vendor: 'A|B\\C', received: ['cn1'] })],
    feedProfiles: false,
  });
  const feed = feeds.of(header('A\\|B\\\\C', 'P'));
  t.equal(feed.name, 'A|B\\C P');
  t.strictSame(names(feed.profile.received), ['cn1']);
});

t.test('a name is printable, bounded and never empty', async (t) => {
  const feeds = createFeeds({ feeds: [], feedProfiles: false });
  t.equal(feeds.of(header('Ac\u001b[2Jme', 'Ga\u202ete')).name, 'Ac\\u{1b}[2Jme Ga\\u{202e}te');
  t.equal(feeds.of(header('', '')).name, '(no vendor, no product)');
  t.equal(feeds.of(header('', 'Check Point')).name, 'Check Point');
  for (const vendor of [
    'x'.repeat(127),
    `${'x'.repeat(126)}😀😀`,
    '\u0007'.repeat(60),
    '😀'.repeat(70),
  ]) {
    const { name } = feeds.of(header(vendor, 'y'));
    t.ok(name.length <= 128, `${name.length}`);
    t.equal(Buffer.from(name).toString(), name, 'no half of a character');
    t.ok(name.endsWith('…'), name);
  }
});

t.test('an event whose header was cut has a feed, too', async (t) => {
  const feeds = createFeeds({ feeds: [], feedProfiles: true });
  t.equal(feeds.of(read('CEF:0|Acme').fields).name, 'Acme');
  t.equal(feeds.of(read('CEF:0|').fields).name, '(no vendor, no product)');
});

t.test('beyond the bound headers share a Feed by profile, and keep their profile', async (t) => {
  const feeds = createFeeds({
    feeds: [config({ vendor: 'Mine', timezone: 'Europe/Berlin' })],
    feedProfiles: true,
    maxFeeds: 10,
  });
  for (let i = 0; i < 10; i++) t.equal(feeds.of(header('Junk', `${i}`)).name, `Junk ${i}`);
  const zscaler = feeds.of(header('Zscaler', 'NSSWeblog'));
  t.equal(zscaler.name, 'other feeds (Zscaler NSSWeblog*)');
  t.strictSame(names(zscaler.profile.fileType), ['fileType', 'contenttype']);
  t.equal(feeds.of(header('Mine', 'a')).profile.timezone, 'Europe/Berlin');
  const other = feeds.of(header('Junk', '11'));
  t.equal(other.name, 'other feeds');
  for (let i = 12; i < 3000; i++) {
    if (feeds.of(header('Junk', `${i}`)) !== other) t.fail(`${i}`);
  }
  t.equal(feeds.of(header('Junk', '3')).name, 'Junk 3', 'the first ones are still known');
  t.equal(feeds.of(header('Zscaler', 'NSSWeblog')), zscaler);
  t.equal(feeds.seen().length, 13);
});

t.test('headers of an absurd length are matched and not remembered', async (t) => {
  const feeds = createFeeds({
    feeds: [config({ vendor: 'long*', judge: false })],
    feedProfiles: true,
  });
  const long = feeds.of(header(`Long${'x'.repeat(20_000)}`, 'y'.repeat(20_000)));
  t.equal(long.name, 'other feeds (long* *)');
  t.equal(long.profile.judge, false);
  t.equal(feeds.of(header('z'.repeat(600), 'p')).name, 'other feeds');
});

t.test('what a Feed remembers is no view of the frame, whose buffer is used again', async (t) => {
  const feeds = createFeeds({ feeds: [], feedProfiles: false });
  const fields = header('Acme', 'Gate');
  const acme = feeds.of(fields);
  fields.bytes.fill(0x78);
  t.not(feeds.of(fields), acme);
  t.equal(feeds.of(header('Acme', 'Gate')), acme);
});
