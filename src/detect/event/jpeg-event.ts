/**
 * What one JPEG event says, read by the profile of its feed, before anything is compared: for the
 * sidecar, `hunt`, `learn`, `tune` and `explain` alike.
 */
import type { DetectionConfig } from '../../config/config.js';
import { keyId } from '../../dictionary/dictionary.js';
import { type Feed, type FeedProfile, firstPresent } from '../../feed.js';
import { type Fields, Problem } from '../../fields.js';
import type { Direction } from '../../verdict.js';
import type { EventUrls } from './event-urls.js';
import type { FoundHost } from './host.js';
import type { JpegTestResult } from './jpeg.js';
import type { Skip } from './skip.js';
import { trimmedText } from './trimmed-text.js';

const accountId = keyId('suser');

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

/**
 * Most of what it says only an alert, an exclusion or a person asks for: that is read from the event's fields
 * when they do, so only while those are of this event.
 */
export class JpegEvent {
  readonly feed: Feed;
  /** Judged, and whether the lookback counts it. */
  readonly result: JpegTestResult;
  /** As received: none, one, or, where several were found, each of them. */
  readonly hosts: readonly string[];
  /** One for each direction that applies: with `upload`, what is no upload has none. */
  readonly sides: readonly Side[];
  readonly #fields: Fields;
  readonly #urls: EventUrls;
  readonly #typeIndex: number;
  readonly #found: readonly FoundHost[];

  constructor(parts: {
    readonly fields: Fields;
    readonly feed: Feed;
    readonly result: JpegTestResult;
    readonly urls: EventUrls;
    /** Index of its file type, -1 if nobody needed to look for it. */
    readonly typeIndex: number;
    readonly found: readonly FoundHost[];
    readonly sides: readonly Side[];
  }) {
    this.feed = parts.feed;
    this.result = parts.result;
    this.sides = parts.sides;
    this.hosts = parts.found.map(hostOf);
    this.#fields = parts.fields;
    this.#urls = parts.urls;
    this.#typeIndex = parts.typeIndex;
    this.#found = parts.found;
  }

  /** The judged one. */
  get url(): string {
    return this.urls[0]!;
  }

  /** It, and any other that the event names. */
  get urls(): readonly string[] {
    return this.#urls.all;
  }

  get filename(): string {
    return filenameOf(this.url);
  }

  get account(): string {
    return trimmedText(this.#fields, accountId);
  }

  /** As declared; '' if there is none. */
  get fileType(): string {
    const { fileType } = this.feed.profile;
    const index = this.#typeIndex >= 0 ? this.#typeIndex : firstPresent(this.#fields, fileType);
    return index < 0 ? '' : this.#fields.trimmed(index);
  }

  /** Key of the field that named the host, or `URL`; '' if there is no host. */
  get hostFrom(): string {
    const first = this.#found[0];
    if (first === undefined) return '';
    return first.index < 0 ? 'URL' : this.#fields.key(first.index);
  }
}

function hostOf({ host }: FoundHost): string {
  return host;
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
