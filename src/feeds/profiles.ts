/**
 * The profile of a feed: each key from the first entry of `feeds` in the config that fits, else from the
 * first row of the shipped table that fits, else as by default. Equal sources give the same object.
 */
import type { FeedConfig } from '../config/config.js';
import type { FeedProfile, FieldRef } from '../feed.js';
import { fieldRef } from './field-ref.js';
import { type HeaderPattern, headerPattern } from './header-pattern.js';
import { defaultFields, type ShippedFeed, shippedFeeds } from './shipped.js';

interface Source<Told> {
  readonly vendor: HeaderPattern;
  readonly product: HeaderPattern;
  readonly told: Told;
}

type FieldKey = keyof typeof defaultFields;

export class Profiles {
  readonly #config: readonly Source<FeedConfig>[];
  readonly #shipped: readonly Source<ShippedFeed>[];
  /** By what it was made of; as many as rows of the config and the table can combine. */
  readonly #made = new Map<number, FeedProfile>();
  readonly #names = new Map<FeedProfile, string>();
  readonly #refs = new Map<string, FieldRef>();

  constructor(feeds: readonly FeedConfig[], feedProfiles: boolean) {
    this.#config = feeds.map(sourceOf);
    this.#shipped = feedProfiles ? shippedFeeds.map(sourceOf) : [];
  }

  /** @param vendor as `foldHeader` gives it; so is `product` */
  of(vendor: string, product: string): FeedProfile {
    const fits = (source: Source<unknown>) => source.vendor(vendor) && source.product(product);
    const config = this.#config.findIndex(fits);
    const shipped = this.#shipped.findIndex(fits);
    const key = (config + 1) * (this.#shipped.length + 1) + shipped + 1;
    let profile = this.#made.get(key);
    if (profile === undefined) {
      profile = this.#make(this.#config[config]?.told, this.#shipped[shipped]?.told);
      this.#made.set(key, profile);
    }
    return profile;
  }

  /** The patterns that a profile rests on, for people; '' for the default. */
  nameOf(profile: FeedProfile): string {
    return this.#names.get(profile) ?? '';
  }

  #make(config: FeedConfig | undefined, shipped: ShippedFeed | undefined): FeedProfile {
    const refs = (key: FieldKey) =>
      (config?.[key] ?? shipped?.[key] ?? defaultFields[key]).map((name) => this.#refTo(name));
    const profile: FeedProfile = {
      received: refs('received'),
      sent: refs('sent'),
      host: refs('host'),
      fileType: refs('fileType'),
      url: refs('url'),
      method: refs('method'),
      status: refs('status'),
      action: refs('action'),
      timezone: config?.timezone ?? shipped?.timezone ?? '',
      judge: config?.judge ?? true,
      origin: config ? 'config' : shipped ? 'shipped' : 'default',
    };
    const told = config ?? shipped;
    if (told !== undefined) {
      const name = [told.vendor, told.product].filter((part) => part !== '').join(' ');
      this.#names.set(profile, name === '' ? 'no vendor, no product' : name);
    }
    return profile;
  }

  #refTo(name: string): FieldRef {
    let ref = this.#refs.get(name);
    if (ref === undefined) {
      ref = fieldRef(name);
      this.#refs.set(name, ref);
    }
    return ref;
  }
}

function sourceOf<Told extends { readonly vendor: string; readonly product: string }>(
  told: Told,
): Source<Told> {
  return { vendor: headerPattern(told.vendor), product: headerPattern(told.product), told };
}
