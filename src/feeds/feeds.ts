/**
 * Which feed an event is of, by vendor and product of its CEF header.
 *
 * A header that was seen before is found by its bytes: most often by their number alone, as the feeds of one
 * estate are few, else by their hash. Only a new one becomes text and is held against the patterns. Headers are the
 * sender's choice, so the table is bounded and its hash is keyed with random numbers of this process.
 * Beyond the bound a header still gets the profile that is its due; it only shares the counts of one
 * `Feed` with the others of that profile, and what was found is kept in a cache that newer headers may
 * overwrite.
 */
import { randomFillSync } from 'node:crypto';
import type { FeedConfig } from '../config/config.js';
import { Feed, type FeedProfile } from '../feed.js';
import { type Fields, Header } from '../fields.js';
import { printable } from '../observe/printable.js';
import type { Feeds } from '../stages.js';
import { foldHeader } from './header-pattern.js';
import { Profiles } from './profiles.js';

const { vendor: vendorAt, product: productAt } = Header;

/** Headers with a `Feed` of their own. */
const defaultMaxFeeds = 1000;
/** Bytes of vendor and product together of a header that is remembered; no real one comes near. */
const maxHeaderBytes = 512;
/** Slots for headers beyond the bound. */
const cacheSlots = 256;
/** Slots for the last header of a length. */
const recentSlots = 64;
/** UTF-16 units of a name. */
const maxNameLength = 128;

export interface FeedsOptions {
  readonly feeds: readonly FeedConfig[];
  /** The shipped table counts, below `feeds`. */
  readonly feedProfiles: boolean;
  readonly maxFeeds?: number;
}

export function createFeeds(options: FeedsOptions): Feeds {
  return new FeedTable(options);
}

/** A header as received, escapes and all. */
interface Entry {
  readonly vendor: Buffer;
  readonly product: Buffer;
  readonly feed: Feed;
}

/** One random number per byte value. */
const secret = randomFillSync(new Int32Array(256));
const [seed, factor] = randomFillSync(new Int32Array(2)) as unknown as [number, number];
/** A multiplier must be odd, or high bits would get lost. */
const multiplier = factor | 1;

class FeedTable implements Feeds {
  readonly #profiles: Profiles;
  readonly #maxFeeds: number;
  readonly #seen: Feed[] = [];
  /** By profile: what headers beyond the bound count in. */
  readonly #shared = new Map<FeedProfile, Feed>();
  /** Open addressing; at most half of the slots are taken, so a search ends. */
  readonly #slots: (Entry | undefined)[];
  readonly #cache: (Entry | undefined)[] = new Array(cacheSlots).fill(undefined);
  #taken = 0;
  readonly #recent: (Entry | undefined)[] = new Array(recentSlots).fill(undefined);

  constructor({ feeds, feedProfiles, maxFeeds = defaultMaxFeeds }: FeedsOptions) {
    this.#profiles = new Profiles(feeds, feedProfiles);
    this.#maxFeeds = maxFeeds;
    this.#slots = new Array(2 ** Math.ceil(Math.log2(maxFeeds * 2 + 1))).fill(undefined);
  }

  seen(): readonly Feed[] {
    return this.#seen;
  }

  of(fields: Fields): Feed {
    const { headerStart, headerEnd } = fields;
    const vendorLength = headerEnd[vendorAt]! - headerStart[vendorAt]!;
    const productLength = headerEnd[productAt]! - headerStart[productAt]!;
    // Vendors are of 4 to 20 bytes, products too.
    const slot = (vendorLength * 5 + productLength) & (recentSlots - 1);
    const recent = this.#recent[slot];
    if (recent !== undefined && isHeader(recent, fields)) return recent.feed;
    if (vendorLength + productLength > maxHeaderBytes) {
      return this.#sharedBy(this.#profileOf(fields));
    }
    const entry = this.#find(fields);
    this.#recent[slot] = entry;
    return entry.feed;
  }

