/** Bad certificates and keys are mistakes with their place, before anything listens. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Config } from '../../src/config/config.js';
import { ConfigError } from '../../src/config/config-error.js';
import { describeConfig } from '../../src/config/effective.js';
import { loadConfig } from '../../src/config/load.js';
import { CertificateAuthority } from '../support/certificates.js';
import { problemsOf } from './loading.js';

const folder = t.testdir({
  'empty.pem': '',
  'text.pem': 'not a certificate',
  'torn.crt': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  'torn.key': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
  'large.pem': '#'.repeat(1024 * 1024 + 1),
});
const at = (name: string) => join(folder, name);
const authority = new CertificateAuthority(folder);
const good = authority.issue('good', { for: 'server' });
const other = authority.issue('other', { for: 'server' });
const locked = authority.issue('locked', { for: 'server', passphrase: 'hunter2' });
const expired = authority.issue('expired', { for: 'server', validity: 'expired' });
const early = authority.issue('early', { for: 'server', validity: 'not_yet' });

interface Files {
  readonly cert: string;
  readonly key: string;
  readonly client_ca?: string;
}

function load(text: string): Config {
  return loadConfig({ text, env: {}, listens: true });
}

/** `line:column: path: message` of each. */
function said(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error
        .format()
        .split('\n')
        .map((line) => line.replace(/^config:/, ''));
    }
    throw error;
  }
  return [];
}

function yaml({ cert, key, client_ca }: Files): string {
  const ca = client_ca === undefined ? '' : `    client_ca: ${client_ca}\n`;
  return `listen:\n  tls:\n    cert: ${cert}\n    key: ${key}\n${ca}`;
}

const cases: readonly (readonly [string, Files, string, RegExp])[] = [
  [
    'no such certificate',
    { ...good, cert: at('gone') },
    '3:11: listen.tls.cert',
    /gone" cannot be read: no such file/,
  ],
  [
    'a folder',
    { ...good, cert: folder },
    '3:11: listen.tls.cert',
    /cannot be read: it is a directory/,
  ],
  ['no such key', { ...good, key: at('gone') }, '4:10: listen.tls.key', /no such file/],
  ['an empty file', { ...good, cert: at('empty.pem') }, '3:11: listen.tls.cert', /is empty/],
  ['no PEM', { ...good, cert: at('text.pem') }, '3:11: listen.tls.cert', /not PEM/],
  ['a large file', { ...good, cert: at('large.pem') }, '3:11: listen.tls.cert', /larger than 1MiB/],
  [
    'a key for a certificate',
    { ...good, cert: good.key },
    '3:11: listen.tls.cert',
    /holds no certificate/,
  ],
  [
    'a certificate for a key',
    { ...good, key: good.cert },
    '4:10: listen.tls.key',
    /holds no private key/,
  ],
  [
    'a torn certificate',
    { ...good, cert: at('torn.crt') },
    '3:11: listen.tls.cert',
    /certificate 1 in the file is damaged/,
  ],
  [
    'a torn key',
    { ...good, key: at('torn.key') },
    '4:10: listen.tls.key',
    /private key in the file is damaged/,
  ],
  [
    "another's key",
    { ...good, key: other.key },
    '4:10: listen.tls.key',
    /not the key of the certificate in "cert"/,
  ],
  ['a locked key', locked, '4:10: listen.tls.key', /the key is encrypted.*openssl pkey/],
  [
    'no such authority',
    { ...good, client_ca: at('gone') },
    '5:16: listen.tls.client_ca',
    /no such file/,
  ],
  [
    'no authority',
    { ...good, client_ca: good.key },
    '5:16: listen.tls.client_ca',
    /holds no certificate/,
  ],
];

for (const [what, files, place, words] of cases) {
  t.test(`${what} is told with its place`, async (t) => {
    const problems = said(yaml(files));
    t.equal(problems.length, 1, problems.join('\n'));
    t.ok(problems[0]!.startsWith(`${place}: `), `${problems[0]}`);
    t.match(problems[0], words);
  });
}

t.test('a file that may not be read is told, unless we are root', async (t) => {
  const hidden = at('hidden.key');
  writeFileSync(hidden, readFileSync(good.key));
  chmodSync(hidden, 0);
  const problems = said(yaml({ ...good, key: hidden }));
  if (process.getuid?.() === 0) t.strictSame(problems, []);
  else t.match(problems, [/permission denied/]);
});

t.test('all listeners of a list are looked at, each with its index', async (t) => {
  const list = [good, { ...good, key: other.key }].map((files) => JSON.stringify(files));
  const text = `listen:\n  tls:\n    - ${list[0]}\n    - { "port": 1, ${list[1]!.slice(1)}\n`;
  const problems = said(text);
  t.equal(problems.length, 1, problems.join('\n'));
  t.match(problems[0], /^4:\d+: listen\.tls\[1\]\.key: it is not the key/);
});

t.test('nothing of a key is ever said', async (t) => {
  const text = said(yaml({ ...good, key: at('torn.key') })).join() + said(yaml(locked)).join();
  t.notMatch(text, /AAAA|hunter2|BEGIN PRIVATE/);
});

t.test('an expired certificate is a notice with its date', async (t) => {
  const words = (files: Files) => describeConfig(load(yaml(files)), Date.now());
  t.match(
    words(expired),
    /listen\.tls: the certificate in .*expired\.crt EXPIRED on \d{4}-\d\d-\d\d/,
  );
  t.match(words(early), /listen\.tls: the certificate in .*early\.crt is not valid before \d{4}-/);
  t.notMatch(words({ ...good, client_ca: authority.cert }), /notices/);
  const soon = describeConfig(load(yaml(good)), Date.now() + 360 * 86_400_000);
  t.match(soon, /good\.crt expires on \d{4}-/);
});

t.test('who does not listen does not read the files', async (t) => {
  t.doesNotThrow(() => loadConfig({ text: yaml({ cert: 'gone', key: 'gone' }), env: {} }));
});

t.test('validate puts the listener in words', async (t) => {
  const text = `listen: { tls: { cert: ${good.cert}, key: ${good.key}, client_ca: ${authority.cert}, client_names: [.example.org] } }`;
  t.match(
    describeConfig(load(text), Date.now()),
    // Long paths are cut.
    /tls +\[::\]:6514, at most 512 connections, .*; certificate ".*, senders need a certificate from ".* with one of the names "\.example\.org"; a handshake within 10s/,
  );
});

t.test('names without an authority, and a port taken by TCP, are mistakes', async (t) => {
  t.strictSame(problemsOf('listen: { tls: { cert: a, key: b, client_names: [x] } }'), [
    '1:49: listen.tls.client_names: client_names asks for nothing without client_ca: ' +
      'no sender is asked for a certificate',
  ]);
  t.match(problemsOf('listen: { tls: { port: 5514, cert: a, key: b } }'), [
    /listen\.tls: a tcp listener has this address and port/,
  ]);
  t.match(problemsOf('listen: { tls: { cert: a, key: b, client_ca: c, client_names: ["*.x"] } }'), [
    /must be a name such as proxy1\.example\.org/,
  ]);
});
