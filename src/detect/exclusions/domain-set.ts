/**
 * `domain`: the name or a subdomain of it. The value may be a host, with port and trailing dot, or
 * a URL. What is compared are whole labels of the host, so neither `evilgoogle.com` nor
 * `google.com.evil.net` nor `http://evil.net/google.com` is taken for `google.com`.
 */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import type { MatchValue } from '../../config/config.js';
import { splitUrl } from './url-parts.js';
import type { Text, ValueSet } from './value-set.js';

/** RFC 1035 allows 253 characters; a name in Unicode may be spelled longer, never by much. */
const longestHost = 1024;

export class DomainSet implements ValueSet {
  readonly testedEach = 0;
  readonly #names = new Set<string>();

  add(value: Exclude<MatchValue, null>): string | null {
    const written = String(value).trim();
    if (/[*?]/.test(written)) {
      return 'domain takes no wildcard: google.com stands for the name and every subdomain';
    }
    const bare = withoutFirstDot(written);
    if (isIP(bare)) return 'an address is not a domain: use cidr';
    const name = /[/\\:@]/.test(bare) ? '' : comparableHost(bare);
    if (name === '') return 'not a domain name: expected one such as google.com';
    this.#names.add(name);
    return null;
  }

  has({ text }: Text): boolean {
    return namesAbove(comparableHost(text)).some((name) => this.#names.has(name));
  }
}

/** The name of a domain, in the form of `comparableHost`. */
export function hostOfName(value: string): string {
  return comparableHost(withoutFirstDot(value.trim()));
}

function withoutFirstDot(name: string): string {
  return name.startsWith('.') ? name.slice(1) : name;
}

/** The host and every name above it: `a.b.c`, `b.c`, `c`. An address ends in none: `10.0.0.1` has no parent `0.0.1`. */
export function namesAbove(host: string): readonly string[] {
  if (host === '' || isIP(host)) return [];
  const names = [host];
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    names.push(host.slice(dot + 1));
  }
  return names;
}

/** A host in comparable form, or '' if it cannot be one. */
export function comparableHost(value: string): string {
  const host = splitUrl(value.trim()).host;
  if (host.length > longestHost) return '';
  const ascii = /^[\x21-\x7e]*$/.test(host) ? host.toLowerCase() : domainToASCII(host);
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  // A percent sign or a quote could hide where the name ends.
  return /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name) ? name : '';
}
