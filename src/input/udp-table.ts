/**
 * What Linux tells of UDP sockets in /proc/net/udp and udp6 (net/ipv4/udp.c, udp4_format_sock), a line each:
 *
 *      sl  local_address rem_address   st tx_queue:rx_queue tr:when retrnsmt uid timeout inode ref pointer drops
 *     815: 0100007F:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 20391 2 0000000000000000 17
 *
 * Ports are hexadecimal, inode and drops decimal; `drops` wraps at 2^32. It counts what did not fit in the
 * socket's receive buffer.
 */

export interface UdpRow {
  readonly port: number;
  readonly inode: number;
  /** Datagrams dropped since the socket was opened, modulo 2^32. */
  readonly drops: number;
}

const columns = { local: 1, inode: 9, drops: 12 } as const;

/**
 * The row of one socket, null if there is none that can be read. Never throws; linear in the text.
 * @param inodes those of our own sockets: a port alone may be another's, on another address
 */
export function findUdpRow(
  table: string,
  port: number,
  inodes: ReadonlySet<number>,
): UdpRow | null {
  let start = table.indexOf('\n') + 1;
  while (start > 0 && start < table.length) {
    const newline = table.indexOf('\n', start);
    const end = newline < 0 ? table.length : newline;
    const row = rowOf(table.slice(start, Math.min(end, start + maxLineLength)));
    if (row !== null && row.port === port && inodes.has(row.inode)) return row;
    start = end + 1;
  }
  return null;
}

/** Real ones have 128 characters, of IPv6 176. */
const maxLineLength = 512;

function rowOf(line: string): UdpRow | null {
  const cells = line.trim().split(/ +/);
  const [, portText = ''] = (cells[columns.local] ?? '').split(':');
  const inode = cells[columns.inode] ?? '';
  const drops = cells[columns.drops] ?? '';
  if (!/^[\dA-F]{4}$/i.test(portText) || !decimal.test(inode) || !decimal.test(drops)) return null;
  return { port: Number.parseInt(portText, 16), inode: Number(inode), drops: Number(drops) >>> 0 };
}

const decimal = /^\d{1,15}$/;
