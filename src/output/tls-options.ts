/**
 * What TLS towards a server needs, read from its files anew for each connection: a certificate that
 * was renewed is used without a restart.
 */
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { FluentdTlsConfig } from '../config/config.js';
import type { ConnectionFailure } from './connection-failure.js';

const maxFileBytes = 1024 * 1024;

/**
 * @param host of the server: its name is verified, and told to it (SNI), unless `server_name` is given
 * @returns what is wrong with the files, if that is so
 */
export function tlsOptions(
  tls: FluentdTlsConfig,
  host: string,
): { options: TlsOptions } | { failure: ConnectionFailure } {
  const name = tls.serverName ?? (isIP(host) > 0 ? null : host);
  try {
    const secureContext = createSecureContext({
      ...(tls.ca !== null && { ca: read('ca', tls.ca) }),
      ...(tls.cert !== null && { cert: read('cert', tls.cert) }),
      ...(tls.key !== null && { key: read('key', tls.key) }),
      ...(tls.keyPassphrase !== null && { passphrase: tls.keyPassphrase }),
    });
    const servername = name === null ? {} : { servername: name };
    return { options: { secureContext, rejectUnauthorized: tls.verify, ...servername } };
  } catch (error) {
    const words = `certificates cannot be used: ${error instanceof Error ? error.message : error}`;
    return { failure: { kind: 'connect', error: words, hint } };
  }
}

const hint = 'check the files of forward.fluentd.tls; they are read again at the next attempt';

function read(key: string, file: string): Buffer {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) throw new Error(`${key}: no such file`);
  if (!stats.isFile()) throw new Error(`${key}: it is no regular file`);
  if (stats.size > maxFileBytes) throw new Error(`${key}: the file is too large`);
  return readFileSync(file);
}
