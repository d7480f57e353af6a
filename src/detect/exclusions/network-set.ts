/**
 * `cidr`: is the value an address in one of these networks? IPv4, IPv6, mapped IPv4. One look-up for
 * each length of prefix that occurs, however many networks there are.
 */
import type { MatchValue } from '../../config/config.js';
import { type IpAddress, isMapped, parseAddress, unmapped } from './ip-address.js';
import type { Text, ValueSet } from './value-set.js';

export class NetworkSet implements ValueSet {
  readonly testedEach = 0;
  // Two tables: `::/0` is every IPv6 address and no IPv4 address.
  readonly #v4 = new PrefixTable(32);
  readonly #v6 = new PrefixTable(128);

  /** @param value `10.0.0.0/8`, `2001:db8::/32`, or one address */
  add(value: Exclude<MatchValue, null>): string | null {
    const network = networkOf(String(value));
    if (network === null) {
      return 'not a network: expected an address or a CIDR such as 10.0.0.0/8';
    }
    const { family, bits, prefix } = network;
    (family === 4 ? this.#v4 : this.#v6).add(bits, prefix);
    return null;
  }

  has({ text }: Text): boolean {
    const address = addressIn(text);
    if (address === null) return false;
    const { family, bits } = address;
    return (family === 4 ? this.#v4 : this.#v6).has(bits);
  }
}

export interface Network extends IpAddress {
  /** Bits that count, from the first. */
  readonly prefix: number;
}

/**
 * One of mapped IPv4 addresses is one of IPv4. Null if the text is none.
 * @param value `10.0.0.0/8`, `2001:db8::/32`, or one address
 */
export function networkOf(value: string): Network | null {
  const [text = '', prefixText, ...rest] = value.trim().split('/');
  const address = text.includes('%') ? null : parseAddress(text);
  if (address === null || rest.length > 0) return null;
  const bits = address.family === 4 ? 32 : 128;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return null;
  if (prefix > bits) return null;
  if (prefix < 96 || !isMapped(address)) return { ...address, prefix };
  return { ...unmapped(address), prefix: prefix - 96 };
}

/** The address that a value of the event is, a mapped one as IPv4; null if it is none. */
export function addressIn(text: string): IpAddress | null {
  const address = parseAddress(addressOf(text));
  return address !== null && isMapped(address) ? unmapped(address) : address;
}

/** `4/24/…`: equal for all addresses of a network and for itself. */
export function networkKey({ family, bits }: IpAddress, prefix: number): string {
  const behind = BigInt((family === 4 ? 32 : 128) - prefix);
  return `${family}/${prefix}/${bits >> behind}`;
}

/** The lengths of the prefixes that occur in such keys, by family. */
export function lengthsOf(keys: readonly string[]): Readonly<Record<4 | 6, readonly number[]>> {
  const pairs = new Set(keys.map((key) => key.slice(0, key.lastIndexOf('/'))));
  const of = (family: string): readonly number[] =>
    [...pairs].filter((pair) => pair.startsWith(family)).map((pair) => Number(pair.slice(2)));
  return { 4: of('4/'), 6: of('6/') };
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
