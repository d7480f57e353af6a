/** What exclusions look at of a JPEG event; what only some of them ask for is read when they do. */
import type { Fields } from '../../fields.js';
import type { EventFacts } from '../exclusions/event-facts.js';
import type { JpegEvent } from './jpeg-event.js';
import { allPresent } from './judged-fields.js';

export class JpegFacts implements EventFacts {
  readonly fields: Fields;
  readonly host: string;
  readonly #event: JpegEvent;

  /** @param host the judged one, '' if there is none */
  constructor(fields: Fields, event: JpegEvent, host: string) {
    this.fields = fields;
    this.host = host;
    this.#event = event;
  }

  get url(): string {
    return this.#event.url;
  }

  get filename(): string {
    return this.#event.filename;
  }

  get urls(): readonly string[] {
    const { urls, feed } = this.#event;
    return this.#with([this.url, ...urls], feed.profile.url);
  }

  get hosts(): readonly string[] {
    const { hosts, feed } = this.#event;
    return this.#with([this.host, ...hosts], feed.profile.host);
  }

  /** Also where the last value is judged, the others count: none may write itself into an exclusion. */
  #with(known: readonly string[], refs: Parameters<typeof allPresent>[1]): readonly string[] {
    const all = allPresent(this.fields, refs).map((index) => this.fields.trimmed(index));
    return [...new Set([...known, ...all])];
  }
}
