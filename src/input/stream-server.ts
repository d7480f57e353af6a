/**
 * A listener for any protocol over a byte stream (TCP, TLS, RELP): who may connect, how many at a time,
 * who is overdue, pause and stop. What the bytes mean is the protocol's: it makes an object for each
 * accepted socket. Every limit has a counter named `<protocol>_…`. Time limits are held by one sweep over
 * all connections, not by a timer each.
 */

import { createServer, type Server, type Socket } from 'node:net';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import { QuietLines } from '../observe/quiet-lines.js';
import type { Input, Peer } from '../stages.js';
import { listenerName, plainAddress, type StreamProtocolName } from './addresses.js';
import type { AllowList } from './allow-list.js';
import { listen } from './listen.js';
import { untilQuiet } from './quiet.js';
import { ReadTurn } from './read-turn.js';
import { readsShared } from './shared-reads.js';

/** Where to listen, and within which limits. */
export interface StreamLimits {
  readonly address: string;
  readonly port: number;
  readonly maxConnections: number;
  /** Of one address; 0 = no limit of its own. */
  readonly maxConnectionsPerAddress: number;
  /** Milliseconds of silence; 0 = no limit. */
  readonly idleTimeoutMs: number;
  /** Milliseconds from the first byte of a message to its last; 0 = no limit. */
  readonly frameTimeoutMs: number;
}

/** Which limit a connection has exceeded. */
export type Overdue = 'unfinished' | 'idle' | null;

/** One sender, as the listener sees it. */
export interface StreamConnection {
  readonly peer: Peer;
  /** The socket that was accepted; the listener destroys it. */
  readonly socket: Socket;
  /** Stop reading, and go on when the turn has come. A new connection is paused, and resumed unless the listener is. */
  pause(): void;
  resume(): void;
  /** Asked by the sweep, but not while the listener is paused. */
  overdue(limits: Pick<StreamLimits, 'frameTimeoutMs' | 'idleTimeoutMs'>): Overdue;
  /** At stop: resolves when what was read has been answered, if the protocol answers. Never rejects. */
  answered?(): Promise<void>;
  /** Hands over all that was read, an unfinished last frame included. Idempotent; the socket may be gone. */
  end(): void;
}

export interface StreamServerOptions {
  /** Names the listener, its config keys (`listen.tcp.…`) and its counters. */
  readonly protocol: StreamProtocolName;
  readonly limits: StreamLimits;
  /** Takes over an allowed socket, which has a listener for `error` already, to read from it in turns. Must not throw. */
  readonly connect: (socket: Socket, address: string, turn: ReadTurn) => StreamConnection;
  /** Connections keep nothing of what a `data` event brings (`shared-reads.ts`). */
  readonly sharesReads: boolean;
  readonly allow: AllowList;
  readonly counters: Counters;
  readonly log: Logger;
  /** Epoch ms. */
  readonly now?: (() => number) | undefined;
}

/** First probe after a minute of silence: a firewall that lost power is noticed within a few minutes. */
const keepAliveMs = 60_000;
/** A limit is held to within a quarter of itself, and never later than this. */
const maxSweepMs = 1000;
const minSweepMs = 10;

export class StreamServer implements Input {
  name: string;
  port: number;
  readonly #options: StreamServerOptions;
  readonly #connections = new Set<StreamConnection>();
  readonly #turn = new ReadTurn();
  /** Open connections by address. */
  readonly #perAddress = new Map<string, number>();
  #server: Server | null = null;
  #sweepTimer: NodeJS.Timeout | null = null;
  #paused = false;
  #stopped = false;
  readonly #lines: QuietLines;

  constructor(options: StreamServerOptions) {
    const { protocol, limits } = options;
    this.#options = options;
    this.#lines = new QuietLines(options.now ?? Date.now);
    this.port = limits.port;
    this.name = listenerName(protocol, limits.address, limits.port);
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections.size;
  }

  get listening(): boolean {
    return this.#server?.listening ?? false;
  }

