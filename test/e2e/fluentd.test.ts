/**
 * The whole way with real parts: syslog over sockets (ours and rsyslog's) into the built program, and out
 * into a real Fluentd, whose files are read back. Each event carries its number; at the end each number must be
 * there once, alerts under the alert tag and nothing else there.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Fluentd, type FluentdRecord } from '../support/fluentd.js';
import { testFolder } from '../support/folder.js';
import { historyLines, isAlert, numberedLines } from '../support/numbered-lines.js';
import { requirePeer } from '../support/peers.js';
import { startRsyslog } from '../support/rsyslog.js';
import { octetCounted, sendTcp } from '../support/send.js';
import { cliPath, type Sidecar, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

const events = 100_000;
const alertEvery = 5_000;
const tag = 'stegwatch.event';
const alertTag = 'stegwatch.alert';

t.setTimeout(600_000);

const fluentd = requirePeer(t, 'fluentd');
if (fluentd !== null) {
  t.test('100,000 events over TCP: all arrive in Fluentd, none twice, alerts apart', async (t) => {
    const { receiver, sidecar } = await start(t, fluentd);
    await sendTcp(sidecar.tcpPort, lines());
    await allArrived(t, receiver);
    const [alert] = receiver.records(alertTag);
    t.match(alert?.record, {
      device_vendor: 'Zscaler',
      externalId: '5000',
      in: 9_000_000,
      request: 'https://fresh5000.example/a=b/x.jpg',
      syslog: { facility: 'local0', severity: 'info', hostname: 'proxy01' },
      peer: '127.0.0.1',
      alert: {
        id: 'a2ff777e-46c8-4649-b19a-25a0ac059a18',
        host: 'fresh5000.example',
        host_state: 'never_seen',
        bytes: 9_000_000,
        filename: 'x.jpg',
        account: 'dana@corp.example',
        techniques: ['T1001.002'],
      },
    });
    t.equal(await sidecar.stop(), 0, 'ends clean on SIGTERM');
  });

  t.test('100,000 octet-counted events over TCP arrive alike', async (t) => {
    const { receiver, sidecar } = await start(t, fluentd);
    await sendTcp(sidecar.tcpPort, lines(), octetCounted);
    await allArrived(t, receiver);
  });

  const rsyslogd = requirePeer(t, 'rsyslogd');
  if (rsyslogd !== null) {
    const ways: Readonly<Record<string, (sidecar: Sidecar) => [number, string]>> = {
      'TCP, newline-framed': (s) => [s.tcpPort, 'protocol="tcp" template="raw"'],
      'TCP, octet-counted': (s) => [
        s.tcpPort,
        'protocol="tcp" TCP_Framing="octet-counted" template="raw"',
      ],
      'TCP, RFC 5424 template': (s) => [
        s.tcpPort,
        'protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"',
      ],
      // A pause of a millisecond each 16 messages: this is about the content. Unpaced, rsyslog overruns
      // the kernel's buffer of any receiver; loss under load is measured elsewhere.
      UDP: (s) => [
        s.udpPort,
        'protocol="udp" template="RSYSLOG_TraditionalForwardFormat" ' +
          'queue.type="LinkedList" queue.size="200000" queue.dequeueBatchSize="16" ' +
          'queue.dequeueSlowdown="1000" queue.timeoutEnqueue="60000"',
      ],
    };
    for (const [way, target] of Object.entries(ways)) {
      t.test(`100,000 events from rsyslog: ${way}`, async (t) => {
        const { receiver, sidecar, folder } = await start(t, fluentd);
        const [targetPort, action] = target(sidecar);
        const teardown = t.teardown.bind(t);
        const rsyslog = await startRsyslog({ rsyslogd, folder, targetPort, action, teardown });
        await sendTcp(rsyslog.port, lines());
        await allArrived(t, receiver);
        t.match(receiver.records(alertTag)[0]?.record, {
          device_vendor: 'Zscaler',
          cef_version: '0',
          syslog: { hostname: 'proxy01' },
          request: /^https:\/\/fresh\d+\.example\/a=b\/x\.jpg$/,
        });
      });
    }
  }
}

function lines(): string[] {
  return numberedLines({ from: 1, count: events, alertEvery, atMs: Date.now() });
}

/** Fluentd, and the program with a baseline learned from a week of old logs by its own `learn`. */
async function start(t: Test, path: string) {
  const folder = testFolder(t, { fluentd: {}, run: {} });
  const receiver = await Fluentd.start(t, { fluentd: path, folder: join(folder, 'fluentd') });
  const run = join(folder, 'run');
  const yaml = `
listen:
  udp: { address: 127.0.0.1, port: 0 }
  tcp: { address: 127.0.0.1, port: 0 }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
`;
  writeFileSync(join(run, 'learn.yaml'), yaml);
  writeFileSync(join(run, 'old.log'), `${historyLines(Date.now()).join('\n')}\n`);
  execFileSync(process.execPath, [cliPath, 'learn', '-c', 'learn.yaml', 'old.log'], {
    cwd: run,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const sidecar = await startSidecar(run, yaml, (end) => t.teardown(end));
  return { receiver, sidecar, folder: run };
}

async function allArrived(t: Test, receiver: Fluentd): Promise<void> {
  const expectedAlerts = Math.floor(events / alertEvery);
  await until(
    `${events} events in Fluentd`,
    () => receiver.count(tag) + receiver.count(alertTag) >= events,
    180_000,
  );
  const alerts = numbersOf(receiver.records(alertTag));
  const others = numbersOf(receiver.records(tag));
  t.equal(alerts.length, expectedAlerts, 'alerts under the alert tag');
  t.ok(
    alerts.every((number) => isAlert(number, alertEvery)),
    'and nothing else there',
  );
  const all = new Set([...alerts, ...others]);
  t.equal(alerts.length + others.length, events, 'none twice');
  t.equal(all.size, events, 'all there');
  t.strictSame(
    others,
    [...others].sort((a, b) => a - b),
    'in order',
  );
}

function numbersOf(records: readonly FluentdRecord[]): number[] {
  return records.map(({ record }) => Number(record.externalId));
}
