/**
 * Cuts a URL as proxies write it, with or without a scheme, or only the path, into who is asked and for
 * what. Not a validating parser (RFC 3986, appendix B is the model), but where a browser and a naive reader
 * would disagree about the host, the browser is right: user information ends at the last `@`, and a
 * backslash is a slash.
 */
export interface CutUrl {
  /** Without it the authority may as well be the first folder of a path, or a file. */
  readonly hasScheme: boolean;
  /** Host and port, without user information and outer blanks; '' for a bare path. */
  readonly authority: string;
  /** From the first slash, `?` or `#` after the authority. */
  readonly rest: string;
}

/** Without a scheme, `//` begins a path: it is the client's to choose (RFC 3986, 3.3). */
const scheme = /^\s*[a-z][a-z0-9+.-]{0,30}:[\\/]{2}/i;

export function cutUrl(url: string): CutUrl {
  const begin = scheme.exec(url);
  const tail = begin === null ? url : url.slice(begin[0].length);
  const end = tail.search(/[\\/?#]/);
  const authority = end < 0 ? tail : tail.slice(0, end);
  return {
    hasScheme: begin !== null,
    authority: authority.slice(authority.lastIndexOf('@') + 1).trim(),
    rest: end < 0 ? '' : tail.slice(end),
  };
}
