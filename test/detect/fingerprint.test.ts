import t from 'tap';
import type { DetectionConfig, FeedConfig } from '../../src/config/config.js';
import { observationFingerprint } from '../../src/detect/fingerprint.js';
import { readingOf } from '../../src/feeds/reading.js';
import { recommended, sentinel } from '../support/detection.js';

function of(detection: DetectionConfig, feeds: readonly FeedConfig[] = []): string {
  const { feedProfiles, time } = detection;
  const reading = readingOf({ feeds, feedProfiles, zones: time === 'event' });
  return observationFingerprint(detection, reading);
}

const feed = (told: Partial<FeedConfig>): FeedConfig => ({
  vendor: 'Example',
  product: '*',
  judge: true,
  ...told,
});
const { jpeg, skip } = recommended;

t.test('what makes other observations has another fingerprint', async (t) => {
  const all = [
    of(recommended),
    of(sentinel),
    of({ ...recommended, jpeg: { ...jpeg, ignoreQuery: false } }),
    of({ ...recommended, jpeg: { ...jpeg, urlSuffixes: ['.jpg'] } }),
    of({ ...recommended, hostFallback: false }),
    of({ ...recommended, time: 'event' }),
    of({ ...recommended, placeholders: [] }),
    of({ ...recommended, zeroIsMissing: false }),
    of({ ...recommended, mostSuspicious: false }),
    of({ ...recommended, skip: { ...skip, methods: [] } }),
    of({ ...recommended, feedProfiles: false }),
    of({ ...recommended, newSource: 'large_host' }),
    of({ ...recommended, newSource: 'large_host', percentileMilli: 99_000 }),
    of(recommended, [feed({ received: ['out'] })]),
    of(recommended, [feed({ received: ['out', 'in'] })]),
    of(recommended, [feed({ judge: false })]),
    of({ ...recommended, time: 'event' }, [feed({ timezone: 'Europe/Berlin' })]),
  ];
  t.equal(new Set(all).size, all.length);
});

t.test('what does not, has the same', async (t) => {
  const same: [string, string][] = [
    ['percentile', of({ ...recommended, percentileMilli: 99_000 })],
    ['minimums', of({ ...recommended, minimumBytes: 1, minimumSamples: 1 })],
    ['new_source', of({ ...recommended, newSource: 'host' })],
    ['normalize_host', of({ ...recommended, normalizeHost: false })],
    ['suppress', of({ ...recommended, suppress: { ...recommended.suppress, by: [] } })],
    ['level', of({ ...recommended, level: { ...recommended.level, high: 4 } })],
    ['order', of({ ...recommended, jpeg: { ...jpeg, fileTypes: jpeg.fileTypes.toReversed() } })],
    [
      'order of skip',
      of({ ...recommended, skip: { ...skip, actions: skip.actions.toReversed() } }),
    ],
    ['a zone that nobody asks for', of(recommended, [feed({ timezone: 'Europe/Berlin' })])],
    ['a feed that says nothing', of(recommended, [feed({})])],
  ];
  for (const [name, fingerprint] of same) t.equal(fingerprint, of(recommended), name);
});
