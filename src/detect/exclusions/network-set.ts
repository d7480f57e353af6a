/**
 * `cidr`: is the value an address in one of these networks? IPv4, IPv6, mapped IPv4. One look-up for
 * each length of prefix that occurs, however many networks there are.
 */
import type { MatchValue } from '../../config/config.js';
import { isMapped, parseAddress, unmapped } from './ip-address.js';
import type { Text, ValueSet } from './value-set.js';

export class NetworkSet implements ValueSet {
  readonly testedEach = 0;
  // Two tables: `::/0` is every IPv6 address and no IPv4 address.
  readonly #v4 = new PrefixTable(32);
  readonly #v6 = new PrefixTable(128);

  /** @param value `10.0.0.0/8`, `2001:db8::/32`, or one address */
  add(value: Exclude<MatchValue, null>): string | null {
    const [text = '', prefixText, ...rest] = String(value).trim().split('/');
    const address = text.includes('%') ? null : parseAddress(text);
    const bits = address?.family === 4 ? 32 : 128;
    const prefix = prefixText === undefined ? bits : Number(prefixText);
    const wellFormed = prefixText === undefined || /^\d{1,3}$/.test(prefixText);
    if (address === null || rest.length > 0 || !wellFormed || prefix > bits) {
      return 'not a network: expected an address or a CIDR such as 10.0.0.0/8';
    }
    if (address.family === 4) this.#v4.add(address.bits, prefix);
    else if (prefix < 96 || !isMapped(address)) this.#v6.add(address.bits, prefix);
    else this.#v4.add(unmapped(address).bits, prefix - 96);
    return null;
  }

  has({ text }: Text): boolean {
    const read = parseAddress(addressOf(text));
    if (read === null) return false;
    const { family, bits } = isMapped(read) ? unmapped(read) : read;
    return (family === 4 ? this.#v4 : this.#v6).has(bits);
  }
}

class PrefixTable {
  readonly #width: number;
  /** Bits behind the prefix -> the prefixes of that length. */
  readonly #networks = new Map<bigint, Set<bigint>>();

  constructor(width: number) {
    this.#width = width;
  }

  add(bits: bigint, prefix: number): void {
    const behind = BigInt(this.#width - prefix);
    const known = this.#networks.get(behind);
    if (known) known.add(bits >> behind);
    else this.#networks.set(behind, new Set([bits >> behind]));
  }

  has(bits: bigint): boolean {
    for (const [behind, prefixes] of this.#networks) {
      if (prefixes.has(bits >> behind)) return true;
    }
    return false;
  }
}

/** Fields for hosts carry ports, and IPv6 may stand in brackets or have a zone. */
function addressOf(value: string): string {
  // Longest form: an IPv6 address with zone, brackets and port.
  if (value.length > 100) return '';
  const text = value.trim();
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1];
  const plain = bracketed ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
  return plain.split('%', 1)[0]!;
}
