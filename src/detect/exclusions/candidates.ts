/**
 * Which exclusions are worth trying on an event. Most name a text, a domain or a network that the event
 * must hold: each field is read once and its keys are looked up, whatever the number of exclusions. The
 * others are tried always.
 */
import type { Clue } from './clues.js';
import type { EventValues } from './event-values.js';
import type { CompiledMatch, FieldRule } from './field-rule.js';
import { type Reader, type Reading, readerOf } from './readings.js';

export class Candidates {
  /** Positions of exclusions, in order. */
  readonly #always: readonly number[];
  readonly #lookUps: readonly LookUp[];

  constructor(matches: readonly CompiledMatch[]) {
    const plan = new Plan();
    const rules = matches.flat(2);
    for (const { slot, clues } of rules) for (const clue of clues ?? []) plan.count(slot, clue);
    this.#always = matches.flatMap((match, at) => (plan.add(match, at) ? [] : [at]));
    this.#lookUps = plan.lookUps();
  }

  /**
   * Positions of the exclusions that may match the event that the values have been started with, in
   * order; all others do not.
   */
  of(values: EventValues): readonly number[] {
    const found = new Set<number>();
    for (const lookUp of this.#lookUps) lookUp.into(found, values);
    if (found.size === 0) return this.#always;
    return [...this.#always, ...found].sort((a, b) => a - b);
  }
}

/** A key that an event may hold, and the exclusions for which it would be looked for. */
interface Wanted {
  /** How many values could be found by it. */
  uses: number;
  readonly exclusions: Set<number>;
}

interface Place {
  readonly slot: number;
  readonly reading: Reading;
  readonly wanted: Map<string, Wanted>;
}

/** Chooses by which key of which field each exclusion is found: the one that fewest others share. */
class Plan {
  readonly #places = new Map<string, Place>();

  count(slot: number, { reading, keys }: Clue): void {
    const { wanted } = this.#placeOf(slot, reading);
    for (const key of keys) {
      const known = wanted.get(key);
      if (known) known.uses++;
      else wanted.set(key, { uses: 1, exclusions: new Set() });
    }
  }

  /** False if it is to be tried always: one of its alternatives cannot be found by any key. */
  add(match: CompiledMatch, exclusion: number): boolean {
    const chosen = match.map((rules) => this.#choose(rules));
    if (chosen.includes(null)) return false;
    for (const wanted of chosen.flatMap((all) => all ?? [])) wanted.exclusions.add(exclusion);
    return true;
  }

  lookUps(): readonly LookUp[] {
    return [...this.#places.values()].map((place) => new LookUp(place)).filter((one) => one.isUsed);
  }

  /** A field that must pass will do for all of them: the one whose keys are least shared. */
  #choose(rules: readonly FieldRule[]): readonly Wanted[] | null {
    let best: readonly Wanted[] | null = null;
    for (const { slot, clues } of rules) {
      const wanted = clues?.map((clue) => this.#leastShared(slot, clue));
      if (wanted && (best === null || sharers(wanted) < sharers(best))) best = wanted;
    }
    return best;
  }

  #leastShared(slot: number, { reading, keys }: Clue): Wanted {
    const { wanted } = this.#placeOf(slot, reading);
    return keys.map((key) => wanted.get(key)!).reduce((a, b) => (b.uses < a.uses ? b : a));
  }

  #placeOf(slot: number, reading: Reading): Place {
    const name = `${slot} ${reading}`;
    const known = this.#places.get(name);
    if (known) return known;
    const place: Place = { slot, reading, wanted: new Map() };
    this.#places.set(name, place);
    return place;
  }
}

function sharers(wanted: readonly Wanted[]): number {
  return wanted.reduce((sum, { uses }) => sum + uses, 0);
}

/** One field, read in one way. */
class LookUp {
  readonly #slot: number;
  readonly #reader: Reader;
  readonly #exclusions = new Map<string, ReadonlySet<number>>();

  constructor({ slot, reading, wanted }: Place) {
    for (const [key, { exclusions }] of wanted) {
      if (exclusions.size > 0) this.#exclusions.set(key, exclusions);
    }
    this.#slot = slot;
    this.#reader = readerOf(reading, [...this.#exclusions.keys()]);
  }

  get isUsed(): boolean {
    return this.#exclusions.size > 0;
  }

  into(found: Set<number>, values: EventValues): void {
    const held = values.held(this.#slot);
    if (held.length === 0) return;
    // A key that comes again adds nothing: text that repeats one costs no more than other text.
    let hits: Set<ReadonlySet<number>> | null = null;
    const add = (key: string): void => {
      const exclusions = this.#exclusions.get(key);
      if (exclusions === undefined || hits?.has(exclusions)) return;
      hits ??= new Set();
      hits.add(exclusions);
      for (const exclusion of exclusions) found.add(exclusion);
    };
    for (const { texts } of held) for (const text of texts) this.#reader(text, add);
  }
}
