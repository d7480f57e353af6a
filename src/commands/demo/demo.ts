/**
 * `stegwatch demo`: the real pipeline over TCP on sample traffic. The far ends are stand-ins in this
 * process: `@fluent-org/logger`'s FluentServer for Fluentd, `syslog-server` for the SIEM that an alert ends
 * up in. All on loopback, all on free ports, nothing left behind.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { FluentServer } from '@fluent-org/logger';
import SyslogServer from 'syslog-server';
import { loadConfig } from '../../config/load.js';
import { compileExclusions } from '../../detect/exclusions/exclusions.js';
import { Counters } from '../../observe/counters.js';
import { createLogger } from '../../observe/log.js';
import { openPipeline } from '../../pipeline/open-pipeline.js';
import type { Alert, AlertSuppressed } from '../../verdict.js';
import { startAdmin } from '../run-admin.js';
import { TextOutput } from '../text-output.js';
import { history, scenes } from './traffic.js';

const alertTag = 'stegwatch.alert';
const arrivalDeadlineMs = 30_000;
const liveIntervalMs = 2_000;

/** The part of a forwarded record that the demo prints. */
interface DemoRecord {
  readonly alert?: Alert;
  readonly alert_suppressed?: AlertSuppressed;
  readonly parse_error?: string;
}

export async function demo(options: { once: boolean; stdout: Writable }): Promise<number> {
  const output = new TextOutput(options.stdout);
  const say = (text = ''): void => void output.line(text);
  const folder = mkdtempSync(join(tmpdir(), 'stegwatch-demo-'));
  const siem = await startSiem(say);
  const fluentd = await startFluentd(say);
  const ports = { fluentd: fluentd.server.port!, siem: siem.port };
  const { pipeline, admin } = await startSidecar(folder, ports);
  try {
    const tcp = pipeline.inputs[0]!;
    say(`stegwatch listens on ${tcp.name}; an embedded Forward receiver stands in for Fluentd,`);
    say('a syslog receiver for the SIEM. Sending eight days of sample traffic over TCP …');
    if (!options.once) say(`The status page: ${admin.url}/`);
    const socket = connect(tcp.port, '127.0.0.1');
    await once(socket, 'connect');
    const sent = await sendHistory(socket, Date.now());
    const arrived = await until(() => fluentd.received() >= sent, arrivalDeadlineMs);
    say(`${fluentd.received()} of ${sent} events have arrived. Now the ones to look at:`);
    const staged = await sendScenes(socket, fluentd.received, say);
    await until(() => siem.received() >= fluentd.alerts(), 2_000);
    say();
    const all = sent + staged;
    say(`${all} events sent, ${fluentd.received()} arrived, ${fluentd.alerts()} alerts.`);
    if (!options.once) await stayLive(socket, tcp.name, admin.url ?? '', say);
    socket.end();
    return arrived && fluentd.received() >= all && fluentd.alerts() >= 2 ? 0 : 1;
  } finally {
    await pipeline.stop(5_000);
    await admin.stop();
    await fluentd.server.close();
    await siem.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startSidecar(folder: string, ports: { fluentd: number; siem: number }) {
  const config = loadConfig({
    env: {},
    text: `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
detection: { time: event }
baseline: { path: ${JSON.stringify(join(folder, 'baseline'))} }
spool: { path: ${JSON.stringify(join(folder, 'spool'))} }
forward:
  fluentd: { servers: [ { host: 127.0.0.1, port: ${ports.fluentd} } ], alert_tag: ${alertTag} }
  syslog: { server: { host: 127.0.0.1, port: ${ports.siem} }, protocol: udp, only: alerts }
admin: { port: 0 }
exclusions:
  - name: scheduled-backup
    reason: Veeam moves whole disks each night
    match: { requestClientApplication|contains: Veeam Backup & Replication }
`,
  });
  const counters = new Counters();
  const log = createLogger('error');
  const { exclusions } = compileExclusions(config.exclusions);
  const admin = await startAdmin(config, counters, log);
  const { pipeline, feeds } = await openPipeline({ config, exclusions, counters, log });
  pipeline.onAlert = (verdict) => admin.onAlert(verdict);
  await pipeline.start();
  admin.running(pipeline, feeds);
  return { pipeline, admin };
}

/** Fluentd's stand-in: counts records, prints what is special. */
async function startFluentd(say: (text: string) => void) {
  const server = new FluentServer({ listenOptions: { port: 0, host: '127.0.0.1' } });
  let received = 0;
  let alerts = 0;
  server.on('entry', (tag: string, _time: unknown, record: DemoRecord) => {
    received++;
    if (tag === alertTag && record.alert) {
      alerts++;
      say(`  ALERT [${record.alert.level}] ${record.alert.reason}`);
    } else if (record.alert_suppressed) {
      const { by, name, reason } = record.alert_suppressed;
      say(`  suppressed by ${by} ${name}: ${reason}`);
    } else if (record.parse_error) {
      say(`  forwarded with parse_error: ${record.parse_error}`);
    }
  });
  await server.listen();
  return { server, received: () => received, alerts: () => alerts };
}

/** The SIEM's stand-in: an independent UDP syslog receiver. */
async function startSiem(say: (text: string) => void) {
  const server = new SyslogServer();
  const port = await freePort();
  let received = 0;
  server.on('message', ({ message }: { message: string }) => {
    received++;
    const keys = message.slice(Math.max(0, message.indexOf('stegwatchRule=')));
    say(`  SIEM received over syslog: … ${keys.slice(0, 100)} …`);
  });
  await server.start({ port, address: '127.0.0.1', exclusive: true });
  return {
    port,
    received: () => received,
    stop: () => server.stop(),
  };
}

/** `syslog-server` does not tell which port it got, so it cannot be asked for a free one. */
async function freePort(): Promise<number> {
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

async function sendHistory(socket: Socket, nowMs: number): Promise<number> {
  let sent = 0;
  for (const line of history(nowMs)) {
    sent++;
    if (!socket.write(`${line}\n`)) await once(socket, 'drain');
  }
  return sent;
}

async function sendScenes(
  socket: Socket,
  received: () => number,
  say: (text?: string) => void,
): Promise<number> {
  const all = scenes(Date.now());
  for (const { shows, line } of all) {
    say();
    say(`- ${shows}`);
    const before = received();
    socket.write(`${line}\n`);
    await until(() => received() > before, 5_000);
    await sleep(100); // what it causes in the SIEM is printed below it, too
  }
  return all.length;
}

/** Goes on until Ctrl-C: a bit of traffic, and an invitation to send one's own. */
async function stayLive(socket: Socket, name: string, page: string, say: (text?: string) => void) {
  say(`The status page is at ${page}/`);
  say(`Still listening on ${name}: send it CEF lines of your own. Ctrl-C ends the demo.`);
  const live = setInterval(() => {
    for (const { line } of scenes(Date.now()).slice(1, 3)) socket.write(`${line}\n`);
  }, liveIntervalMs);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(live);
}

async function until(done: () => boolean, deadlineMs: number): Promise<boolean> {
  for (let waited = 0; waited < deadlineMs; waited += 50) {
    if (done()) return true;
    await sleep(50);
  }
  return done();
}
