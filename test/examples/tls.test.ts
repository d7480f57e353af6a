/** The very files of examples/tls, ports, folders and driver replaced, with a real rsyslog. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { CertificateAuthority } from '../support/certificates.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { numberedLines } from '../support/numbered-lines.js';
import { requirePeer, requireRsyslogModule } from '../support/peers.js';
import { freeTcpPort, runRsyslog } from '../support/rsyslog.js';
import { sendTcp } from '../support/send.js';
import { cliPath, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(180_000);

const examples = join(dirname(cliPath), '..', 'examples', 'tls');
const count = 3000;

const rsyslogd = requirePeer(t, 'rsyslogd');
for (const driver of ['ossl', 'gtls']) {
  if (rsyslogd === null || !requireRsyslogModule(t, `lmnsd_${driver}`)) continue;
  t.test(`rsyslog sends over TLS by ${driver}; over a reload nothing is lost`, async (t) => {
    const { sidecar, receiver, rsyslog } = await start(t, rsyslogd, driver);
    const lines = numberedLines({ from: 0, count, alertEvery: 0, atMs: Date.now() });
    await sendTcp(rsyslog.port, lines.slice(0, count / 2));
    await until('the first half', () => arrived(receiver) >= count / 2, 60_000);
    sidecar.child.kill('SIGHUP');
    await sidecar.said(/certificates reloaded/);
    await sendTcp(rsyslog.port, lines.slice(count / 2));
    await until('the second half', () => arrived(receiver) >= count, 60_000);
    t.strictSame(
      numbers(receiver),
      Array.from({ length: count }, (_, i) => i),
    );
    // Or it would write to its folder while that is taken away.
    await rsyslog.stop();
    t.equal(await sidecar.stop(), 0);
    const counters = await sidecar.said(/^stopped$/);
    t.equal(counters.events, count);
    t.equal(counters.tls_handshakes, counters.tls_connections, 'nobody was refused');
    t.equal(counters.parse_errors, undefined);
  });
}

async function start(t: Test, rsyslogd: string, driver: string) {
  const folder = testFolder(t, { rsyslog: {}, run: {} });
  const teardown = (end: () => Promise<unknown>) => t.teardown(end);
  const authority = new CertificateAuthority(folder, 'ca');
  const names = (name: string) => [`DNS:${name}.example.org`];
  const server = authority.issue('stegwatch', { for: 'server', names: names('stegwatch') });
  authority.issue('sender', { for: 'client', names: names('sender') });
  const files = dirname(server.cert);
  const receiver = await ForwardServer.start(t);
  const yaml = example('stegwatch.yaml', {
    '/etc/stegwatch/tls/': `${files}/`,
    'port: 6514': 'port: 0',
    'port: 24224': `port: ${receiver.port}`,
  });
  const sidecar = await startSidecar(join(folder, 'run'), yaml, teardown);
  const port = await freeTcpPort();
  const queue = join(folder, 'rsyslog');
  const forward = example('rsyslog-stegwatch-tls.conf', {
    '/etc/rsyslog.d/tls/': `${files}/`,
    'port="6514"': `port="${sidecar.tlsPort}"`,
    '/var/spool/rsyslog': queue,
    'streamDriver="ossl"': `streamDriver="${driver}"`,
  });
  const config = `global(workDirectory="${queue}" maxMessageSize="64k")
module(load="imtcp")
input(type="imtcp" port="${port}" address="127.0.0.1")
${forward}`;
  const rsyslog = await runRsyslog({ rsyslogd, folder: queue, config, port, teardown });
  return { sidecar, receiver, rsyslog };
}

/** A file of the example with places replaced, each of which must be in it. */
function example(name: string, replacements: Readonly<Record<string, string>>): string {
  let text = readFileSync(join(examples, name), 'utf8');
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new Error(`${name} does not hold ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

function arrived(receiver: ForwardServer): number {
  return receiver.chunks.reduce((sum, { size = 0 }) => sum + size, 0);
}

function numbers(receiver: ForwardServer): number[] {
  const records = receiver.records('stegwatch.event') as { externalId: string }[];
  return records.map(({ externalId }) => Number(externalId)).sort((a, b) => a - b);
}
