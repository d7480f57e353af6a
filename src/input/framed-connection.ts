/** One sender over TCP: its socket, its framer, and since when we have been waiting for it. */
import type { Socket } from 'node:net';
import { StreamFramer } from '../framing/stream-framer.js';
import type { Counters } from '../observe/counters.js';
import type { FrameSink, Peer } from '../stages.js';
import type { ReadTurn } from './read-turn.js';
import { byListener, Reading } from './reading.js';
import type { Overdue, StreamConnection } from './stream-server.js';

export interface FramedConnectionOptions {
  /** In whose counters its bytes and frames stand. */
  readonly protocol: 'tcp' | 'tls';
  readonly maxMessageBytes: number;
  readonly sink: FrameSink;
  readonly counters: Counters;
  readonly now: () => number;
}

export class FramedConnection implements StreamConnection {
  readonly peer: Peer;
  readonly socket: Socket;
  readonly #framer: StreamFramer;
  readonly #counters: Counters;
  readonly #bytesCounter: `received_bytes_${'tcp' | 'tls'}`;
  readonly #framesCounter: `received_frames_${'tcp' | 'tls'}`;
  readonly #now: () => number;
  readonly #reading: Reading;
  #lastDataAtMs: number;
  #ended = false;

  /** @param turn one for all connections of a listener */
  constructor(socket: Socket, address: string, turn: ReadTurn, options: FramedConnectionOptions) {
    this.socket = socket;
    this.peer = { address };
    this.#counters = options.counters;
    this.#bytesCounter = `received_bytes_${options.protocol}`;
    this.#framesCounter = `received_frames_${options.protocol}`;
    this.#now = options.now;
    this.#reading = new Reading(socket, turn, options.now);
    this.#lastDataAtMs = options.now();
    this.#framer = new StreamFramer({ ...options, peer: this.peer });
    socket.on('data', this.#receive);
  }

  readonly #receive = (chunk: Buffer): void => {
    const at = this.#now();
    this.#lastDataAtMs = at;
    const framesBefore = this.#counters.received_frames;
    this.#counters.received_bytes += chunk.length;
    this.#counters[this.#bytesCounter] += chunk.length;
    this.#framer.push(chunk, at);
    this.#counters[this.#framesCounter] += this.#counters.received_frames - framesBefore;
    this.#reading.took(chunk.length);
  };

  pause(): void {
    this.#reading.hold(byListener);
  }

  resume(): void {
    this.#reading.release(byListener);
  }

  /** @param limits milliseconds; 0 = none */
  overdue(limits: { readonly frameTimeoutMs: number; readonly idleTimeoutMs: number }): Overdue {
    // It waits for us.
    if (!this.#reading.goesOn) return null;
    const now = this.#now();
    const waitedFor = (sinceMs: number) => now - Math.max(sinceMs, this.#reading.sinceMs);
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
    this.#reading.end();
    this.socket.off('data', this.#receive);
    for (;;) {
      const chunk: Buffer | null = this.socket.read();
      if (chunk === null) break;
      this.#receive(chunk);
    }
    const framesBefore = this.#counters.received_frames;
    this.#framer.end(this.#now());
    this.#counters[this.#framesCounter] += this.#counters.received_frames - framesBefore;
  }
}
