/**
 * Feeds as series. Their names are what senders say they are, so they are bounded: the first by sight have series of
 * their own for the life of the process, all others share one.
 */
import type { FeedFacts } from '../observed.js';

const maxFeeds = 50;
const others = 'all others';

export interface FeedSeries {
  readonly feed: string;
  events: number;
  jpegs: number;
  /** With what is judged: a URL and a size. */
  judgeable: number;
  skipped: number;
  noUrl: number;
  noBytes: number;
  noHost: number;
  /** The log has said that next to nothing of it can be judged, or that it is weak. */
  warnings: number;
}

/** @param feeds in order of first sight; those of one name count together */
export function feedSeries(feeds: readonly FeedFacts[]): readonly FeedSeries[] {
  const series = new Map<string, FeedSeries>();
  for (const { feed, warning } of feeds) {
    const isOwn = series.has(feed.name) || series.size < maxFeeds;
    const name = isOwn ? feed.name : others;
    const into = series.get(name) ?? empty(name);
    series.set(name, into);
    into.events += feed.events;
    into.jpegs += feed.jpegs;
    into.judgeable += feed.jpegs - feed.otherWay - feed.skipped - feed.noUrl - feed.noBytes;
    into.skipped += feed.skipped;
    into.noUrl += feed.noUrl;
    into.noBytes += feed.noBytes;
    into.noHost += feed.noHost;
    if (warning) into.warnings++;
  }
  return [...series.values()];
}

function empty(feed: string): FeedSeries {
  const none = { events: 0, jpegs: 0, judgeable: 0, skipped: 0 };
  return { feed, ...none, noUrl: 0, noBytes: 0, noHost: 0, warnings: 0 };
}
