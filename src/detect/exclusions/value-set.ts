/**
 * The values one field of an exclusion is tested against, compiled at start: a set to which the
 * values are added one by one, and which then says of a text of the event whether it matches any of
 * them.
 */
import type { MatchValue } from '../../config/config.js';

/** A value of the event, as received and in lower case. */
export interface Text {
  readonly text: string;
  readonly folded: string;
}

export interface ValueSet {
  /** Null, or a sentence that says why the value cannot be used. */
  add(value: Exclude<MatchValue, null>): string | null;
  has(value: Text): boolean;
  /** How many of the values are tested one after the other; the rest costs a look-up or two. */
  readonly testedEach: number;
}

export type TextTest = (value: Text) => boolean;

/** How case is taken away. Both sides go through it. */
export const fold = (text: string): string => text.toLowerCase();
