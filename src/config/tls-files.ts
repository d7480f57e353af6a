/**
 * Looks into the PEM files of `forward.fluentd.tls`: what is wrong with them now is a mistake in the
 * config. They are read again for each connection (output/tls-options.ts).
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { ConfigProblem } from './config.js';
import { readRegularFile, reason } from './files.js';
import type { Checked } from './settings.js';

const maxPemBytes = 1024 * 1024;

type Given = Exclude<Checked['settings']['forward']['fluentd']['tls'], false>;

/** @param passphrase of the key, already read. Never throws. */
export function tlsProblems({ settings }: Checked, passphrase: string | null): ConfigProblem[] {
  const { tls } = settings.forward.fluentd;
  if (tls === false) return [];
  const problems: ConfigProblem[] = [];
  const read = <T>(key: 'ca' | 'cert' | 'key', parse: (pem: Buffer) => T): T | null => {
    const result = parsed(tls, key, parse);
    if (typeof result !== 'string') return result;
    problems.push({ path: ['forward', 'fluentd', 'tls', key], message: result });
    return null;
  };
  read('ca', certificateIn);
  const cert = read('cert', certificateIn);
  const key = read('key', (pem) => keyIn(pem, passphrase));
  if (cert !== null && key !== null && !cert.checkPrivateKey(key)) {
    const message = 'the key does not belong to the certificate in cert';
    problems.push({ path: ['forward', 'fluentd', 'tls', 'key'], message });
  }
  return problems;
}

/** A sentence if it cannot be had; null if no such file is given. */
function parsed<T>(
  tls: Given,
  key: 'ca' | 'cert' | 'key',
  parse: (pem: Buffer) => T,
): T | null | string {
  const file = tls[key];
  if (file === undefined) return null;
  let pem: Buffer;
  try {
    pem = readRegularFile(file, maxPemBytes);
  } catch (error) {
    return `the file cannot be read: ${reason(error)}`;
  }
  if (pem.length > maxPemBytes) return 'the file is too large for certificates or a key';
  try {
    return parse(pem);
  } catch {
    return wordsOf(pem, key);
  }
}

function certificateIn(pem: Buffer): X509Certificate {
  return new X509Certificate(pem);
}

function keyIn(pem: Buffer, passphrase: string | null): KeyObject {
  return createPrivateKey({ key: pem, ...(passphrase !== null && { passphrase }) });
}

function wordsOf(pem: Buffer, key: string): string {
  if (key !== 'key') return 'the file holds no certificate in PEM form that can be read';
  // Both forms of a PEM key say so: the label of PKCS 8, and the header of the older ones.
  return pem.includes('ENCRYPTED')
    ? 'the key is encrypted: key_passphrase_file is missing or holds another passphrase'
    : 'the file holds no private key in PEM form that can be read';
}
