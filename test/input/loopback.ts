/** Real sockets on loopback, a log that can be read, and waiting without sleeping. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import type { Test } from 'tap';
import { Counters } from '../../src/observe/counters.js';
import { RecordingSink } from '../framing/recording-sink.js';

export const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
export const families = hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'];

export interface Bench {
  readonly sink: RecordingSink;
  readonly counters: Counters;
  readonly log: Logger;
  /** Lines logged at warn or above. */
  readonly warnings: string[];
}

export function bench(): Bench {
  const warnings: string[] = [];
  const log = pino(
    { level: 'warn', base: null, timestamp: false },
    { write: (line: string) => warnings.push(JSON.parse(line).msg) },
  );
  return { sink: new RecordingSink(), counters: new Counters(), log, warnings };
}

/** Turns the event loop until it holds. Fails rather than hangs. */
export async function eventually(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${what}`);
    await turn();
  }
}

/** Enough turns for whatever is on its way on loopback to arrive, if it were to arrive. */
export async function settle(): Promise<void> {
  const until = performance.now() + 30;
  while (performance.now() < until) await turn();
}

export async function client(
  t: Test,
  port: number,
  host = '127.0.0.1',
  localAddress?: string,
): Promise<Socket> {
  const socket = connect({ host, port, ...(localAddress && { localAddress }) });
  socket.on('error', () => {});
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  socket.resume();
  return socket;
}

export async function sendDatagrams(
  port: number,
  datagrams: readonly (string | Buffer)[],
  host = '127.0.0.1',
): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  for (const datagram of datagrams) {
    await new Promise<void>((resolve, reject) => {
      socket.send(datagram, port, host, (error) => (error ? reject(error) : resolve()));
    });
  }
  await new Promise<void>((resolve) => socket.close(resolve));
}
