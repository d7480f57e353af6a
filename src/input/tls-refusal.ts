/** Why a TLS handshake came to nothing, told apart as far as an operator would act differently. */
import type { Counters } from '../observe/counters.js';

export type Refusal =
  | 'timeout'
  | 'closed'
  | 'not_tls'
  | 'distrusts'
  | 'failed'
  | 'no_certificate'
  | 'expired'
  | 'unknown_ca'
  | 'name'
  | 'certificate';

interface Told {
  readonly counter: keyof Counters;
  readonly words: string;
}

export const refusals: Readonly<Record<Refusal, Told>> = {
  timeout: {
    counter: 'tls_handshake_timeouts',
    words: 'it did not finish the TLS handshake within listen.tls.handshake_timeout',
  },
  closed: {
    counter: 'tls_closed_in_handshake',
    words: 'it closed the connection before the TLS handshake was finished',
  },
  not_tls: { counter: 'tls_refused_not_tls', words: 'it does not speak TLS' },
  distrusts: {
    counter: 'tls_distrusted',
    words: 'it does not accept the certificate of listen.tls',
  },
  failed: { counter: 'tls_handshake_failures', words: 'the TLS handshake failed' },
  no_certificate: {
    counter: 'tls_refused_no_certificate',
    words: 'it has no client certificate, which listen.tls.client_ca asks for',
  },
  expired: {
    counter: 'tls_refused_expired',
    words: 'its certificate, or one that vouches for it, has expired or is not valid yet',
  },
  unknown_ca: {
    counter: 'tls_refused_unknown_ca',
    words: 'its certificate does not come from an authority in listen.tls.client_ca',
  },
  name: {
    counter: 'tls_refused_name',
    words: 'its certificate has no name of listen.tls.client_names',
  },
  certificate: { counter: 'tls_refused_certificate', words: 'its certificate is no good' },
};

/** @param error of `tlsClientError` */
export function refusalOf(error: NodeJS.ErrnoException): Refusal {
  const code = String(error.code);
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'timeout';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'closed';
  if (otherProtocol.has(code)) return 'not_tls';
  return distrust.test(code) ? 'distrusts' : 'failed';
}

/** What OpenSSL makes of a first line that is no TLS record. */
const otherProtocol = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_HTTPS_PROXY_REQUEST',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_BAD_RECORD_TYPE',
  'ERR_SSL_RECORD_LAYER_FAILURE',
]);

/** Alerts of RFC 8446 6.2 that the other side sends when it looks at our certificate. */
const distrust = /_ALERT_(?:UNKNOWN_CA|.*CERTIFICATE.*|ACCESS_DENIED|DECRYPT_ERROR)$/;

/** @param code X509_V_ERR_… without its prefix, as Node gives it */
export function certificateRefusalOf(code: string): Refusal {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'expired';
  return unknownAuthority.has(code) ? 'unknown_ca' : 'certificate';
}

const unknownAuthority = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);
