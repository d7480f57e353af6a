/** When a feed is worth a warning, and what the warning says. */
import t from 'tap';
import type { Feed } from '../../src/feed.js';
import { createFeeds } from '../../src/feeds/feeds.js';
import {
  type JudgeabilityOptions,
  JudgeabilityWatch,
  judgeability,
  judgeabilityWarnings,
} from '../../src/feeds/judgeability.js';
import { read } from '../decode/reading.js';

type Counts = Partial<Omit<Feed, 'name' | 'profile'>>;

const suppress = { by: ['host'], windowMs: 86_400_000, maxAlerts: 100 } as const;
const recommended: JudgeabilityOptions = { direction: 'download', hostFallback: true, suppress };
const sentinel: JudgeabilityOptions = {
  direction: 'download',
  hostFallback: false,
  suppress: { ...suppress, by: [] },
};

function feed(counts: Counts, vendor = 'Check Point', product = 'VPN-1', judge = true): Feed {
  const feeds = createFeeds({
    feeds: judge ? [] : [{ vendor: '*', product: '*', judge }],
    feedProfiles: true,
  });
  const made = feeds.of(read(`CEF:0|${vendor}|${product}|1|2|3|4|in=1`).fields);
  return Object.assign(made, { events: 10_000 }, counts);
}

t.test('under 1 % of 1,000 JPEG events judgeable is a warning', async (t) => {
  for (const [counts, status, reason] of [
    [{ jpegs: 999, noBytes: 999 }, 'too few', null],
    [{ jpegs: 1000, noBytes: 1000 }, 'unjudgeable', 'no_bytes'],
    [{ jpegs: 1000, noBytes: 991 }, 'unjudgeable', 'no_bytes'],
    [{ jpegs: 1000, noBytes: 990 }, 'ok', null],
    [{ jpegs: 1000, noUrl: 1000 }, 'unjudgeable', 'no_url'],
    [{ jpegs: 1000, noUrl: 600, noBytes: 400 }, 'unjudgeable', 'no_url'],
    [{ jpegs: 1000, noUrl: 400, noBytes: 600 }, 'unjudgeable', 'no_bytes'],
    [{ jpegs: 1000, noHost: 1000 }, 'weak', 'no_host'],
    [{ jpegs: 1000, noHost: 990 }, 'ok', null],
    [{ jpegs: 1000, noHost: 991 }, 'weak', 'no_host'],
    [{ jpegs: 1000, noUrl: 900, noHost: 100 }, 'weak', 'no_host'],
    // A size that is missing matters more than a host.
    [{ jpegs: 1000, noBytes: 1000, noHost: 1000 }, 'unjudgeable', 'no_bytes'],
    // What was skipped tells nothing.
    [{ jpegs: 1500, skipped: 501, noBytes: 999 }, 'too few', null],
    [{ jpegs: 3000, skipped: 2000, noBytes: 1000 }, 'unjudgeable', 'no_bytes'],
    [{ jpegs: 3000, skipped: 2971 }, 'weak', 'skipped'],
    [{ jpegs: 3000, skipped: 3000 }, 'weak', 'skipped'],
    [{ jpegs: 999, skipped: 999 }, 'too few', null],
    // So did what went the other way.
    [{ jpegs: 3000, otherWay: 2001, noBytes: 999 }, 'too few', null],
    [{ jpegs: 3000, otherWay: 2000, noBytes: 1000 }, 'unjudgeable', 'no_bytes'],
    [{ jpegs: 9000, uploads: 1000, noSent: 991 }, 'unjudgeable', 'no_bytes'],
    [{ jpegs: 9000, uploads: 999, noSent: 999 }, 'ok', null],
    [{ jpegs: 0 }, 'too few', null],
  ] as const) {
    const seen = judgeability(feed(counts), recommended);
    t.strictSame([seen.status, seen.reason], [status, reason], JSON.stringify(counts));
    t.equal(seen.text !== '', status === 'unjudgeable' || status === 'weak');
  }
});

t.test('a feed that is switched off is none', async (t) => {
  const off = feed({ jpegs: 5000, noBytes: 5000 }, 'a', 'b', false);
  t.strictSame(judgeability(off, recommended), {
    status: 'switched off',
    reason: null,
    text: 'a b: switched off by judge: false',
  });
  t.strictSame(judgeabilityWarnings([off], recommended), []);
});

