/**
 * Certificate, key and authorities of one TLS endpoint from PEM files, checked before anything listens
 * or connects: what OpenSSL would say in its own words at the first handshake is said here in ours.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { readRegularFile, reason } from './regular-file.js';

/** Of PEM files. */
export interface TlsPaths {
  /** The endpoint's own certificate first, then those between it and the authority; null: it has none. */
  readonly cert: string | null;
  readonly key: string | null;
  /** Authorities that the other side's certificate must come from; null if none is asked for. */
  readonly ca: string | null;
}

export interface TlsProblem {
  readonly file: keyof TlsPaths;
  /** A sentence; never holds anything of the key. */
  readonly message: string;
}

/** How long the certificate of a file is valid; of several authorities the last to end. Epoch ms. */
export interface Validity {
  readonly file: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface TlsFiles {
  readonly cert: Buffer | null;
  readonly key: Buffer | null;
  readonly ca: Buffer | null;
  readonly validity: readonly Validity[];
}

const maxFileBytes = 1024 * 1024;
export const minTlsVersion = 'TLSv1.2';

/**
 * Never throws. An expired certificate is no problem, but see `validityNotice`.
 *
 * @param passphrase of the key; null: an encrypted key is a problem
 */
export function readTlsFiles(
  paths: TlsPaths,
  passphrase: string | null = null,
): TlsFiles | readonly TlsProblem[] {
  const problems: TlsProblem[] = [];
  const read = <T>(file: keyof TlsPaths, parse: (pem: Buffer) => T): [Buffer, T] | null => {
    const path = paths[file];
    if (path === null) return null;
    try {
      const pem = readPem(path);
      return [pem, parse(pem)];
    } catch (error) {
      problems.push({ file, message: wordsOf(error) });
      return null;
    }
  };
  const [cert, chain] = read('cert', certificatesOf) ?? [null, []];
  const [key, privateKey] = read('key', (pem) => privateKeyOf(pem, passphrase)) ?? [null, null];
  const [ca, authorities] = read('ca', certificatesOf) ?? [null, []];
  if (chain[0] !== undefined && privateKey !== null && !chain[0].checkPrivateKey(privateKey)) {
    const which = chain.length > 1 ? 'the first certificate' : 'the certificate';
    problems.push({ file: 'key', message: `it is not the key of ${which} in "cert"` });
  }
  if (problems.length > 0) return problems;
  try {
    createSecureContext({
      minVersion: minTlsVersion,
      ...(cert && key && { cert, key }),
      ...(passphrase !== null && { passphrase }),
      ...(ca && { ca }),
    });
  } catch (error) {
    return [{ file: cert === null ? 'ca' : 'cert', message: wordsOf(error) }];
  }
  const validity: Validity[] = [];
  if (paths.cert !== null) validity.push(validityOf(paths.cert, chain.slice(0, 1)));
  if (paths.ca !== null) validity.push(validityOf(paths.ca, authorities));
  return { cert, key, ca, validity };
}

export function isProblems(read: TlsFiles | readonly TlsProblem[]): read is readonly TlsProblem[] {
  return Array.isArray(read);
}

/** A sentence if the certificate is not valid now, or not for long; else null. */
export function validityNotice({ file, fromMs, toMs }: Validity, nowMs: number): string | null {
  const name = `the certificate in ${file}`;
  if (nowMs > toMs) return `${name} EXPIRED on ${day(toMs)}: who checks it refuses to connect`;
  if (nowMs < fromMs) return `${name} is not valid before ${day(fromMs)}`;
  if (toMs - nowMs < soonMs) return `${name} expires on ${day(toMs)}`;
  return null;
}

const soonMs = 14 * 86_400_000;

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/** Its message is a sentence for the operator. */
class Unusable extends Error {}

function wordsOf(error: unknown): string {
  if (error instanceof Unusable) return error.message;
  const { message } = error as Error;
  // error:0A00018F:SSL routines::ee key too small
  const said = /^error:[^:]*:[^:]*:[^:]*:(.+)$/.exec(message)?.[1] ?? message;
  return `TLS cannot use the file: ${said}`;
}

function readPem(file: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readRegularFile(file, maxFileBytes);
  } catch (error) {
    // Relative paths begin at the working directory, which is not that of the config.
    throw new Unusable(`${JSON.stringify(resolve(file))} cannot be read: ${reason(error)}`);
  }
  if (bytes.length > maxFileBytes) throw new Unusable('the file is larger than 1MiB');
  if (bytes.length === 0) throw new Unusable('the file is empty');
  if (!bytes.includes('-----BEGIN ')) {
    throw new Unusable('the file is not PEM (text with -----BEGIN …-----)');
  }
  return bytes;
}

/** At least one. */
function certificatesOf(pem: Buffer): X509Certificate[] {
  const blocks = pem.toString('latin1').match(certificateBlock) ?? [];
  if (blocks.length === 0) throw new Unusable('the file holds no certificate');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Unusable(`certificate ${index + 1} in the file is damaged`);
    }
  });
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function privateKeyOf(pem: Buffer, passphrase: string | null): KeyObject {
  if (!pem.includes('PRIVATE KEY-----')) throw new Unusable('the file holds no private key');
  // Both forms of a PEM key say so: the label of PKCS 8, and the header of the older ones.
  const encrypted = pem.includes('ENCRYPTED');
  if (encrypted && passphrase === null) {
    throw new Unusable(
      'the key is encrypted, and nobody is there to type its passphrase: decrypt it ' +
        '(openssl pkey -in FILE) and let file permissions guard it',
    );
  }
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== null && { passphrase }) });
  } catch {
    throw new Unusable(
      encrypted
        ? 'the key is encrypted with another passphrase'
        : 'the private key in the file is damaged',
    );
  }
}

function validityOf(file: string, certificates: readonly X509Certificate[]): Validity {
  const last = certificates
    .map(({ validFrom, validTo }) => ({
      file,
      fromMs: Date.parse(validFrom),
      toMs: Date.parse(validTo),
    }))
    .sort((a, b) => b.toMs - a.toMs);
  return last[0]!;
}
