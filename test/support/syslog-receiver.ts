/** A receiver of syslog over TCP or TLS, for tests: takes lines by either framing, and misbehaves when told to. */
import { once } from 'node:events';
import { createServer as createTcp, type Server, type Socket } from 'node:net';
import { createServer as createTls, type TlsOptions } from 'node:tls';
import type { Test } from 'tap';

export interface SyslogReceiver {
  readonly port: number;
  readonly lines: string[];
  readonly connections: number;
  /** Goes on or stops reading, present connections and those to come. */
  reads: boolean;
  /** Ends every connection, as if the process had been killed: what it has not read is lost. */
  reset(): void;
  close(): Promise<void>;
}

export async function startReceiver(
  t: Test,
  { port = 0, tls = null, framing = 'newline' }: ReceiverOptions = {},
): Promise<SyslogReceiver> {
  const sockets = new Set<Socket>();
  const lines: string[] = [];
  let reads = true;
  let connections = 0;
  const serve = (socket: Socket): void => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      rest = take(Buffer.concat([rest, chunk]), framing, lines);
    });
    if (!reads) socket.pause();
  };
  const server: Server = tls === null ? createTcp(serve) : createTls(tls, serve);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
  t.teardown(close);
  return {
    port: (server.address() as { port: number }).port,
    lines,
    get connections() {
      return connections;
    },
    get reads() {
      return reads;
    },
    set reads(value: boolean) {
      reads = value;
      for (const socket of sockets) value ? socket.resume() : socket.pause();
    },
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close,
  };
}

export interface ReceiverOptions {
  readonly port?: number;
  readonly tls?: TlsOptions | null;
  readonly framing?: 'newline' | 'octet_counting';
}

/** @returns what is left of an unfinished line */
function take(bytes: Buffer, framing: ReceiverOptions['framing'], lines: string[]): Buffer {
  for (let at = 0; ; ) {
    const mark = bytes.indexOf(framing === 'newline' ? 0x0a : 0x20, at);
    if (mark < 0) return bytes.subarray(at);
    const counted = framing === 'newline' ? null : Number(bytes.toString('latin1', at, mark));
    const start = counted === null ? at : mark + 1;
    const end = counted === null ? mark : start + counted;
    if (end > bytes.length) return bytes.subarray(at);
    lines.push(bytes.toString('utf8', start, end));
    at = counted === null ? end + 1 : end;
  }
}
