/**
 * Syslog over TCP (RFC 6587) or TLS (RFC 5425). Neither has acks. What counts as delivered is what the receiver's
 * kernel has acked (`unacked-bytes.ts`) if `settleMs` later the connection still stands and gets on: a receiver that
 * ends takes along what it has not read, and one whose kernel takes no more reads nothing. So after a lost connection some lines are sent twice, rather than lost.
 *
 *     send --> taken by our kernel --> acked by the receiver's --> settled: delivered
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { ConnectionFailure } from '../connection-failure.js';
import { tlsOptions } from '../tls-options.js';
import { endedLines } from './lines.js';
import { closedFailure, connectTimeout, socketFailure, stalledFailure } from './syslog-failure.js';
import type { Transport, TransportOptions } from './transport.js';
import type { SocketEnds } from './unacked-bytes.js';

const keepAliveMs = 60_000;
/** Of the time to settle, where nothing is known of acks (no Linux). */
const unknownFactor = 10;

/** A look at all connections of a machine may take long: then it rests so much longer before the next. */
const restFactor = 3;
/** A look that waited behind a stuck disk says nothing of how long the next one takes. */
const maxRestMs = 2000;

/** What `send` was called with. */
interface Taken {
  /** Bytes of all until then. */
  readonly end: number;
  readonly takenMs: number;
  /** When the receiver's kernel had it, as far as was seen; NaN: not yet. */
  ackedMs: number;
}

