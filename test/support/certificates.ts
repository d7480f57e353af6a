/**
 * Certificates made at run time with the openssl command, so that none is kept in the repository and
 * none expires in it. Keys are elliptic (P-256): made in a millisecond.
 *
 *     const ca = new CertificateAuthority(t.testdir({}));
 *     const server = ca.issue('receiver', { for: 'server', names: ['DNS:localhost', 'IP:127.0.0.1'] });
 *     const client = ca.issue('sender', { for: 'client' });
 *     const expired = ca.issue('late', { for: 'server', validity: 'expired' });
 *     const stranger = new CertificateAuthority(t.testdir({}), 'Other CA').issue('x', { for: 'client' });
 *
 * All are PEM files; a second `issue` of one name writes over the first, as a renewal does.
 */
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface IssueOptions {
  readonly for: 'server' | 'client';
  /** Subject alternative names as openssl writes them; of a server by default localhost and loopback. */
  readonly names?: readonly string[];
  /** From yesterday for a year, a year ago for a day, or a year from now for a day. */
  readonly validity?: 'valid' | 'expired' | 'not_yet';
  /** The key is encrypted with it. */
  readonly passphrase?: string;
}

/** Paths of PEM files. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

const dayMs = 86_400_000;
const loopback = ['DNS:localhost', 'IP:127.0.0.1', 'IP:::1'];

export class CertificateAuthority {
  /** Path of its own certificate. */
  readonly cert: string;
  readonly #folder: string;
  readonly #config: string;

  /**
   * @param folder of the test; the authority makes one of its own in it
   * @param name common name, which also names its folder
   */
  constructor(folder: string, name = 'Test CA') {
    this.#folder = join(folder, name.toLowerCase().replace(/\W+/g, '-'));
    mkdirSync(this.#folder, { recursive: true });
    const { cert, key } = this.#paths('ca');
    this.cert = cert;
    this.#config = join(this.#folder, 'openssl.cnf');
    writeFileSync(join(this.#folder, 'index.txt'), '');
    writeFileSync(this.#config, configOf(this.#folder));
    writeKey(key);
    this.#run(
      ['req', '-x509', '-new', '-config', this.#config, '-extensions', 'authority', '-days', '365'],
      ['-subj', `/CN=${name}`, '-key', key, '-out', cert],
    );
  }

  /** @param name common name and name of the files, without spaces or slashes */
  issue(name: string, options: IssueOptions): Issued {
    const { cert, key } = this.#paths(name);
    const { passphrase, validity = 'valid' } = options;
    const names = options.names ?? (options.for === 'server' ? loopback : []);
    const request = join(this.#folder, `${name}.csr`);
    const extensions = join(this.#folder, `${name}.ext`);
    writeFileSync(extensions, extensionsOf(options.for, names));
    writeKey(key, passphrase);
    const passIn = passphrase === undefined ? [] : ['-passin', `pass:${passphrase}`];
    this.#run(
      ['req', '-new', '-config', this.#config, '-subj', `/CN=${name}`, '-key', key, ...passIn],
      ['-out', request],
    );
    const [from, to] = period(validity);
    this.#run(
      ['ca', '-batch', '-notext', '-config', this.#config, '-md', 'sha256'],
      ['-startdate', asn1Time(from), '-enddate', asn1Time(to), '-extfile', extensions],
      ['-in', request, '-out', cert],
    );
    return { cert, key };
  }

  #paths(name: string): Issued {
    return { cert: join(this.#folder, `${name}.crt`), key: join(this.#folder, `${name}.key`) };
  }

  #run(...parts: readonly (readonly string[])[]): void {
    execFileSync('openssl', parts.flat(), { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

function writeKey(file: string, passphrase?: string): void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const encrypted = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem', ...encrypted });
  writeFileSync(file, pem, { mode: 0o600 });
}

function configOf(folder: string): string {
  return `[req]
distinguished_name = name
prompt = no
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ca]
default_ca = test
[test]
database = ${join(folder, 'index.txt')}
new_certs_dir = ${folder}
certificate = ${join(folder, 'ca.crt')}
private_key = ${join(folder, 'ca.key')}
policy = policy
unique_subject = no
rand_serial = yes
[policy]
commonName = supplied
`;
}

function extensionsOf(role: IssueOptions['for'], names: readonly string[]): string {
  const lines = [
    'basicConstraints = critical, CA:false',
    'keyUsage = critical, digitalSignature',
    `extendedKeyUsage = ${role === 'server' ? 'serverAuth' : 'clientAuth'}`,
    'authorityKeyIdentifier = keyid',
  ];
  if (names.length > 0) lines.push(`subjectAltName = ${names.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

function period(validity: 'valid' | 'expired' | 'not_yet'): readonly [number, number] {
  const now = Date.now();
  if (validity === 'expired') return [now - 365 * dayMs, now - 364 * dayMs];
  if (validity === 'not_yet') return [now + 365 * dayMs, now + 366 * dayMs];
  return [now - dayMs, now + 365 * dayMs];
}

/** `20260131T235959Z` without its T. */
function asn1Time(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, '');
}
