/**
 * Two outputs of the real program: what goes to a receiver of syslog is the line as it came, and neither output
 * notices the outage of the other. rsyslog takes TCP and TLS, `syslog-server` takes UDP: what they have understood
 * is what counts.
 */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { CertificateAuthority } from '../support/certificates.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { historyLines, isAlert, numberedLines } from '../support/numbered-lines.js';
import { requirePeer, requireRsyslogModule } from '../support/peers.js';
import { freeTcpPort, runRsyslog } from '../support/rsyslog.js';
import { sendTcp } from '../support/send.js';
import { cliPath, ofOutput, startSidecar } from '../support/stegwatch.js';
import { startReceiver } from '../support/syslog-receiver.js';
import { until } from '../support/until.js';

t.setTimeout(180_000);

const alertEvery = 50;

t.test('rsyslog over TCP and TLS: every line as it came, alerts with their keys', async (t) => {
  const rsyslogd = requirePeer(t, 'rsyslogd');
  if (rsyslogd === null || !requireRsyslogModule(t, 'lmnsd_ossl')) return;
  for (const protocol of ['tcp', 'tls'] as const) {
    const folder = testFolder(t, { rsyslog: {}, run: {} });
    const port = await freeTcpPort();
    const lines = join(folder, 'lines.log');
    const authority = new CertificateAuthority(folder);
    const { cert, key } = authority.issue('siem', { for: 'server' });
    const driver =
      protocol === 'tcp'
        ? 'module(load="imtcp")'
        : `global(defaultNetstreamDriverCAFile="${authority.cert}" defaultNetstreamDriverCertFile="${cert}"
           defaultNetstreamDriverKeyFile="${key}" defaultNetstreamDriver="ossl")
           module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")`;
    const rsyslog = await runRsyslog({
      ...{ rsyslogd, folder: join(folder, 'rsyslog'), port, quiet: true },
      teardown: t.teardown.bind(t),
      config: `global(workDirectory="${folder}/rsyslog" maxMessageSize="64k")
${driver}
template(name="raw" type="string" string="%rawmsg%\\n")
input(type="imtcp" port="${port}" address="127.0.0.1" ruleset="out")
ruleset(name="out") { action(type="omfile" file="${lines}" template="raw") }
`,
    });
    const run = await startRun(t, folder, [
      `syslog: { server: { host: 127.0.0.1, port: ${port} }, protocol: ${protocol}, framing: octet_counting,`,
      `tls: ${protocol === 'tls' ? `{ ca: ${authority.cert}, server_name: localhost }` : '{}'} }`,
    ]);
    const sent = numberedLines({ from: 1, count: 2000, alertEvery, atMs: Date.now() });
    await sendTcp(run.tcpPort, sent);
    await until('all lines', () => linesOf(lines).length >= sent.length, 30_000);
    t.equal(await run.stop(), 0);
    await rsyslog.stop();
    const received = linesOf(lines);
    t.equal(received.length, sent.length, protocol);
    for (const [i, line] of received.entries()) {
      if (!isAlert(i + 1, alertEvery)) {
        if (line !== sent[i]) t.equal(line, sent[i], `line ${i + 1}`);
        continue;
      }
      t.ok(line.startsWith(`${sent[i]} stegwatchAlert=`), 'the line itself is untouched');
      t.match(line, new RegExp(` stegwatchHost=fresh${i + 1}\\.example `));
    }
  }
});

t.test('syslog-server over UDP understands them', async (t) => {
  const SyslogServer = createRequire(import.meta.url)('syslog-server');
  const port = await freeTcpPort();
  const messages: string[] = [];
  const receiver = new SyslogServer();
  receiver.on('message', ({ message }: { message: string }) => messages.push(message));
  await receiver.start({ port, address: '127.0.0.1' });
  t.teardown(() => receiver.stop());
  const folder = testFolder(t, { run: {} });
  const run = await startRun(t, folder, [
    `syslog: { server: { host: 127.0.0.1, port: ${port} }, protocol: udp, only: alerts }`,
  ]);
  const sent = numberedLines({ from: 1, count: 500, alertEvery, atMs: Date.now() });
  await sendTcp(run.tcpPort, sent);
  await until('the alerts', () => messages.length >= 10);
  t.equal(await run.stop(), 0);
  t.equal(messages.length, 10);
  for (const message of messages) t.match(message, / stegwatchAlert=\S+ .*stegwatchLevel=/);
  const { not_forwarded, events_acked } = ofOutput(await run.said(/^stopped$/), 'syslog');
  t.strictSame([not_forwarded, events_acked], [490, 10]);
});

