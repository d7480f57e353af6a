/**
 * The TCP listener (RFC 6587): one framer per connection, within limits that each have a counter. Time
 * limits are held by one sweep over all connections, not by a timer each.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { TcpConfig } from '../config/config.js';
import type { Counters } from '../observe/counters.js';
import type { FrameSink, Input } from '../stages.js';
import { listenerName, plainAddress } from './addresses.js';
import type { AllowList } from './allow-list.js';
import { listen } from './listen.js';
import { untilQuiet } from './quiet.js';
import { TcpConnection } from './tcp-connection.js';

export interface TcpInputOptions {
  readonly maxMessageBytes: number;
  readonly allow: AllowList;
  readonly sink: FrameSink;
  readonly counters: Counters;
  readonly log: Logger;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** First probe after a minute of silence: a firewall that lost power is noticed within a few minutes. */
const keepAliveMs = 60_000;
/** A limit is held to within a quarter of itself, and never later than this. */
const maxSweepMs = 1000;
const minSweepMs = 10;
const complaintMs = 60_000;

type Complaint = 'limit' | 'accept';

export class TcpInput implements Input {
  name: string;
  port: number;
  readonly #config: TcpConfig;
  readonly #options: Required<TcpInputOptions>;
  readonly #connections = new Set<TcpConnection>();
  #server: Server | null = null;
  #sweepTimer: NodeJS.Timeout | null = null;
  #paused = false;
  #stopped = false;
  readonly #complaints = new Map<Complaint, number>();

  constructor(config: TcpConfig, options: TcpInputOptions) {
    this.#config = config;
    this.#options = { now: Date.now, ...options };
    this.port = config.port;
    this.name = listenerName('tcp', config.address, config.port);
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections.size;
  }

  async start(): Promise<void> {
    const { address, port } = this.#config;
    const { log } = this.#options;
    this.#server = await listen({ protocol: 'tcp', address, port, log }, (host) =>
      this.#listenOn(host),
    );
    // Accepting can fail at any time (no file descriptors left); the listener goes on.
    this.#server.on('error', (err) => {
      if (this.#maySay('accept')) log.warn({ listener: this.name, err }, 'accepting failed');
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
    if (!this.#paused) await untilQuiet(() => this.#options.counters.received_bytes);
    for (const connection of this.#connections) this.#close(connection);
    await closed;
  }

  /** Closes what has exceeded a time limit. Called by the sweep timer. */
  sweep(): void {
    // While paused we do not read, so nobody can be late.
    if (this.#paused) return;
    const { counters, log } = this.#options;
    for (const connection of this.#connections) {
      const overdue = connection.overdue(this.#config);
      if (overdue === null) continue;
      if (overdue === 'idle') counters.tcp_closed_idle++;
      else counters.tcp_closed_unfinished_frame++;
      const peer = connection.peer.address;
      log.info({ listener: this.name, peer }, `closed a connection: ${reasons[overdue]}`);
      this.#close(connection);
    }
  }

  async #listenOn(host: string): Promise<Server> {
    const server = createServer(
      { keepAlive: true, keepAliveInitialDelay: keepAliveMs },
      this.#accept,
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port: this.#config.port, ipv6Only: false }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    const bound = server.address();
    if (bound !== null && typeof bound === 'object') this.port = bound.port;
    this.name = listenerName('tcp', host, this.port);
    return server;
  }

  readonly #accept = (socket: Socket): void => {
    // Before all else: an error without a listener would end the process.
    socket.on('error', (err) => this.#options.log.debug({ listener: this.name, err }, 'TCP error'));
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || this.#refuses(plainAddress(remoteAddress))) {
      socket.destroy();
      return;
    }
    const connection = new TcpConnection(socket, plainAddress(remoteAddress), this.#options);
    this.#options.counters.tcp_connections++;
    this.#connections.add(connection);
    socket.on('close', () => {
      connection.end();
      this.#connections.delete(connection);
    });
    if (this.#paused) connection.pause();
  };

  #refuses(address: string): boolean {
    const { allow, counters, log } = this.#options;
    const { maxConnections } = this.#config;
    if (this.#stopped) return true;
    if (!allow.allows(address)) {
      counters.tcp_refused_not_allowed++;
      log.debug({ listener: this.name, peer: address }, 'refused: not in listen.allow');
      return true;
    }
    if (this.#connections.size < maxConnections) return false;
    counters.tcp_refused_connection_limit++;
    if (this.#maySay('limit')) {
      log.warn(
        { listener: this.name, peer: address, maxConnections },
        'refused: listen.tcp.max_connections is reached',
      );
    }
    return true;
  }

  /** True once in a while for each kind: who connects decides how often there is reason to complain. */
  #maySay(kind: Complaint): boolean {
    const now = this.#options.now();
    const last = this.#complaints.get(kind);
    if (last !== undefined && now - last < complaintMs) return false;
    this.#complaints.set(kind, now);
    return true;
  }

  /** The partial frame, if any, is handed over: nothing that was received is left out. */
  #close(connection: TcpConnection): void {
    connection.end();
    this.#connections.delete(connection);
    connection.socket.destroy();
  }

  #scheduleSweep(): void {
    const { frameTimeoutMs, idleTimeoutMs } = this.#config;
    const limits = [frameTimeoutMs, idleTimeoutMs].filter((limit) => limit > 0);
    if (limits.length === 0) return;
    const everyMs = Math.max(minSweepMs, Math.min(maxSweepMs, ...limits.map((ms) => ms / 4)));
    // One turn later, so that after a stall what has arrived meanwhile is read before it is judged.
    this.#sweepTimer = setInterval(() => setImmediate(() => this.sweep()), everyMs);
    this.#sweepTimer.unref();
  }
}

const reasons: Readonly<Record<'unfinished' | 'idle', string>> = {
  unfinished: 'it did not finish a message within listen.tcp.frame_timeout',
  idle: 'it was silent for longer than listen.tcp.idle_timeout',
};
