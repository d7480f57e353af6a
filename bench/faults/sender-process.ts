/**
 * The senders: numbered events over several TCP connections and by UDP, at a bounded rate. Tells its parent
 * what it has written, and what was taken in as far as that is proven (`proof.ts`). A process of its own,
 * so that nothing else holds up what it sees.
 */
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { randomFrom } from '../workload.js';
import { expectedOf, lineOf, type RunIdentity } from './events.js';
import { type Range, TakenInProof } from './proof.js';
import { readQueues } from './socket-queues.js';

export interface SenderConfig extends RunIdentity {
  readonly tcpPort: number;
  readonly udpPort: number;
  readonly connections: number;
  /** Events per second in all, TCP. */
  readonly rate: number;
  /** Likewise, UDP. */
  readonly udpRate: number;
  readonly maxEvents: number;
}

export type SenderCommand =
  | { readonly kind: 'go' | 'cut' | 'pause' }
  | { readonly kind: 'udp'; readonly count: number };

export type SenderReport =
  | { readonly kind: 'sent'; readonly range: Range; readonly udp: boolean }
  | { readonly kind: 'taken'; readonly ranges: readonly Range[] }
  | { readonly kind: 'piece'; readonly number: number }
  | { readonly kind: 'ended' | 'paused' };

const config = JSON.parse(process.argv[2]!) as SenderConfig;
const random = randomFrom(config.seed);
const tickMs = 20;
const sampleMs = 50;
const reconnectMs = 100;
/** What a connection may have waiting in this process. */
const backPressureBytes = 256 * 1024;

let next = 0;
let going = false;

class Connection {
  #socket: Socket | null = null;
  #proof = new TakenInProof();
  #enqueued = 0;
  /** Bytes that the kernel has taken. */
  #written = 0;

  get ready(): boolean {
    const socket = this.#socket;
    return socket !== null && !socket.connecting && socket.writableLength < backPressureBytes;
  }

  get open(): boolean {
    return this.#socket !== null;
  }

  connect(): void {
    if (this.#socket !== null) return;
    const socket = connect(config.tcpPort, '127.0.0.1');
    let connected = false;
    this.#socket = socket;
    this.#proof = new TakenInProof();
    this.#enqueued = 0;
    this.#written = 0;
    socket.setNoDelay(true);
    socket.resume();
    socket.on('connect', () => {
      connected = true;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (connected) report({ kind: 'ended' });
      this.#socket = null;
      setTimeout(() => {
        if (going) this.connect();
      }, reconnectMs);
    });
  }

  send(count: number): void {
    const from = next;
    next += count;
    const lines = Array.from({ length: count }, (_, i) => lineOf(config, from + i));
    const bytes = Buffer.from(`${lines.join('\n')}\n`, 'latin1');
    report({ kind: 'sent', range: { from, count }, udp: false });
    this.#enqueued += bytes.length;
    this.#proof.wrote(from, count, this.#enqueued, performance.now());
    this.#write(bytes);
  }

  /** Ends the connection within an event, by FIN or by RST. */
  cut(): void {
    while (expectedOf(config, next).kind !== 'plain') next++;
    const number = next++;
    const line = lineOf(config, number);
    const bytes = Buffer.from(line.slice(0, 1 + Math.floor(random() * (line.length - 1))));
    report({ kind: 'piece', number });
    const socket = this.#socket!;
    if (random() < 0.5) socket.end(bytes);
    else socket.write(bytes, () => socket.resetAndDestroy());
  }

  end(): void {
    this.#socket?.end();
  }

  /** Two looks at the kernel's queues: what was in the peer's kernel at the first, and is read at the second. */
  first(): { readonly written: number; readonly key: string; readonly back: string } | null {
    const port = this.#socket?.localPort;
    if (port === undefined) return null;
    const { tcpPort } = config;
    return { written: this.#written, key: `${port}:${tcpPort}`, back: `${tcpPort}:${port}` };
  }

  seen(readBytes: number): readonly Range[] {
    return this.#proof.seen(readBytes, performance.now());
  }

  #write(bytes: Buffer): void {
    const socket = this.#socket;
    socket?.write(bytes, (error) => {
      if (!error && this.#socket === socket) this.#written += bytes.length;
    });
  }
}

const connections = Array.from({ length: config.connections }, () => new Connection());
const udp = createSocket('udp4');
let turn = 0;
let owedUdp = 0;

function tick(): void {
  if (!going || next + 1000 > config.maxEvents) return;
  const connection = connections[turn++ % connections.length]!;
  if (connection.ready) connection.send(Math.ceil((config.rate * tickMs) / 1000));
  owedUdp += (config.udpRate * tickMs) / 1000;
  if (owedUdp >= 1) sendUdp(Math.floor(owedUdp));
}

function sendUdp(count: number): void {
  owedUdp -= count;
  report({ kind: 'sent', range: { from: next, count }, udp: true });
  for (let i = 0; i < count; i++) udp.send(lineOf(config, next++), config.udpPort, '127.0.0.1');
}

function sample(): void {
  const firsts = connections.map((connection) => connection.first());
  const before = readQueues();
  const after = readQueues();
  const ranges: Range[] = [];
  for (const [i, first] of firsts.entries()) {
    const ours = first === null ? undefined : before.get(first.key);
    const theirs = first === null ? undefined : after.get(first.back);
    if (first === null || ours === undefined || theirs === undefined) continue;
    ranges.push(...connections[i]!.seen(first.written - ours.unsent - theirs.unread));
  }
  if (ranges.length > 0) report({ kind: 'taken', ranges });
}

function report(message: SenderReport): void {
  process.send?.(message);
}

async function pause(): Promise<void> {
  going = false;
  for (const connection of connections) connection.end();
  while (connections.some((connection) => connection.open)) {
    await new Promise((resolve) => setTimeout(resolve, tickMs));
  }
  report({ kind: 'paused' });
}

process.on('message', (command: SenderCommand) => {
  if (command.kind === 'go') {
    going = true;
    for (const connection of connections) connection.connect();
  } else if (command.kind === 'pause') {
    void pause();
  } else if (command.kind === 'udp') {
    owedUdp += command.count;
    sendUdp(command.count);
  } else {
    const ready = connections.filter((connection) => connection.ready);
    if (going && ready.length > 0) ready[Math.floor(random() * ready.length)]!.cut();
  }
});
process.on('disconnect', () => process.exit());
setInterval(tick, tickMs);
setInterval(sample, sampleMs);
