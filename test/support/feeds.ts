/** Feed profiles and feeds for tests of single stages. */
import type { FeedConfig } from '../../src/config/config.js';
import type { Feed, FeedProfile } from '../../src/feed.js';
import { createFeeds } from '../../src/feeds/feeds.js';
import { buildFields } from './fields-builder.js';

/** The default profile, with these of its keys by a config. */
export function profileOf(keys: Partial<FeedConfig>): FeedProfile {
  return feedOf(keys).profile;
}

export function feedOf(keys: Partial<FeedConfig>): Feed {
  const config: FeedConfig = { vendor: '*', product: '*', judge: true, ...keys };
  const feeds = createFeeds({ feeds: [config], feedProfiles: false });
  return feeds.of(buildFields({}, { header: { vendor: 'Vendor', product: 'Product' } }));
}
