/**
 * What decides how events are read, in a form to compare: two configs with the same reading make the same
 * observations. Names and evidence of rows are not part of it, nor a row that says nothing.
 */
import type { FeedConfig } from '../config/config.js';
import { defaultFields, type ShippedFeed, shippedFeeds } from './shipped.js';

export interface ReadingOptions {
  readonly feeds: readonly FeedConfig[];
  readonly feedProfiles: boolean;
  /** Whether times of events are used at all. */
  readonly zones: boolean;
}

/** To be compared as JSON. */
export function readingOf({ feeds, feedProfiles, zones }: ReadingOptions): unknown {
  const row = ({ vendor, product, timezone, ...told }: FeedConfig | ShippedFeed) => {
    const keys = Object.entries(told)
      .filter(([key]) => key in defaultFields)
      .sort();
    const judge = 'judge' in told ? told.judge : true;
    const zone = zones ? timezone : undefined;
    const saysNothing = keys.length === 0 && judge && zone === undefined;
    const pattern = [vendor.toLowerCase(), product.toLowerCase()];
    return saysNothing ? [] : [{ pattern, keys, judge, zone }];
  };
  return {
    configured: feeds.flatMap(row),
    shipped: feedProfiles ? shippedFeeds.flatMap(row) : [],
    defaults: defaultFields,
  };
}
