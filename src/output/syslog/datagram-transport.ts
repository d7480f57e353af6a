/**
 * Syslog over UDP (RFC 5426): a datagram for each line. What is sent counts as delivered; nobody tells what the
 * receiver had no time for. One thing is told, in the next call or later: that nothing listens there.
 */
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConnectionFailure } from '../connection-failure.js';
import { eachLine, maxDatagramBytes } from './lines.js';
import { closedFailure, connectTimeout, socketFailure } from './syslog-failure.js';
import type { Transport, TransportOptions } from './transport.js';

/** Datagrams between two turns of the loop: the receiver needs time for them too. */
const perTurn = 32;

export class DatagramTransport implements Transport {
  readonly closed: Promise<ConnectionFailure>;
  readonly #options: TransportOptions;
  #resolveClosed: (failure: ConnectionFailure) => void = () => {};
  #socket: Socket | null = null;
  #ended = false;
  #sent = 0;
  #delivered = 0;
  /** Datagrams that our kernel has not taken yet. */
  #pending = 0;
  #onTaken: () => void = () => {};

  constructor(options: TransportOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  async open(): Promise<ConnectionFailure | null> {
    const { connectMs } = this.#options.deadlines;
    const timer = setTimeout(() => this.#end(connectTimeout(connectMs)), connectMs);
    const failure = await Promise.race([this.#connect(), this.closed]);
    clearTimeout(timer);
    return failure;
  }

  async #connect(): Promise<ConnectionFailure | null> {
    const { host, port } = this.#options.config.server;
    try {
      const { address } = await lookup(host);
      // Closed meanwhile: a socket that is made now would stay.
      if (this.#ended) return closedFailure();
      const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
      this.#socket = socket;
      socket.on('error', (error) => this.#end(socketFailure('deliver', error)));
      socket.connect(port, address);
      await once(socket, 'connect');
      return null;
    } catch (error) {
      const failure = socketFailure('connect', error as Error);
      this.#end(failure);
      return failure;
    }
  }

  async send(entries: Buffer): Promise<boolean> {
    const starts: number[] = [];
    const lengths: number[] = [];
    eachLine(entries, (start, end) => {
      starts.push(start);
      lengths.push(this.#cut(end - start));
    });
    for (let i = 0; i < starts.length && !this.#ended; i += perTurn) {
      const until = Math.min(i + perTurn, starts.length);
      await new Promise<void>((resolve) => {
        this.#onTaken = resolve;
        this.#pending = until - i;
        for (let k = i; k < until; k++) {
          this.#socket!.send(entries, starts[k]!, lengths[k]!, this.#taken);
        }
      });
      // What the network says of one datagram comes later.
      await nextTurn();
    }
    if (this.#ended) return false;
    this.#sent++;
    return true;
  }

  readonly #taken = (error: Error | null): void => {
    if (error !== null) this.#end(socketFailure('deliver', error));
    this.#pending--;
    if (this.#pending === 0 || this.#ended) this.#onTaken();
  };

  /** An answer that nobody listens there has come by now, if it comes from near. */
  async delivered(): Promise<number> {
    const sent = this.#sent;
    await nextTurn();
    if (!this.#ended) this.#delivered = sent;
    return this.#delivered;
  }

  async finish(): Promise<boolean> {
    return (await this.delivered()) === this.#sent;
  }

  close(): void {
    this.#end(closedFailure());
  }

  /** @returns how much of a line of this length is sent */
  #cut(length: number): number {
    if (length <= maxDatagramBytes) return length;
    this.#options.counters.lines_changed++;
    return maxDatagramBytes;
  }

  #end(failure: ConnectionFailure): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket?.close();
    this.#onTaken();
    this.#resolveClosed(failure);
  }
}
