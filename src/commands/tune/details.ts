/**
 * What `tune` needs of each JPEG event beyond what `hunt` keeps: which exclusions match it, and what its
 * repeats are told by. Columns, as numbers: the texts themselves are not kept.
 */
import { createHash } from 'node:crypto';
import type { ExclusionConfig } from '../../config/config.js';
import type { JpegEvent } from '../../detect/event/jpeg-event.js';

/** Of a text only this is kept, to tell it from others; 0 is the empty text. */
export type Digest = number;

const digestBytes = 6;
const maxRemembered = 10_000;

export class EventDetails {
  /** Name of each event's feed. */
  readonly feeds: string[] = [];
  readonly accounts: Digest[] = [];
  readonly filenames: Digest[] = [];
  /** Sets of exclusions that match together, as indexes in order; the first is the empty one. */
  readonly sets: (readonly number[])[] = [[]];
  /** Index in `sets` of each event. */
  readonly setOf: number[] = [];
  readonly #indexOf: ReadonlyMap<ExclusionConfig, number>;
  readonly #idOfSet = new Map<string, number>([['', 0]]);
  /** Digests of accounts, which come again and again; made anew when there are too many. */
  readonly #remembered = new Map<string, Digest>();

  constructor(exclusions: readonly ExclusionConfig[]) {
    this.#indexOf = new Map(exclusions.map((exclusion, index) => [exclusion, index]));
  }

  /** @param matches the exclusions that match it and have not expired, in order */
  add({ feed, account, filename }: JpegEvent, matches: readonly ExclusionConfig[]): void {
    this.feeds.push(feed.name);
    this.accounts.push(this.#rememberedDigest(account));
    this.filenames.push(digestOf(filename));
    this.setOf.push(this.#idOf(matches));
  }

  #idOf(matches: readonly ExclusionConfig[]): number {
    if (matches.length === 0) return 0;
    const set = matches.map((exclusion) => this.#indexOf.get(exclusion)!);
    const key = set.join();
    const known = this.#idOfSet.get(key);
    if (known !== undefined) return known;
    this.#idOfSet.set(key, this.sets.length);
    return this.sets.push(set) - 1;
  }

  #rememberedDigest(text: string): Digest {
    const known = this.#remembered.get(text);
    if (known !== undefined) return known;
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    const digest = digestOf(text);
    this.#remembered.set(text, digest);
    return digest;
  }
}

function digestOf(text: string): Digest {
  if (text === '') return 0;
  return createHash('sha256').update(text).digest().readUIntBE(0, digestBytes) + 1;
}
