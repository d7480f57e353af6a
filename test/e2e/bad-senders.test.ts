/**
 * A wrong or expired client certificate, an unlisted address and a sender over a limit are refused and
 * counted, hundreds of times, while a good sender goes on over one connection: each of its rounds must
 * arrive before it sends the next. Senders are told apart by their loopback addresses.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect } from 'node:tls';
import t from 'tap';
import { CertificateAuthority, type Issued } from '../support/certificates.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { numberedLines } from '../support/numbered-lines.js';
import { ofOutput, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(180_000);

const wanted = 100;
const perRound = 200;
const maxRounds = 500;
const senders = { good: '127.0.0.1', unlisted: '127.0.0.2', greedy: '127.0.0.3' };
const holders = { expired: '127.0.0.4', foreign: '127.0.0.5', none: '127.0.0.6' };

t.test('bad senders by the hundred do not slow a good one', async (t) => {
  const folder = testFolder(t, {});
  const authority = new CertificateAuthority(folder);
  const server = authority.issue('receiver', { for: 'server' });
  const good = authority.issue('good', { for: 'client' });
  const expired = authority.issue('late', { for: 'client', validity: 'expired' });
  const foreign = new CertificateAuthority(folder, 'Other CA').issue('x', { for: 'client' });
  const receiver = await ForwardServer.start(t);
  const allow = [senders.good, senders.greedy, ...Object.values(holders)];
  const sidecar = await startSidecar(
    folder,
    `
listen:
  allow: [${allow.join(', ')}]
  udp: false
  tcp: false
  tls:
    { address: 127.0.0.1, port: 0, cert: ${server.cert}, key: ${server.key},
      client_ca: ${authority.cert}, max_connections: 40, max_connections_per_address: 8,
      handshake_timeout: 5m }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
`,
    (end) => t.teardown(end),
  );

  const ca = readFileSync(authority.cert);
  const plain = (localAddress: string): Socket =>
    connectTcp({ host: '127.0.0.1', port: sidecar.tlsPort, localAddress });
  const dial = (localAddress: string, as: Issued | null): Socket =>
    connect({
      socket: plain(localAddress).on('error', () => {}),
      servername: 'localhost',
      ca,
      ...(as && { cert: readFileSync(as.cert), key: readFileSync(as.key) }),
    });

  const sender = dial(senders.good, good);
  t.teardown(() => sender.destroy());
  let cut = false;
  sender.on('close', () => {
    cut = true;
  });
  await once(sender, 'secureConnect');
  // Takes all the places that one address gets, and holds them without a handshake.
  const held = Array.from({ length: 8 }, () => plain(senders.greedy));
  await Promise.all(held.map((socket) => once(socket, 'connect')));
  t.teardown(() => {
    for (const socket of held) socket.destroy();
  });

  let stopped = false;
  const refused = { unlisted: 0, greedy: 0, expired: 0, foreign: 0, none: 0 };
  const hammer = async (kind: keyof typeof refused, attempt: () => Socket): Promise<void> => {
    while (!stopped) {
      const socket = attempt();
      socket.on('error', () => {});
      // Over TLS 1.3 it seems connected before it is refused: what it sends must not be taken.
      socket.on('secureConnect', () => socket.write('<14>CEF:0|forged|p|1|1|n|1|\n'));
      socket.resume();
      await once(socket, 'close').catch(() => {});
      refused[kind]++;
    }
  };
  const hammers = [1, 2, 3].flatMap(() => [
    hammer('unlisted', () => plain(senders.unlisted)),
    hammer('greedy', () => plain(senders.greedy)),
    hammer('expired', () => dial(holders.expired, expired)),
    hammer('foreign', () => dial(holders.foreign, foreign)),
    hammer('none', () => dial(holders.none, null)),
  ]);

  let sent = 0;
  for (let round = 0; round < maxRounds; round++) {
    if (Object.values(refused).every((count) => count >= wanted)) break;
    const lines = numberedLines({ from: sent, count: perRound, alertEvery: 0, atMs: Date.now() });
    sender.write(`${lines.join('\n')}\n`);
    sent += perRound;
    await until(`round ${round}`, () => arrived(receiver) >= sent, 60_000);
  }
  stopped = true;
  await Promise.all(hammers);
  t.comment(`${sent} events sent, refused: ${JSON.stringify(refused)}`);
  for (const [kind, count] of Object.entries(refused)) t.ok(count >= wanted, `${kind}: ${count}`);
  t.notOk(cut, 'the good sender was never cut off');

  t.equal(numbers(receiver).size, sent, 'each event arrived');
  t.equal(await sidecar.stop(), 0);
  const counters = await sidecar.said(/^stopped$/);
  t.equal(counters.events, sent, 'nothing of anybody else was taken');
  t.equal(ofOutput(counters, 'fluentd').events_acked, sent);
  t.equal(counters.tls_refused_not_allowed, refused.unlisted);
  t.equal(counters.tls_refused_address_limit, refused.greedy);
  t.equal(counters.tls_refused_expired, refused.expired);
  t.equal(counters.tls_refused_unknown_ca, refused.foreign);
  t.equal(counters.tls_refused_no_certificate, refused.none);
  t.equal(counters.tls_handshakes, 1);
  const complaints = sidecar.log.filter(({ msg }) => msg.startsWith('refused'));
  t.ok(complaints.length >= 4 && complaints.length <= 20, `${complaints.length} lines of log`);
});

function arrived(receiver: ForwardServer): number {
  return receiver.chunks.reduce((sum, { size = 0 }) => sum + size, 0);
}

function numbers(receiver: ForwardServer): Set<number> {
  const records = receiver.records('stegwatch.event') as { externalId: string }[];
  return new Set(records.map(({ externalId }) => Number(externalId)));
}
