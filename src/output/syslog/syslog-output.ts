/**
 * Sends what its spool holds to a receiver of syslog, line by line as it came, at least once over TCP and TLS. One
 * connection after another:
 *
 *     attempt --> opened: send all that is not delivered, then what comes --> lost --.
 *        ^   '--> failed ----------------------------------------------------------|
 *        '----------------------------- back-off <---------------------------------'
 *
 * What counts as delivered is the transport's to say. docs/forwarding.md has the guarantees.
 */
import { performance } from 'node:perf_hooks';
import type { SyslogConfig } from '../../config/config.js';
import type { OutputCounters } from '../../observe/counters.js';
import type { Logger } from '../../observe/log.js';
import type { Output, Spool, StoredBatch } from '../../stages.js';
import { backoffMs, boundsAfter } from '../backoff.js';
import type { ConnectionFailure } from '../connection-failure.js';
import { DeliveryLog } from '../delivery-log.js';
import { addressOf } from '../servers.js';
import { Drained, Waits } from '../waits.js';
import { DatagramTransport } from './datagram-transport.js';
import { StreamTransport } from './stream-transport.js';
import type { Transport, TransportOptions } from './transport.js';
import { unackedBytes } from './unacked-bytes.js';

/** All in ms. */
export interface SyslogDeadlines {
  readonly connectMs: number;
  readonly stalledMs: number;
  readonly settleMs: number;
  /** How often it is asked what is delivered, while something may be. */
  readonly askMs: number;
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
  /** Bound of a wait once `stop` has been called. */
  readonly drainRetryMs: number;
  /** For the receiver to read the last of it, at the end. */
  readonly finishMs: number;
}

/**
 * With more than this sent and not known to be delivered no time is given to settle. A spool gives 16 MiB at most to
 * be read before something is acked, and our kernel holds some 4 of them.
 */
const unsettledBytes = 8 * 1024 * 1024;
/** Until our kernel has room again. */
const roomMs = 5;

const defaultDeadlines: SyslogDeadlines = {
  connectMs: 10_000,
  stalledMs: 60_000,
  settleMs: 1000,
  askMs: 500,
  retryFirstMs: 500,
  retryMaxMs: 30_000,
  drainRetryMs: 250,
  finishMs: 2000,
};

const now = (): number => performance.now();

interface Sent {
  readonly seq: number;
  readonly events: number;
  readonly bytes: number;
}

export class SyslogOutput implements Output {
  readonly name: string;
  readonly #config: SyslogConfig;
  readonly #spool: Spool;
  readonly #counters: OutputCounters;
  readonly #deadlines: SyslogDeadlines;
  readonly #log: DeliveryLog;
  readonly #random: () => number;
  readonly #address: string;
  readonly #unacked: TransportOptions['unacked'];
  readonly #waits = new Waits();
  #transport: Transport | null = null;
  /** The present connection has ended, or is only being made. */
  #ended = true;
  /** Sent over the present connection, oldest first, of which it is not known whether they are delivered. */
  #sent: Sent[] = [];
  #sentBytes = 0;
  /** Of them and of those before them, over the present connection. */
  #sentCount = 0;
  #deliveredCount = 0;
  /** The newest that has ever been sent. */
  #newestSent = 0;
  /** Attempts in a row that delivered nothing. */
  #failures = 0;
  #running: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  #stopped = false;
  readonly #drained = new Drained();

  constructor(options: {
    config: SyslogConfig;
    spool: Spool;
    counters: OutputCounters;
    log: Logger;
    random?: () => number;
    deadlines?: Partial<SyslogDeadlines>;
    unacked?: TransportOptions['unacked'];
  }) {
    const { config } = options;
    this.#config = config;
    this.#spool = options.spool;
    this.#counters = options.counters;
    this.#random = options.random ?? Math.random;
    this.#unacked = options.unacked ?? unackedBytes;
    this.#deadlines = { ...defaultDeadlines, ...options.deadlines };
    this.#log = new DeliveryLog(options.log, now);
    this.#address = addressOf(config.server);
    this.name = `syslog ${config.protocol} ${this.#address}`;
  }

  get connected(): boolean {
    return this.#transport !== null && !this.#ended;
  }

  get trouble(): string | null {
    return this.#log.trouble;
  }

  start(): void {
    this.#spool.onReadable = () => this.#waits.wakeForWork();
    this.#running = this.#run();
  }

  /** @param deadlineMs from now */
  stop(deadlineMs: number): Promise<void> {
    this.#stopping ??= this.#drain(deadlineMs);
    return this.#stopping;
  }

