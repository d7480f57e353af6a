/**
 * What the kernel says of TCP connections on loopback (Linux, /proc/net/tcp): bytes that were written and
 * not yet acknowledged, and bytes that have come and were not yet read by the receiving process.
 */
import { readFileSync } from 'node:fs';

export interface QueueRow {
  /** Written here, not yet in the peer's kernel. */
  readonly unsent: number;
  /** In our kernel, not yet read by the process. */
  readonly unread: number;
}

const established = '01';

/** By `local port:remote port`; established connections only. */
export function readQueues(text = readFileSync('/proc/net/tcp', 'utf8')): Map<string, QueueRow> {
  const rows = new Map<string, QueueRow>();
  for (const line of text.split('\n').slice(1)) {
    const [, local, remote, state, queues] = line.trim().split(/\s+/);
    if (state !== established || queues === undefined) continue;
    const [unsent, unread] = queues.split(':').map((hex) => Number.parseInt(hex, 16));
    rows.set(`${portOf(local!)}:${portOf(remote!)}`, { unsent: unsent!, unread: unread! });
  }
  return rows;
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.indexOf(':') + 1), 16);
}
