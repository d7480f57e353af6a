/**
 * The TLS listener (RFC 5425). TCP is accepted by a `StreamServer`, so that the allow list and the cap on
 * connections count before any cryptography; then a TLS server that does not listen itself takes over
 * the socket. Who has the wrong certificate, or none, is refused after the handshake, counted by kind.
 */
import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import type { TlsConfig } from '../config/config.js';
import { StegwatchError } from '../errors.js';
import { QuietLines } from '../observe/quiet-lines.js';
import {
  isProblems,
  minTlsVersion,
  readTlsFiles,
  type TlsFiles,
  validityNotice,
} from '../platform/tls-files.js';
import type { Input } from '../stages.js';
import type { FramedConnectionOptions } from './framed-connection.js';
import type { ReadTurn } from './read-turn.js';
import { StreamServer } from './stream-server.js';
import type { TcpInputOptions } from './tcp.js';
import { TlsConnection } from './tls-connection.js';
import { certificateRefusalOf, type Refusal, refusalOf, refusals } from './tls-refusal.js';

/** Long-lived connections gain nothing by resumption, and each is to show its certificate anew. */
const secureOptions = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION;
const maxSubjectLength = 200;

export class TlsInput implements Input {
  readonly #config: TlsConfig;
  readonly #options: Required<TcpInputOptions>;
  readonly #framing: FramedConnectionOptions;
  readonly #listener: StreamServer;
  readonly #lines: QuietLines;
  /** Handshakes under way, by the addresses and ports of both ends. */
  readonly #handshakes = new Map<string, TlsConnection>();
  #tls: Server | null = null;

  constructor(config: TlsConfig, options: TcpInputOptions) {
    this.#config = config;
    this.#options = { now: Date.now, ...options };
    this.#framing = { ...this.#options, protocol: 'tls' };
    this.#lines = new QuietLines(this.#options.now);
    this.#listener = new StreamServer({
      ...options,
      protocol: 'tls',
      sharesReads: false,
      limits: config,
      connect: (socket, address, turn) => this.#connect(socket, address, turn),
    });
  }

  get name(): string {
    return this.#listener.name;
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Open connections, those in their handshake included. */
  get connections(): number {
    return this.#listener.connections;
  }

  get listening(): boolean {
    return this.#listener.listening;
  }

  async start(): Promise<void> {
    this.#tls = createServer({
      ...contextOptions(this.#readFiles()),
      requestCert: this.#config.clientCa !== null,
      // We refuse by ourselves, to know the reason.
      rejectUnauthorized: false,
      handshakeTimeout: this.#config.handshakeTimeoutMs,
    });
    this.#tls.on('secureConnection', this.#secured);
    this.#tls.on('tlsClientError', this.#failed);
    await this.#listener.start();
  }

  /** @throws StegwatchError CERTIFICATE_UNUSABLE; the old ones are then still in use */
  async reloadCertificates(): Promise<void> {
    const files = this.#readFiles();
    this.#tls?.setSecureContext(contextOptions(files));
    const notices = files.validity.map((one) => validityNotice(one, this.#options.now()));
    // The same file may be the certificate and its own authority.
    for (const notice of new Set(notices)) {
      if (notice === null) continue;
      this.#options.log.warn({ code: 'EXPIRY', listener: this.name }, notice);
    }
  }

  pause(): void {
    this.#listener.pause();
  }

  resume(): void {
    this.#listener.resume();
  }

  stop(): Promise<void> {
    return this.#listener.stop();
  }

  /** Closes what has exceeded a time limit. Called by the listener's own timer. */
  sweep(): void {
    this.#listener.sweep();
  }

  #readFiles(): TlsFiles {
    const { cert, key, clientCa } = this.#config;
    const read = readTlsFiles({ cert, key, ca: clientCa });
    if (!isProblems(read)) return read;
    const keys = { cert: 'cert', key: 'key', ca: 'client_ca' };
    const words = read.map(({ file, message }) => `${keys[file]}: ${message}`).join('; ');
    throw new StegwatchError(
      'CERTIFICATE_UNUSABLE',
      `${this.name}: ${words}`,
      'mend the files; `stegwatch validate -c FILE` checks them',
    );
  }

  #connect(socket: Socket, address: string, turn: ReadTurn): TlsConnection {
    const connection = new TlsConnection(socket, address, turn, this.#framing);
    const ends = endsOf(socket);
    this.#handshakes.set(ends, connection);
    socket.once('close', () => {
      if (this.#handshakes.get(ends) === connection) this.#handshakes.delete(ends);
      this.#refuse(connection, 'closed');
    });
    // Documented of tls.Server: it takes over any connected stream that is given to it like this.
    this.#tls?.emit('connection', socket);
    return connection;
  }

  readonly #secured = (socket: TLSSocket): void => {
    // Before all else: an error without a listener would end the process.
    socket.on('error', (err) => this.#options.log.debug({ listener: this.name, err }, 'TLS error'));
    const ends = endsOf(socket);
    const connection = this.#handshakes.get(ends);
    this.#handshakes.delete(ends);
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    const refusal = this.#refusalOf(socket);
    if (refusal === null) {
      this.#options.counters.tls_handshakes++;
      connection.secured(socket);
    } else {
      const reason = String(socket.authorizationError ?? '');
      this.#refuse(connection, refusal, { ...subjectOf(socket), reason });
    }
  };

  /** Null: the sender is who it should be. */
  #refusalOf(socket: TLSSocket): Refusal | null {
    const { clientCa, clientNames } = this.#config;
    if (clientCa === null) return null;
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return 'no_certificate';
    if (!socket.authorized) return certificateRefusalOf(String(socket.authorizationError));
    if (clientNames.length === 0) return null;
    const named = clientNames.some(
      (name) => certificate.checkHost(name, { subject: 'always', wildcards: false }) !== undefined,
    );
    return named ? null : 'name';
  }

  readonly #failed = (error: NodeJS.ErrnoException, socket: TLSSocket): void => {
    const connection = this.#handshakes.get(endsOf(socket));
    // A socket that is gone has no ends any more: then `close` of the TCP connection tells.
    if (connection !== undefined) {
      this.#refuse(connection, refusalOf(error), { reason: error.code ?? error.message });
    }
    socket.destroy();
  };

  #refuse(connection: TlsConnection, refusal: Refusal, facts: object = {}): void {
    if (!connection.inHandshake) return;
    const { counters, log } = this.#options;
    const { counter, words } = refusals[refusal];
    counters[counter]++;
    connection.end();
    connection.socket.destroy();
    const heldBack = this.#lines.mayWrite(refusal);
    if (heldBack === null) return;
    const peer = connection.peer.address;
    log.warn(
      { code: 'SENDER_REFUSED', listener: this.name, peer, ...facts, heldBack },
      `refused a sender: ${words}`,
    );
  }
}

function contextOptions({ cert, key, ca }: TlsFiles): SecureContextOptions {
  return {
    ...(cert && key && { cert, key }),
    ...(ca && { ca }),
    minVersion: minTlsVersion,
    secureOptions,
  };
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

function subjectOf(socket: TLSSocket): { subject: string; validTo: string } | object {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return {};
  const subject = certificate.subject.replaceAll('\n', ', ').slice(0, maxSubjectLength);
  return { subject, validTo: certificate.validTo };
}
