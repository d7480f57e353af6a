/** Addresses as numbers, so that a network is a prefix of bits and a long list is a look-up. */
import { isIP } from 'node:net';

export interface IpAddress {
  readonly family: 4 | 6;
  /** 32 or 128 bits. */
  readonly bits: bigint;
}

/** Null if the text is no address. A zone (`%eth0`) is left out of account. */
export function parseAddress(text: string): IpAddress | null {
  const family = isIP(text);
  if (family === 0) return null;
  return family === 4
    ? { family: 4, bits: join(text.split('.'), 10, 8n) }
    : { family: 6, bits: bitsOf6(text.split('%', 1)[0]!) };
}

/** `::ffff:10.0.0.1` and its other spellings are 10.0.0.1. */
export function isMapped({ family, bits }: IpAddress): boolean {
  return family === 6 && bits >> 32n === 0xffffn;
}

export function unmapped({ bits }: IpAddress): IpAddress {
  return { family: 4, bits: bits & 0xffff_ffffn };
}

/** @param text an IPv6 address, well-formed */
function bitsOf6(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  const gap = new Array<string>(8 - front.length - back.length).fill('0');
  return join([...front, ...gap, ...back], 16, 16n);
}

/** Groups of four hexadecimal digits; an IPv4 address at the end is two. */
function groupsOf(text: string): readonly string[] {
  return text === ''
    ? []
    : text.split(':').flatMap((group) => (group.includes('.') ? ipv4Groups(group) : [group]));
}

function ipv4Groups(text: string): readonly string[] {
  const bits = join(text.split('.'), 10, 8n);
  return [(bits >> 16n).toString(16), (bits & 0xffffn).toString(16)];
}

function join(parts: readonly string[], radix: number, width: bigint): bigint {
  return parts.reduce((bits, part) => (bits << width) | BigInt(Number.parseInt(part, radix)), 0n);
}
