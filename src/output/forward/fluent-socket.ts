/**
 * The socket of `@fluent-org/logger`, with what it does not offer: a guard in front of its decoder, and
 * small messages that leave at once. For that alone one private method is used, `createSocket`, which
 * `test/output/forward/fluent-client.test.ts` holds (docs/adr/0005, docs/adr/0009).
 */
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { FluentAuthSocket } from '@fluent-org/logger/build/src/auth.js';
import { FluentSocket } from '@fluent-org/logger/build/src/socket.js';
import { ReplyGuard } from './reply-guard.js';

export interface Login {
  /** Unique to this process: Fluentd refuses a client that has its own name. */
  readonly clientHostname: string;
  readonly sharedKey: string;
  readonly username: string | null;
  readonly password: string | null;
}

export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  readonly login: Login | null;
  /** Null: no TLS. */
  readonly tls: TlsOptions | null;
  /** What the guard found wrong; the connection must be ended then. */
  readonly onBadReply: (error: Error) => void;
}

export interface GuardedSocket {
  readonly socket: FluentSocket;
  readonly guard: ReplyGuard;
  /** What `write` writes goes to the kernel in one call, not one for each piece. */
  readonly together: <Result>(write: () => Result) => Result;
}

/** `timeout: -1` is no idle timeout (0 would mean 3 s); it must not come back by itself either. */
export function createFluentSocket(options: SocketOptions): GuardedSocket {
  const { host, port, login, tls } = options;
  const shared = { host, port, timeout: -1, disableReconnect: true, ...(tls !== null && { tls }) };
  const socket = login === null ? new FluentSocket(shared) : authSocket(login, shared);
  const guard = new ReplyGuard();
  guard.on('error', options.onBadReply);
  const inner = socket as unknown as { createSocket(onConnect: () => void): Socket };
  const create = inner.createSocket;
  let connection: Socket | null = null;
  inner.createSocket = (onConnect) => {
    connection = guarded(create.call(socket, onConnect), guard);
    return connection;
  };
  const together = <Result>(write: () => Result): Result => {
    connection?.cork();
    try {
      return write();
    } finally {
      connection?.uncork();
    }
  };
  return { socket, guard, together };
}

function authSocket(
  { clientHostname, sharedKey, username, password }: Login,
  options: ConstructorParameters<typeof FluentSocket>[0],
): FluentAuthSocket {
  return new FluentAuthSocket(
    { clientHostname, sharedKey, username: username ?? '', password: password ?? '' },
    options,
  );
}

/** What is piped from it passes the guard first. */
function guarded(socket: Socket, guard: ReplyGuard): Socket {
  socket.setNoDelay(true);
  const pipe = socket.pipe.bind(socket);
  socket.pipe = <Target extends NodeJS.WritableStream>(target: Target): Target => {
    pipe(guard);
    guard.pipe(target as unknown as Writable);
    return target;
  };
  return socket;
}
