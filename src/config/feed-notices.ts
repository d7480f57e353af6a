/** Entries of `feeds` that are surely not meant so: a misspelled field, a row that never counts. */
import { distance } from 'fastest-levenshtein';
import { keys } from '../dictionary/dictionary.js';
import { nearest } from '../nearest.js';
import type { FeedConfig } from './config.js';
import { quote } from './config-error.js';

const fieldKeys = {
  received: 'received',
  sent: 'sent',
  host: 'host',
  fileType: 'file_type',
  url: 'url',
  method: 'method',
  status: 'status',
  action: 'action',
} as const satisfies Partial<Record<keyof FeedConfig, string>>;

/** More say nothing new, and each is a line of the log at every start. */
const mostTold = 20;

export function feedNotices(feeds: readonly FeedConfig[]): string[] {
  const all = [...feeds.flatMap(misspelled), ...covered(feeds)];
  return all.length <= mostTold
    ? all
    : [...all.slice(0, mostTold), `feeds: … and ${all.length - mostTold} more notices`];
}

/** As the pattern is compared: case and white space around it do not count (feeds/header-pattern.ts). */
export function foldPattern(pattern: string): string {
  return pattern.trim().toLowerCase().replace(/\*+/g, '*');
}

const names: readonly string[] = keys
  .filter(({ id }) => id > 0)
  .flatMap(({ key, fullName, column }) => [key, fullName, column])
  .filter((name) => name !== '');
const known: ReadonlySet<string> = new Set(names.map((name) => name.toLowerCase()));

function misspelled(feed: FeedConfig, index: number): string[] {
  return Object.entries(fieldKeys).flatMap(([key, written]) => {
    const fields = feed[key as keyof typeof fieldKeys] ?? [];
    return fields.flatMap((name, at) => {
      const near = nearMiss(name);
      if (near === '') return [];
      const place = `feeds[${index}].${written}${fields.length > 1 ? `[${at}]` : ''}`;
      return (
        `${place}: no CEF key is called ${quote(name)}; if it is a key or label of the vendor's ` +
        `own, all is well; the nearest key is ${quote(near)}`
      );
    });
  });
}

/** The name of the dictionary that this one most likely misspells, or ''. */
function nearMiss(name: string): string {
  const folded = name.toLowerCase();
  if (known.has(folded)) return '';
  const near = nearest(
    name,
    names.filter(({ length }) => Math.abs(length - name.length) <= 2),
  );
  const apart = near === '' ? Number.POSITIVE_INFINITY : distance(folded, near.toLowerCase());
  // Few mistype the first letter; vendors' own names end alike (`mimeType`, `fileType`).
  return apart === 1 || (apart === 2 && folded[0] === near[0]?.toLowerCase()) ? near : '';
}

interface Row {
  readonly vendor: string;
  readonly product: string;
}

/** Rows that an earlier one leaves nothing to; the same row twice is a mistake (rules.ts). */
function covered(feeds: readonly FeedConfig[]): string[] {
  const rows = feeds.map(
    (feed): Row => ({ vendor: foldPattern(feed.vendor), product: foldPattern(feed.product) }),
  );
  return rows.flatMap((row, index) => {
    const first = rows.findIndex(
      (other, at) =>
        at < index && covers(other.vendor, row.vendor) && covers(other.product, row.product),
    );
    if (first < 0) return [];
    return `feeds[${index}] never counts: feeds[${first}] stands before it and fits all that it fits`;
  });
}

/** Only where it is certain, so a pattern with `*` inside covers but itself. */
function covers(pattern: string, other: string): boolean {
  if (pattern === other || pattern === '*') return true;
  const star = pattern.indexOf('*');
  return star > 0 && star === pattern.length - 1 && other.startsWith(pattern.slice(0, -1));
}
