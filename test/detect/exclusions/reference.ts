/**
 * A second, naive evaluator of exclusions, written from the manual and not from the compiler: it
 * looks at the event as a list of pairs, tries each value in turn and backtracks through wildcards.
 * Slow and plain.
 */
import type { MatchMap, MatchValue } from '../../../src/config/config.js';

export type Pair = readonly [string, string];

/** Names the random rules use, and the keys each stands for. */
export const referenceNames: Readonly<Record<string, readonly string[]>> = {
  suser: ['suser'],
  SourceUserName: ['suser'],
  msg: ['msg'],
  message: ['msg'],
  in: ['in'],
  ReceivedBytes: ['in'],
  dst: ['dst'],
  'destination.ip': ['dst'],
  dhost: ['dhost'],
  'process.executable': ['sproc', 'dproc', 'deviceProcessName'],
  'user.name': ['suser', 'duser'],
  'key:vendorKey': ['vendorKey'],
};

export function evaluate(match: MatchMap | readonly MatchMap[], event: readonly Pair[]): boolean {
  const maps = Array.isArray(match) ? (match as readonly MatchMap[]) : [match as MatchMap];
  return maps.some((map) =>
    Object.entries(map).every(([key, value]) => evaluateField(key, value, event)),
  );
}

function evaluateField(key: string, value: MatchMap[string], event: readonly Pair[]): boolean {
  const [name, ...modifiers] = key.split('|');
  const values = (Array.isArray(value) ? value : [value]) as readonly MatchValue[];
  const groups = referenceNames[name!]!.map((k) =>
    event.filter(([other, text]) => other === k && text !== '').map(([, text]) => text),
  ).filter((texts) => texts.length > 0);
  if (modifiers.includes('exists')) return groups.length > 0 === values[0];
  const wantsAbsence = values.some((v) => v === null || v === '');
  if (groups.length === 0) return wantsAbsence;
  const real = values.filter((v) => v !== null && v !== '');
  const test = (text: string): boolean => {
    const hits = real.map((v) => evaluateValue(v as string | number | boolean, modifiers, text));
    return modifiers.includes('all') ? hits.every(Boolean) : hits.some(Boolean);
  };
  return groups.some((texts) => texts.every(test));
}

function evaluateValue(
  value: string | number | boolean,
  modifiers: readonly string[],
  text: string,
): boolean {
  const has = (modifier: string): boolean => modifiers.includes(modifier);
  const number = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(text)
    ? Number(text.trim())
    : null;
  if (has('gt')) return number !== null && number > Number(value);
  if (has('gte')) return number !== null && number >= Number(value);
  if (has('lt')) return number !== null && number < Number(value);
  if (has('lte')) return number !== null && number <= Number(value);
  if (has('cidr')) return inNetwork(String(value), text);
  if (has('domain')) return inDomain(String(value), text);
  if (has('re')) return new RegExp(String(value), has('i') ? 'iu' : 'u').test(text);
  const plain = !has('contains') && !has('startswith') && !has('endswith');
  if (typeof value === 'number' && plain) return number === value;
  const pattern = parse(String(value));
  const any: readonly Piece[] = [{ wild: '*' }];
  const framed = [
    ...(has('contains') || has('endswith') ? any : []),
    ...pattern,
    ...(has('contains') || has('startswith') ? any : []),
  ];
  const lower = (s: string): string => (has('cased') ? s : s.toLowerCase());
  const pieces = framed.map((piece) => ('text' in piece ? { text: lower(piece.text) } : piece));
  return like(pieces, [...lower(text)]);
}

type Piece = { readonly text: string } | { readonly wild: '*' | '?' };

/** The table of Sigma's escapes, one backslash run after the other. */
function parse(value: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const [part] of value.matchAll(/\\+[*?]|\\+|[*?]|[^\\*?]/gu)) {
    const slashes = part.match(/^\\*/)![0].length;
    const rest = part.slice(slashes);
    if (rest === '*' || rest === '?') {
      for (let i = 0; i < Math.floor(slashes / 2); i++) pieces.push({ text: '\\' });
      pieces.push(slashes % 2 === 1 ? { text: rest } : { wild: rest });
    } else if (slashes > 0) {
      for (let i = 0; i < Math.ceil(slashes / 2); i++) pieces.push({ text: '\\' });
    } else {
      pieces.push({ text: rest });
    }
  }
  return pieces;
}

function like(pieces: readonly Piece[], text: readonly string[]): boolean {
  const [first, ...rest] = pieces;
  if (!first) return text.length === 0;
  if ('text' in first) return text[0] === first.text && like(rest, text.slice(1));
  if (first.wild === '?') return text.length > 0 && like(rest, text.slice(1));
  return like(rest, text) || (text.length > 0 && like(pieces, text.slice(1)));
}

/** IPv4 only: the random rules use no other. */
function inNetwork(network: string, text: string): boolean {
  const [base, prefix = '32'] = network.split('/');
  const bits = (address: string): string | null => {
    const parts = address.split('.');
    const valid = parts.length === 4 && parts.every((p) => /^\d{1,3}$/.test(p) && +p < 256);
    return valid ? parts.map((p) => (+p).toString(2).padStart(8, '0')).join('') : null;
  };
  const of = bits(text.replace(/^::ffff:/i, ''));
  return of?.slice(0, +prefix) === bits(base!)!.slice(0, +prefix);
}

/** Hosts, with port or trailing dot, up to what ends one in a URL; no user information. */
function inDomain(domain: string, text: string): boolean {
  const labels = (host: string): readonly string[] =>
    host.toLowerCase().replace(/\.$/, '').split('.').reverse();
  const host = text
    .trim()
    .replace(/^[\\/]{2}/, '')
    .split(/[\\/?#:]/)[0]!
    .trim();
  const found = labels(host);
  if (!found.every((label) => /^[a-z0-9_\u0080-\u{10ffff}-]+$/u.test(label))) return false;
  return labels(domain).every((label, i) => found[i] === label);
}
