/**
 * Can the rule see anything in a feed? Without a URL or a size an event is never judged, without a host it
 * is new whatever is known. A feed of which that holds throughout is most likely read in the wrong field, so
 * it is worth a warning that names the key as the profile has it.
 */
import type { DetectionConfig } from '../config/config.js';
import type { Feed, FeedProfile } from '../feed.js';
import { count } from '../observe/counted.js';

export interface Judgeability {
  /**
   * `unjudgeable`: under 1 % of its JPEG events have both URL and size. `weak`: over 99 % of those with a URL
   * have no host, or
   * over 99 % are skipped. Both are warnings. `too few` JPEG events to tell; `switched off` by `judge: false`.
   */
  readonly status: 'too few' | 'ok' | 'unjudgeable' | 'weak' | 'switched off';
  readonly reason: 'no_url' | 'no_bytes' | 'no_host' | 'skipped' | null;
  /** One line for people; '' if there is nothing to say. */
  readonly text: string;
}

/** What a warning depends on. */
export type JudgeabilityOptions = Pick<DetectionConfig, 'direction' | 'hostFallback' | 'suppress'>;

/** JPEG events from which on a feed can be told. */
const enough = 1000;
const fewest = 0.01;
const most = 0.99;

export function judgeability(feed: Feed, options: JudgeabilityOptions): Judgeability {
  const { name, profile, noUrl, noBytes, noHost } = feed;
  if (!profile.judge) {
    return { status: 'switched off', reason: null, text: `${name}: switched off by judge: false` };
  }
  const looked = feed.jpegs - feed.otherWay;
  const jpegs = looked - feed.skipped;
  if (looked >= enough && feed.skipped > looked * most) {
    return { status: 'weak', reason: 'skipped', text: `${name}: ${skippedText(feed, looked)}` };
  }
  if (jpegs < enough) return { status: 'too few', reason: null, text: '' };
  const withUrl = jpegs - noUrl;
  const judged = withUrl - noBytes;
  if (judged < jpegs * fewest) {
    const isUrl = noUrl > noBytes;
    return {
      status: 'unjudgeable',
      reason: isUrl ? 'no_url' : 'no_bytes',
      text: `${name}: ${isUrl ? urlText(feed, jpegs) : bytesText(feed, withUrl, options)}`,
    };
  }
  const { uploads, noSent } = feed;
  if (uploads >= enough && uploads - noSent < uploads * fewest) {
    return { status: 'unjudgeable', reason: 'no_bytes', text: `${name}: ${sentText(feed)}` };
  }
  if (noHost > withUrl * most) {
    return {
      status: 'weak',
      reason: 'no_host',
      text: `${name}: ${hostText(feed, withUrl, options)}`,
    };
  }
  return { status: 'ok', reason: null, text: '' };
}

/** The warnings, one line each, in the order of the feeds. */
export function judgeabilityWarnings(
  feeds: readonly Feed[],
  options: JudgeabilityOptions,
): readonly string[] {
  return feeds
    .map((feed) => judgeability(feed, options))
    .filter(isWarning)
    .map(({ text }) => text);
}

function urlText({ profile, noUrl }: Feed, jpegs: number): string {
  const some = share(jpegs - noUrl, jpegs, 'JPEG events', 'a URL');
  return `${some} (${fieldsOf(profile, 'url')}); ${consequence(jpegs - noUrl, ['url'])}`;
}

function bytesText(
  { profile, noUrl, noBytes }: Feed,
  withUrl: number,
  { direction }: JudgeabilityOptions,
): string {
  const key = direction === 'upload' ? 'sent' : 'received';
  const what = noUrl > 0 ? 'JPEG events with a URL' : 'JPEG events';
  const some = share(withUrl - noBytes, withUrl, what, 'a size');
  return `${some} (${fieldsOf(profile, key)}); ${consequence(withUrl - noBytes, [key])}`;
}

/** Of uploads, where both directions are judged. */
function sentText({ profile, uploads, noSent }: Feed): string {
  const some = share(uploads - noSent, uploads, 'uploads', 'a size');
  const effect = noSent === uploads ? 'no upload' : 'next to no upload';
  return (
    `${some} (${fieldsOf(profile, 'sent')}); ${effect} of it can be judged. ` +
    'If it is in another field, name it in feeds[].sent'
  );
}

function skippedText({ skipped }: Feed, looked: number): string {
  const some = skipped === looked ? 'all' : count(skipped);
  return (
    `${some} of ${count(looked)} JPEG events are skipped by method, status or ` +
    'action; if they should not be, see detection.skip and feeds[].method, status and action'
  );
}

function hostText({ profile, noHost }: Feed, withUrl: number, options: JudgeabilityOptions) {
  const looked = fieldsOf(profile, 'host') + (options.hostFallback ? ', the URL, dst' : '');
  const effect =
    options.suppress.by.length > 0
      ? 'such events are at most one low alert per suppress window'
      : 'every large JPEG of it counts as new';
  return (
    `${share(withUrl - noHost, withUrl, 'JPEG events', 'a host')} (${looked}); ${effect}. ` +
    'If it is in another field, name it in feeds[].host'
  );
}

/** `none of 1,000 JPEG events carries a size` */
function share(some: number, all: number, events: string, what: string): string {
  const of = `of ${count(all)} ${events}`;
  if (some === 0) return `none ${of} carries ${what}`;
  return `only ${count(some)} ${of} ${some === 1 ? 'carries' : 'carry'} ${what}`;
}

function consequence(some: number, keys: readonly string[]): string {
  const where = keys.map((key) => `feeds[].${key}`).join(' or ');
  const effect = some === 0 ? 'nothing of it can be judged' : 'next to nothing of it can be judged';
  return `${effect}. If it is in another field, name it in ${where}`;
}

/** `received: out, fsize` */
function fieldsOf(profile: FeedProfile, key: 'url' | 'received' | 'sent' | 'host'): string {
  const names = profile[key].map(({ name }) => name);
  return `${key}: ${names.length === 0 ? 'no field of it is known' : names.join(', ')}`;
}

/** It is not as it should be, and somebody should look. */
export function isWarning({ status }: Judgeability): boolean {
  return status === 'unjudgeable' || status === 'weak';
}

/** Looked at this often. */
const everyMs = 60_000;

type Warn = (facts: { readonly feed: string; readonly reason: string }, text: string) => void;

/** For `run`: tells each warning once, and again if it had gone or has become another. */
export class JudgeabilityWatch {
  readonly #options: JudgeabilityOptions;
  readonly #warn: Warn;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  /** What each feed was last found to be; `Feeds` bounds their number. */
  readonly #told = new Map<Feed, string>();

  constructor(options: JudgeabilityOptions, warn: Warn) {
    this.#options = options;
    this.#warn = warn;
  }

  /** Cheap to call often: looks once a minute. */
  check(feeds: readonly Feed[], nowMs: number): void {
    const since = nowMs - this.#checkedAtMs;
    if (since >= 0 && since < everyMs) return;
    this.#checkedAtMs = nowMs;
    for (const feed of feeds) {
      const found = judgeability(feed, this.#options);
      const state = `${found.status} ${found.reason}`;
      if (this.#told.get(feed) === state) continue;
      this.#told.set(feed, state);
      if (isWarning(found)) this.#warn({ feed: feed.name, reason: found.reason ?? '' }, found.text);
    }
  }
}