export class StreamTransport implements Transport {
  readonly closed: Promise<ConnectionFailure>;
  readonly #options: TransportOptions;
  #resolveClosed: (failure: ConnectionFailure) => void = () => {};
  #socket: Socket | null = null;
  /** As it was made: a socket that is closed does not tell any more, while its connection may still be at work. */
  #ends: SocketEnds = {};
  /** The system tells of acks here. */
  #acksKnown = false;
  #failure: ConnectionFailure | null = null;
  #opened = false;
  /** Bytes that our kernel has taken. */
  #takenBytes = 0;
  readonly #taken: Taken[] = [];
  #delivered = 0;
  /** As it was when last asked. */
  #ackedBytes = 0;
  #sending = false;
  #stalledTimer: NodeJS.Timeout | null = null;
  #looking: Promise<number> | null = null;
  #restUntilMs = 0;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  async open(): Promise<ConnectionFailure | null> {
    const { connectMs } = this.#options.deadlines;
    const made = this.#connect();
    if ('failure' in made) return made.failure;
    const { socket, ready } = made;
    this.#socket = socket;
    socket.setKeepAlive(true, keepAliveMs);
    // It sends when it has something; what a receiver of syslog says means nothing.
    socket.setNoDelay(true);
    socket.resume();
    const timer = setTimeout(() => this.#fail(connectTimeout(connectMs)), connectMs);
    socket.on('error', (error) => {
      this.#fail(socketFailure(this.#opened ? 'deliver' : 'connect', error));
    });
    socket.on('close', () => {
      clearTimeout(timer);
      if (this.#stalledTimer !== null) clearTimeout(this.#stalledTimer);
      this.#resolveClosed(this.#failure ?? closedFailure());
    });
    const opened = new Promise<null>((resolve) => {
      socket.once(ready, () => {
        this.#opened = true;
        const { localPort, remotePort, remoteFamily } = socket;
        this.#ends = { localPort, remotePort, remoteFamily };
        clearTimeout(timer);
        resolve(null);
      });
    });
    return Promise.race([opened, this.closed]);
  }

  #connect():
    | { socket: Socket; ready: 'connect' | 'secureConnect' }
    | { failure: ConnectionFailure } {
    const { config } = this.#options;
    const { host, port } = config.server;
    if (config.protocol !== 'tls') return { socket: connectTcp({ host, port }), ready: 'connect' };
    const secured = tlsOptions(config.tls, host, 'forward.syslog.tls');
    if ('failure' in secured) return secured;
    const servername = isIP(host) > 0 ? {} : { servername: host };
    return {
      socket: connectTls({ host, port, ...servername, ...secured.options }),
      ready: 'secureConnect',
    };
  }

  async send(entries: Buffer): Promise<boolean> {
    const socket = this.#socket!;
    const bytes = this.#framed(entries);
    // Once for all that is on its way: else a send now and then would put it off for ever.
    if (this.#stalledTimer === null) this.#watch();
    this.#sending = true;
    const taken = await new Promise<boolean>((resolve) => {
      if (bytes.length === 0) resolve(true);
      else if (socket.destroyed || !socket.writable) resolve(false);
      else socket.write(bytes, (error) => resolve(error === undefined || error === null));
    });
    this.#sending = false;
    if (!taken) return false;
    this.#takenBytes += bytes.length;
    const takenMs = this.#options.now();
    this.#taken.push({ end: this.#takenBytes, takenMs, ackedMs: Number.NaN });
    return true;
  }

  /** One look serves all who ask meanwhile: a slow one must not be overtaken by ever more of them. */
  delivered(soon: boolean): Promise<number> {
    this.#looking ??= this.#look(soon).finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #look(soon: boolean): Promise<number> {
    const { now, unacked: ask } = this.#options;
    const beginMs = now();
    if (beginMs < this.#restUntilMs) {
      if (!soon) return this.#delivered;
      const restMs = this.#restUntilMs - beginMs;
      await Promise.race([sleep(restMs, undefined, { ref: false }), this.closed]);
    }
    const askedMs = now();
    // Before it is asked what is unacked: more may be taken meanwhile.
    const takenBytes = this.#takenBytes;
    const unacked = this.#socket === null ? null : await ask(this.#ends);
    this.#restUntilMs = now() + Math.min(restFactor * (now() - askedMs), maxRestMs);
    this.#acksKnown ||= unacked !== null;
    // It stands no more, or cannot be seen for once (no descriptors left): time alone proves nothing then.
    if (this.#socket?.destroyed === true || (unacked === null && this.#acksKnown)) {
      return this.#delivered;
    }
    const count = unacked === null ? this.#oldOnes() : this.#settled(takenBytes, unacked, soon);
    this.#delivered += this.#taken.splice(0, count).length;
    const waits = this.#taken.some(({ ackedMs }) => Number.isNaN(ackedMs));
    if (!this.#sending && (unacked === null || !waits)) this.#unwatch();
    return this.#delivered;
  }

  /** @returns how many of `taken` count as delivered */
  #settled(takenBytes: number, unacked: number, soon: boolean): number {
    const { now, deadlines } = this.#options;
    const nowMs = now();
    const ackedBytes = takenBytes - unacked;
    const stalled = unacked > 0 && ackedBytes <= this.#ackedBytes;
    this.#ackedBytes = ackedBytes;
    const settleMs = soon ? 0 : deadlines.settleMs;
    let count = 0;
    let progress = false;
    for (const one of this.#taken) {
      if (one.end > ackedBytes) break;
      if (Number.isNaN(one.ackedMs)) {
        one.ackedMs = nowMs;
        progress = true;
      }
      if (one.ackedMs + settleMs <= nowMs) count++;
    }
    if (progress) this.#watch();
    return stalled ? 0 : count;
  }

  /** Where nothing is known of acks time alone must do. */
  #oldOnes(): number {
    const { now, deadlines } = this.#options;
    const untilMs = now() - unknownFactor * deadlines.settleMs;
    const young = this.#taken.findIndex(({ takenMs }) => takenMs > untilMs);
    return young < 0 ? this.#taken.length : young;
  }

  /** The receiver's own end, after ours, says that it has read all of it. */
  async finish(ms: number): Promise<boolean> {
    const socket = this.#socket!;
    if (socket.destroyed) return false;
    socket.end();
    const timer = setTimeout(() => socket.destroy(), ms);
    const cleanly = await new Promise<boolean>((resolve) => {
      socket.once('end', () => resolve(true));
      void this.closed.then(() => resolve(false));
    });
    clearTimeout(timer);
    // Its end may have crossed ours, before it had read all.
    await this.#looking;
    const unacked = (await this.#options.unacked(this.#ends)) ?? 0;
    return cleanly && unacked === 0 && this.#failure === null;
  }

  close(): void {
    this.#socket?.destroy();
    if (this.#socket === null) this.#resolveClosed(closedFailure());
  }

  #framed(entries: Buffer): Buffer {
    const { config, counters } = this.#options;
    if (config.framing === 'octet_counting') return entries;
    const { bytes, changed } = endedLines(entries);
    counters.lines_changed += changed;
    return bytes;
  }

  /** What is on its way must get on within the deadline, from now. */
  #watch(): void {
    this.#unwatch();
    const { stalledMs } = this.#options.deadlines;
    this.#stalledTimer = setTimeout(() => this.#fail(stalledFailure(stalledMs)), stalledMs);
  }

  #unwatch(): void {
    if (this.#stalledTimer !== null) clearTimeout(this.#stalledTimer);
    this.#stalledTimer = null;
  }

  #fail(failure: ConnectionFailure): void {
    this.#failure ??= failure;
    this.#socket?.destroy();
  }
}
