/**
 * One sender over TLS: a handshake within its time, then the same as over TCP.
 *
 *     handshake --secured--> open --+--> gone        the TLS server holds the handshake to its time
 *         '------refused------------'
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Peer } from '../stages.js';
import { FramedConnection, type FramedConnectionOptions } from './framed-connection.js';
import type { ReadTurn } from './read-turn.js';
import type { Overdue, StreamConnection, StreamLimits } from './stream-server.js';

export class TlsConnection implements StreamConnection {
  /** The TCP connection below. */
  readonly socket: Socket;
  readonly peer: Peer;
  readonly #turn: ReadTurn;
  readonly #options: FramedConnectionOptions;
  #framed: FramedConnection | null = null;
  #paused = true;
  #ended = false;

  /** @param turn one for all connections of a listener */
  constructor(socket: Socket, address: string, turn: ReadTurn, options: FramedConnectionOptions) {
    this.socket = socket;
    this.peer = { address };
    this.#turn = turn;
    this.#options = options;
  }

  /** True until it is secured or gone. */
  get inHandshake(): boolean {
    return this.#framed === null && !this.#ended;
  }

  /** The handshake is finished and the sender is who it should be. */
  secured(socket: TLSSocket): void {
    this.#framed = new FramedConnection(socket, this.peer.address, this.#turn, this.#options);
    if (!this.#paused) this.#framed.resume();
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
    this.#ended = true;
    this.#framed?.end();
  }
}
