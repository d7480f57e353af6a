/** TLS towards Fluentd: what is trusted, what is said when it is not, and files that change. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ClientTlsConfig } from '../../../src/config/config.js';
import {
  CertificateAuthority,
  type Issued,
  type IssueOptions,
} from '../../support/certificates.js';
import { batchOf, numbered } from '../../support/entries.js';
import { Fluentd } from '../../support/fluentd.js';
import { testFolder } from '../../support/folder.js';
import { ForwardServer } from '../../support/forward-server.js';
import { acked, makeForwarding, numbersOf, range } from '../../support/forwarding.js';
import { requirePeer } from '../../support/peers.js';
import { until } from '../../support/until.js';

t.setTimeout(180_000);

const patient = { connectMs: 60_000, loginMs: 60_000, ackMs: 60_000, writeMs: 60_000 };
const folder = testFolder(t, {});
const ca = new CertificateAuthority(folder);
const other = new CertificateAuthority(folder, 'Other CA');

function tls(given: Partial<ClientTlsConfig> = {}): { tls: ClientTlsConfig } {
  const none = { cert: null, key: null, keyPassphrase: null, serverName: null };
  return { tls: { ca: ca.cert, ...none, verify: true, ...given } };
}

/** A receiver with this certificate; with `clientCa` it wants one of ours. */
function serve(t: Test, { cert, key }: Issued, clientCa?: CertificateAuthority) {
  const wanted = { requestCert: true, rejectUnauthorized: true };
  return ForwardServer.start(
    t,
    {},
    {
      cert: readFileSync(cert),
      key: readFileSync(key),
      ...(clientCa !== undefined && { ...wanted, ca: readFileSync(clientCa.cert) }),
    },
  );
}

t.test('a server of the CA is trusted, and everything arrives', async (t) => {
  const server = await serve(t, ca.issue('server', { for: 'server' }));
  const { output, spool, counters } = makeForwarding(t, [server.port], tls(), patient);
  for (let i = 0; i < 20; i++) spool.append(batchOf(numbered(i * 100, 100, 1000)));
  output.start();
  await acked(spool);
  t.strictSame(numbersOf(server), range(2000));
  t.match(counters, { connects: 1, connect_failures: 0 });
});

const named = (names: string[]): IssueOptions => ({ for: 'server', names });
const untrusted: readonly [string, Issued, Partial<ClientTlsConfig>, RegExp][] = [
  [
    'an expired certificate',
    ca.issue('expired', { for: 'server', validity: 'expired' }),
    {},
    /certificate has expired: renew it there/,
  ],
  [
    'one not valid yet',
    ca.issue('early', { for: 'server', validity: 'not_yet' }),
    {},
    /not valid yet: check the clocks/,
  ],
  [
    'another CA',
    other.issue('server', { for: 'server' }),
    {},
    /unknown CA: put .* into forward\.fluentd\.tls\.ca/,
  ],
  ['no CA of ours', ca.issue('public', { for: 'server' }), { ca: null }, /unknown CA/],
  [
    'another name',
    ca.issue('named', named(['DNS:other.test'])),
    {},
    /for another name: set forward\.fluentd\.tls\.server_name/,
  ],
];
for (const [title, issued, config, hint] of untrusted) {
  t.test(`${title}: nothing is sent, and it is said what to do`, async (t) => {
    const server = await serve(t, issued);
    const { output, spool, lines } = makeForwarding(t, [server.port], tls(config));
    spool.append(batchOf([{ n: 0 }]));
    output.start();
    await until('it is said', () => lines.some(({ level }) => level >= 40));
    t.match(lines.find(({ level }) => level >= 40)?.hint, hint);
    await output.stop(0);
    t.equal(server.chunks.length, 0);
  });
}

t.test('server_name is the name that must be in the certificate', async (t) => {
  const server = await serve(t, ca.issue('named', named(['DNS:other.test'])));
  const config = tls({ serverName: 'other.test' });
  const { output, spool } = makeForwarding(t, [server.port], config, patient);
  spool.append(batchOf([{ n: 0 }]));
  output.start();
  await acked(spool);
  t.strictSame(numbersOf(server), [0]);
});

t.test('verify: false takes whoever answers', async (t) => {
  const server = await serve(t, other.issue('any', named(['DNS:other.test'])));
  const { output, spool } = makeForwarding(t, [server.port], tls({ verify: false }), patient);
  spool.append(batchOf([{ n: 0 }]));
  output.start();
  await acked(spool);
  t.strictSame(numbersOf(server), [0]);
});

