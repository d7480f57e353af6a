/**
 * A scriptable Forward receiver on loopback: it records what comes and acks, or misbehaves as told.
 * `behaviour` may be changed at any time; it holds for what is read from then on.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { decodeMultiStream, encode } from '@msgpack/msgpack';
import type { Test } from 'tap';
import { entriesIn } from './entries.js';

export interface Behaviour {
  /** What to do with a chunk: ack it, ack another id, ack it twice, or keep silent. */
  readonly acks: 'right' | 'wrong' | 'twice' | 'none';
  /** After so many acks on a connection it keeps silent there. */
  readonly acksPerConnection: number;
  /** Chunks that hold an entry like this are taken from nobody. */
  readonly refuses: ((record: unknown) => boolean) | null;
  /** Closes the connection on this share of chunks, at random. */
  readonly closesOn: number;
  /** Them it drops without an ack, or closes the connection on them at once. */
  readonly refusal: 'silence' | 'close';
  /** Ask for a login first. */
  readonly security: { readonly sharedKey: string; readonly proof?: 'wrong' } | null;
  /** Close each connection once it has sent this many bytes. */
  readonly closeAfterBytes: number;
  /** False: accept connections and never read from them. */
  readonly reads: boolean;
  /** Written to each new connection. */
  readonly greeting: Uint8Array | null;
  /** After an ack the whole process, client included, stands still for so long. */
  readonly stallMs: number;
}

export interface ReceivedChunk {
  readonly connection: number;
  readonly tag: string;
  readonly id: string | undefined;
  readonly size: number | undefined;
  readonly entries: Uint8Array;
}

const wellBehaved: Behaviour = {
  acks: 'right',
  acksPerConnection: Number.POSITIVE_INFINITY,
  refuses: null,
  closesOn: 0,
  refusal: 'silence',
  security: null,
  closeAfterBytes: Number.POSITIVE_INFINITY,
  reads: true,
  greeting: null,
  stallMs: 0,
};

const selfHostname = 'receiver.test';

export class ForwardServer {
  behaviour: Behaviour;
  readonly chunks: ReceivedChunk[] = [];
  /** Names that clients gave in PING. */
  readonly clients: string[] = [];
  connections = 0;
  /** Of entries, as they came. */
  receivedBytes = 0;
  /** Chunks. */
  refused = 0;
  /** When each connection came, by a clock that only goes forward. */
  readonly connectedAtMs: number[] = [];
  port = 0;
  /** By connection. */
  readonly #acks = new Map<number, number>();
  readonly #heldBack: (() => void)[] = [];
  readonly #tls: TlsOptions | null;
  #server: Server | null = null;
  readonly #sockets = new Set<Socket>();

  private constructor(behaviour: Partial<Behaviour>, tls: TlsOptions | null) {
    this.#tls = tls;
    this.behaviour = { ...wellBehaved, ...behaviour };
  }

  /** @param tls with it connections are TLS */
  static async start(
    t: Test,
    behaviour: Partial<Behaviour> = {},
    tls: TlsOptions | null = null,
  ): Promise<ForwardServer> {
    const server = new ForwardServer(behaviour, tls);
    await server.listen();
    t.teardown(() => server.stop());
    return server;
  }

  change(behaviour: Partial<Behaviour>): void {
    this.behaviour = { ...this.behaviour, ...behaviour };
  }

