/** `2026-11-24`, `2026-11-24T05:00`, with seconds, fraction and zone as one likes. */
const form = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/i;

/**
 * Epoch ms of an ISO 8601 moment, NaN for any other text. Without a zone it is UTC, as all times of
 * stegwatch are: Date.parse alone would take the machine's zone, and other verdicts on each machine.
 */
export function parseMoment(text: string): number {
  const match = form.exec(text);
  if (match === null) return Number.NaN;
  const withoutZone = match[1] === undefined && text.length > 'YYYY-MM-DD'.length;
  return Date.parse(withoutZone ? `${text}Z` : text);
}
