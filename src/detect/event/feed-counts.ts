/** Counts what a feed's JPEG events carry, for its judgeability. */
import type { Feed } from '../../feed.js';
import type { JpegEvent } from './jpeg-event.js';

export function countJpeg({ feed, hosts, sides }: JpegEvent): void {
  feed.jpegs++;
  if (sides.length === 0) {
    feed.otherWay++;
    return;
  }
  const { skip, bytes } = sides[0]!;
  if (skip !== null) {
    feed.skipped++;
  } else {
    if (Number.isNaN(bytes)) feed.noBytes++;
    if (hosts.length === 0) feed.noHost++;
  }
  if (sides.length < 2 || sides[1]!.skip !== null) return;
  feed.uploads++;
  if (Number.isNaN(sides[1]!.bytes)) feed.noSent++;
}

export function countWithoutUrl(feed: Feed): void {
  feed.jpegs++;
  feed.noUrl++;
}
