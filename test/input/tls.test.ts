/** The TLS listener: who gets in, who does not and why, and that within it all is as over TCP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import type { TlsConfig } from '../../src/config/config.js';
import { AllowList } from '../../src/input/allow-list.js';
import { TlsInput } from '../../src/input/tls.js';
import type { Counters } from '../../src/observe/counters.js';
import { CertificateAuthority, type Issued } from '../support/certificates.js';
import { testFolder } from '../support/folder.js';
import { bench, client, eventually, settle } from './loopback.js';

t.setTimeout(60_000);

const folder = testFolder(t, {});
const authority = new CertificateAuthority(folder);
const server = authority.issue('receiver', { for: 'server' });
const sender = authority.issue('sender.example.org', {
  for: 'client',
  names: ['DNS:proxy1.example.org'],
});
const expired = authority.issue('late', { for: 'client', validity: 'expired' });
const early = authority.issue('early', { for: 'client', validity: 'not_yet' });
const stranger = new CertificateAuthority(folder, 'Other CA').issue('stranger', { for: 'client' });

interface Setting extends Partial<TlsConfig> {
  readonly allow?: readonly string[];
}

async function listening(t: Test, { allow = [], ...own }: Setting = {}) {
  const parts = bench();
  const clock = { ms: 1000 };
  const config: TlsConfig = {
    address: '127.0.0.1',
    port: 0,
    maxConnections: 100,
    maxConnectionsPerAddress: 0,
    idleTimeoutMs: 0,
    frameTimeoutMs: 1_000_000,
    handshakeTimeoutMs: 20_000,
    ...server,
    clientCa: null,
    clientNames: [],
    validity: [],
    ...own,
  };
  const now = () => clock.ms;
  const options = { ...parts, maxMessageBytes: 65536, allow: new AllowList(allow), now };
  const input = new TlsInput(config, options);
  await input.start();
  t.teardown(() => input.stop());
  const got = (texts: string[]) =>
    eventually(() => parts.sink.frames.length >= texts.length, `${texts.length} frames`).then(() =>
      t.strictSame(parts.sink.texts, texts),
    );
  return { ...parts, clock, input, got };
}

interface Dial {
  readonly port: number;
  readonly as?: Issued;
  readonly ca?: string;
  readonly maxVersion?: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
}

/** A sender whose handshake, as it sees it, is finished. */
async function tlsClient(t: Test, dial: Dial): Promise<TLSSocket> {
  const socket = dialing(t, dial);
  await once(socket, 'secureConnect');
  return socket;
}

function dialing(t: Test, { port, as, ca = authority.cert, maxVersion }: Dial): TLSSocket {
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca: readFileSync(ca),
    ...(as && { cert: readFileSync(as.cert), key: readFileSync(as.key) }),
    ...(maxVersion && { maxVersion, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
  });
  socket.on('error', () => {});
  socket.resume();
  t.teardown(() => socket.destroy());
  return socket;
}

/** The first bytes of a sender's handshake, to be left alone after them. */
async function clientHello(): Promise<Buffer> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  const sending = connect({ host: '127.0.0.1', port });
  sending.on('error', () => {});
  const [socket] = await once(listener, 'connection');
  const [hello] = await once(socket, 'data');
  sending.destroy();
  socket.destroy();
  listener.close();
  return hello;
}

/** With an error or without. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Counters of TLS that are not 0. */
function tlsCounts(counters: Counters): Record<string, number> {
  const entries = Object.entries(counters).filter(([name, n]) => name.startsWith('tls') && n !== 0);
  return Object.fromEntries(entries);
}

t.test('messages come in by octet count and by line; the peer is the address', async (t) => {
  const { input, sink, counters, got } = await listening(t);
  const socket = await tlsClient(t, { port: input.port });
  socket.write('7 <14>a\nb5 <15>c<16>d\n');
  await got(['<14>a\nb', '<15>c', '<16>d']);
  t.strictSame(sink.frames[0]?.peer, { address: '127.0.0.1' });
  t.equal(socket.getProtocol(), 'TLSv1.3');
  t.strictSame(tlsCounts(counters), { tls_connections: 1, tls_handshakes: 1 });
  t.equal(counters.received_bytes, 22);
  t.strictSame([counters.received_bytes_tls, counters.received_frames_tls], [22, 3]);
  t.match(input.name, /^tls 127\.0\.0\.1:\d+$/);
});

