/** What the output needs of a way to a receiver of syslog, and why one comes to nothing. */
import type { SyslogConfig } from '../../config/config.js';
import type { OutputCounters } from '../../observe/counters.js';
import type { ConnectionFailure } from '../connection-failure.js';
import type { SocketEnds } from './unacked-bytes.js';

/** One connection, or one socket for datagrams. */
export interface Transport {
  /** Resolves with null once something can be sent. Call once. */
  open(): Promise<ConnectionFailure | null>;
  /**
   * Resolves once the kernel has taken all lines; with false if it has not. One call at a time.
   * @param entries lines as `lines.ts` has them; not read any more once it has resolved
   */
  send(entries: Buffer): Promise<boolean>;
  /**
   * How many of the calls of `send` that have resolved are with the receiver, as far as can be known.
   * @param soon without the time that it is given to read what its kernel has
   */
  delivered(soon: boolean): Promise<number>;
  /** Sends no more; resolves with true if the receiver has taken everything, with false after `ms` at the latest. */
  finish(ms: number): Promise<boolean>;
  /** Resolves when it has ended, for whatever reason. */
  readonly closed: Promise<ConnectionFailure>;
  close(): void;
}

export interface TransportOptions {
  readonly config: SyslogConfig;
  readonly counters: OutputCounters;
  /** All in ms. */
  readonly deadlines: {
    readonly connectMs: number;
    /** Without progress for so long the receiver is given up. */
    readonly stalledMs: number;
    /** What its kernel has taken, a receiver is given so long to read, before its connection may be lost. */
    readonly settleMs: number;
  };
  /** A clock in ms that only goes forward. */
  readonly now: () => number;
  /** What the receiver's kernel has not acked, in bytes; null: not known. */
  readonly unacked: (ends: SocketEnds) => Promise<number | null>;
}
