/**
 * What is known against a chunk: that a receiver which works takes everything but it. Learned where a
 * connection ends, from what it leaves unacked. docs/adr/0009 says why these rules and no others.
 *
 * - A *refusal* is evidence. Either a chunk sent later was acked and this one was not in all its time,
 *   or the receiver closed the connection on it while it was alone on the way, after others had been
 *   acked on the same connection. A receiver that is frozen, slow, or acks nothing gives neither; one
 *   that closes connections at random takes back what it gave (see `pardon`).
 * - A *strike* is none: the receiver closed the connection while this chunk was the oldest on the way.
 *   With two of them it is sent after the others and alone, so that there can be evidence.
 */
import type { Chunk } from './chunk.js';

/** A chunk that was given to a connection and not acked on it. */
export interface Undelivered {
  readonly chunk: Chunk;
  /** Some of it was written. */
  readonly begun: boolean;
  /** Since it was handed over whole, ms; 0 if it was not. */
  readonly waitedMs: number;
  /** A chunk that was sent after it on this connection was acked. */
  readonly passedOver: boolean;
}

export interface ConnectionEnd {
  readonly by: 'ack_timeout' | 'receiver' | 'other';
  /** Chunks acked on this connection. */
  readonly acked: number;
  /** In order of sending. */
  readonly left: readonly Undelivered[];
  readonly ackMs: number;
}

/** Strikes that make a suspect. */
export const strikesOfSuspect = 2;

export function isSuspect({ strikes, refusals }: Chunk): boolean {
  return strikes >= strikesOfSuspect || refusals > 0;
}

/** Those with least against them first: one of them, acked, is what makes the others' silence tell. */
export function bySuspicion(a: Chunk, b: Chunk): number {
  return a.refusals - b.refusals || a.strikes - b.strikes;
}

/** Notes what the end of a connection says against its chunks. */
export function learnFromEnd({ by, acked, left, ackMs }: ConnectionEnd): void {
  const begun = left.filter((undelivered) => undelivered.begun);
  if (by === 'ack_timeout') {
    for (const { chunk, waitedMs, passedOver } of begun) {
      if (passedOver && waitedMs >= ackMs / 2) refuse(chunk, 'ignored');
      // A piece of a refused chunk gets out of the way of the others by itself.
      else if (chunk.depth > 0) chunk.strikes = Math.max(chunk.strikes, strikesOfSuspect);
    }
    return;
  }
  const first = begun[0]?.chunk;
  if (by !== 'receiver' || first === undefined) return;
  first.closes++;
  if (isSuspect(first) && begun.length === 1 && acked > 0) refuse(first, 'closed');
  else first.strikes++;
}

/**
 * A chunk on which the receiver had closed a connection was acked: it closes connections for other
 * reasons too, so what was concluded from that against others is void.
 */
export function pardon(chunks: readonly Chunk[]): void {
  for (const chunk of chunks) if (chunk.refusedBy === 'closed') chunk.refusals = 0;
}

function refuse(chunk: Chunk, how: 'ignored' | 'closed'): void {
  chunk.refusals++;
  chunk.refusedBy = how;
}
