/**
 * Sends what the spool holds to Fluentd over the Forward protocol, at least once, for as long as it
 * takes. It runs one connection after another:
 *
 *     attempt --> opened: send all that is unacked, then what comes --> lost --.
 *        ^   '--> failed ------------------------------------------------------|
 *        |---------- next server at once; back-off once all have failed <------'
 *        '---------- the preferred server is back: the connection that found it out
 *
 * What outlives a connection is the `SendWindow`; what does not is the `Delivery`. Guarantees and
 * limits: docs/forwarding.md.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { FluentdConfig } from '../../config/config.js';
import type { OutputCounters } from '../../observe/counters.js';
import type { Logger } from '../../observe/log.js';
import type { DeadLetters, Output, Spool } from '../../stages.js';
import type { ConnectionFailure } from '../connection-failure.js';
import { DeliveryLog } from '../delivery-log.js';
import { addressOf, Servers } from '../servers.js';
import { tlsOptions } from '../tls-options.js';
import { Drained, Waits } from '../waits.js';
import { type Chunk, maxMessageBytes } from './chunk.js';
import { ChunkCutter } from './chunk-cutter.js';
import { Delivery } from './delivery.js';
import type { Login } from './fluent-socket.js';
import { type ConnectionDeadlines, ForwardConnection } from './forward-connection.js';
import { type OpenConnection, RecoveryProbe } from './recovery-probe.js';
import { RefusedChunks } from './refused-chunks.js';
import { SendWindow } from './send-window.js';
import { learnFromEnd, pardon } from './suspicion.js';

/** Enough to keep a receiver busy over a long line; at most 8 MiB are unacked and sent again. */
const chunksInFlight = 8;

/** Little beside the 100 ms that a batch may take to fill; at full rate half a chunk comes in it. */
const gatherMs = 4;

/** What gzip may add to 1 MiB that cannot be compressed. */
const gzipOverheadBytes = 1024;

/** All in ms. */
export interface OutputDeadlines extends ConnectionDeadlines {
  /** Bound of the first wait after a failure, and of all waits. */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
  /** Bound of a wait once `stop` has been called. */
  readonly drainRetryMs: number;
  /** Bound of a wait while the spool is full. */
  readonly fullRetryMs: number;
  /** A suspect chunk is alone on the way for so long, if it is not acked before. */
  readonly suspectMs: number;
}

const defaultDeadlines = {
  connectMs: 10_000,
  loginMs: 10_000,
  writeMs: 30_000,
  heloMs: 250,
  retryFirstMs: 500,
  retryMaxMs: 30_000,
  drainRetryMs: 250,
  fullRetryMs: 2000,
  suspectMs: 1000,
};

const now = (): number => performance.now();

export class ForwardOutput implements Output {
  readonly name: string;
  readonly #config: FluentdConfig;
  readonly #spool: Spool;
  readonly #counters: OutputCounters;
  readonly #deadlines: OutputDeadlines;
  readonly #login: Login | null;
  readonly #servers: Servers;
  readonly #window: SendWindow;
  readonly #log: DeliveryLog;
  readonly #refused: RefusedChunks;
  readonly #waits = new Waits();
  /** The server of the connection before. */
  #lastServer = 0;
  /** Those that are being made. */
  readonly #attempts = new Set<ForwardConnection>();
  #open: OpenConnection | null = null;
  #delivery: Delivery | null = null;
  #gathering: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  #stopped = false;
  /** While draining: attempts that may still fail. */
  #attemptsLeft = Number.POSITIVE_INFINITY;
  readonly #drained = new Drained();

