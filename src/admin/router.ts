/** Which path is answered by what. Pages and streams of events are further routes. */
import type { IncomingHttpHeaders } from 'node:http';
import { type Access, unauthorized } from './access.js';
import { failure, type Reply } from './reply.js';

export interface Route {
  /** Answers without the token too; it must then say nothing that is not for everybody. */
  readonly open?: boolean;
  answer(request: RouteRequest): Reply | Promise<Reply>;
}

export interface RouteRequest {
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** False: an open route is asked by somebody without the token. */
  readonly trusted: boolean;
}

export interface RawRequest {
  readonly method: string;
  /** Path and query as in the request line. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

export class Router {
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #access: Access;
  readonly #onDenied: () => void;

  /**
   * @param routes by path, beginning with `/`
   * @param onDenied told of each request without the token
   */
  constructor(
    routes: Readonly<Record<string, Route>>,
    access: Access,
    onDenied: () => void = () => {},
  ) {
    this.#routes = new Map(Object.entries(routes));
    this.#access = access;
    this.#onDenied = onDenied;
  }

  async answer({ method, target, headers }: RawRequest): Promise<Reply> {
    const wrongHost = this.#access.refuseHost(headers);
    if (wrongHost !== null) return wrongHost;
    const [path = '', query = ''] = target.split('?', 2);
    const route = this.#routes.get(path);
    const trusted = this.#access.has(headers);
    // Without the token not even which paths there are.
    if (!trusted && route?.open !== true) {
      this.#onDenied();
      return unauthorized;
    }
    if (method !== 'GET' && method !== 'HEAD') {
      return failure(405, 'Only GET and HEAD are answered.', { Allow: 'GET, HEAD' });
    }
    if (hasBody(headers)) return failure(413, 'No request here has a body.');
    if (route === undefined) {
      return failure(404, `There is: ${[...this.#routes.keys()].join(' ')}`);
    }
    return route.answer({ query: new URLSearchParams(query), headers, trusted });
  }
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}
