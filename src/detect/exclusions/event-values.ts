/**
 * Reads each field of the running event once, however many exclusions ask for it, and only if one
 * asks. The compiler takes a slot per field; `start` forgets the event before.
 */
import type { EventFacts } from './event-facts.js';
import { EventIndex } from './event-index.js';
import type { Source } from './field-sources.js';
import { fold, type Text, type TextTest } from './value-set.js';

/** What one source gives in the event: the occurrences of its value, never none, none of them empty. */
export interface Held {
  readonly id: string;
  readonly texts: readonly Text[];
}

export class EventValues {
  readonly #slots: (readonly Source[])[] = [];
  readonly #slotByIds = new Map<string, number>();
  #values: (readonly Held[] | undefined)[] = [];
  readonly #index = new EventIndex();
  #event: EventFacts | null = null;

  /** The slot for these sources. Start-up only. */
  slotOf(sources: readonly Source[]): number {
    const ids = sources.map(({ id }) => id).join('\n');
    const known = this.#slotByIds.get(ids);
    if (known !== undefined) return known;
    this.#slotByIds.set(ids, this.#slots.length);
    return this.#slots.push(sources) - 1;
  }

  start(event: EventFacts): void {
    this.#event = event;
    this.#values = new Array(this.#slots.length);
  }

  /** Lets go of the event and its texts. */
  end(): void {
    this.#event = null;
    this.#values = [];
    this.#index.clear();
  }

  absent(slot: number): boolean {
    return this.held(slot).length === 0;
  }

  /** True if any source passes the test with every occurrence of its value. */
  some(slot: number, test: TextTest): boolean {
    return this.held(slot).some(({ texts }) => texts.every(test));
  }

  /** What the event holds in this slot, by source. */
  held(slot: number): readonly Held[] {
    const known = this.#values[slot];
    if (known) return known;
    const event = this.#event;
    const read: Held[] = [];
    for (const source of event ? this.#slots[slot]! : []) {
      const texts = source.read(event!, this.#index).filter((text) => text !== '');
      if (texts.length === 0) continue;
      read.push({ id: source.id, texts: texts.map((text) => ({ text, folded: fold(text) })) });
    }
    this.#values[slot] = read;
    return read;
  }

  /** Ids of the slot's sources. */
  sourcesOf(slot: number): readonly string[] {
    return this.#slots[slot]!.map(({ id }) => id);
  }

  /** The labels of the event's custom fields and the keys that no dictionary holds, in lower case. */
  names(): { readonly labels: readonly string[]; readonly keys: readonly string[] } {
    return this.#event ? this.#index.names(this.#event.fields) : { labels: [], keys: [] };
  }
}
