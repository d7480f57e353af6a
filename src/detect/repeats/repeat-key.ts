/**
 * What two alerts must share for the second to be a repeat, as one text. Its parts are the sender's, so
 * they are written as JSON, in which no text can pass for two, and long ones as a hash and their end.
 * JSON also writes half surrogate pairs as escapes: the text survives being written to disk.
 *
 *     ["download","host","evil.example","user","alice"]
 *     ["download","no host","Zscaler NSSWeblog"]
 */
import type { RepeatBy } from '../../config/config.js';
import { printable } from '../../observe/printable.js';
import type { Direction } from '../../verdict.js';
import { boundedHost } from '../event/host.js';

export interface RepeatFacts {
  readonly direction: Direction;
  /** The name under which the host is known, '' if the event names none. */
  readonly host: string;
  /** Name of the feed: stands for what the event does not name. */
  readonly feed: string;
  /** '' if the event names none. */
  readonly account: string;
  readonly filename: string;
}

/** One order, so that `by: [user, host]` and `by: [host, user]` are the same. */
const order: readonly RepeatBy[] = ['host', 'user', 'file'];
/** A part in words is cut at this many UTF-16 units. */
const maxShown = 80;

/** Null if nothing is ever a repeat (`by` is empty). */
export function repeatKey(facts: RepeatFacts, by: readonly RepeatBy[]): string | null {
  if (by.length === 0) return null;
  const key: string[] = [facts.direction];
  for (const part of order) {
    if (!by.includes(part)) continue;
    const text = textOf(facts, part);
    if (text === '') key.push(`no ${part}`, boundedHost(facts.feed));
    else key.push(part, boundedHost(text));
  }
  return JSON.stringify(key);
}

/** True if `key` is one that `repeatKey` makes with this `by`; false for any other text. */
export function isKeyBy(key: string, by: readonly RepeatBy[]): boolean {
  const parts = partsOf(key);
  const wanted = order.filter((part) => by.includes(part));
  if (parts === null || parts.pairs.length !== wanted.length) return false;
  return wanted.every((part, i) => parts.pairs[i]!.mark.replace('no ', '') === part);
}

/** For people: `host evil.example, user alice`; `no host, feed Zscaler NSSWeblog`. One line. */
export function keyInWords(key: string): string {
  const parts = partsOf(key);
  if (parts === null) return '';
  const words = parts.pairs.map(({ mark, text }) =>
    mark.startsWith('no ') ? `${mark}, feed ${shown(text)}` : `${mark} ${shown(text)}`,
  );
  return `${parts.direction === 'upload' ? 'upload, ' : ''}${words.join(', ')}`;
}

/** For people: `one host and user`, `one feed without a host`. */
export function sharedInWords(key: string): string {
  const marks = (partsOf(key)?.pairs ?? []).map(({ mark }) => mark);
  const named = marks.filter((mark) => !mark.startsWith('no '));
  const absent = marks.filter((mark) => mark.startsWith('no ')).map((mark) => mark.slice(3));
  if (absent.length === 0) return `one ${named.join(' and ')}`;
  return `one ${['feed', ...named].join(' and ')} without a ${absent.join(' or ')}`;
}

function textOf(facts: RepeatFacts, part: RepeatBy): string {
  if (part === 'host') return facts.host;
  return part === 'user' ? facts.account : facts.filename;
}

interface KeyParts {
  readonly direction: string;
  readonly pairs: readonly { readonly mark: string; readonly text: string }[];
}

/** Null for what is not a key: files may hold anything. */
function partsOf(key: string): KeyParts | null {
  let parts: unknown;
  try {
    parts = JSON.parse(key);
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length % 2 === 0) return null;
  if (!parts.every((part) => typeof part === 'string')) return null;
  const [direction, ...rest] = parts;
  if (direction !== 'download' && direction !== 'upload') return null;
  const pairs = [];
  for (let i = 0; i < rest.length; i += 2) {
    const mark = rest[i]!;
    if (!order.some((part) => mark === part || mark === `no ${part}`)) return null;
    pairs.push({ mark, text: rest[i + 1]! });
  }
  return { direction, pairs };
}

function shown(text: string): string {
  if (text.length <= maxShown) return printable(text);
  return printable(`${text.slice(0, maxShown - 1).replace(/[\uD800-\uDBFF]$/, '')}…`);
}
