/** SIGHUP to the built program: certificates anew, nobody cut off, and never the end of the process. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { CertificateAuthority, type Issued } from '../support/certificates.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { sendTcp } from '../support/send.js';
import { startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(120_000);

t.test('an open connection goes on, a new one sees the new certificate', async (t) => {
  const folder = testFolder(t, {});
  const authority = new CertificateAuthority(folder);
  const [cert, key] = [join(folder, 'own.crt'), join(folder, 'own.key')];
  const install = (files: Issued) => {
    writeFileSync(cert, readFileSync(files.cert));
    writeFileSync(key, readFileSync(files.key));
  };
  install(authority.issue('first', { for: 'server' }));
  const receiver = await ForwardServer.start(t);
  const sidecar = await startSidecar(
    folder,
    `
listen:
  udp: false
  tcp: false
  tls: { address: 127.0.0.1, port: 0, cert: ${cert}, key: ${key} }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
`,
    (end) => t.teardown(end),
  );
  const dial = () => dialed(t, sidecar.tlsPort, authority.cert);
  const old = await dial();
  old.write(line(1));
  await until('the first', () => externalIds(receiver).join() === '1');

  install(authority.issue('second', { for: 'server' }));
  sidecar.child.kill('SIGHUP');
  const { level } = await sidecar.said(/^certificates reloaded, for new connections/);
  t.equal(level, 30);
  t.ok(await sidecar.said(/^the new config is in force/));
  const fresh = await dial();
  t.strictSame([nameOf(old), nameOf(fresh)], ['CN=first', 'CN=second']);
  old.write(line(2));
  await until('the second', () => externalIds(receiver).join() === '1,2');

  writeFileSync(key, 'no key');
  sidecar.child.kill('SIGHUP');
  t.match(await sidecar.said(/the old ones stay in use/), { level: 50, why: /key: .*not PEM/ });
  t.equal(nameOf(await dial()), 'CN=second');
  fresh.write(line(3));
  await until('the third', () => externalIds(receiver).join() === '1,2,3');
  t.equal(await sidecar.stop(), 0);
  t.match(await sidecar.said(/^stopped$/), { events: 3, tls_handshakes: 3 });
});

t.test('without TLS it ends nothing either', async (t) => {
  const receiver = await ForwardServer.start(t);
  const sidecar = await startSidecar(
    testFolder(t, {}),
    `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
`,
    (end) => t.teardown(end),
  );
  for (let i = 0; i < 3; i++) sidecar.child.kill('SIGHUP');
  await sidecar.said(/^SIGHUP/);
  await sendTcp(sidecar.tcpPort, [line(1).trim()]);
  await until('the line', () => externalIds(receiver).join() === '1');
  t.equal(await sidecar.stop(), 0);
});

function line(id: number): string {
  return `<134>CEF:0|v|p|1|1|n|1|externalId=${id}\n`;
}

function externalIds(receiver: ForwardServer): string[] {
  const records = receiver.records('stegwatch.event') as { externalId: string }[];
  return records.map(({ externalId }) => externalId);
}

async function dialed(t: Test, port: number, ca: string): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca: readFileSync(ca),
  });
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

function nameOf(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.subject;
}
