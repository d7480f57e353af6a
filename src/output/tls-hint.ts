/** What to do about a failure of TLS, by the code that Node or OpenSSL gives it. */

const hints: readonly (readonly [RegExp, string])[] = [
  [
    /^CERT_HAS_EXPIRED$/,
    "the server's certificate has expired: renew it there (and check the clock of this machine)",
  ],
  [
    /^CERT_NOT_YET_VALID$/,
    "the server's certificate is not valid yet: check the clocks of both machines",
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    "the server's certificate is for another name: set {keys}.server_name to one that " +
      'is in it, or issue one that names this host',
  ],
  [
    /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|^CERT_UNTRUSTED$|^CERT_SIGNATURE_FAILURE$/,
    "the server's certificate is of an unknown CA: put that CA's certificate into {keys}.ca",
  ],
  [
    /ALERT_CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/,
    'the server wants a client certificate: set {keys}.cert and key',
  ],
  [
    /ALERT_(UNKNOWN_CA|CERTIFICATE_\w+|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|DECRYPT_ERROR|ACCESS_DENIED)/,
    'the server refuses our client certificate (expired, revoked, or of a CA it does not know): ' +
      'renew {keys}.cert and key; they are read again at the next attempt',
  ],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|HTTP_REQUEST/,
    'what answers there speaks no TLS: let it (a <source> of Fluentd has <transport tls> for it), or do without {keys}',
  ],
  [/^ERR_SSL_|^EPROTO$/, "TLS failed: look into the server's log for its side of it"],
];

/**
 * Null if the failure is not one of TLS.
 *
 * @param keys the map of the config that the hint is to name
 */
export function tlsHint(code: unknown, keys: string): string | null {
  if (typeof code !== 'string') return null;
  const hint = hints.find(([pattern]) => pattern.test(code))?.[1] ?? null;
  return hint?.replaceAll('{keys}', keys) ?? null;
}
