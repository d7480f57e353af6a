/** What all listeners share: both families from one socket, and words for what fails. */

import { codeOf, StegwatchError } from '../errors.js';
import type { Logger } from '../observe/log.js';
import { listenerName, type StreamProtocolName } from './addresses.js';

/** What the system says where IPv6 is switched off or not built in. */
const withoutIpv6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT']);

const hints: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there: `ss -lnp` names it',
  EACCES: 'ports below 1024 need CAP_NET_BIND_SERVICE; 5514 does not',
  EADDRNOTAVAIL: 'no interface of this machine has that address: use "::" for all of them',
  ENOTFOUND: 'the name cannot be resolved: give an address',
};

export interface ListenPlan {
  readonly protocol: StreamProtocolName | 'udp';
  readonly address: string;
  readonly port: number;
  readonly log: Logger;
}

/**
 * Listens, on `0.0.0.0` if the address is `::` and the machine has no IPv6.
 * @param attempt rejects with the system's error
 * @throws StegwatchError LISTEN_FAILED
 */
export async function listen<T>(
  { protocol, address, port, log }: ListenPlan,
  attempt: (address: string) => Promise<T>,
): Promise<T> {
  const name = listenerName(protocol, address, port);
  try {
    return await attempt(address);
  } catch (error) {
    if (address !== '::' || !withoutIpv6.has(codeOf(error))) throw listenError(name, error);
    const facts = { code: 'NO_IPV6', listener: name, err: error } as const;
    log.warn(facts, 'no IPv6 on this machine: listening on IPv4 only');
  }
  try {
    return await attempt('0.0.0.0');
  } catch (error) {
    throw listenError(listenerName(protocol, '0.0.0.0', port), error);
  }
}

function listenError(name: string, cause: unknown): StegwatchError {
  const code = codeOf(cause);
  const words = cause instanceof Error ? cause.message : String(cause);
  return new StegwatchError('LISTEN_FAILED', `cannot listen on ${name}: ${words}`, hints[code], {
    cause,
  });
}
