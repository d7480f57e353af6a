/**
 * Sends what the spool holds to Fluentd over the Forward protocol, at least once, for as long as it
 * takes. It runs one connection after another:
 *
 *     attempt --> opened: send all that is unacked, then what comes --> lost --.
 *        ^   '--> failed ------------------------------------------------------|
 *        '---------- back-off with jitter, next server <-----------------------'
 *
 * What outlives a connection is the `SendWindow`; what does not is the queue of `fastq` that keeps at
 * most `chunksInFlight` chunks on the way. Guarantees and limits: docs/forwarding.md.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import fastq from 'fastq';
import type { FluentdConfig } from '../config/config.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import type { DeadLetters, Output, Spool } from '../stages.js';
import { backoffMs } from './backoff.js';
import { type Chunk, maxMessageBytes } from './chunk.js';
import { ChunkCutter } from './chunk-cutter.js';
import type { ConnectionFailure } from './connection-failure.js';
import { DeliveryLog } from './delivery-log.js';
import { type ConnectionDeadlines, ForwardConnection, type Login } from './forward-connection.js';
import { SendWindow } from './send-window.js';

/** Enough to keep a receiver busy over a long line; at most 8 MiB are unacked and sent again. */
const chunksInFlight = 8;

/** All in ms. */
export interface OutputDeadlines extends ConnectionDeadlines {
  /** Bound of the first wait after a failure, and of all waits. */
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
}

const defaultDeadlines = {
  connectMs: 10_000,
  loginMs: 10_000,
  writeMs: 30_000,
  heloMs: 250,
  retryFirstMs: 500,
  retryMaxMs: 30_000,
};

export class ForwardOutput implements Output {
  readonly name: string;
  readonly #config: FluentdConfig;
  readonly #spool: Spool;
  readonly #counters: Counters;
  readonly #random: () => number;
  readonly #deadlines: OutputDeadlines;
  readonly #login: Login | null;
  readonly #window: SendWindow;
  readonly #log: DeliveryLog;
  #server = 0;
  /** Attempts in a row that delivered nothing and had a reason to. */
  #failures = 0;
  #connection: ForwardConnection | null = null;
  #queue: fastq.queue<Chunk> | null = null;
  #pumpScheduled = false;
  #running: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | null = null;
  #stopped = false;
  /** Ends the present wait, if there is one. */
  #wake: () => void = () => {};
  /** The same if that is a wait for something to send. */
  #wakeForWork: () => void = () => {};
  #onEmpty: () => void = () => {};

