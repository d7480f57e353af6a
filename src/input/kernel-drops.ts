/**
 * Datagrams that the kernel dropped because we were late: they never get here, so the only witness is the
 * socket's line in /proc. Linux only; where it cannot be read nothing is counted and nothing is said.
 */

import { readdirSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import { QuietLines } from '../observe/quiet-lines.js';
import { findUdpRow } from './udp-table.js';

export interface KernelDropsOptions {
  readonly family: 'IPv4' | 'IPv6';
  readonly port: number;
  readonly listener: string;
  readonly counters: Counters;
  readonly log: Logger;
  readonly now: () => number;
}

const intervalMs = 10_000;

export class KernelDrops {
  readonly #options: KernelDropsOptions;
  readonly #inodes: ReadonlySet<number>;
  readonly #lines: QuietLines;
  readonly #timer: NodeJS.Timeout;
  #seen = 0;
  #unsaid = 0;
  #reading: Promise<void> = Promise.resolve();

  /** Watches a socket that has just been bound. */
  constructor(options: KernelDropsOptions) {
    this.#options = options;
    this.#inodes = socketInodes();
    this.#lines = new QuietLines(options.now);
    this.#timer = setInterval(() => void this.read(), intervalMs);
    this.#timer.unref();
    if (this.#inodes.size === 0) clearInterval(this.#timer);
  }

  /** Counts what was dropped since the last call. Never rejects. */
  read(): Promise<void> {
    if (this.#inodes.size > 0) this.#reading = this.#reading.then(() => this.#count());
    return this.#reading;
  }

  /** Reads a last time; the socket must still be open. */
  stop(): Promise<void> {
    clearInterval(this.#timer);
    return this.read();
  }

  async #count(): Promise<void> {
    const { family, port, listener, counters, log } = this.#options;
    const file = family === 'IPv4' ? '/proc/net/udp' : '/proc/net/udp6';
    let table: string;
    try {
      table = await readFile(file, 'latin1');
    } catch (err) {
      log.debug({ listener, err }, 'kernel drops cannot be read');
      return;
    }
    const row = findUdpRow(table, port, this.#inodes);
    if (row === null) return;
    const dropped = (row.drops - this.#seen) >>> 0;
    if (dropped === 0) return;
    this.#seen = row.drops;
    counters.udp_kernel_drops += dropped;
    this.#unsaid += dropped;
    if (this.#lines.mayWrite('dropped') === null) return;
    log.warn(
      { code: 'KERNEL_DROPS', listener, datagrams: this.#unsaid },
      `the kernel dropped ${this.#unsaid} datagrams that came faster than they were read: raise ` +
        'listen.udp.receive_buffer (and the sysctl net.core.rmem_max), or let senders use TCP',
    );
    this.#unsaid = 0;
  }
}

/** Of this process's sockets; none where there is no /proc. */
function socketInodes(): Set<number> {
  const inodes = new Set<number>();
  const folder = '/proc/self/fd';
  try {
    for (const descriptor of readdirSync(folder)) {
      const inode = /^socket:\[(\d{1,15})\]$/.exec(linkOf(`${folder}/${descriptor}`))?.[1];
      if (inode !== undefined) inodes.add(Number(inode));
    }
  } catch {
    // Not Linux.
  }
  return inodes;
}

/** '' if it is gone, as is the descriptor that listed the folder. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
