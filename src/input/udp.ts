/**
 * The UDP listener (RFC 5426): one datagram is one frame. What the kernel drops because we are late
 * never gets here, hence the large receive buffer (docs/adr/0003 has the measurement) and the count of
 * kernel-drops.ts.
 */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { UdpConfig } from '../config/config.js';
import { frameDatagram } from '../framing/datagram.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import { QuietLines } from '../observe/quiet-lines.js';
import type { FrameSink, Input, Peer } from '../stages.js';
import { listenerName, plainAddress } from './addresses.js';
import type { AllowList } from './allow-list.js';
import { BoundedMap } from './bounded-map.js';
import { KernelDrops } from './kernel-drops.js';
import { listen } from './listen.js';
import { untilQuiet } from './quiet.js';
import { sizeReceiveBuffer } from './receive-buffer.js';

export interface UdpInputOptions {
  readonly maxMessageBytes: number;
  readonly allow: AllowList;
  readonly sink: FrameSink;
  readonly counters: Counters;
  readonly log: Logger;
  /** Epoch ms. */
  readonly now?: () => number;
}

interface Sender {
  readonly peer: Peer;
  readonly allowed: boolean;
}

/** What the length field of UDP can say (RFC 768). */
const maxDatagramBytes = 0xffff;
/** Senders remembered. Source addresses can be forged at will; past this, some are worked out anew. */
const maxSenders = 4096;

export class UdpInput implements Input {
  name: string;
  port: number;
  readonly #config: UdpConfig;
  readonly #options: Required<UdpInputOptions>;
  readonly #senders = new BoundedMap<Sender>(maxSenders);
  /**
   * Each is copied here first: the stages keep a view of a buffer, and to make one for each datagram
   * would cost more than all else that is done with it.
   */
  readonly #datagram = Buffer.allocUnsafeSlow(maxDatagramBytes);
  #socket: Socket | null = null;
  #kernelDrops: KernelDrops | null = null;
  #datagrams = 0;
  #paused = false;
  #bound = false;

  constructor(config: UdpConfig, options: UdpInputOptions) {
    this.#config = config;
    this.#options = { now: Date.now, ...options };
    this.port = config.port;
    this.name = listenerName('udp', config.address, config.port);
  }

  async start(): Promise<void> {
    const { address, port, receiveBufferBytes } = this.#config;
    const { log } = this.#options;
    const socket = await listen({ protocol: 'udp', address, port, log }, (host) =>
      this.#bindTo(host),
    );
    this.#socket = socket;
    const lines = new QuietLines(() => performance.now());
    socket.on('error', (err) => {
      const heldBack = lines.mayWrite('error');
      if (heldBack === null) return;
      log.warn({ code: 'UDP_FAILED', listener: this.name, err, heldBack }, 'UDP error');
    });
    sizeReceiveBuffer(socket, this.name, receiveBufferBytes, log);
    const { family, port: bound } = socket.address();
    this.#kernelDrops = new KernelDrops({
      ...this.#options,
      family: family === 'IPv6' ? 'IPv6' : 'IPv4',
      port: bound,
      listener: this.name,
    });
  }

  get listening(): boolean {
    return this.#bound;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  /** Counts what the kernel dropped since the last time. Called by a timer. */
  async countKernelDrops(): Promise<void> {
    await this.#kernelDrops?.read();
  }

  async stop(): Promise<void> {
    const socket = this.#socket;
    if (socket === null) return;
    this.#socket = null;
    // While paused too: what the kernel holds is then dropped, and that is counted.
    await untilQuiet(() => this.#datagrams);
    await this.#kernelDrops?.stop();
    await new Promise<void>((resolve) => socket.close(resolve));
  }

  async #bindTo(host: string): Promise<Socket> {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', ipv6Only: false });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind({ address: host, port: this.#config.port, exclusive: true }, () => {
          socket.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      socket.close();
      throw error;
    }
    this.#bound = true;
    socket.on('close', () => {
      this.#bound = false;
    });
    socket.on('message', this.#receive);
    this.port = socket.address().port;
    this.name = listenerName('udp', host, this.port);
    return socket;
  }

  readonly #receive = (bytes: Buffer, from: RemoteInfo): void => {
    const { counters, now } = this.#options;
    this.#datagrams++;
    const sender = this.#senders.get(from.address) ?? this.#remember(from.address);
    if (!sender.allowed) {
      counters.udp_dropped_not_allowed++;
    } else if (this.#paused) {
      counters.udp_dropped_full++;
    } else {
      const framesBefore = counters.received_frames;
      counters.received_bytes += bytes.length;
      counters.received_bytes_udp += bytes.length;
      bytes.copy(this.#datagram);
      frameDatagram(this.#datagram, bytes.length, now(), sender.peer, this.#options);
      counters.received_frames_udp += counters.received_frames - framesBefore;
    }
  };

  #remember(address: string): Sender {
    const plain = plainAddress(address);
    const allowed = this.#options.allow.allows(plain);
    const sender = { peer: { address: plain }, allowed };
    this.#senders.set(address, sender);
    return sender;
  }
}
