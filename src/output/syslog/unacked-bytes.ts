/**
 * Bytes that the kernel has taken from a TCP connection and that the other side's kernel has not acked yet: `tx_queue`
 * of its line in /proc/net/tcp (Linux; proc(5), SIOCOUTQ in tcp(7)). Syslog has no acks of its own, so this is what is
 * known of delivery.
 */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** Null where it cannot be known. */
export async function unackedBytes({
  localPort,
  remotePort,
  remoteFamily,
}: Socket): Promise<number | null> {
  if (localPort === undefined || remotePort === undefined) return null;
  const file = remoteFamily === 'IPv6' ? '/proc/self/net/tcp6' : '/proc/self/net/tcp';
  try {
    return txQueueOf(await readFile(file, 'latin1'), localPort, remotePort);
  } catch {
    return null;
  }
}

/** @returns bytes, the most if several connections have these ports (to several addresses), or null */
export function txQueueOf(table: string, localPort: number, remotePort: number): number | null {
  const ends = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  const [local, remote] = [ends(localPort), ends(remotePort)];
  const row = new RegExp(
    `^ *\\d+: [0-9A-F]+:${local} [0-9A-F]+:${remote} [0-9A-F]{2} ([0-9A-F]+):`,
    'gm',
  );
  let most: number | null = null;
  for (const [, queue] of table.matchAll(row))
    most = Math.max(most ?? 0, Number.parseInt(queue!, 16));
  return most;
}
