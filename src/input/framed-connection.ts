/** One sender over TCP: its socket, its framer, and since when we have been waiting for it. */
import type { Socket } from 'node:net';
import { StreamFramer } from '../framing/stream-framer.js';
import type { Counters } from '../observe/counters.js';
import type { FrameSink, Peer } from '../stages.js';
import { type ReadTurn, turnShareBytes } from './read-turn.js';
import type { Overdue, StreamConnection } from './stream-server.js';

export interface FramedConnectionOptions {
  readonly maxMessageBytes: number;
  readonly sink: FrameSink;
  readonly counters: Counters;
  readonly now: () => number;
  /** One for all connections of a listener. */
  readonly turn: ReadTurn;
}

export class FramedConnection implements StreamConnection {
  readonly peer: Peer;
  readonly socket: Socket;
  readonly #framer: StreamFramer;
  readonly #counters: Counters;
  readonly #now: () => number;
  readonly #turn: ReadTurn;
  #lastDataAtMs: number;
  #turnNumber = -1;
  #turnBytes = 0;
  /** Has had its share of this turn. */
  #waitsForTurn = false;
  #paused = false;
  /** We stopped reading until then: what came late is not the sender's fault. */
  #excusedUntilMs = 0;
  #ended = false;

  constructor(socket: Socket, address: string, options: FramedConnectionOptions) {
    this.socket = socket;
    this.peer = { address };
    this.#counters = options.counters;
    this.#now = options.now;
    this.#turn = options.turn;
    this.#lastDataAtMs = options.now();
    this.#framer = new StreamFramer({ ...options, peer: this.peer });
    socket.on('data', this.#receive);
  }

  readonly #receive = (chunk: Buffer): void => {
    const at = this.#now();
    this.#lastDataAtMs = at;
    this.#counters.received_bytes += chunk.length;
    this.#framer.push(chunk, at);
    this.#yield(chunk.length);
  };

  /** Lets others read once this turn's share is used up: what waits is the sender's, not lost. */
  #yield(bytes: number): void {
    const { number } = this.#turn;
    if (this.#turnNumber !== number) this.#turnBytes = 0;
    this.#turnNumber = number;
    this.#turnBytes += bytes;
    this.#turn.takes(bytes);
    const goesOn = this.#turnBytes < turnShareBytes && !this.#turn.full;
    if (goesOn || this.#waitsForTurn || this.#ended) return;
    this.#waitsForTurn = true;
    this.socket.pause();
    this.#turn.wait(() => {
      this.#waitsForTurn = false;
      this.#excusedUntilMs = this.#now();
      if (!this.#paused && !this.#ended) this.socket.resume();
    });
  }

  pause(): void {
    this.#paused = true;
    this.socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#excusedUntilMs = this.#now();
    if (!this.#waitsForTurn) this.socket.resume();
  }

  /** @param limits milliseconds; 0 = none */
  overdue(limits: { readonly frameTimeoutMs: number; readonly idleTimeoutMs: number }): Overdue {
    // It waits for us.
    if (this.#waitsForTurn) return null;
    const now = this.#now();
    const waitedFor = (sinceMs: number) => now - Math.max(sinceMs, this.#excusedUntilMs);
    // From the first byte of the frame, so that a byte now and then does not keep it open.
    if (this.#framer.pending && limits.frameTimeoutMs > 0) {
      if (waitedFor(this.#framer.pendingSinceMs) > limits.frameTimeoutMs) return 'unfinished';
    }
    if (limits.idleTimeoutMs > 0 && waitedFor(this.#lastDataAtMs) > limits.idleTimeoutMs) {
      return 'idle';
    }
    return null;
  }

  /** Takes what was read but held back by a pause, then the unterminated last frame. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.socket.off('data', this.#receive);
    for (;;) {
      const chunk: Buffer | null = this.socket.read();
      if (chunk === null) break;
      this.#receive(chunk);
    }
    this.#framer.end(this.#now());
  }
}