t.test('a server that speaks no TLS, and one that wants it and is not given it', async (t) => {
  const plain = await ForwardServer.start(t, { greeting: Buffer.from('\x93nonsense') });
  const first = makeForwarding(t, [plain.port], tls());
  first.spool.append(batchOf([{ n: 0 }]));
  first.output.start();
  await until('it is said', () => first.lines.some(({ level }) => level >= 40));
  t.match(first.lines.find(({ level }) => level >= 40)?.hint, /speaks no TLS/);

  const secured = await serve(t, ca.issue('server', { for: 'server' }));
  const second = makeForwarding(t, [secured.port]);
  second.spool.append(batchOf([{ n: 0 }]));
  second.output.start();
  await until('it fails', () => second.lines.some(({ level }) => level >= 40));
  t.equal(second.counters.events_acked, 0);
});

t.test('client certificates: a good one, one with a passphrase, none', async (t) => {
  const server = await serve(t, ca.issue('server', { for: 'server' }), ca);
  const attempt = async (issued: Issued | null, keyPassphrase: string | null = null) => {
    const forwarding = makeForwarding(t, [server.port], tls({ ...issued, keyPassphrase }));
    forwarding.spool.append(batchOf([{ n: 0 }]));
    forwarding.output.start();
    await until('an outcome', () => {
      const { spool, lines } = forwarding;
      return spool.batches === 0 || lines.some(({ hint }) => /certificate/.test(hint ?? ''));
    });
    await forwarding.output.stop(0);
    const { lines, counters } = forwarding;
    const hint = lines.find((line) => /certificate/.test(line.hint ?? ''))?.hint ?? '';
    return counters.events_acked === 1 ? 'delivered' : hint;
  };
  t.equal(await attempt(ca.issue('client', { for: 'client' })), 'delivered');
  const closed = ca.issue('closed', { for: 'client', passphrase: 'sesame' });
  t.equal(await attempt(closed, 'sesame'), 'delivered');
  t.match(await attempt(null), /wants a client certificate: set/);
});

t.test('files are read anew for each connection: a renewed one needs no restart', async (t) => {
  const server = await serve(t, ca.issue('server', { for: 'server' }), ca);
  const files = testFolder(t, {});
  const mine = { cert: join(files, 'c.pem'), key: join(files, 'k.pem') };
  const put = ({ cert, key }: Issued): void => {
    copyFileSync(cert, mine.cert);
    copyFileSync(key, mine.key);
  };
  put(ca.issue('late', { for: 'client', validity: 'expired' }));
  const { output, spool, lines } = makeForwarding(t, [server.port], tls(mine));
  spool.append(batchOf([{ n: 0 }]));
  output.start();
  await until('refused', () => lines.some(({ level }) => level >= 40));
  writeFileSync(mine.cert, 'half written');
  await until('the file is bad', () =>
    lines.some(({ error }) => /certificates cannot be used/.test(error ?? '')),
  );
  t.equal(spool.batches, 1);
  put(ca.issue('renewed', { for: 'client' }));
  await acked(spool);
  t.strictSame(numbersOf(server), [0]);
});

const fluentd = requirePeer(t, 'fluentd');
if (fluentd !== null) {
  t.test('Fluentd with TLS, client certificate, shared key, user and password', async (t) => {
    const server = ca.issue('fluentd', { for: 'server' });
    const receiver = await Fluentd.start(t, {
      fluentd,
      folder: testFolder(t, {}),
      sharedKey: 'the key',
      user: { name: 'joe', password: 'the password' },
      tls: { ...server, clientCa: ca.cert },
    });
    const login = { sharedKey: 'the key', username: 'joe', password: 'the password' };
    const good = { ...tls(ca.issue('client', { for: 'client' })), ...login };
    const { output, spool, counters } = makeForwarding(t, [receiver.port], good, patient);
    output.start();
    for (let i = 0; i < 50; i++) spool.append(batchOf(numbered(i * 50, 50, 600)));
    await until('all is acked', () => spool.batches === 0, 60_000);
    t.match(counters, { connects: 1, chunks_resent: 0 });

    const refused: [string, object, RegExp][] = [
      ['no certificate', { ...tls(), ...login }, /client certificate/],
      [
        'an expired one',
        { ...tls(ca.issue('late', { for: 'client', validity: 'expired' })), ...login },
        /refuses our client certificate/,
      ],
      [
        'one of another CA',
        { ...tls(other.issue('client', { for: 'client' })), ...login },
        /refuses our client certificate/,
      ],
      ['a wrong password', { ...good, password: 'wrong' }, /check shared_key, username/],
      ['a wrong key', { ...good, sharedKey: 'wrong' }, /check shared_key, username/],
    ];
    for (const [title, config, hint] of refused) {
      const bad = makeForwarding(t, [receiver.port], config, { ...patient, retryMaxMs: 20 });
      bad.spool.append(batchOf([{ n: -1 }]));
      bad.output.start();
      await until(title, () => bad.lines.some(({ level }) => level >= 40), 30_000);
      t.match(bad.lines.find(({ level }) => level >= 40)?.hint, hint, title);
      await bad.output.stop(0);
    }
    await receiver.stop();
    const numbers = receiver.records('stegwatch.event').map(({ record }) => record.n as number);
    t.strictSame(numbers, range(2500), 'of the others nothing');
  });
}
