/** Makes a JPEG event of the fields of those events that are one. */
import type { DetectionConfig } from '../../config/config.js';
import type { Feed, FeedProfile, FieldRef } from '../../feed.js';
import type { Fields } from '../../fields.js';
import type { Direction } from '../../verdict.js';
import { EventUrls } from './event-urls.js';
import { HostFinder } from './host.js';
import { JpegTest, JpegTestResult } from './jpeg.js';
import { JpegEvent, type Side } from './jpeg-event.js';
import { judgedValues } from './judged-fields.js';
import { largestSize, smallestSize } from './size.js';
import { type Skip, SkipTest } from './skip.js';

const uploadMethods: ReadonlySet<string> = new Set(['post', 'put', 'patch']);

export class JpegReader {
  /** What the test said of the event last read. */
  result: JpegTestResult = JpegTestResult.notJpeg;
  readonly #detection: DetectionConfig;
  readonly #jpegTest: JpegTest;
  readonly #hosts: HostFinder;
  readonly #skip: SkipTest;

  constructor(detection: DetectionConfig) {
    this.#detection = detection;
    this.#jpegTest = new JpegTest(detection);
    this.#hosts = new HostFinder(detection);
    this.#skip = new SkipTest(detection);
  }

  /** Null if it is no JPEG, or one without a URL (`result` tells). For nearly all it makes nothing. */
  read(fields: Fields, feed: Feed): JpegEvent | null {
    const result = this.#jpegTest.of(fields, feed.profile);
    this.result = result;
    if (result === JpegTestResult.notJpeg || result === JpegTestResult.noUrl) return null;
    const { profile } = feed;
    const { urlIndex, typeIndex } = this.#jpegTest;
    const urls = new EventUrls(fields, profile.url, urlIndex, this.#detection);
    const found = this.#hosts.find(fields, profile, urls);
    const sides = this.#sides(fields, profile);
    return new JpegEvent({ fields, feed, result, urls, typeIndex, found, sides });
  }

  #sides(fields: Fields, profile: FeedProfile): readonly Side[] {
    const { direction } = this.#detection;
    const sides: Side[] = [];
    if (direction !== 'upload') {
      const skip = this.#skip.ofDownload(fields, profile);
      sides.push(this.#side('download', fields, profile.received, skip));
    }
    if (direction !== 'download' && this.#isUpload(fields, profile)) {
      const skip = this.#skip.ofUpload(fields, profile);
      sides.push(this.#side('upload', fields, profile.sent, skip));
    }
    return sides;
  }

  #side(direction: Direction, fields: Fields, refs: readonly FieldRef[], skip: Skip | null): Side {
    const { mostSuspicious, zeroIsMissing } = this.#detection;
    const indexes = judgedValues(fields, refs, mostSuspicious);
    const size = largestSize(fields, indexes);
    const zero = size === 0 && zeroIsMissing;
    const bytes = zero ? Number.NaN : size;
    const isSure = indexes.length < 2 || smallestSize(fields, indexes) === size;
    return { direction, bytes, learnedBytes: isSure ? bytes : Number.NaN, zero, skip };
  }

  /** By its method; without one, if more was sent than received. */
  #isUpload(fields: Fields, profile: FeedProfile): boolean {
    const { mostSuspicious } = this.#detection;
    const methods = judgedValues(fields, profile.method, mostSuspicious);
    if (methods.length > 0) {
      return methods.some((index) => uploadMethods.has(fields.trimmed(index).toLowerCase()));
    }
    const sent = largestSize(fields, judgedValues(fields, profile.sent, mostSuspicious));
    const received = smallestSize(fields, judgedValues(fields, profile.received, mostSuspicious));
    return sent > (Number.isNaN(received) ? 0 : received);
  }
}
