/**
 * One sender over TLS: a handshake within its time, then the same as over TCP.
 *
 *     handshake --secured--> open        a timer holds the first, absolute from the accept
 *         '------refused-----'---> gone
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Peer } from '../stages.js';
import { FramedConnection, type FramedConnectionOptions } from './framed-connection.js';
import type { Overdue, StreamConnection, StreamLimits } from './stream-server.js';

export interface TlsConnectionOptions extends FramedConnectionOptions {
  readonly handshakeTimeoutMs: number;
  /** Called once at most, and not after `secured`. */
  readonly onTimeout: (connection: TlsConnection) => void;
}

export class TlsConnection implements StreamConnection {
  /** The TCP connection below. */
  readonly socket: Socket;
  readonly peer: Peer;
  readonly #options: TlsConnectionOptions;
  readonly #timer: NodeJS.Timeout;
  #framed: FramedConnection | null = null;
  #paused = false;
  #ended = false;

  constructor(socket: Socket, address: string, options: TlsConnectionOptions) {
    this.socket = socket;
    this.peer = { address };
    this.#options = options;
    this.#timer = setTimeout(() => options.onTimeout(this), options.handshakeTimeoutMs);
    this.#timer.unref();
  }

  /** True until it is secured or gone. */
  get inHandshake(): boolean {
    return this.#framed === null && !this.#ended;
  }

  /** The handshake is finished and the sender is who it should be. */
  secured(socket: TLSSocket): void {
    clearTimeout(this.#timer);
    this.#framed = new FramedConnection(socket, this.peer.address, this.#options);
    if (this.#paused) this.#framed.pause();
  }

  /** A handshake goes on: it hands nothing to anybody, and its time runs. */
  pause(): void {
    this.#paused = true;
    this.#framed?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#framed?.resume();
  }

  overdue(limits: Pick<StreamLimits, 'frameTimeoutMs' | 'idleTimeoutMs'>): Overdue {
    return this.#framed?.overdue(limits) ?? null;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#ended = true;
    this.#framed?.end();
  }
}