  /** @param options.deadlines what differs from the defaults; `ackMs` is the config's */
  constructor(options: {
    config: FluentdConfig;
    spool: Spool;
    counters: Counters;
    log: Logger;
    /** Where entries go that the server takes from nobody; null: they are sent for ever. */
    deadLetters?: DeadLetters | null;
    random?: () => number;
    deadlines?: Partial<OutputDeadlines>;
  }) {
    const { config, spool, counters } = options;
    this.#config = config;
    this.#spool = spool;
    this.#counters = counters;
    this.#random = options.random ?? Math.random;
    this.#deadlines = {
      ...defaultDeadlines,
      ackMs: config.ackTimeoutMs,
      ...options.deadlines,
    };
    this.#login = loginOf(config);
    const { tag, alertTag, ack } = config;
    const cutter = new ChunkCutter({ tag, alertTag, ack, maxMessageBytes });
    this.#window = new SendWindow({ spool, cutter, counters, maxChunks: chunksInFlight });
    this.#log = new DeliveryLog(options.log, () => performance.now());
    this.name = `forward ${config.servers.map(addressOf).join(', ')}`;
  }

  start(): void {
    this.#spool.onReadable = () => this.#onReadable();
    this.#running = this.#run();
  }

  /** @param deadlineMs from now; what is unacked then stays in the spool */
  stop(deadlineMs: number): Promise<void> {
    this.#stopping ??= this.#drain(deadlineMs);
    return this.#stopping;
  }

  async #drain(deadlineMs: number): Promise<void> {
    this.#wake();
    if (this.#spool.batches > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadlineMs);
        this.#onEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#stopped = true;
    this.#spool.onReadable = () => {};
    this.#connection?.close();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const failure = await this.#attempt();
      if (this.#stopped) return;
      if (failure === null) await this.#sleepUntilReadable();
      else await this.#sleep(this.#report(failure));
    }
  }

  /** Connects, and delivers for as long as that goes well. Null if it ended with nothing left to do. */
  async #attempt(): Promise<ConnectionFailure | null> {
    const { host, port } = this.#config.servers[this.#server]!;
    const connection = new ForwardConnection({
      host,
      port,
      login: this.#login,
      ack: this.#config.ack,
      deadlines: this.#deadlines,
      counters: this.#counters,
    });
    this.#connection = connection;
    const opened = await connection.open();
    if (opened) {
      this.#counters.connects++;
      this.#log.connected(addressOf({ host, port }));
      this.#deliverOver(connection);
    } else if (!this.#stopped) {
      this.#counters.connect_failures++;
    }
    const failure = await connection.closed;
    this.#connection = null;
    this.#queue?.kill();
    this.#queue = null;
    return opened && this.#spool.batches === 0 ? null : failure;
  }

  #deliverOver(connection: ForwardConnection): void {
    this.#queue = fastq<ForwardConnection, Chunk>(
      connection,
      (chunk, done) => connection.send(chunk, done),
      chunksInFlight,
    );
    for (const chunk of this.#window.unacked) this.#push(chunk);
    this.#pump();
  }

  #push(chunk: Chunk): void {
    this.#queue?.push(chunk, (failure) => {
      if (failure === null) this.#onDelivered(chunk);
    });
  }

  /** Cuts and sends as much as the window takes. */
  #pump(): void {
    while (this.#queue !== null) {
      const chunks = this.#window.next();
      if (chunks.length === 0) break;
      for (const chunk of chunks) this.#push(chunk);
    }
    if (this.#spool.batches === 0) this.#onEmpty();
  }

  #onDelivered(chunk: Chunk): void {
    this.#failures = 0;
    this.#log.delivered(addressOf(this.#config.servers[this.#server]!));
    this.#window.delivered(chunk);
    this.#pump();
  }

  /** Once per turn of the event loop, so that batches of one read travel in one chunk. */
  #onReadable(): void {
    if (this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    setImmediate(() => {
      this.#pumpScheduled = false;
      this.#window.passEmpty();
      if (this.#spool.batches > 0) this.#wakeForWork();
      this.#pump();
    });
  }

  /** Says what went wrong, turns to the next server. Returns how long to wait, in ms. */
  #report(failure: ConnectionFailure): number {
    this.#failures++;
    const { servers } = this.#config;
    const server = addressOf(servers[this.#server]!);
    this.#server = (this.#server + 1) % servers.length;
    const { retryFirstMs, retryMaxMs } = this.#deadlines;
    const bounds = { firstMs: retryFirstMs, maxMs: retryMaxMs };
    const retryInMs = Math.round(backoffMs(this.#failures, bounds, this.#random));
    this.#log.failed(failure, {
      server,
      retryInMs,
      spoolBytes: this.#spool.bytes,
      unackedChunks: this.#window.unacked.length,
    });
    return retryInMs;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** A server that closes quiet connections is not called again before there is something to say. */
  async #sleepUntilReadable(): Promise<void> {
    if (this.#spool.batches > 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#wakeForWork = resolve;
    });
  }
}

function loginOf(config: FluentdConfig): Login | null {
  const { sharedKey, username, password } = config;
  if (sharedKey === null) return null;
  const clientHostname = `stegwatch-${hostname()}-${randomBytes(4).toString('hex')}`;
  return { clientHostname, sharedKey, username, password };
}

function addressOf(server: { host: string; port: number }): string {
  return server.host.includes(':')
    ? `[${server.host}]:${server.port}`
    : `${server.host}:${server.port}`;
}