  #find(fields: Fields): Entry {
    const hash = hashOf(fields);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let entry = this.#slots[slot]; entry !== undefined; entry = this.#slots[slot]) {
      if (isHeader(entry, fields)) return entry;
      slot = (slot + 1) & mask;
    }
    if (this.#taken >= this.#maxFeeds) return this.#beyondTheBound(fields, hash);
    const feed = new Feed(nameOf(fields), this.#profileOf(fields));
    this.#seen.push(feed);
    this.#taken++;
    const entry = entryOf(fields, feed);
    this.#slots[slot] = entry;
    return entry;
  }

  #beyondTheBound(fields: Fields, hash: number): Entry {
    const slot = hash & (cacheSlots - 1);
    let entry = this.#cache[slot];
    if (entry === undefined || !isHeader(entry, fields)) {
      entry = entryOf(fields, this.#sharedBy(this.#profileOf(fields)));
      this.#cache[slot] = entry;
    }
    return entry;
  }

  #profileOf(fields: Fields): FeedProfile {
    return this.#profiles.of(headerText(fields, vendorAt), headerText(fields, productAt));
  }

  #sharedBy(profile: FeedProfile): Feed {
    let feed = this.#shared.get(profile);
    if (feed === undefined) {
      const like = this.#profiles.nameOf(profile);
      feed = new Feed(boundedName(like === '' ? 'other feeds' : `other feeds (${like})`), profile);
      this.#shared.set(profile, feed);
      this.#seen.push(feed);
    }
    return feed;
  }
}

function isHeader(entry: Entry, fields: Fields): boolean {
  return isPart(entry.product, fields, productAt) && isPart(entry.vendor, fields, vendorAt);
}

function isPart(known: Buffer, fields: Fields, which: number): boolean {
  const start = fields.headerStart[which]!;
  const { length } = known;
  if (fields.headerEnd[which]! - start !== length) return false;
  const { bytes } = fields;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== known[i]) return false;
  return true;
}

function hashOf(fields: Fields): number {
  const { bytes, headerStart, headerEnd } = fields;
  let h = seed;
  for (let i = headerStart[vendorAt]!; i < headerEnd[vendorAt]!; i++) {
    h = Math.imul(h ^ secret[bytes[i]!]!, multiplier);
  }
  // Where one ends and the other begins counts, too.
  h = Math.imul(h ^ 0x7c, multiplier);
  for (let i = headerStart[productAt]!; i < headerEnd[productAt]!; i++) {
    h = Math.imul(h ^ secret[bytes[i]!]!, multiplier);
  }
  return h ^ (h >>> 15);
}

/** Copies, since the frame's buffer is used again. */
function entryOf(fields: Fields, feed: Feed): Entry {
  return { vendor: copyOf(fields, vendorAt), product: copyOf(fields, productAt), feed };
}

function copyOf({ bytes, headerStart, headerEnd }: Fields, which: number): Buffer {
  // Not from the pool, which a small copy would keep alive whole.
  const copy = Buffer.alloc(headerEnd[which]! - headerStart[which]!);
  bytes.copy(copy, 0, headerStart[which]!, headerEnd[which]!);
  return copy;
}

/** As patterns take it; of an absurd length only so much that to match it stays cheap. */
function headerText(fields: Fields, which: number): string {
  const length = fields.headerEnd[which]! - fields.headerStart[which]!;
  const text = fields.header(which);
  return foldHeader(length > maxHeaderBytes ? text.slice(0, maxHeaderBytes) : text);
}

function nameOf(fields: Fields): string {
  const parts = [fields.header(vendorAt).trim(), fields.header(productAt).trim()];
  const name = boundedName(parts.filter((part) => part !== '').join(' '));
  return name === '' ? '(no vendor, no product)' : name;
}

function boundedName(text: string): string {
  const name = printable(text.slice(0, maxNameLength));
  return name.length > maxNameLength || text.length > maxNameLength
    ? `${withoutHalf(name.slice(0, maxNameLength - 1))}…`
    : name;
}

/** Without half of a surrogate pair at the end. */
function withoutHalf(text: string): string {
  return text.replace(/[\uD800-\uDBFF]$/, '');
}
