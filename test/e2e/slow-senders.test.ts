/**
 * Hundreds of connections that send a byte now and then and never finish a message (slowloris): each costs
 * little memory, `frame_timeout` ends it and counts it, what it sent is forwarded, and a good sender goes on.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, TLSSocket } from 'node:tls';
import t from 'tap';
import { CertificateAuthority } from '../support/certificates.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { ofOutput, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(180_000);

const slow = 150;
/** Measured: 8 KiB over TCP, 50 KiB over TLS. */
const maxKiBEach = 200;

t.test('slow senders are ended one and all, a good one is not', async (t) => {
  const folder = testFolder(t, {});
  const authority = new CertificateAuthority(folder);
  const own = authority.issue('receiver', { for: 'server' });
  const receiver = await ForwardServer.start(t);
  const limits = 'address: 127.0.0.1, port: 0, frame_timeout: 4s';
  const sidecar = await startSidecar(
    folder,
    `
listen:
  udp: false
  tcp: { ${limits} }
  tls: { ${limits}, cert: ${own.cert}, key: ${own.key} }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
`,
    (end) => t.teardown(end),
  );
  const ca = readFileSync(authority.cert);
  const overTls = () =>
    connect({ host: '127.0.0.1', port: sidecar.tlsPort, servername: 'localhost', ca });
  const open = async (socket: Socket): Promise<Socket> => {
    socket.on('error', () => {});
    socket.resume();
    t.teardown(() => socket.destroy());
    await once(socket, socket instanceof TLSSocket ? 'secureConnect' : 'connect');
    return socket;
  };
  const good = await open(connectTcp(sidecar.tcpPort, '127.0.0.1'));
  const before = residentKiB(sidecar.pid);
  const sockets: Socket[] = [];
  let ended = 0;
  for (let i = 0; i < slow; i++) {
    for (const socket of [connectTcp(sidecar.tcpPort, '127.0.0.1'), overTls()]) {
      sockets.push(await open(socket));
      socket.on('close', () => ended++);
      socket.write('<');
    }
  }
  const drip = setInterval(() => {
    for (const socket of sockets) if (!socket.destroyed) socket.write('1');
  }, 250);
  t.teardown(() => clearInterval(drip));

  let sent = 0;
  await until(
    'all slow ones are ended',
    () => {
      good.write(`<134>CEF:0|v|p|1|1|n|1|externalId=${sent++}\n`);
      return ended === 2 * slow;
    },
    60_000,
  );
  clearInterval(drip);
  const grown = (residentKiB(sidecar.pid) - before) / (2 * slow);
  t.ok(grown < maxKiBEach, `${grown.toFixed(0)} KiB each`);
  await until('the good sender’s', () => goodOnes(receiver) === sent, 60_000);
  t.notOk(good.destroyed, 'and it is still connected');
  t.equal(await sidecar.stop(), 0);
  const counters = await sidecar.said(/^stopped$/);
  t.equal(counters.tcp_closed_unfinished_frame, slow);
  t.equal(counters.tls_closed_unfinished_frame, slow);
  t.equal(counters.events, sent + 2 * slow, 'what the slow ones had sent is forwarded too');
  t.equal(ofOutput(counters, 'fluentd').events_acked, counters.events);
});

function residentKiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

function goodOnes(receiver: ForwardServer): number {
  const records = receiver.records('stegwatch.event') as { externalId?: string }[];
  return records.filter(({ externalId }) => externalId !== undefined).length;
}
