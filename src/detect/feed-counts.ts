/** Counts what a feed's JPEG events carry, for its judgeability. */
import type { Feed } from '../feed.js';
import type { JpegEvent } from './jpeg-event.js';

export function countJpeg({ feed, hosts, sides }: JpegEvent): void {
  feed.jpegs++;
  // An event that is judged both ways is counted once, by what was received.
  const side = sides[0];
  if (side === undefined) return;
  if (side.skip !== null) {
    feed.skipped++;
    return;
  }
  if (Number.isNaN(side.bytes)) feed.noBytes++;
  if (hosts.length === 0) feed.noHost++;
}

export function countWithoutUrl(feed: Feed): void {
  feed.jpegs++;
  feed.noUrl++;
}
