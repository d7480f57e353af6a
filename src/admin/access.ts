/**
 * Who may ask. On loopback the Host header must name this machine: a page in a browser here may give a name of
 * its own the address 127.0.0.1 (DNS rebinding) and would then read what is for this machine alone, but it cannot
 * choose the Host that the browser sends. With a token every request must carry it.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIPv6 } from 'node:net';
import type { AdminConfig } from '../config/config.js';
import { failure, type Reply } from './reply.js';

export class Access {
  readonly #token: Buffer | null;
  /** Null: the name by which we are reached is not known. */
  readonly #hosts: RegExp | null;

  /** @param loopback the address is of this machine alone */
  constructor({ token }: AdminConfig, loopback: boolean) {
    this.#token = token === null ? null : digest(token);
    this.#hosts = loopback
      ? /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]|\[::ffff:[\d.a-f:]+\])$/i
      : null;
  }

  /** Why the Host header is not one of ours; null if it is. */
  refuseHost({ host }: IncomingHttpHeaders): Reply | null {
    const name = host?.replace(/:\d{0,5}$/, '') ?? '';
    if (this.#hosts === null || this.#hosts.test(name)) return null;
    return failure(421, 'This listener is for this machine: ask for 127.0.0.1 or localhost.');
  }

  /** Whether the request carries the token; true if there is none. */
  has({ authorization }: IncomingHttpHeaders): boolean {
    if (this.#token === null) return true;
    const [, given] = /^Bearer +([^ ]+) *$/i.exec(authorization ?? '') ?? [];
    // Digests are of one length, so the time tells nothing of either.
    return timingSafeEqual(digest(given ?? ''), this.#token);
  }
}

export const unauthorized: Reply = failure(
  401,
  'This needs the token of admin.token_file: Authorization: Bearer <token>',
  { 'WWW-Authenticate': 'Bearer realm="stegwatch"' },
);

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** `http://127.0.0.1:9598`, `http://[::1]:9598` */
export function urlOf(address: string, port: number): string {
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
