/**
 * Cuts URLs as proxies write them: with or without a scheme, or only the path. Not a validating
 * parser (RFC 3986 appendix B is the model), but where a browser and a naive reader would disagree
 * about the host, the browser is right: user information ends at the last `@`, and a backslash is a
 * slash.
 */
export interface UrlParts {
  /** Without user information and port; '' for a bare path. */
  readonly host: string;
  /** From the `/` after the host up to `?` or `#`; '' if there is none. */
  readonly path: string;
  /** Without the `?` and the fragment. */
  readonly query: string;
}

const scheme = /^(?:[a-z][a-z0-9+.-]*:)?[\\/]{2}/i;

export function splitUrl(url: string): UrlParts {
  const from = scheme.exec(url)?.[0].length ?? 0;
  const tail = url.slice(from);
  const end = tail.search(/[\\/?#]/);
  const authority = end < 0 ? tail : tail.slice(0, end);
  const rest = end < 0 ? '' : tail.slice(end);
  const whole = rest.split('#', 1)[0]!;
  const mark = whole.indexOf('?');
  return {
    host: hostOfAuthority(authority),
    path: mark < 0 ? whole : whole.slice(0, mark),
    query: mark < 0 ? '' : whole.slice(mark + 1),
  };
}

/** `user@host:port` -> `host`; `[::1]:443` -> `::1`. A bare IPv6 address keeps its colons. */
function hostOfAuthority(authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1).trim();
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
