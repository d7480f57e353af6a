/** For messages about a wrong name: the name as written, and the nearest right one. */
import { distance } from 'fastest-levenshtein';

/** Names are short; a long wrong one must not cost more than one. */
const longest = 100;

/** In quotes, on one line and not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text);
}

/** The candidate at the smallest edit distance; case counts only between equals. */
export function nearest(name: string, candidates: Iterable<string>): string {
  const wanted = name.slice(0, longest);
  let best = '';
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const apart = distance(wanted.toLowerCase(), candidate.toLowerCase());
    const cost = apart + distance(wanted, candidate) / 1000;
    if (cost < least) {
      best = candidate;
      least = cost;
    }
  }
  return best;
}
