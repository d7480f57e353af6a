/**
 * The HTTP listener: read only, few connections, short headers, no bodies. Whatever comes, it costs little and
 * never disturbs what the process is for.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codeOf, StegwatchError, wordsOf } from '../errors.js';
import type { Logger } from '../observe/log.js';
import { QuietLines } from '../observe/quiet-lines.js';
import { urlOf } from './access.js';
import { failure, type Reply, safeHeaders } from './reply.js';
import type { RawRequest } from './router.js';

export interface HttpServerOptions {
  readonly address: string;
  readonly port: number;
  readonly answer: (request: RawRequest) => Promise<Reply>;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** Milliseconds; smaller ones in tests. */
  readonly timeouts?: Partial<Timeouts>;
  readonly maxConnections?: number;
}

interface Timeouts {
  /** From the connection, or the request before, to the end of the headers. */
  readonly headersMs: number;
  /** Of a connection between two requests: longer than the usual minute between two scrapes. */
  readonly keepAliveMs: number;
  /** Without a byte either way, such as a reader that does not read. */
  readonly idleMs: number;
  /** Given at stop to replies under way. */
  readonly stopMs: number;
}

const defaultTimeouts: Timeouts = {
  headersMs: 5000,
  keepAliveMs: 75_000,
  idleMs: 90_000,
  stopMs: 500,
};

const maxHeaderBytes = 8 * 1024;
const maxTargetLength = 2048;
/** A few browsers and two Prometheus servers. */
const defaultMaxConnections = 64;
const maxRequestsPerConnection = 1000;

const hints: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'another process listens there (`ss -lntp` names it); a second stegwatch needs an admin.port of its own, or ' +
    'admin: false',
  EACCES: 'ports below 1024 need CAP_NET_BIND_SERVICE; 9598 does not',
  EADDRNOTAVAIL: 'no interface of this machine has that address: see admin.address',
};

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #timeouts: Timeouts;
  readonly #server: Server;
  readonly #lines = new QuietLines(Date.now);
  #url = '';

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#timeouts = { ...defaultTimeouts, ...options.timeouts };
    const { headersMs, keepAliveMs, idleMs } = this.#timeouts;
    this.#server = createServer({
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: headersMs,
      requestTimeout: headersMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: Math.min(1000, headersMs / 2),
    });
    this.#server.timeout = idleMs;
    this.#server.maxConnections = options.maxConnections ?? defaultMaxConnections;
    this.#server.maxRequestsPerSocket = maxRequestsPerConnection;
    // Also for `Expect: 100-continue`: no body is asked for.
    for (const event of ['request', 'checkContinue', 'checkExpectation']) {
      this.#server.on(event, (request, response) => void this.#respond(request, response));
    }
    this.#server.on('drop', () => {
      const heldBack = this.#lines.mayWrite('drop');
      if (heldBack === null) return;
      const { maxConnections } = this.#server;
      options.log.warn(
        { code: 'ADMIN_CONNECTION_LIMIT', listener: this.url, maxConnections, heldBack },
        'admin: refused a connection, too many are open',
      );
    });
  }

  /** `http://127.0.0.1:9598`; '' before `start`. */
  get url(): string {
    return this.#url;
  }

  /** @throws StegwatchError LISTEN_FAILED */
  async start(): Promise<void> {
    const { address, port, log } = this.#options;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen({ host: address, port, exclusive: true }, () => {
          this.#server.off('error', reject);
          resolve();
        });
      });
    } catch (cause) {
      const words = `cannot listen on ${urlOf(address, port)} (admin): ${wordsOf(cause)}`;
      throw new StegwatchError('LISTEN_FAILED', words, hints[codeOf(cause)], { cause });
    }
    this.#url = urlOf(address, (this.#server.address() as AddressInfo).port);
    this.#server.on('error', (err) => {
      const heldBack = this.#lines.mayWrite('accept');
      if (heldBack === null) return;
      log.warn(
        { code: 'ACCEPT_FAILED', listener: this.url, err, heldBack },
        'admin: accepting failed',
      );
    });
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), this.#timeouts.stopMs);
    await closed;
    clearTimeout(timer);
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A reader that is gone is no event.
    response.on('error', () => {});
    const { method = '', url = '', headers } = request;
    send(response, method, await this.#answer({ method, target: url, headers }));
  }

  async #answer(request: RawRequest): Promise<Reply> {
    if (request.target.length > maxTargetLength) return failure(414, 'That path is too long.');
    try {
      return await this.#options.answer(request);
    } catch (err) {
      const heldBack = this.#lines.mayWrite('failure');
      if (heldBack !== null) {
        this.#options.log.error({ code: 'ADMIN_FAILED', err, heldBack }, 'admin: a request failed');
      }
      return failure(500, 'This failed; the log says why.');
    }
  }
}

function send(
  response: ServerResponse,
  method: string,
  { status, type, body, headers }: Reply,
): void {
  for (const [name, value] of Object.entries({
    ...safeHeaders,
    ...headers,
    'Content-Type': type,
  })) {
    response.setHeader(name, value);
  }
  // What else the request may bring is not read.
  if (status >= 400 && status !== 404 && status !== 503) response.setHeader('Connection', 'close');
  response.statusCode = status;
  if (typeof body === 'function') {
    if (method === 'HEAD') response.end();
    else body(response);
    return;
  }
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(method === 'HEAD' ? undefined : body);
}
