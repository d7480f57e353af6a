/** Who may send: `listen.allow`, addresses and CIDRs of both families. */
import { BlockList, isIP } from 'node:net';
import { StegwatchError } from '../errors.js';
import { plainAddress } from './addresses.js';
import { BoundedMap } from './bounded-map.js';

interface Network {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly prefix: number;
}

/** Verdicts kept. An entry is about 100 bytes, so this is well under a megabyte. */
const maxVerdicts = 4096;
/** `::ffff:0:0/96` is the IPv4 address space inside IPv6. */
const mappedPrefixBits = 96;

export class AllowList {
  // One each: a BlockList of both takes an IPv4 address for a member of `::/0`.
  #networks = { ipv4: new BlockList(), ipv6: new BlockList() };
  #any = true;
  #verdicts = new BoundedMap<boolean>(maxVerdicts);

  /** @throws StegwatchError CONFIG_INVALID for an entry that `allowListProblem` objects to */
  constructor(entries: readonly string[]) {
    this.use(entries);
  }

  /**
   * From now on. Who is connected stays.
   * @throws StegwatchError CONFIG_INVALID as the constructor, and changes nothing then
   */
  use(entries: readonly string[]): void {
    const networks = { ipv4: new BlockList(), ipv6: new BlockList() };
    for (const entry of entries) {
      const network = parseNetwork(entry);
      if (typeof network === 'string') throw new StegwatchError('CONFIG_INVALID', network);
      const { address, prefix, family } = network;
      networks[family].addSubnet(address, prefix, family);
    }
    this.#networks = networks;
    this.#any = entries.length === 0;
    this.#verdicts = new BoundedMap<boolean>(maxVerdicts);
  }

  /** @param address as a socket reports it; IPv4-mapped counts as IPv4 */
  allows(address: string): boolean {
    if (this.#any) return true;
    const known = this.#verdicts.get(address);
    if (known !== undefined) return known;
    const allowed = this.#check(address);
    this.#verdicts.set(address, allowed);
    return allowed;
  }

  #check(address: string): boolean {
    // A link-local peer comes with its zone, `fe80::1%eth0`, which no network names.
    const plain = plainAddress(address).replace(/%.*$/, '');
    const version = isIP(plain);
    if (version === 0) return false;
    const family = version === 4 ? 'ipv4' : 'ipv6';
    return this.#networks[family].check(plain, family);
  }
}

/** One sentence on what is wrong with an entry of `listen.allow`; null if nothing is. */
export function allowListProblem(entry: string): string | null {
  const network = parseNetwork(entry);
  return typeof network === 'string' ? network : null;
}

function parseNetwork(entry: string): Network | string {
  const slash = entry.indexOf('/');
  const text = slash < 0 ? entry : entry.slice(0, slash);
  const version = isIP(text);
  if (version === 0 || text.includes('%')) {
    return `"${entry}" is neither an IP address nor a network such as 10.0.0.0/8 or fd00::/8`;
  }
  const bits = version === 4 ? 32 : 128;
  const prefixText = slash < 0 ? String(bits) : entry.slice(slash + 1);
  const prefix = Number(prefixText);
  if (!/^\d{1,3}$/.test(prefixText) || prefix > bits) {
    return `"${entry}": the prefix length of an IPv${version} network is a number from 0 to ${bits}`;
  }
  const address = plainAddress(text);
  if (address === text) return { address, family: version === 4 ? 'ipv4' : 'ipv6', prefix };
  if (prefix < mappedPrefixBits) {
    return `"${entry}" holds more than the IPv4 addresses: write 0.0.0.0/0 for all of them`;
  }
  return { address, family: 'ipv4', prefix: prefix - mappedPrefixBits };
}
