/** Hosts as a bucket's file lays them out, written without any code of the product. */
import type { HostBlock } from '../../src/baseline/bucket-file.js';

/** None for no host: an empty block is nothing to write. */
export function encodeHosts(hosts: readonly string[]): HostBlock[] {
  if (hosts.length === 0) return [];
  const parts = hosts.flatMap((host) => {
    const bytes = Buffer.from(host, 'utf8');
    return [Buffer.from([bytes.length & 0xff, bytes.length >>> 8]), bytes];
  });
  return [{ count: hosts.length, bytes: Buffer.concat(parts) }];
}