  async start(): Promise<void> {
    const { protocol, log } = this.#options;
    const { address, port } = this.#options.limits;
    this.#server = await listen({ protocol, address, port, log }, (host) => this.#listenOn(host));
    // Accepting can fail at any time (no file descriptors left); the listener goes on.
    this.#server.on('error', (err) => {
      const heldBack = this.#lines.mayWrite('accept');
      if (heldBack === null) return;
      log.warn({ code: 'ACCEPT_FAILED', listener: this.name, err, heldBack }, 'accepting failed');
    });
    this.#scheduleSweep();
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    for (const connection of this.#connections) connection.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    for (const connection of this.#connections) connection.resume();
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === null || this.#stopped) return;
    this.#stopped = true;
    if (this.#sweepTimer !== null) clearInterval(this.#sweepTimer);
    const closed = new Promise((resolve) => server.close(resolve));
    if (!this.#paused) await this.#readTheRest();
    await Promise.all([...this.#connections].map((connection) => connection.answered?.()));
    for (const connection of this.#connections) this.#close(connection);
    await closed;
  }

  /** Closes what has exceeded a time limit. Called by the sweep timer. */
  sweep(): void {
    // While paused we do not read, so nobody can be late.
    if (this.#paused) return;
    const { protocol, counters, limits, log } = this.#options;
    for (const connection of this.#connections) {
      const overdue = connection.overdue(limits);
      if (overdue === null) continue;
      if (overdue === 'idle') counters[`${protocol}_closed_idle`]++;
      else counters[`${protocol}_closed_unfinished_frame`]++;
      const peer = connection.peer.address;
      const reason = `${reasons[overdue]} listen.${protocol}.${keys[overdue]}`;
      log.info({ listener: this.name, peer }, `closed a connection: ${reason}`);
      this.#close(connection);
    }
  }

  /** What the kernel holds by now, of those too whose turn has not come. */
  async #readTheRest(): Promise<void> {
    const { counters } = this.#options;
    this.#turn.serveAll();
    await untilQuiet(
      () => counters.received_bytes,
      () => this.#turn.waited,
    );
  }

  async #listenOn(host: string): Promise<Server> {
    const server = createServer(
      // Else up to 64 KiB of each would be in hand before it could be paused.
      { keepAlive: true, keepAliveInitialDelay: keepAliveMs, pauseOnConnect: true },
      this.#accept,
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: this.#options.limits.port, ipv6Only: false }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    const bound = server.address();
    if (bound !== null && typeof bound === 'object') this.port = bound.port;
    this.name = listenerName(this.#options.protocol, host, this.port);
    return server;
  }

  readonly #accept = (accepted: Socket): void => {
    const { protocol, counters, log, connect, sharesReads } = this.#options;
    const socket = sharesReads ? readsShared(accepted) : accepted;
    // Before all else: an error without a listener would end the process.
    socket.on('error', (err) => log.debug({ listener: this.name, err }, 'connection failed'));
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || this.#refuses(plainAddress(remoteAddress))) {
      socket.destroy();
      return;
    }
    const connection = connect(socket, plainAddress(remoteAddress), this.#turn);
    counters[`${protocol}_connections`]++;
    this.#connections.add(connection);
    this.#count(connection.peer.address, 1);
    socket.on('close', () => {
      connection.end();
      this.#forget(connection);
    });
    if (!this.#paused) connection.resume();
  };

  #refuses(address: string): boolean {
    const { protocol, allow, counters, log } = this.#options;
    const { maxConnections, maxConnectionsPerAddress } = this.#options.limits;
    if (this.#stopped) return true;
    if (!allow.allows(address)) {
      counters[`${protocol}_refused_not_allowed`]++;
      log.debug({ listener: this.name, peer: address }, 'refused: not in listen.allow');
      return true;
    }
    const held = this.#perAddress.get(address) ?? 0;
    if (maxConnectionsPerAddress > 0 && held >= maxConnectionsPerAddress) {
      counters[`${protocol}_refused_address_limit`]++;
      this.#complain('max_connections_per_address', () => ({
        peer: address,
        maxConnectionsPerAddress,
      }));
      return true;
    }
    if (this.#connections.size < maxConnections) return false;
    counters[`${protocol}_refused_connection_limit`]++;
    // Who holds the places is told too: it is seldom who is refused.
    this.#complain('max_connections', () => ({
      peer: address,
      maxConnections,
      ...this.#mostConnected(),
    }));
    return true;
  }

  #complain(limit: string, facts: () => object): void {
    const { protocol, log } = this.#options;
    const heldBack = this.#lines.mayWrite(limit);
    if (heldBack === null) return;
    const words = `refused: listen.${protocol}.${limit} is reached`;
    log.warn({ code: 'CONNECTION_LIMIT', listener: this.name, ...facts(), heldBack }, words);
  }

  #mostConnected(): { mostFrom: string; theirConnections: number } {
    let most: readonly [string, number] = ['', 0];
    for (const entry of this.#perAddress) if (entry[1] > most[1]) most = entry;
    return { mostFrom: most[0], theirConnections: most[1] };
  }

  /** The partial frame, if any, is handed over: nothing that was received is left out. */
  #close(connection: StreamConnection): void {
    connection.end();
    this.#forget(connection);
    connection.socket.destroy();
  }

  #forget(connection: StreamConnection): void {
    if (this.#connections.delete(connection)) this.#count(connection.peer.address, -1);
  }

  #count(address: string, change: number): void {
    const count = (this.#perAddress.get(address) ?? 0) + change;
    if (count === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, count);
  }

  #scheduleSweep(): void {
    const { frameTimeoutMs, idleTimeoutMs } = this.#options.limits;
    const limits = [frameTimeoutMs, idleTimeoutMs].filter((limit) => limit > 0);
    if (limits.length === 0) return;
    const everyMs = Math.max(minSweepMs, Math.min(maxSweepMs, ...limits.map((ms) => ms / 4)));
    // One turn later, so that after a stall what has arrived meanwhile is read before it is judged.
    this.#sweepTimer = setInterval(() => setImmediate(() => this.sweep()), everyMs);
    this.#sweepTimer.unref();
  }
}

const reasons: Readonly<Record<'unfinished' | 'idle', string>> = {
  unfinished: 'it did not finish a message within',
  idle: 'it was silent for longer than',
};
const keys: Readonly<Record<'unfinished' | 'idle', string>> = {
  unfinished: 'frame_timeout',
  idle: 'idle_timeout',
};
