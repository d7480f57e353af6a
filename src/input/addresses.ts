/** IP addresses as text, the way sockets report them. */
import { isIPv6 } from 'node:net';

const mappedPrefix = '::ffff:';

/** A dual-stack socket reports an IPv4 peer as `::ffff:192.0.2.1` (RFC 4291 2.5.5.2): gives `192.0.2.1`. */
export function plainAddress(address: string): string {
  const dotted = address.includes('.') && address.toLowerCase().startsWith(mappedPrefix);
  return dotted ? address.slice(mappedPrefix.length) : address;
}

/** Protocols over a byte stream. Each has its section in the config and its counters (`tcp_…`). */
export type StreamProtocolName = 'tcp' | 'tls' | 'relp';

/** `udp [::]:5514`, `tcp 0.0.0.0:5514`: the name of a listener in logs. */
export function listenerName(
  protocol: StreamProtocolName | 'udp',
  address: string,
  port: number,
): string {
  return `${protocol} ${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
