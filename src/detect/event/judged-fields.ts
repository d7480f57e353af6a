/** Which values of the fields that a feed's profile names are to be judged. */
import { type FieldRef, firstPresent, isPresent } from '../../feed.js';
import type { Fields } from '../../fields.js';

/** Every value of one field, mostly none or one. */
export function valuesOf(fields: Fields, ref: FieldRef): readonly number[] {
  if (ref.repeatsIn(fields)) return ref.allIn(fields).filter((index) => isPresent(fields, index));
  const index = ref.indexIn(fields);
  return index >= 0 && isPresent(fields, index) ? [index] : none;
}

/**
 * Every value of every one of these fields, in order of the fields: text that a device failed to escape
 * can forge any of them, also one that the feed itself does not send.
 */
export function allPresent(fields: Fields, refs: readonly FieldRef[]): readonly number[] {
  if (refs.length === 1) return valuesOf(fields, refs[0]!);
  return [...new Set(refs.flatMap((ref) => valuesOf(fields, ref)))];
}

/** The values to look at: of the first field present the last, or, where any may be forged, all. */
export function judgedValues(
  fields: Fields,
  refs: readonly FieldRef[],
  mostSuspicious: boolean,
): readonly number[] {
  if (mostSuspicious) return allPresent(fields, refs);
  const index = firstPresent(fields, refs);
  return index < 0 ? none : [index];
}

/** True if any of these fields may be there more than once. */
export function repeats(fields: Fields, refs: readonly FieldRef[]): boolean {
  for (let i = 0; i < refs.length; i++) if (refs[i]!.repeatsIn(fields)) return true;
  return false;
}

const none: readonly number[] = [];
