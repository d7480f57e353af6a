/**
 * A Forward receiver that misbehaves as told: acks late or never, cuts connections before or after an ack,
 * goes away and comes back. What it has received is in its file before it acks (`classify.ts` has the lines;
 * a second word `r` says that the chunk had come before).
 */
import { openSync, writeSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { decodeMulti, decodeMultiStream, encode } from '@msgpack/msgpack';
import { classify } from './classify.js';
import type { RunIdentity } from './events.js';

export interface ReceiverConfig extends RunIdentity {
  readonly port: number;
  /** Appended to. */
  readonly file: string;
}

export type ReceiverCommand =
  | { readonly kind: 'listen' | 'away' }
  | { readonly kind: 'acks'; readonly how: 'right' | 'none' | 'late' }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' };

/** How much later `late` is. */
const lateMs = 1_500;

const config = JSON.parse(process.argv[2]!) as ReceiverConfig;
const file = openSync(config.file, 'a');
const sockets = new Set<Socket>();
const chunkIds = new Set<string>();
let server: Server | null = null;
let acks: 'right' | 'none' | 'late' = 'right';
let cut: 'before' | 'after' | null = null;

function accept(socket: Socket): void {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => {});
  converse(socket).catch(() => socket.destroy());
}

async function converse(socket: Socket): Promise<void> {
  for await (const message of decodeMultiStream(socket as AsyncIterable<Buffer>)) {
    if (socket.destroyed) return;
    take(socket, message as [string, Uint8Array, { chunk: string }]);
  }
}

function take(socket: Socket, [, entries, { chunk }]: [string, Uint8Array, { chunk: string }]) {
  const again = chunkIds.has(chunk) ? ' r' : '';
  chunkIds.add(chunk);
  const lines: string[] = [];
  for (const entry of decodeMulti(entries)) {
    const [, record] = entry as [unknown, Record<string, unknown>];
    lines.push(`${classify(config, record)}${again}\n`);
  }
  writeSync(file, lines.join(''));
  if (cut === 'before') socket.destroy();
  else if (acks === 'right') socket.write(encode({ ack: chunk }));
  else if (acks === 'late') setTimeout(() => socket.write(encode({ ack: chunk })), lateMs);
  if (cut === 'after') socket.end();
  cut = null;
}

function listen(): void {
  if (server !== null) return;
  server = createServer(accept);
  server.listen(config.port, '127.0.0.1', () => process.send?.('listens'));
}

function goAway(): void {
  for (const socket of sockets) socket.destroy();
  if (server === null) process.send?.('away');
  else server.close(() => process.send?.('away'));
  server = null;
}

process.on('message', (command: ReceiverCommand) => {
  if (command.kind === 'acks') acks = command.how;
  else if (command.kind === 'cut') cut = command.when;
  else if (command.kind === 'listen') listen();
  else goAway();
});
process.on('disconnect', () => process.exit());
