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
import type { DetectionConfig } from '../../config/config.js';
import { keyId } from '../../dictionary/dictionary.js';
import type { FeedProfile, FieldRef } from '../../feed.js';
import type { Fields } from '../../fields.js';
import { cutUrl } from '../url.js';
import type { EventUrls } from './event-urls.js';
import { Placeholders } from './placeholders.js';
import { RecentTexts } from './recent-texts.js';

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

export interface FoundHost {
  /** As received, never ''. */
  readonly host: string;
  /** Of the field where it was found; -1: in the URL. */
  readonly index: number;
}

/** Finds who served (or received) the JPEG. */
export class HostFinder {
  readonly #fallback: boolean;
  readonly #mostSuspicious: boolean;
  readonly #placeholders: Placeholders;
  readonly #texts = new RecentTexts();

  constructor(
    detection: Pick<DetectionConfig, 'hostFallback' | 'mostSuspicious' | 'placeholders'>,
  ) {
    this.#fallback = detection.hostFallback;
    this.#mostSuspicious = detection.mostSuspicious;
    this.#placeholders = new Placeholders(detection.placeholders);
  }

  /**
   * The hosts that the event names: none, one, or, where any of several may be forged and the most
   * suspicious counts, each of them. The profile's fields; with `host_fallback` else the URL's host, else
   * `dst`.
   */
  find(fields: Fields, profile: FeedProfile, urls: Pick<EventUrls, 'all'>): readonly FoundHost[] {
    if (!this.#mostSuspicious) return this.#first(fields, profile, urls);
    const indexes = occurrences(fields, profile.host);
    const hosts = this.#named(fields, indexes);
    // Beside an empty one or a placeholder, a host may be the forged one: the fallback's is looked at, too.
    const isSure = hosts.length > 0 && hosts.length === indexes.length;
    const found = isSure || !this.#fallback ? hosts : [...hosts, ...this.#ofFallback(fields, urls)];
    return found.length < 2 ? found : distinct(found);
  }

  #first(fields: Fields, profile: FeedProfile, urls: Pick<EventUrls, 'all'>): readonly FoundHost[] {
    for (let i = 0; i < profile.host.length; i++) {
      const hosts = this.#named(fields, [profile.host[i]!.indexIn(fields)]);
      if (hosts.length > 0) return hosts;
    }
    return this.#fallback ? this.#ofFallback(fields, urls).slice(0, 1) : none;
  }

  /** @param indexes -1 for none */
  #named(fields: Fields, indexes: readonly number[]): readonly FoundHost[] {
    const named: FoundHost[] = [];
    for (let i = 0; i < indexes.length; i++) {
      const index = indexes[i]!;
      const host = index < 0 ? '' : this.#texts.trimmed(fields, index);
      if (host === '' || this.#placeholders.has(host)) continue;
      named.push({ host, index });
    }
    return named;
  }

  #ofFallback(fields: Fields, { all: urls }: Pick<EventUrls, 'all'>): readonly FoundHost[] {
    const found = urls
      .map((url) => ({ host: urlHost(url), index: -1 }))
      .filter(({ host }) => host !== '' && !this.#placeholders.has(host));
    // A URL that names no host may be the true one of two.
    if (found.length === urls.length && found.length > 0) return found;
    return [...found, ...this.#named(fields, dstIndexes(fields))];
  }
}

const none: readonly FoundHost[] = [];

/** Of every field of the list, empty ones too. */
function occurrences(fields: Fields, refs: readonly FieldRef[]): readonly number[] {
  if (refs.length !== 1) return refs.flatMap((ref) => ref.allIn(fields));
  const ref = refs[0]!;
  return ref.repeatsIn(fields) ? ref.allIn(fields) : [ref.indexIn(fields)];
}

function dstIndexes(fields: Fields): readonly number[] {
  const last = fields.indexOf(dstId);
  if (last < 0 || fields.duplicates === 0) return [last];
  const all: number[] = [];
  for (let i = 0; i <= last; i++) if (fields.keyId[i] === dstId) all.push(i);
  return all;
}

function distinct(found: readonly FoundHost[]): readonly FoundHost[] {
  const seen = new Set<string>();
  return found.filter(({ host }) => !seen.has(host) && seen.add(host));
}

/**
 * Host (and port) of a URL as proxies write it, '' if it has none: `https://user@h:8080/a.jpg`,
 * `h/a.jpg`, `h:443`, but not `/a.jpg`. Text without a scheme and without a slash counts only where it
 * is an address or ends in a public suffix: `photo.jpg` is a file, not a host.
 */
export function urlHost(url: string): string {
  const { hasScheme, authority, rest } = cutUrl(url);
  if (hasScheme || authority === '') return authority;
  if (authority.length > maxHostLength) return '';
  if (!/^(?:[^\s:[\]"'<>%&=|^{}`]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i.test(authority)) return '';
  const slashFollows = rest.startsWith('/') || rest.startsWith('\\');
  return slashFollows || isKnownName(normalizeHost(authority)) ? authority : '';
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

/**
 * Lower case letters, digits, hyphens, dots and underscores, ending in a letter: nearly every host as
 * received. There is nothing about it to normalise, and it is no address.
 */
function isPlainName(host: string): boolean {
  const { length } = host;
  if (length === 0 || length > maxHostLength || !isLetter(host.charCodeAt(length - 1)))
    return false;
  for (let i = length - 2; i >= 0; i--) {
    const code = host.charCodeAt(i);
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isLetter(code) && !isDigit && code !== 0x2d && code !== 0x2e && code !== 0x5f)
      return false;
  }
  return true;
}

function isLetter(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

/** Lower case, no port, no brackets, no trailing dot, punycode. Never ''. */
export function normalizeHost(host: string): string {
  if (isPlainName(host)) return host;
  const lower = host.trim().toLowerCase();
  const bare = withoutLastDots(withoutPort(lower));
  if (bare === '') return lower === '' ? host : lower;
  if (isIPv6(bare)) return canonicalIPv6(bare);
  // ASCII stays as it is: the URL standard would read `1.2.3` as the address 1.2.0.3. So does what is no
  // name for its length, since punycode takes quadratic time.
  if (bare.length > maxHostLength || /^[\x00-\x7f]*$/.test(bare)) return bare;
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
  if (!isPlainName(name) && isIP(name) !== 0) return name;
  const domain = getDomain(name, suffixList);
  return domain === null || domain.startsWith('.') ? name : domain;
}
