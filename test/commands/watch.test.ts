import t from 'tap';
import { Watch } from '../../src/commands/watch.js';
import { compileExclusions } from '../../src/detect/exclusions/exclusions.js';
import { warmUp } from '../../src/detect/warm-up.js';
import { createFeeds } from '../../src/feeds/feeds.js';
import { recommended } from '../support/detection.js';
import { buildFields } from '../support/fields-builder.js';

const minute = 60_000;

t.test('a feed without sizes, a dead exclusion, a stuck baseline are told once', async (t) => {
  const feeds = createFeeds({ feeds: [], feedProfiles: true });
  const exclusion = { name: 'backup', reason: 'r', expiresMs: null, learn: false };
  const { exclusions } = compileExclusions([{ ...exclusion, match: { sproc: 'Veeam.exe' } }]);
  const told: string[] = [];
  const codes: string[] = [];
  const warn = ({ code }: { code: string }, text: string) => {
    codes.push(code);
    told.push(text);
  };
  const watch = new Watch({ detection: recommended, feeds, exclusions, log: { warn } });

  const fields = buildFields({ request: 'h/a.jpg' }, { header: { vendor: 'V', product: 'P' } });
  const feed = feeds.of(fields);
  watch.check(0, {});
  t.strictSame(told, []);

  Object.assign(feed, { events: 1000, jpegs: 1000, noBytes: 1000 });
  for (let i = 0; i < 100_000; i++) {
    exclusions.observe({
      fields,
      url: 'h/a.jpg',
      filename: 'a.jpg',
      host: 'h',
      urls: [],
      hosts: [],
    });
  }
  const office = { bytes: 1, samples: 500, hours: 60, fromMs: 0, toMs: 130 * 60 * minute };
  watch.check(minute, { baseline: warmUp(office, recommended) });
  t.equal(told.length, 3);
  t.strictSame(codes, ['FEED_NOT_JUDGED', 'EXCLUSION_DEAD', 'BASELINE_STUCK']);
  t.match(told[0], /^V P: none of 1,000 JPEG events carries a size/);
  t.match(told[1], /^exclusion backup: .*sproc/);
  t.match(told[2], /^baseline: not ready: 60 of 72 hours .* lower minimum_history$/);
  watch.check(2 * minute, { baseline: warmUp(office, recommended) });
  t.equal(told.length, 3, 'once');
});