  /** Listens on its port; the first time on a free one. */
  listen(): Promise<void> {
    const accept = (socket: Socket): void => this.#accept(socket);
    const server = this.#tls === null ? createServer(accept) : createTlsServer(this.#tls, accept);
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', () => {
        this.port = (server.address() as { port: number }).port;
        resolve();
      });
    });
  }

  stop(): Promise<void> {
    this.closeConnections();
    return new Promise((resolve) => {
      if (this.#server === null) resolve();
      else this.#server.close(() => resolve());
      this.#server = null;
    });
  }

  closeConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Sends the acks that `acks: none` has kept back. */
  ackHeldBack(): void {
    for (const ack of this.#heldBack.splice(0)) ack();
  }

  sendToAll(bytes: Uint8Array): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  /** Throws away what the connections that do not read have to say from here on. */
  goOnReading(): void {
    for (const socket of this.#sockets) socket.resume();
  }

  /** Records of all chunks under this tag, in order of arrival. */
  records(tag: string): unknown[] {
    return this.chunks.filter((c) => c.tag === tag).flatMap((c) => entriesIn(c.entries));
  }

  #accept(socket: Socket): void {
    const connection = ++this.connections;
    this.connectedAtMs.push(performance.now());
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    if (this.behaviour.greeting !== null) socket.write(this.behaviour.greeting);
    if (!this.behaviour.reads) {
      socket.pause();
      return;
    }
    this.#converse(socket, connection).catch(() => socket.destroy());
  }

  async #converse(socket: Socket, connection: number): Promise<void> {
    const { security } = this.behaviour;
    const nonce = randomBytes(16);
    let loggedIn = security === null;
    if (security !== null) {
      socket.write(encode(['HELO', { nonce, auth: new Uint8Array(0), keepalive: true }]));
    }
    for await (const message of decodeMultiStream(this.#bytesOf(socket))) {
      if (loggedIn) this.#take(message as [string, Uint8Array, object], socket, connection);
      else if (security !== null) {
        loggedIn = this.#checkPing(message as string[], nonce, security, socket);
      }
    }
  }

  async *#bytesOf(socket: Socket): AsyncGenerator<Buffer> {
    let total = 0;
    for await (const bytes of socket as AsyncIterable<Buffer>) {
      total += bytes.length;
      yield bytes;
      if (total >= this.behaviour.closeAfterBytes) socket.destroy();
    }
  }

  #take(message: [string, Uint8Array, object], socket: Socket, connection: number): void {
    const [tag, sent, option] = message;
    const {
      chunk: id,
      size,
      compressed,
    } = option as {
      chunk?: string;
      size?: number;
      compressed?: string;
    };
    const entries = compressed === 'gzip' ? gunzipSync(sent) : sent;
    this.receivedBytes += sent.length;
    const { refuses, refusal } = this.behaviour;
    if (refuses !== null && entriesIn(entries).some(refuses)) {
      this.refused++;
      if (refusal === 'close') socket.destroy();
      return;
    }
    if (Math.random() < this.behaviour.closesOn) socket.destroy();
    if (socket.destroyed) return;
    this.chunks.push({ connection, tag, id, size, entries: Uint8Array.from(entries) });
    const { acks } = this.behaviour;
    if (id === undefined) return;
    const before = this.#acks.get(connection) ?? 0;
    if (acks === 'none' || before >= this.behaviour.acksPerConnection) {
      this.#heldBack.push(() => socket.write(encode({ ack: id })));
      return;
    }
    this.#acks.set(connection, before + 1);
    socket.write(encode({ ack: acks === 'wrong' ? 'AAAAAAAAAAAAAAAAAAAAAA==' : id }));
    if (acks === 'twice') socket.write(encode({ ack: id }));
    const endMs = performance.now() + this.behaviour.stallMs;
    while (performance.now() < endMs);
  }

  #checkPing(
    ping: readonly string[],
    nonce: Buffer,
    security: { sharedKey: string; proof?: 'wrong' },
    socket: Socket,
  ): boolean {
    const [kind, client, salt, digest] = ping as [string, string, string, string];
    const right = kind === 'PING' && digest === sha512(salt, client, nonce, security.sharedKey);
    if (!right) {
      socket.end(encode(['PONG', false, 'shared_key mismatch', '', '']));
      return false;
    }
    this.clients.push(client);
    const key = security.proof === 'wrong' ? 'not the key' : security.sharedKey;
    const proof = sha512(salt, selfHostname, nonce, key);
    socket.write(encode(['PONG', true, '', selfHostname, proof]));
    return true;
  }
}

function sha512(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
