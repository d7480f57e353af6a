/** Datagrams at a rate: each millisecond what is due by the clock, so that a late wake-up is made up for. */
import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sent } from './sender-connections.js';

const tickMs = 1;

export class UdpSender {
  readonly #messages: readonly Buffer[];
  readonly #port: number;
  readonly #socket: Socket = createSocket('udp4');
  #next = 0;

  /** @param lines each with its newline, which a datagram does not need */
  constructor(lines: readonly string[], port: number) {
    this.#messages = lines.map((line) => Buffer.from(line.trimEnd()));
    this.#port = port;
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.connect(this.#port, '127.0.0.1', resolve));
  }

  /** @param rate per second */
  async send(count: number, rate: number): Promise<Sent> {
    const fromMs = performance.now();
    let sent = 0;
    let maxBurst = 0;
    while (sent < count) {
      const elapsedMs = performance.now() - fromMs;
      const due = Math.min(count, Math.floor((elapsedMs / 1000) * rate));
      maxBurst = Math.max(maxBurst, due - sent);
      for (; sent < due; sent++) {
        this.#socket.send(this.#messages[this.#next]!);
        this.#next = (this.#next + 1) % this.#messages.length;
      }
      await sleep(tickMs);
    }
    // What the kernel did not take at once. An error ends this process: then the count would be wrong.
    while (this.#socket.getSendQueueCount() > 0) await sleep(tickMs);
    return { sent, maxBurst };
  }
}
