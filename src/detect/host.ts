/**
 * Who served the JPEG, in two steps. `HostFinder` finds the host in the event, as received; that text is
 * what buckets keep. `hostKeyFor` turns such a text into the name under which it is known, so that a
 * change of `new_source` needs no new observations.
 *
 * The text is the attacker's: it may be anything, of any length.
 */
import { createHash } from 'node:crypto';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { getDomain, parse } from 'tldts';
import type { DetectionConfig } from '../config/config.js';
import { keyId } from '../dictionary/dictionary.js';
import type { FeedProfile, FieldRef } from '../feed.js';
import type { Fields } from '../fields.js';
import { occurrences } from './judged-fields.js';
import { Placeholders } from './placeholders.js';

const dstId = keyId('dst');

/** A DNS name has at most 253 (RFC 1035); longer texts are kept as a hash and their end. */
const maxHostLength = 255;
/** The name is already cut out and checked; the private section makes `a.github.io` its own domain. */
const suffixList = {
  allowPrivateDomains: true,
  extractHostname: false,
  validateHostname: false,
  detectIp: false,
};

/** Where the host of an event was found: a field's key as received, or the host of the URL. */
export interface FoundHost {
  /** As received, never ''. */
  readonly host: string;
  readonly from: string;
}

/** Finds who served (or received) the JPEG. */
export class HostFinder {
  readonly #fallback: boolean;
  readonly #mostSuspicious: boolean;
  readonly #placeholders: Placeholders;

  constructor(
    detection: Pick<DetectionConfig, 'hostFallback' | 'mostSuspicious' | 'placeholders'>,
  ) {
    this.#fallback = detection.hostFallback;
    this.#mostSuspicious = detection.mostSuspicious;
    this.#placeholders = new Placeholders(detection.placeholders);
  }

  /**
   * The hosts that the event names: none, one, or, where a key came twice and the most suspicious value
   * counts, each of its values. The profile's field; with `host_fallback` else the URL's host, else `dst`.
   */
  find(fields: Fields, profile: FeedProfile, url: string): readonly FoundHost[] {
    const named = this.#inFields(fields, profile.host);
    if (named.length > 0 || !this.#fallback) return named;
    const ofUrl = urlHost(url);
    if (ofUrl !== '' && !this.#placeholders.has(ofUrl)) return [{ host: ofUrl, from: 'URL' }];
    return this.#inFields(fields, dst);
  }

  #inFields(fields: Fields, refs: readonly FieldRef[]): readonly FoundHost[] {
    if (this.#mostSuspicious && fields.duplicates > 0) return this.#inAnyOf(fields, refs);
    // One at a time: a placeholder in the first field gives way to the second.
    for (let i = 0; i < refs.length; i++) {
      const index = refs[i]!.indexIn(fields);
      const host = index < 0 ? '' : fields.trimmed(index);
      if (host !== '' && !this.#placeholders.has(host)) return [{ host, from: fields.key(index) }];
    }
    return none;
  }

  #inAnyOf(fields: Fields, refs: readonly FieldRef[]): readonly FoundHost[] {
    for (const ref of refs) {
      const found = occurrences(fields, [ref])
        .map((index) => ({ host: fields.trimmed(index), from: fields.key(index) }))
        .filter(({ host }) => !this.#placeholders.has(host));
      if (found.length > 0) return found;
    }
    return none;
  }
}

const none: readonly FoundHost[] = [];

const dst: readonly FieldRef[] = [
  {
    name: 'dst',
    indexIn: (fields) => fields.indexOf(dstId),
    allIn: (fields) => indexesOf(fields, dstId),
  },
];

function indexesOf(fields: Fields, id: number): readonly number[] {
  const found: number[] = [];
  for (let i = 0; i < fields.count; i++) if (fields.keyId[i] === id) found.push(i);
  return found;
}

/**
 * Host (and port) of a URL as proxies write it, '' if it has none: `https://user@h:8080/a.jpg`,
 * `h/a.jpg`, `h:443`, but not `/a.jpg`. Text without a scheme and without a slash counts only where it
 * is an address or ends in a public suffix: `photo.jpg` is a file, not a host.
 */
export function urlHost(url: string): string {
  const scheme = /^\s*(?:[a-z][a-z0-9+.-]{0,30}:)?\/\//i.exec(url);
  const from = scheme === null ? 0 : scheme[0].length;
  const length = url.slice(from).search(/[/?#\\]/);
  const authority = length < 0 ? url.slice(from) : url.slice(from, from + length);
  const host = authority.slice(authority.lastIndexOf('@') + 1).trim();
  if (scheme !== null || host === '') return host;
  if (!/^(?:[^\s:[\]"'<>%&=|^{}`]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i.test(host)) return '';
  const slashFollows = url[length] === '/' || url[length] === '\\';
  return slashFollows || isKnownName(normalizeHost(host)) ? host : '';
}

function isKnownName(name: string): boolean {
  if (isIP(name) !== 0) return true;
  const { domain, isIcann, isPrivate } = parse(name, suffixList);
  return domain !== null && (isIcann === true || isPrivate === true);
}

/** The text that is judged and learned: as received, or for absurd lengths a hash and the end of it. */
export function boundedHost(host: string): string {
  if (host.length <= maxHostLength) return host;
  const hash = createHash('sha256').update(host).digest('hex');
  // Without a half surrogate pair at the cut, which would not survive being written to disk.
  const end = host.slice(-180).replace(/^[\uDC00-\uDFFF]/, '');
  return `${hash}~${end}`;
}

/** The function from a host as received (not empty) to the name under which it is known. */
export function hostKeyFor(detection: DetectionConfig): (host: string) => string {
  const { normalizeHost: normalizes, newSource } = detection;
  return (host) => {
    const name = normalizes ? normalizeHost(host) : host;
    // A host that served a large JPEG is a host by its own name: one must not vouch for another.
    return newSource === 'registrable_domain' ? registrableDomain(name) : name;
  };
}

/** Lower case, no port, no brackets, no trailing dot, punycode. Never ''. */
export function normalizeHost(host: string): string {
  const lower = host.trim().toLowerCase();
  const bare = withoutLastDots(withoutPort(lower));
  if (bare === '') return lower === '' ? host : lower;
  if (isIPv6(bare)) return canonicalIPv6(bare);
  // ASCII stays as it is: the URL standard would read `1.2.3` as the address 1.2.0.3.
  if (/^[\x00-\x7f]*$/.test(bare)) return bare;
  return domainToASCII(bare) || bare;
}

function withoutPort(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{0,5})?$/.exec(host);
  if (bracketed !== null) return bracketed[1]!;
  const colon = host.indexOf(':');
  const hasPort = colon >= 0 && /^\d{0,5}$/.test(host.slice(colon + 1));
  return hasPort ? host.slice(0, colon) : host;
}

/** By hand: the expression `\.+$` takes seconds for 64 KiB of dots that are not the last thing. */
function withoutLastDots(host: string): string {
  let end = host.length;
  while (end > 0 && host[end - 1] === '.') end--;
  return host.slice(0, end);
}

function canonicalIPv6(address: string): string {
  const withoutZone = address.replace(/%.*$/, '');
  const mapped = withoutZone.replace(/^::ffff:(?=\d+\.)/, '');
  return isIPv4(mapped) ? mapped : new URL(`http://[${withoutZone}]`).hostname.slice(1, -1);
}

/** An address, a bare name and a public suffix have no domain above them: each stands for itself. */
function registrableDomain(name: string): string {
  if (isIP(name) !== 0) return name;
  const domain = getDomain(name, suffixList);
  return domain === null || domain.startsWith('.') ? name : domain;
}
