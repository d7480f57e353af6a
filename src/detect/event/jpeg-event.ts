/**
 * What one JPEG event says, read by the profile of its feed, before anything is compared: for the
 * sidecar, `hunt`, `learn`, `tune` and `explain` alike.
 */
import type { DetectionConfig } from '../../config/config.js';
import { keyId } from '../../dictionary/dictionary.js';
import { type Feed, type FeedProfile, type FieldRef, firstPresent } from '../../feed.js';
import { type Fields, Problem } from '../../fields.js';
import type { Direction } from '../../verdict.js';
import { HostFinder } from './host.js';
import { JpegTest, JpegTestResult, unquoted } from './jpeg.js';
import { allPresent, judgedValues } from './judged-fields.js';
import { largestSize, smallestSize } from './size.js';
import { type Skip, SkipTest } from './skip.js';
import { trimmedText } from './trimmed-text.js';

const accountId = keyId('suser');
const uploadMethods: ReadonlySet<string> = new Set(['post', 'put', 'patch']);

/** One direction of an event: what is judged of it, or why it is not looked at. */
export interface Side {
  readonly direction: Direction;
  /** NaN if there is none. Of several the largest: nobody hides a file by forging a smaller one. */
  readonly bytes: number;
  /** What the percentile learns: `bytes`, or NaN if several differ, since nobody knows which is true. */
  readonly learnedBytes: number;
  /** A size of 0 that counts as missing. */
  readonly zero: boolean;
  /** Not null: neither judged nor learned. */
  readonly skip: Skip | null;
}

export interface JpegEvent {
  readonly feed: Feed;
  /** Judged, and whether the lookback counts it. */
  readonly result: JpegTestResult;
  /** The judged one. */
  readonly url: string;
  /** It, and any other that the event names. */
  readonly urls: readonly string[];
  readonly filename: string;
  readonly account: string;
  /** As declared; '' if there is none. */
  readonly fileType: string;
  /** As received: none, one, or, where several were found, each of them. */
  readonly hosts: readonly string[];
  /** Key of the field that named the host, or `URL`; '' if there is no host. */
  readonly hostFrom: string;
  /** One for each direction that applies: with `upload`, what is no upload has none. */
  readonly sides: readonly Side[];
}

/** The directions that a setting stands for. */
export function judgedDirections(direction: DetectionConfig['direction']): readonly Direction[] {
  return direction === 'both' ? ['download', 'upload'] : [direction];
}

/**
 * True if the fields can be trusted to be what the sender meant: CEF with a whole header, not cut. Text
 * before the first key, or more fields than are kept, leave the others as they are.
 */
export function isJudgeable(fields: Fields): boolean {
  return (
    fields.isCef &&
    (fields.problem === Problem.none ||
      fields.problem === Problem.textBeforeFirstKey ||
      fields.problem === Problem.tooManyFields)
  );
}

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
    const urls = this.#urls(fields, feed.profile);
    const url = urls[0]!;
    const hosts = this.#hosts.find(fields, feed.profile, urls);
    return {
      feed,
      result,
      url,
      urls,
      filename: filenameOf(url),
      account: trimmedText(fields, accountId),
      fileType: this.#fileType(fields, feed.profile),
      hosts: hosts.map(({ host }) => host),
      hostFrom: hosts[0]?.from ?? '',
      sides: this.#sides(fields, feed.profile),
    };
  }

  /** The judged one first. */
  #urls(fields: Fields, { url: refs }: FeedProfile): readonly string[] {
    const { urlIndex } = this.#jpegTest;
    const { mostSuspicious, feedProfiles } = this.#detection;
    const judged = fields.trimmed(urlIndex);
    const clean = (url: string) => (feedProfiles ? unquoted(url) : url);
    if (!mostSuspicious || (fields.duplicates === 0 && refs.length === 1)) return [clean(judged)];
    const others = allPresent(fields, refs).filter((index) => index !== urlIndex);
    return [judged, ...others.map((index) => fields.trimmed(index))].map(clean);
  }

  #fileType(fields: Fields, profile: FeedProfile): string {
    const { typeIndex } = this.#jpegTest;
    const index = typeIndex >= 0 ? typeIndex : firstPresent(fields, profile.fileType);
    return index < 0 ? '' : fields.trimmed(index);
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
    const indexes = judgedValues(fields, refs, this.#detection.mostSuspicious);
    const size = largestSize(fields, indexes);
    const zero = size === 0 && this.#detection.zeroIsMissing;
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

/**
 * Keys that came more than once among those that are judged, as received. Strings: for would-be alerts
 * only.
 */
export function duplicateKeys(fields: Fields, profile: FeedProfile): readonly string[] {
  const { received, sent, host, fileType, url, method, status, action } = profile;
  const judged = [url, fileType, host, received, sent, method, status, action].flat();
  const twice = judged.flatMap((ref) => {
    const indexes = ref.allIn(fields);
    return indexes.length > 1 ? [fields.key(indexes[0]!)] : [];
  });
  return [...new Set(twice)];
}

/** The part of a URL after its last `/`, query string included: the query's `split(…, "/")[-1]`. */
export function filenameOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
