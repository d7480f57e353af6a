/** Files of `forward.fluentd.tls` that cannot be used are mistakes with their place. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { CertificateAuthority } from '../support/certificates.js';
import { load, problemsOf } from './loading.js';

const folder = t.testdir({});
const ca = new CertificateAuthority(folder);
const client = ca.issue('client', { for: 'client' });
const closed = ca.issue('closed', { for: 'client', passphrase: 'sesame' });
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const right = file('right', 'sesame\n');
const wrong = file('wrong', 'open-sesame-wrong');

/** One key a line from line 4 on. */
function yaml(keys: Readonly<Record<string, string>>): string {
  const lines = Object.entries(keys).map(
    ([key, value]) => `      ${key}: ${JSON.stringify(value)}\n`,
  );
  return `forward:\n  fluentd:\n    tls:\n${lines.join('')}`;
}

t.test('good files are none', async (t) => {
  const text = yaml({ ca: ca.cert, ...closed, key_passphrase_file: right, server_name: 'a.test' });
  t.match(load(text).forward.fluentd.tls, { keyPassphrase: 'sesame', serverName: 'a.test' });
  t.match(load('forward: { fluentd: { tls: {} } }').forward.fluentd.tls, {
    ca: null,
    verify: true,
  });
  t.equal(load('forward: { fluentd: { tls: false } }').forward.fluentd.tls, null);
});

const bad: readonly [string, Record<string, string>, string][] = [
  [
    'no such file',
    { ca: '/no/such' },
    '4:11: forward.fluentd.tls.ca: "/no/such" cannot be read: no such file',
  ],
  [
    'a directory',
    { ca: folder },
    `4:11: forward.fluentd.tls.ca: ${JSON.stringify(folder)} cannot be read: it is a directory`,
  ],
  [
    'no certificate',
    { ca: client.key },
    '4:11: forward.fluentd.tls.ca: the file holds no certificate',
  ],
  [
    'no key',
    { cert: client.cert, key: client.cert },
    '5:12: forward.fluentd.tls.key: the file holds no private key',
  ],
  [
    'another key',
    { cert: client.cert, key: ca.issue('x', { for: 'client' }).key },
    '5:12: forward.fluentd.tls.key: it is not the key of the certificate in "cert"',
  ],
  [
    'a key alone',
    { key: client.key },
    '4:12: forward.fluentd.tls.key: cert and key belong together',
  ],
  [
    'no passphrase',
    { ...closed },
    '5:12: forward.fluentd.tls.key: the key is encrypted, and nobody is there to type',
  ],
  [
    'a wrong passphrase',
    { ...closed, key_passphrase_file: wrong },
    '5:12: forward.fluentd.tls.key: the key is encrypted with another passphrase',
  ],
  [
    'an empty passphrase',
    { ...closed, key_passphrase_file: file('empty', '') },
    '6:28: forward.fluentd.tls.key_passphrase_file: the file is empty',
  ],
  [
    'a passphrase alone',
    { key_passphrase_file: right },
    '4:28: forward.fluentd.tls.key_passphrase_file: key_passphrase_file is of no use without a key',
  ],
];
for (const [title, keys, says] of bad) {
  t.test(title, async (t) => {
    const problems = problemsOf(yaml(keys));
    t.equal(problems.length, 1);
    t.ok(problems[0]!.startsWith(says), problems.join());
    t.notMatch(problems[0], 'sesame');
  });
}

t.test('verify: false is said loudly', async (t) => {
  const { notices } = load('forward: { fluentd: { tls: { verify: false } } }');
  t.match(notices, [/^forward\.fluentd\.tls\.verify: false: WHOEVER ANSWERS/]);
});
