/**
 * Reads each field of the running event once, however many exclusions ask for it, and only if one
 * asks. The compiler takes a slot per field; `start` forgets the event before.
 */
import type { EventFacts } from './event-facts.js';
import { EventIndex } from './event-index.js';
import type { Source } from './field-sources.js';
import { fold, type Text, type TextTest } from './value-set.js';

/** The occurrences of one source's value in the event; never empty, no text in it is empty. */
type Occurrences = readonly Text[];

export class EventValues {
  readonly #slots: (readonly Source[])[] = [];
  readonly #slotByIds = new Map<string, number>();
  #values: (readonly Occurrences[] | undefined)[] = [];
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
    return this.#read(slot).length === 0;
  }

  /** True if any source passes the test with every occurrence of its value. */
  some(slot: number, test: TextTest): boolean {
    return this.#read(slot).some((occurrences) => occurrences.every(test));
  }

  #read(slot: number): readonly Occurrences[] {
    const known = this.#values[slot];
    if (known) return known;
    const event = this.#event;
    const read: Occurrences[] = [];
    for (const source of event ? this.#slots[slot]! : []) {
      const texts = source.read(event!, this.#index).filter((text) => text !== '');
      if (texts.length > 0) read.push(texts.map((text) => ({ text, folded: fold(text) })));
    }
    this.#values[slot] = read;
    return read;
  }
}