  async #drain(deadlineMs: number): Promise<void> {
    if (this.#running !== null && this.#spool.batches > 0) {
      this.#waits.wake();
      await this.#drained.within(deadlineMs);
    }
    this.#stopped = true;
    this.#spool.onReadable = () => {};
    this.#transport?.close();
    this.#waits.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const transport = this.#make();
      this.#transport = transport;
      const failure = (await transport.open()) ?? (await this.#deliverOver(transport));
      this.#transport = null;
      transport.close();
      if (!this.#stopped) await this.#waitAfter(failure);
      // A receiver that ends connections of its own accord is not connected to for nothing.
      if (!this.#stopped && this.#spool.batches === 0) await this.#waits.sleepForWork();
    }
  }

  /** Until the connection has ended. */
  async #deliverOver(transport: Transport): Promise<ConnectionFailure> {
    this.#counters.connects++;
    this.#log.connected(this.#address);
    this.#sent = [];
    this.#sentBytes = 0;
    this.#sentCount = 0;
    this.#deliveredCount = 0;
    this.#ended = false;
    void transport.closed.then(() => {
      this.#ended = true;
      this.#waits.wake();
    });
    const asking = setInterval(() => void this.#ask(transport, false), this.#deadlines.askMs);
    try {
      for (let seq = this.#spool.ackedSeq; !this.#ended; ) {
        const batch = this.#spool.after(seq);
        if (batch !== null) {
          if (!(await transport.send(batch.entries))) break;
          this.#noteSent(batch);
          seq = batch.seq;
          await this.#makeRoom(transport);
        } else if (this.#stopping !== null && seq === this.#spool.lastSeq) {
          await this.#finish(transport);
          break;
        } else {
          await this.#waits.sleepForWork();
        }
      }
      return await transport.closed;
    } finally {
      clearInterval(asking);
    }
  }

  /** Else the spool would give no more to read. */
  async #makeRoom(transport: Transport): Promise<void> {
    while (this.#sentBytes > unsettledBytes && !this.#stopped) {
      const before = this.#sentBytes;
      if (!(await this.#ask(transport, true))) return;
      if (this.#sentBytes === before) await this.#waits.sleep(roomMs);
    }
  }

  #noteSent({ seq, eventCount, alertCount, entries }: StoredBatch): void {
    this.#counters.chunks_sent++;
    if (seq <= this.#newestSent) this.#counters.chunks_resent++;
    this.#newestSent = Math.max(this.#newestSent, seq);
    this.#sent.push({ seq, events: eventCount + alertCount, bytes: entries.length });
    this.#sentBytes += entries.length;
    this.#sentCount++;
  }

  /** @returns whether the connection is still the present one */
  async #ask(transport: Transport, soon: boolean): Promise<boolean> {
    if (this.#sent.length > 0) {
      const delivered = await transport.delivered(soon);
      if (transport === this.#transport) this.#noteDelivered(delivered);
    }
    return transport === this.#transport && !this.#ended;
  }

  /** @param count of those sent over the present connection */
  #noteDelivered(count: number): void {
    const done = this.#sent.splice(0, count - this.#deliveredCount);
    const last = done.at(-1);
    if (last === undefined) return;
    this.#deliveredCount = count;
    this.#failures = 0;
    this.#counters.chunks_acked += done.length;
    for (const { events, bytes } of done) {
      this.#counters.events_acked += events;
      this.#sentBytes -= bytes;
    }
    this.#log.delivered(this.#address);
    this.#spool.ack(last.seq);
    if (this.#spool.batches === 0) this.#drained.now();
  }

  /** All is sent, and nothing more comes. */
  async #finish(transport: Transport): Promise<void> {
    const all = await transport.finish(this.#deadlines.finishMs);
    this.#noteDelivered(all ? this.#sentCount : await transport.delivered(true));
    // What is not known to have been delivered stays in the spool.
    this.#drained.now();
  }

  async #waitAfter(failure: ConnectionFailure): Promise<void> {
    if (failure.kind === 'connect') this.#counters.connect_failures++;
    this.#failures++;
    const { retryFirstMs, retryMaxMs, drainRetryMs } = this.#deadlines;
    const all = { firstMs: retryFirstMs, maxMs: retryMaxMs };
    const bounds = boundsAfter(all, failure.refused === true);
    const waitMs = Math.round(backoffMs(this.#failures, bounds, this.#random));
    const draining = this.#stopping !== null;
    const retryInMs = draining ? Math.min(waitMs, drainRetryMs) : waitMs;
    this.#log.failed(failure, {
      ...{ server: this.#address, next: this.#address, retryInMs },
      ...{ spoolBytes: this.#spool.bytes, unackedChunks: this.#sent.length },
    });
    // Nothing was delivered over an attempt of its own: nobody is there.
    if (draining && failure.kind === 'connect') this.#drained.now();
    await this.#waits.sleep(retryInMs);
  }

  #make(): Transport {
    const options: TransportOptions = {
      ...{ config: this.#config, counters: this.#counters },
      ...{ deadlines: this.#deadlines, now, unacked: this.#unacked },
    };
    return this.#config.protocol === 'udp'
      ? new DatagramTransport(options)
      : new StreamTransport(options);
  }
}
