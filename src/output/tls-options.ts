/**
 * What TLS towards a server needs, read from its files anew for each connection: a certificate that
 * was renewed is used without a restart.
 */
import { isIP } from 'node:net';
import { createSecureContext, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { ClientTlsConfig } from '../config/config.js';
import { isProblems, minTlsVersion, readTlsFiles } from '../platform/tls-files.js';
import type { ConnectionFailure } from './connection-failure.js';

/**
 * @param host of the server: its name is verified, and told to it (SNI), unless `server_name` is given
 * @param keys the map of the config that a hint is to name
 * @returns what is wrong with the files, if that is so
 */
export function tlsOptions(
  tls: ClientTlsConfig,
  host: string,
  keys: string,
): { options: TlsOptions } | { failure: ConnectionFailure } {
  const name = tls.serverName ?? (isIP(host) > 0 ? null : host);
  const files = readTlsFiles(tls, tls.keyPassphrase);
  if (isProblems(files)) {
    const problems = files.map(({ file, message }) => `${file}: ${message}`).join('; ');
    const error = `certificates cannot be used: ${problems}`;
    const hint = `check the files of ${keys}; they are read again at the next attempt`;
    return { failure: { kind: 'connect', error, hint } };
  }
  const { ca, cert, key } = files;
  const secureContext = createSecureContext({
    minVersion: minTlsVersion,
    ...(ca && { ca }),
    ...(cert && key && { cert, key }),
    ...(tls.keyPassphrase !== null && { passphrase: tls.keyPassphrase }),
  });
  const servername = name === null ? {} : { servername: name };
  return { options: { secureContext, rejectUnauthorized: tls.verify, ...servername } };
}