t.test('TLS 1.2 will do, 1.1 will not', async (t) => {
  const { input, counters, got } = await listening(t);
  const socket = await tlsClient(t, { port: input.port, maxVersion: 'TLSv1.2' });
  t.equal(socket.getProtocol(), 'TLSv1.2');
  socket.write('<14>a\n');
  await got(['<14>a']);
  await closed(dialing(t, { port: input.port, maxVersion: 'TLSv1.1' }));
  await eventually(() => counters.tls_handshake_failures === 1, 'refused');
  t.strictSame(tlsCounts(counters), {
    tls_connections: 2,
    tls_handshakes: 1,
    tls_handshake_failures: 1,
  });
});

const clientCa = authority.cert;
const refused: readonly (readonly [string, Setting, Partial<Dial>, keyof Counters, RegExp])[] = [
  ['none', { clientCa }, {}, 'tls_refused_no_certificate', /no client certificate/],
  ['an expired', { clientCa }, { as: expired }, 'tls_refused_expired', /has expired/],
  ['a not yet valid', { clientCa }, { as: early }, 'tls_refused_expired', /not valid yet/],
  ['a foreign', { clientCa }, { as: stranger }, 'tls_refused_unknown_ca', /authority/],
  ["a server's", { clientCa }, { as: server }, 'tls_refused_certificate', /no good/],
  [
    'an unnamed',
    { clientCa, clientNames: ['proxy2.example.org'] },
    { as: sender },
    'tls_refused_name',
    /no name of listen\.tls\.client_names/,
  ],
];

for (const [what, setting, dial, counter, words] of refused) {
  t.test(`with client_ca, ${what} certificate is refused, counted and said`, async (t) => {
    const { input, sink, counters, warnings } = await listening(t, setting);
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = dialing(t, { port: input.port, maxVersion, ...dial });
      // TLS 1.3: to the sender it looks as if it were connected; what it sends is not taken.
      socket.on('secureConnect', () => socket.write('<14>forged\n'));
      await closed(socket);
    }
    await eventually(() => input.connections === 0, 'closed');
    t.strictSame(tlsCounts(counters), { tls_connections: 2, [counter]: 2 });
    t.equal(warnings.length, 1, 'once a minute');
    t.match(warnings[0], words);
    t.equal(sink.frames.length, 0);
  });
}

t.test('with client_ca, a certificate from it gets in, by any of its names', async (t) => {
  for (const clientNames of [
    [],
    ['x', 'proxy1.example.org'],
    ['.example.org'],
    ['PROXY1.example.org'],
  ]) {
    const { input, counters, got } = await listening(t, { clientCa, clientNames });
    (await tlsClient(t, { port: input.port, as: sender })).write('<14>a\n');
    await got(['<14>a']);
    t.strictSame(
      tlsCounts(counters),
      { tls_connections: 1, tls_handshakes: 1 },
      clientNames.join(),
    );
  }
});

t.test('without client_ca a certificate is neither asked for nor looked at', async (t) => {
  const { input, got } = await listening(t);
  (await tlsClient(t, { port: input.port, as: expired })).write('<14>a\n');
  await got(['<14>a']);
});

t.test('what is not TLS is told apart', async (t) => {
  const { input, counters, warnings } = await listening(t);
  const openings = [
    '<14>plain syslog, long enough for a record\n',
    '42 <14>counted',
    'GET / HTTP/1.0\r\n\r\n',
  ];
  for (const opening of openings) {
    const socket = await client(t, input.port);
    socket.write(opening);
    await closed(socket);
  }
  t.strictSame(tlsCounts(counters), { tls_connections: 3, tls_refused_not_tls: 3 });
  t.match(warnings, [/does not speak TLS/]);
});

t.test('a sender that does not accept our certificate is told apart', async (t) => {
  const { input, counters, warnings } = await listening(t);
  const ca = new CertificateAuthority(testFolder(t, {}), 'Elsewhere').cert;
  const to = ['-connect', `127.0.0.1:${input.port}`, '-CAfile', ca, '-verify_return_error'];
  for (const version of ['-tls1_2', '-tls1_3']) {
    const child = spawn('openssl', ['s_client', ...to, version], { stdio: 'ignore' });
    t.teardown(() => child.kill());
    await once(child, 'exit');
  }
  await eventually(() => input.connections === 0, 'closed');
  t.strictSame(tlsCounts(counters), { tls_connections: 2, tls_distrusted: 2 });
  t.match(warnings, [/does not accept the certificate of listen\.tls/]);
});

t.test('a connection that is closed before its handshake counts as such', async (t) => {
  const { input, counters } = await listening(t);
  (await client(t, input.port)).end();
  (await client(t, input.port)).resetAndDestroy();
  await eventually(() => counters.tls_closed_in_handshake === 2, 'both');
  await eventually(() => input.connections === 0, 'both are gone');
  t.strictSame(tlsCounts(counters), { tls_connections: 2, tls_closed_in_handshake: 2 });
});