t.test('the warning names the key as the profile has it', async (t) => {
  const none = { jpegs: 1000, noBytes: 1000 };
  const textOf = (one: Feed, options = recommended) => judgeability(one, options).text;
  t.equal(
    textOf(feed(none)),
    'Check Point VPN-1: none of 1,000 JPEG events carries a size (received: in); nothing of it can be ' +
      'judged. If it is in another field, name it in feeds[].received',
  );
  t.equal(
    textOf(feed({ jpegs: 12_000, noUrl: 2000, noBytes: 9999 }, 'Netskope', 'tenant')),
    'Netskope tenant: only 1 of 10,000 JPEG events with a URL carries a size (received: out, fsize); ' +
      'next to nothing of it can be judged. If it is in another field, name it in feeds[].received',
  );
  t.match(
    textOf(feed({ jpegs: 2000, noBytes: 1990 }, 'Bitdefender', 'GravityZone')),
    'only 10 of 2,000 JPEG events carry a size (received: no field of it is known)',
  );
  t.match(textOf(feed(none), { ...recommended, direction: 'upload' }), '(sent: out)');
  t.match(textOf(feed(none), { ...recommended, direction: 'upload' }), /feeds\[\]\.sent$/);
  t.match(
    textOf(feed(none), { ...recommended, direction: 'both' }),
    /\(received: in\).*name it in feeds\[\]\.received$/,
  );
  t.match(
    textOf(feed({ jpegs: 9000, uploads: 2000, noSent: 2000 }), {
      ...recommended,
      direction: 'both',
    }),
    /none of 2,000 uploads carries a size \(sent: out\); no upload of it can be judged\..*feeds\[\]\.sent$/,
  );
  t.match(
    textOf(feed({ jpegs: 2000, skipped: 2000 })),
    /all of 2,000 JPEG events are skipped by method, status or action/,
  );
  t.equal(
    textOf(feed({ jpegs: 1000, noUrl: 1000 }, 'Netskope', 'tenant')),
    'Netskope tenant: none of 1,000 JPEG events carries a URL (url: request, url); nothing of it can ' +
      'be judged. If it is in another field, name it in feeds[].url',
  );
});

t.test('what a missing host means depends on the preset', async (t) => {
  const one = feed({ jpegs: 1000, noHost: 1000 });
  t.equal(
    judgeability(one, sentinel).text,
    'Check Point VPN-1: none of 1,000 JPEG events carries a host (host: no field of it is known); every large JPEG of it ' +
      'counts as new. If it is in another field, name it in feeds[].host',
  );
  t.equal(
    judgeability(one, recommended).text,
    'Check Point VPN-1: none of 1,000 JPEG events carries a host (host: no field of it is known, the URL, dst); such events ' +
      'are at most one low alert per suppress window. If it is in another field, name it in feeds[].host',
  );
});

t.test('lines for hunt: the warnings, in the order of the feeds', async (t) => {
  const feeds = [
    feed({ jpegs: 1000, noHost: 1000 }, 'A', 'x'),
    feed({ jpegs: 1000 }, 'B', 'x'),
    feed({ jpegs: 1000, noBytes: 1000 }, 'C', 'x'),
  ];
  const lines = judgeabilityWarnings(feeds, recommended);
  t.strictSame(
    lines.map((line) => line.split(':')[0]),
    ['A x', 'C x'],
  );
});

t.test('the watch tells a warning once, and again when it is another', async (t) => {
  const told: string[] = [];
  const watch = new JudgeabilityWatch(recommended, ({ feed, reason }, text) => {
    t.ok(text.startsWith(`${feed}: `));
    told.push(`${feed} ${reason}`);
  });
  const one = feed({ jpegs: 1000, noBytes: 1000 }, 'A', 'x');
  const minute = 60_000;
  const checkAt = (minutes: number): string[] => {
    told.length = 0;
    watch.check([one], minutes * minute);
    return [...told];
  };
  t.strictSame(checkAt(0), ['A x no_bytes']);
  t.strictSame(checkAt(1), []);
  Object.assign(one, { jpegs: 1000, noBytes: 0, noHost: 1000 });
  t.strictSame(checkAt(1.5), [], 'not within a minute');
  t.strictSame(checkAt(2), ['A x no_host']);
  Object.assign(one, { jpegs: 2000, noHost: 1000 });
  t.strictSame(checkAt(3), [], 'all is well');
  Object.assign(one, { jpegs: 1_000_000, noHost: 999_999 });
  t.strictSame(checkAt(4), ['A x no_host'], 'and no longer');
  Object.assign(one, { noBytes: 1_000_000 });
  t.strictSame(checkAt(-60), ['A x no_bytes'], 'a clock that was set back');
});
