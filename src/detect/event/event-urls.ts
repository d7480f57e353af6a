/** The URLs that a JPEG event names, made into text when somebody asks: for most events nobody does. */
import type { DetectionConfig } from '../../config/config.js';
import type { FieldRef } from '../../feed.js';
import type { Fields } from '../../fields.js';
import { unquoted } from './jpeg.js';
import { allPresent } from './judged-fields.js';

export class EventUrls {
  readonly #fields: Fields;
  readonly #refs: readonly FieldRef[];
  readonly #judged: number;
  readonly #detection: Pick<DetectionConfig, 'mostSuspicious' | 'feedProfiles'>;
  #all: readonly string[] | null = null;

  /** @param judged index of the URL that is judged */
  constructor(
    fields: Fields,
    refs: readonly FieldRef[],
    judged: number,
    detection: Pick<DetectionConfig, 'mostSuspicious' | 'feedProfiles'>,
  ) {
    this.#fields = fields;
    this.#refs = refs;
    this.#judged = judged;
    this.#detection = detection;
  }

  /** The judged one first, then any other that may be the true one. */
  get all(): readonly string[] {
    this.#all ??= this.#read();
    return this.#all;
  }

  #read(): readonly string[] {
    const { mostSuspicious, feedProfiles } = this.#detection;
    const fields = this.#fields;
    const judged = fields.trimmed(this.#judged);
    const clean = (url: string) => (feedProfiles ? unquoted(url) : url);
    const one = !mostSuspicious || (fields.duplicates === 0 && this.#refs.length === 1);
    if (one) return [clean(judged)];
    const others = allPresent(fields, this.#refs).filter((index) => index !== this.#judged);
    return [judged, ...others.map((index) => fields.trimmed(index))].map(clean);
  }
}
