/** The name that was probably meant: for messages about unknown fields, modifiers and config keys. */
import { distance } from 'fastest-levenshtein';

/** Names are short; a long wrong one must not cost more than one. */
const longest = 100;
/** As few letters are the beginning of anything. */
const leastPrefix = 5;

/**
 * The candidate at the smallest edit distance, if that is less than half of the longer name: beyond
 * it, a guess leads astray. Else the shortest candidate that begins with the name, marks between words
 * aside (`userAgent` for `user_agent.original`). '' if there is none. Case counts only between
 * equals.
 */
export function nearest(name: string, candidates: Iterable<string>): string {
  const wanted = name.slice(0, longest);
  const begun = squashed(wanted);
  let best = '';
  let least = Number.POSITIVE_INFINITY;
  let longer = '';
  for (const candidate of candidates) {
    const apart = isSwap(wanted.toLowerCase(), candidate.toLowerCase())
      ? 1
      : distance(wanted.toLowerCase(), candidate.toLowerCase());
    const cost = apart + distance(wanted, candidate) / 1000;
    if (cost < least && apart * 2 < Math.max(wanted.length, candidate.length)) {
      best = candidate;
      least = cost;
    }
    const begins = begun.length >= leastPrefix && squashed(candidate).startsWith(begun);
    if (begins && (longer === '' || candidate.length < longer.length)) longer = candidate;
  }
  return best === '' ? longer : best;
}

/** Two neighbours have changed places: one slip, though two edits. */
function isSwap(a: string, b: string): boolean {
  if (a.length !== b.length || a === b) return false;
  let at = 0;
  while (a[at] === b[at]) at++;
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

const squashed = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
