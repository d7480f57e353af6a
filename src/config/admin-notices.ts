/** What is dangerous about where the admin listener listens. */
import { BlockList, isIPv6 } from 'node:net';
import type { AdminConfig } from './config.js';

export function adminNotices(admin: AdminConfig | null): string[] {
  if (admin === null || admin.token !== null || isLoopback(admin.address)) return [];
  return [
    `admin.address: ${admin.address}: WHOEVER REACHES PORT ${admin.port} READS metrics, names of feeds ` +
      'and the config; set admin.token_file, or address: 127.0.0.1',
  ];
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Only this machine reaches it. An IPv4-mapped IPv6 address counts as its IPv4 address. */
export function isLoopback(address: string): boolean {
  return loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