  /** @param options.deadlines what differs from the defaults; `ackMs` is the config's */
  constructor(options: {
    config: FluentdConfig;
    spool: Spool;
    counters: OutputCounters;
    log: Logger;
    /** Null: an entry that the receiver refuses is dropped, and counted, after a while. */
    deadLetters?: DeadLetters | null;
    random?: () => number;
    deadlines?: Partial<OutputDeadlines>;
  }) {
    const { config, spool, counters, random = Math.random } = options;
    this.#config = config;
    this.#spool = spool;
    this.#counters = counters;
    this.#deadlines = { ...defaultDeadlines, ackMs: config.ackTimeoutMs, ...options.deadlines };
    this.#login = loginOf(config);
    const { retryFirstMs, retryMaxMs } = this.#deadlines;
    this.#servers = new Servers({
      list: config.servers,
      bounds: { firstMs: retryFirstMs, maxMs: retryMaxMs },
      recoverWaitMs: config.recoverWaitMs,
      random,
      now,
    });
    const { tag, alertTag, ack } = config;
    const gzip = config.compress === 'gzip';
    const maxBytes = maxMessageBytes - (gzip ? gzipOverheadBytes : 0);
    const cutter = new ChunkCutter({ tag, alertTag, ack, gzip, maxMessageBytes: maxBytes });
    this.#window = new SendWindow({ spool, cutter, counters, maxChunks: chunksInFlight });
    this.#log = new DeliveryLog(options.log, now);
    this.#refused = new RefusedChunks({
      window: this.#window,
      deadLetters: options.deadLetters ?? null,
      alertTag,
      counters,
      log: this.#log,
    });
    this.name = `forward ${config.servers.map(addressOf).join(', ')}`;
  }

  get connected(): boolean {
    return this.#open !== null;
  }

  get trouble(): string | null {
    return this.#log.trouble;
  }

  start(): void {
    this.#spool.onReadable = () => this.#onReadable();
    this.#running = this.#run();
  }

  /**
   * Ends early if nothing can be delivered: no connection was there, and an attempt at each server
   * has failed. What is unacked stays in the spool.
   *
   * @param deadlineMs from now
   */
  stop(deadlineMs: number): Promise<void> {
    this.#stopping ??= this.#drain(deadlineMs);
    return this.#stopping;
  }

  async #drain(deadlineMs: number): Promise<void> {
    if (this.#running !== null && this.#spool.batches > 0) {
      if (this.#open === null) this.#attemptsLeft = this.#servers.list.length;
      this.#servers.newRound();
      this.#waits.wake();
      await this.#drained.within(deadlineMs);
    }
    this.#stopped = true;
    this.#spool.onReadable = () => {};
    // The spool may be closed before it would come.
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    for (const attempt of this.#attempts) attempt.close();
    this.#open?.connection.close();
    this.#waits.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    let next: OpenConnection | null = null;
    while (!this.#stopped) {
      const open: OpenConnection | null = next ?? (await this.#openActive());
      next = open === null ? null : await this.#deliverOver(open);
    }
    next?.connection.close();
  }

  /** One attempt at the active server. Null if it failed, after the wait for that. */
  async #openActive(): Promise<OpenConnection | null> {
    let retryInMs = 0;
    const open = await this.#connect(this.#servers.active, (failure) => {
      retryInMs = this.#report(failure);
    });
    if (open === null && !this.#stopped) await this.#waits.sleep(retryInMs);
    return open;
  }

  /** @param failed called with the reason, unless it was stopped */
  async #connect(
    server: number,
    failed: (failure: ConnectionFailure) => void,
  ): Promise<OpenConnection | null> {
    const { host, port } = this.#servers.list[server]!;
    const secured =
      this.#config.tls === null ? null : tlsOptions(this.#config.tls, host, 'forward.fluentd.tls');
    if (secured !== null && 'failure' in secured) {
      this.#counters.connect_failures++;
      failed(secured.failure);
      return null;
    }
    const connection = new ForwardConnection({
      host,
      port,
      login: this.#login,
      tls: secured?.options ?? null,
      ack: this.#config.ack,
      deadlines: this.#deadlines,
      counters: this.#counters,
    });
    this.#attempts.add(connection);
    const opened = await connection.open();
    this.#attempts.delete(connection);
    if (opened) {
      this.#counters.connects++;
      return { connection, server, openedAtMs: now() };
    }
    const failure = await connection.closed;
    if (this.#stopped) return null;
    this.#counters.connect_failures++;
    failed(failure);
    return null;
  }

  /** Delivers until the connection ends. Returns the one to go on with, if there is one already. */
  async #deliverOver(open: OpenConnection): Promise<OpenConnection | null> {
    const { connection, server } = open;
    this.#noteServer(server);
    const delivery = new Delivery({
      connection,
      window: this.#window,
      maxInFlight: chunksInFlight,
      suspectMs: this.#deadlines.suspectMs,
      onDelivered: (chunk) => this.#onDelivered(chunk, open),
      gathers: () => this.#gathering !== null,
    });
    this.#open = open;
    this.#delivery = delivery;
    delivery.start();
    this.#endIfDrained();
    const recovered = await this.#untilBetter(open, delivery);
    this.#open = null;
    this.#delivery = null;
    delivery.end();
    if (recovered !== null) {
      connection.close();
      this.#servers.returnTo(recovered.server);
      return recovered;
    }
    const failure = await connection.closed;
    if (this.#stopped) return null;
    if (this.#config.ack) this.#learnFrom(connection, failure, server);
    if (this.#spool.batches === 0) await this.#waits.sleepForWork();
    else await this.#waits.sleep(this.#report(failure));
    return null;
  }

  #learnFrom(connection: ForwardConnection, failure: ConnectionFailure, server: number): void {
    const { acked, left } = connection;
    const closed = failure.byReceiver === true ? 'receiver' : 'other';
    const by = failure.kind === 'ack' ? 'ack_timeout' : closed;
    learnFromEnd({ by, acked, left, ackMs: this.#deadlines.ackMs });
    this.#refused.resolve(this.#address(server));
  }

  /**
   * Null when the connection has ended. On a standby also resolves with a connection to a preferred
   * server, once all that is on the way is acked.
   */
  async #untilBetter(open: OpenConnection, delivery: Delivery): Promise<OpenConnection | null> {
    const ended = open.connection.closed.then(() => null);
    while (open.server > 0) {
      const probe = new RecoveryProbe({
        due: () => this.#servers.probesDue(),
        connect: (server) =>
          this.#connect(server, (failure) => this.#log.probeFailed(failure, this.#address(server))),
        waitMs: this.#config.recoverWaitMs,
      });
      const success = probe.success();
      const found = await Promise.race([success, ended]);
      probe.stop();
      if (found === null) {
        // It may have come in the same turn.
        void success.then(({ connection }) => connection.close());
        return null;
      }
      const lost = found.connection.closed.then(() => 'lost' as const);
      const outcome = await Promise.race([delivery.hold().then(() => 'idle'), lost, ended]);
      if (outcome !== 'lost') return found;
      delivery.release();
    }
    return ended;
  }

  /** Says to whom it goes now, and counts it if that is another than before. */
  #noteServer(server: number): void {
    this.#log.connected(this.#address(server));
    if (server < this.#lastServer) this.#counters.returns++;
    if (server > this.#lastServer) this.#counters.failovers++;
    this.#lastServer = server;
  }

  #onDelivered(chunk: Chunk, { server, openedAtMs }: OpenConnection): void {
    this.#attemptsLeft = Number.POSITIVE_INFINITY;
    if (server === this.#servers.active) this.#servers.delivered(now() - openedAtMs);
    this.#log.delivered(this.#address(server));
    this.#window.delivered(chunk);
    if (chunk.closes > 0) pardon(this.#window.unacked);
    this.#endIfDrained();
  }

  #endIfDrained(): void {
    if (this.#spool.batches === 0) this.#drained.now();
  }

  /** Batches that come within `gatherMs` travel in one chunk: a chunk costs more than what is in it. */
  #onReadable(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null;
      this.#window.passEmpty();
      if (this.#spool.batches > 0) this.#waits.wakeForWork();
      this.#delivery?.pump();
      this.#endIfDrained();
    }, gatherMs);
  }

  /** Says what went wrong, turns to the next server. Returns how long to wait, in ms. */
  #report(failure: ConnectionFailure): number {
    const server = this.#address(this.#servers.active);
    const waitMs = this.#servers.failed(failure.refused);
    const draining = this.#stopping !== null;
    const { drainRetryMs, fullRetryMs } = this.#deadlines;
    // While senders wait, so must not we.
    const most = draining ? drainRetryMs : this.#spool.full ? fullRetryMs : waitMs;
    const retryInMs = Math.min(waitMs, most);
    this.#log.failed(failure, {
      server,
      next: this.#address(this.#servers.active),
      retryInMs,
      spoolBytes: this.#spool.bytes,
      unackedChunks: this.#window.unacked.length,
    });
    if (draining && --this.#attemptsLeft <= 0) this.#drained.now();
    return retryInMs;
  }

  #address(server: number): string {
    return addressOf(this.#servers.list[server]!);
  }
}

function loginOf(config: FluentdConfig): Login | null {
  const { sharedKey, username, password } = config;
  if (sharedKey === null) return null;
  const clientHostname = `stegwatch-${hostname()}-${randomBytes(4).toString('hex')}`;
  return { clientHostname, sharedKey, username, password };
}