t.test('while one output is away the other has every event at once', async (t) => {
  const siem = await startReceiver(t);
  const fluentd = await ForwardServer.start(t);
  const folder = testFolder(t, { run: {} });
  const run = await startRun(t, folder, [
    `fluentd: { servers: [ { host: 127.0.0.1, port: ${fluentd.port} } ] },`,
    `syslog: { server: { host: 127.0.0.1, port: ${siem.port} } }`,
  ]);
  const atMs = Date.now();
  const send = (from: number, count: number) =>
    sendTcp(run.tcpPort, numberedLines({ from, count, alertEvery, atMs }));
  const arrived = () =>
    fluentd.records('stegwatch.event').length + fluentd.records('stegwatch.alert').length;

  fluentd.change({ reads: false, acks: 'none' });
  fluentd.closeConnections();
  await send(1, 3000);
  await until('the SIEM has them', () => siem.lines.length === 3000);
  t.equal(arrived(), 0, 'Fluentd is away');
  fluentd.change({ reads: true, acks: 'right' });
  fluentd.goOnReading();
  fluentd.closeConnections();
  await until('Fluentd has them', () => arrived() >= 3000, 60_000);

  await siem.close();
  await send(3001, 3000);
  await until('Fluentd has those too', () => arrived() >= 6000);
  t.equal(siem.lines.length, 3000, 'the SIEM is away');
  const back = await startReceiver(t, { port: siem.port });
  await until('the SIEM has them all', () => back.lines.length >= 3000, 40_000);
  t.equal(await run.stop(), 0);
  const stopped = await run.said(/^stopped$/);
  for (const output of ['fluentd', 'syslog']) {
    const { spooled_events, events_acked, spool_bytes } = ofOutput(stopped, output);
    t.strictSame([spooled_events, events_acked, spool_bytes], [6000, 6000, 0], output);
  }
});

t.test(
  'kill -9 while the SIEM is away: both outputs have all, the baseline learns once',
  async (t) => {
    const siemPort = await closedPort();
    const fluentd = await ForwardServer.start(t);
    const folder = testFolder(t, { run: {} });
    const outputs = [
      `fluentd: { servers: [ { host: 127.0.0.1, port: ${fluentd.port} } ] },`,
      `syslog: { server: { host: 127.0.0.1, port: ${siemPort} } }`,
    ];
    const run = await startRun(t, folder, outputs);
    await sendTcp(
      run.tcpPort,
      numberedLines({ from: 1, count: 1000, alertEvery, atMs: Date.now() }),
    );
    await until('Fluentd has them', () => fluentd.records('stegwatch.event').length >= 980);
    await run.kill();
    const siem = await startReceiver(t, { port: siemPort });
    const again = await startSidecar(join(folder, 'run'), yamlOf(outputs), t.teardown.bind(t));
    await until('the SIEM has all', () => new Set(siem.lines).size === 1000);
    t.equal(await again.stop(), 0);
  },
);

async function startRun(t: Test, folder: string, outputs: readonly string[]) {
  const run = join(folder, 'run');
  writeFileSync(join(run, 'learn.yaml'), yamlOf(outputs));
  writeFileSync(join(run, 'old.log'), `${historyLines(Date.now()).join('\n')}\n`);
  execFileSync(process.execPath, [cliPath, 'learn', '-c', 'learn.yaml', 'old.log'], {
    cwd: run,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return startSidecar(run, yamlOf(outputs), t.teardown.bind(t));
}

const yamlOf = (outputs: readonly string[]) =>
  `listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
admin: { port: 0 }
forward: { ${outputs.join(' ')} }
`;

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
