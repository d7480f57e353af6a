/**
 * How many datagrams are lost by `syslog-server` and by our UDP input, at one rate after the other?
 * The measurement behind docs/adr/0003-node-dgram-instead-of-syslog-server.md.
 *
 *     node build/bench/syslog-server-loss.js [SECONDS [ROUNDS]]      (3 s a run, 3 rounds: under 2 minutes)
 *
 * Sender and receiver are processes of their own on loopback, so neither waits for the other. Both
 * receivers do the same with a message: nothing but count it. The sender wakes each millisecond, sends
 * what is due by the clock and says how many it has sent; what the kernel dropped is the difference.
 * The receiver's CPU time per message says what rate it could follow with a core of its own, whatever
 * else the machine does meanwhile. Receivers take turns, in rounds.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { AllowList } from '../src/input/allow-list.js';
import { UdpInput } from '../src/input/udp.js';
import { Counters } from '../src/observe/counters.js';

const rates = [20_000, 50_000, 80_000];
/** UdpInput with Linux' default buffer is the control: does the buffer make the difference, or the code? */
const receivers = ['syslog-server', 'UdpInput, 208 KiB', 'UdpInput, 4 MiB'] as const;
type Receiver = (typeof receivers)[number];
const host = '127.0.0.1';
const message = Buffer.from(`<134>Oct 10 12:00:00 proxy CEF:0|V|P|1|1|n|3|${'x'.repeat(554)}`);
/** 20 to 80 messages at a time: a third of what Linux' default buffer holds. */
const tickMs = 1;
/** Longest time for what is still in a buffer to be read. */
const drainMs = 500;

/** The part of syslog-server's interface that is used here; it ships no types. */
interface SyslogServer {
  on(event: 'message', listener: (message: { message: string }) => void): void;
  start(options: { port: number; address: string }): Promise<void>;
}

/** @returns the count so far, asked for when all has been sent */
async function receive(receiver: Receiver, port: number): Promise<() => number> {
  if (receiver === 'syslog-server') {
    const Server = createRequire(import.meta.url)('syslog-server') as new () => SyslogServer;
    const server = new Server();
    let count = 0;
    server.on('message', () => count++);
    await server.start({ port, address: host });
    return () => count;
  }
  const counters = new Counters();
  // Linux doubles what is asked for, so this makes the 212,992 bytes that it gives unasked.
  const receiveBufferBytes = receiver === 'UdpInput, 4 MiB' ? 4 * 1024 * 1024 : 106_496;
  const input = new UdpInput(
    { address: host, port, receiveBufferBytes },
    {
      maxMessageBytes: 65536,
      allow: new AllowList([]),
      sink: { frame() {} },
      counters,
      log: pino({ level: 'warn' }, process.stderr),
    },
  );
  await input.start();
  return () => counters.received_frames;
}

/** Sends for `seconds` at `rate` and returns how many were sent. */
async function send(port: number, rate: number, seconds: number): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.connect(port, host, resolve));
  const from = performance.now();
  let sent = 0;
  for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs = performance.now() - from) {
    for (const due = Math.floor((elapsedMs / 1000) * rate); sent < due; sent++) {
      socket.send(message);
    }
    await sleep(tickMs);
  }
  await new Promise<void>((resolve) => socket.close(resolve));
  return sent;
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}

async function childSays<T>(child: ChildProcess): Promise<T> {
  const [value] = await once(child, 'message');
  return value;
}

interface Received {
  readonly count: number;
  /** User and system, of the whole process since it began to listen. */
  readonly cpuMicros: number;
}

async function measure(receiver: Receiver, rate: number, seconds: number): Promise<string> {
  const script = fileURLToPath(import.meta.url);
  const port = await freePort();
  const receiving = fork(script, ['receive', receiver, String(port)]);
  await childSays<string>(receiving);
  const sending = fork(script, ['send', String(port), String(rate), String(seconds)]);
  const sent = await childSays<number>(sending);
  await sleep(drainMs);
  receiving.send('count');
  const { count, cpuMicros } = await childSays<Received>(receiving);
  receiving.kill();
  const lost = `${(((sent - count) / sent) * 100).toFixed(2)} %`;
  const micros = (cpuMicros / count).toFixed(1);
  const cells = [receiver, rate, Math.round(sent / seconds), sent, count, lost, micros];
  return `| ${cells.join(' | ')} |`;
}

async function main(): Promise<void> {
  const [role, ...args] = process.argv.slice(2);
  if (role === 'receive') {
    const count = await receive(args[0] as Receiver, Number(args[1]));
    const before = process.cpuUsage();
    process.send?.('listening');
    process.on('message', () => {
      const { user, system } = process.cpuUsage(before);
      process.send?.({ count: count(), cpuMicros: user + system } satisfies Received);
    });
  } else if (role === 'send') {
    process.send?.(await send(Number(args[0]), Number(args[1]), Number(args[2])));
    process.disconnect();
  } else {
    const seconds = Number(role ?? 3);
    const rounds = Number(args[0] ?? 3);
    const load = loadavg()[0]?.toFixed(2);
    console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, load ${load}`);
    console.log(`${message.length} bytes a message, ${seconds} s a run\n`);
    console.log('| receiver | asked for /s | sent /s | sent | received | lost | CPU us/message |');
    console.log('|---|---|---|---|---|---|---|');
    for (let round = 0; round < rounds; round++) {
      for (const rate of rates) {
        for (const receiver of receivers) console.log(await measure(receiver, rate, seconds));
      }
    }
  }
}

await main();