t.test(
  'a handshake has its time from the accept on; a byte now and then does not help',
  async (t) => {
    const { input, counters, warnings } = await listening(t, { handshakeTimeoutMs: 300 });
    const silent = await client(t, input.port);
    const dripping = await client(t, input.port);
    const hello = Buffer.from('160301020001fc0303', 'hex');
    let at = 0;
    const drip = setInterval(() => dripping.write(hello.subarray(at++ % 9, (at % 9) + 1)), 20);
    t.teardown(() => clearInterval(drip));
    const halfway = await client(t, input.port);
    halfway.write(await clientHello());
    const begun = performance.now();
    await Promise.all([closed(silent), closed(dripping), closed(halfway)]);
    t.ok(performance.now() - begun < 5000, 'soon');
    t.strictSame(tlsCounts(counters), { tls_connections: 3, tls_handshake_timeouts: 3 });
    t.match(warnings, [/within listen\.tls\.handshake_timeout/]);
    await eventually(() => input.connections === 0, 'their places are free');
  },
);

t.test('allow list and caps count before the handshake', async (t) => {
  const strict = await listening(t, { allow: ['192.0.2.0/24'] });
  await closed(await client(t, strict.input.port));
  t.strictSame(tlsCounts(strict.counters), { tls_refused_not_allowed: 1 });

  const small = await listening(t, { maxConnections: 2, maxConnectionsPerAddress: 1 });
  const slow = await client(t, small.input.port);
  await closed(await client(t, small.input.port));
  const second = await client(t, small.input.port, '127.0.0.1', '127.0.0.2');
  await closed(await client(t, small.input.port, '127.0.0.1', '127.0.0.3'));
  t.strictSame(tlsCounts(small.counters), {
    tls_connections: 2,
    tls_refused_address_limit: 1,
    tls_refused_connection_limit: 1,
  });
  slow.destroy();
  second.destroy();
  await eventually(() => small.input.connections === 0, 'places are free again');
  (await tlsClient(t, { port: small.input.port })).write('<14>a\n');
  await small.got(['<14>a']);
});

t.test('time limits hold as over TCP', async (t) => {
  const { input, sink, counters, clock } = await listening(t, {
    frameTimeoutMs: 1000,
    idleTimeoutMs: 5000,
  });
  const stalled = await tlsClient(t, { port: input.port });
  const quiet = await tlsClient(t, { port: input.port });
  stalled.write('<14>half');
  await eventually(() => counters.received_bytes === 8, 'the head');
  await eventually(() => counters.tls_handshakes === 2, 'both are open');
  await settle();
  clock.ms += 1001;
  input.sweep();
  await closed(stalled);
  clock.ms += 4000;
  input.sweep();
  await closed(quiet);
  t.strictSame([counters.tls_closed_unfinished_frame, counters.tls_closed_idle], [1, 1]);
  t.strictSame(sink.texts, ['<14>half']);
});

t.test('while paused nothing is read, handshakes go on; then all of it in order', async (t) => {
  const { input, sink, counters } = await listening(t);
  const lines = 20_000;
  const line = (i: number) => `<14>${String(i).padStart(595, '.')}\n`;
  const old = await tlsClient(t, { port: input.port });
  old.write('<14>before\n');
  await eventually(() => sink.frames.length === 1, 'the first line');
  input.pause();
  for (let i = 0; i < lines; i++) old.write(line(i));
  const fresh = await tlsClient(t, { port: input.port });
  fresh.write('<14>fresh\n');
  await settle();
  t.equal(sink.frames.length, 1, 'nothing comes');
  t.ok(old.writableLength > 0, 'the sender is held back');
  t.equal(counters.received_bytes, 11);
  input.resume();
  await eventually(() => sink.frames.length === lines + 2, 'all lines');
  const fromOld = sink.texts.filter((text) => text !== '<14>fresh').slice(1);
  t.ok(
    fromOld.every((text, i) => text === line(i).trimEnd()),
    'in order',
  );
});

t.test('an end in mid-frame, clean or not, hands over what came of it', async (t) => {
  const { input, sink } = await listening(t);
  (await tlsClient(t, { port: input.port })).end('<14>clean');
  await eventually(() => sink.frames.length === 1, 'the first');
  const raw = connectTcp(input.port, '127.0.0.1');
  const cut = connect({ socket: raw, servername: 'localhost', ca: readFileSync(authority.cert) });
  cut.on('error', () => {});
  await once(cut, 'secureConnect');
  cut.write('<14>cut');
  await settle();
  raw.resetAndDestroy();
  await eventually(() => sink.frames.length === 2, 'the second');
  t.strictSame(sink.texts, ['<14>clean', '<14>cut']);
  await eventually(() => input.connections === 0, 'both are closed');
});

