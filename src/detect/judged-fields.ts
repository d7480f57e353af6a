/**
 * Finds the fields that a feed's profile names. White space around a value is the layout of the frame,
 * not the value, and a value of nothing else is absent (C19).
 */
import type { FieldRef } from '../feed.js';
import type { Fields } from '../fields.js';

/** Index of the first of these fields that the event holds, -1 if it holds none. Makes nothing. */
export function firstPresent(fields: Fields, refs: readonly FieldRef[]): number {
  for (let i = 0; i < refs.length; i++) {
    const index = refs[i]!.indexIn(fields);
    if (index >= 0 && isPresent(fields, index)) return index;
  }
  return -1;
}

/** Indexes of every value of that field, in order: more than one where a key came twice. */
export function occurrences(fields: Fields, refs: readonly FieldRef[]): readonly number[] {
  for (const ref of refs) {
    const found = ref.allIn(fields).filter((index) => isPresent(fields, index));
    if (found.length > 0) return found;
  }
  return [];
}

/** The values to look at: the last, or, where any of several may be the forged one, all. */
export function judgedValues(
  fields: Fields,
  refs: readonly FieldRef[],
  mostSuspicious: boolean,
): readonly number[] {
  if (mostSuspicious && fields.duplicates > 0) return occurrences(fields, refs);
  const index = firstPresent(fields, refs);
  return index < 0 ? none : [index];
}

const none: readonly number[] = [];

function isPresent(fields: Fields, index: number): boolean {
  return fields.trimmedEnd(index) > fields.valueStart[index]!;
}
