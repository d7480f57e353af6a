/** One line of a match, compiled: a field and what its value must be. */
import type { Clue } from './clues.js';
import type { EventValues } from './event-values.js';
import type { FieldKey } from './modifiers.js';
import type { TextTest } from './value-set.js';

export interface FieldRule {
  /** As configured, modifiers included. */
  readonly text: string;
  readonly key: FieldKey;
  /** Where `EventValues` keeps what the event holds. */
  readonly slot: number;
  /** `contains "Veeam" or "Acronis"`. */
  readonly wanted: string;
  /** An event without the field may pass, so the field need never occur. */
  readonly absencePasses: boolean;
  /** The test of one value; null if only presence is asked for. */
  readonly passes: TextTest | null;
  /** Some of the values wanted, as written, to say that an event comes near. */
  readonly samples: readonly string[];
  /** An event that passes is found by one of them; null if only the test itself can tell. */
  readonly clues: readonly Clue[] | null;
  matches(values: EventValues): boolean;
}

/** Alternatives (OR) of fields (AND). */
export type CompiledMatch = readonly (readonly FieldRule[])[];

export function matchesAny(match: CompiledMatch, values: EventValues): boolean {
  return match.some((fields) => fields.every((field) => field.matches(values)));
}