t.test('stop takes what was received and closes all, handshakes too', async (t) => {
  const { input, sink } = await listening(t);
  const senders = [
    await tlsClient(t, { port: input.port }),
    await tlsClient(t, { port: input.port }),
  ];
  const stalling = await client(t, input.port);
  await eventually(() => input.connections === 3, 'accepted');
  const ends = [...senders, stalling].map(closed);
  for (const socket of senders) socket.write(`${'<14>a\n'.repeat(1000)}<14>rest`);
  await input.stop();
  await Promise.all(ends);
  t.equal(sink.frames.length, 2002);
  t.equal(input.connections, 0);
});

t.test('stop while paused takes what had been read', async (t) => {
  const { input, sink } = await listening(t);
  const socket = await tlsClient(t, { port: input.port });
  await eventually(() => input.connections === 1, 'accepted');
  input.pause();
  socket.write('<14>a\n<14>b');
  await settle();
  await input.stop();
  t.strictSame(sink.texts, ['<14>a', '<14>b']);
});

t.test('a session is not resumed: each connection shows its certificate', async (t) => {
  const { input, sink } = await listening(t, { clientCa });
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const first = dialing(t, { port: input.port, as: sender, maxVersion });
    let session: Buffer | undefined;
    first.on('session', (given) => {
      session = given;
    });
    await once(first, 'secureConnect');
    first.end('<14>a\n');
    await closed(first);
    const second = connect({
      port: input.port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: readFileSync(authority.cert),
      cert: readFileSync(sender.cert),
      key: readFileSync(sender.key),
      ...(session && { session }),
    });
    t.teardown(() => second.destroy());
    await once(second, 'secureConnect');
    t.equal(second.isSessionReused(), false, maxVersion);
    second.end('<14>b\n');
  }
  await eventually(() => sink.frames.length === 4, 'all lines');
});

t.test('new certificates are for new connections; bad ones leave the old in use', async (t) => {
  const home = testFolder(t, {});
  const paths = { cert: join(home, 'cert.pem'), key: join(home, 'key.pem') };
  const install = (files: Issued) => {
    for (const which of ['cert', 'key'] as const) {
      writeFileSync(`${paths[which]}.new`, readFileSync(files[which]));
      renameSync(`${paths[which]}.new`, paths[which]);
    }
  };
  install(server);
  const { input, got } = await listening(t, paths);
  const nameOf = (socket: TLSSocket) => socket.getPeerX509Certificate()?.subject;
  const old = await tlsClient(t, { port: input.port });
  old.write('<14>old 1\n');
  await got(['<14>old 1']);

  install(authority.issue('renewed', { for: 'server' }));
  await input.reloadCertificates();
  const fresh = await tlsClient(t, { port: input.port });
  t.strictSame([nameOf(old), nameOf(fresh)], ['CN=receiver', 'CN=renewed']);
  old.write('<14>old 2\n');
  await got(['<14>old 1', '<14>old 2']);
  fresh.write('<14>fresh\n');
  await got(['<14>old 1', '<14>old 2', '<14>fresh']);

  writeFileSync(paths.key, readFileSync(stranger.key));
  await t.rejects(input.reloadCertificates(), {
    code: 'CERTIFICATE_UNUSABLE',
    message: /^tls 127\.0\.0\.1:\d+: key: it is not the key of the certificate/,
  });
  const later = await tlsClient(t, { port: input.port });
  t.equal(nameOf(later), 'CN=renewed');
  later.write('<14>later\n');
  await got(['<14>old 1', '<14>old 2', '<14>fresh', '<14>later']);
});

t.test(
  'after a reload the old authority is not accepted any more, also not from TLS 1.2',
  async (t) => {
    const home = testFolder(t, {});
    const file = join(home, 'ca.pem');
    writeFileSync(file, readFileSync(authority.cert));
    const { input, counters, got } = await listening(t, { clientCa: file });
    (await tlsClient(t, { port: input.port, as: sender })).write('<14>a\n');
    await got(['<14>a']);
    writeFileSync(file, readFileSync(new CertificateAuthority(home, 'Next').cert));
    await input.reloadCertificates();
    await closed(dialing(t, { port: input.port, as: sender }));
    t.equal(counters.tls_refused_unknown_ca, 1);
  },
);

t.test('files that became bad since the config was read end the start in words', async (t) => {
  const gone = listening(t, { cert: join(folder, 'gone.pem') });
  await t.rejects(gone, {
    code: 'CERTIFICATE_UNUSABLE',
    message: /gone\.pem" cannot be read: no such file/,
  });
});
