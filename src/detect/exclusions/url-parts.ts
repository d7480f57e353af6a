/** The parts of a URL that an exclusion may name. */
import { cutUrl } from '../url.js';

export interface UrlParts {
  /** Without user information and port; '' for a bare path. */
  readonly host: string;
  /** From the `/` after the host up to `?` or `#`; '' if there is none. */
  readonly path: string;
  /** Without the `?` and the fragment. */
  readonly query: string;
}

export function splitUrl(url: string): UrlParts {
  const { authority, rest } = cutUrl(url);
  const whole = rest.split('#', 1)[0]!;
  const mark = whole.indexOf('?');
  return {
    host: withoutPort(authority),
    path: mark < 0 ? whole : whole.slice(0, mark),
    query: mark < 0 ? '' : whole.slice(mark + 1),
  };
}

/** `host:port` -> `host`; `[::1]:443` -> `::1`. A bare IPv6 address keeps its colons. */
function withoutPort(host: string): string {
  if (host.startsWith('[')) {
    const close = host.indexOf(']');
    return close < 0 ? host : host.slice(1, close);
  }
  const colon = host.indexOf(':');
  return colon >= 0 && colon === host.lastIndexOf(':') ? host.slice(0, colon) : host;
}

/** The file name without query string and fragment. */
export function cutQuery(filename: string): string {
  const end = filename.search(/[?#]/);
  return end < 0 ? filename : filename.slice(0, end);
}

/** What follows the last dot of a file name, '' if there is no dot. */
export function extensionOf(filename: string): string {
  const dot = filename.lastIndexOf('.');
  return dot < 0 ? '' : filename.slice(dot + 1);
}

/** What follows the last `/` or `\`. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
