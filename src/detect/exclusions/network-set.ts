/** `cidr`: is the value an address in one of these networks? IPv4, IPv6, mapped IPv4. */
import { BlockList, isIP, SocketAddress } from 'node:net';
import type { MatchValue } from '../../config/config.js';
import type { Text, ValueSet } from './value-set.js';

const mapped = new BlockList();
mapped.addSubnet('::ffff:0:0', 96, 'ipv6');

export class NetworkSet implements ValueSet {
  // Two lists, since Node's would take `::/0` to hold every IPv4 address.
  readonly #v4 = new BlockList();
  readonly #v6 = new BlockList();

  /** @param value `10.0.0.0/8`, `2001:db8::/32`, or one address */
  add(value: Exclude<MatchValue, null>): string | null {
    const [address = '', prefixText, ...rest] = String(value).trim().split('/');
    const family = isIP(address);
    const bits = family === 4 ? 32 : 128;
    const prefix = prefixText === undefined ? bits : Number(prefixText);
    const wellFormed = prefixText === undefined || /^\d{1,3}$/.test(prefixText);
    if (family === 0 || address.includes('%') || rest.length > 0 || !wellFormed || prefix > bits) {
      return 'not a network: expected an address or a CIDR such as 10.0.0.0/8';
    }
    if (family === 4) this.#v4.addSubnet(address, prefix, 'ipv4');
    else if (prefix < 96 || !isMapped(address)) this.#v6.addSubnet(address, prefix, 'ipv6');
    else this.#v4.addSubnet(unmapped(address), prefix - 96, 'ipv4');
    return null;
  }

  has({ text }: Text): boolean {
    const address = addressOf(text);
    const family = isIP(address);
    if (family === 0) return false;
    if (family === 4) return this.#v4.check(address, 'ipv4');
    return (isMapped(address) ? this.#v4 : this.#v6).check(address, 'ipv6');
  }
}

function isMapped(address: string): boolean {
  return mapped.check(address, 'ipv6');
}

/** `::ffff:a00:1` and its other spellings -> `10.0.0.1`. */
function unmapped(address: string): string {
  const written = new SocketAddress({ address, family: 'ipv6' }).address;
  return written.slice(written.lastIndexOf(':') + 1);
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
