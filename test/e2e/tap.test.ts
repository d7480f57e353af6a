/**
 * The tap with the very files of examples/tap, ports and folders replaced: a real rsyslog writes its main
 * file and sends a copy of the CEF feed to the built program, a real Fluentd takes the alerts.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Fluentd } from '../support/fluentd.js';
import { testFolder } from '../support/folder.js';
import { historyLines, isAlert, numberedLines } from '../support/numbered-lines.js';
import { requirePeer } from '../support/peers.js';
import { freeTcpPort, type Rsyslog, runRsyslog } from '../support/rsyslog.js';
import { sendTcp } from '../support/send.js';
import { cliPath, type LogLine, type Sidecar, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

const alertEvery = 100;
const first = 5_000;
/** More than the queue of the example keeps in memory: the rest goes by way of its disk. */
const whileAway = 30_000;
const examples = join(dirname(cliPath), '..', 'examples', 'tap');

t.setTimeout(300_000);

const fluentd = requirePeer(t, 'fluentd');
const rsyslogd = requirePeer(t, 'rsyslogd');
if (fluentd !== null && rsyslogd !== null) {
  t.test('the main flow gets every line, Fluentd the alerts, stegwatch may go away', async (t) => {
    const tap = await startTap(t, fluentd, rsyslogd);
    const sent = numberedLines({ from: 1, count: first, alertEvery, atMs: Date.now() });
    // What is not CEF is no business of the tap's.
    const other = '<38>Nov 24 10:00:00 proxy01 sshd[7]: Accepted publickey for dana';
    await tap.send([other, ...sent]);
    await tap.alertsAre(first);
    t.match(tap.alerts()[0], {
      externalId: String(alertEvery),
      syslog: { hostname: 'proxy01' },
      raw: sent[alertEvery - 1],
      alert: { host: `fresh${alertEvery}.example`, host_state: 'never_seen' },
    });
    t.match(await tap.stopStegwatch(), {
      events: first,
      fluentd: {
        not_forwarded: first - first / alertEvery,
        events_acked: first / alertEvery,
      },
    });

    const rest = numberedLines({ from: first + 1, count: whileAway, alertEvery, atMs: Date.now() });
    await tap.send(rest);
    const everything = [other, ...sent, ...rest].join('\n');
    t.ok(tap.mainLines().join('\n') === everything, 'the main flow has all and did not wait');
    t.ok(tap.queueFiles().length > 0, 'the copy waits on disk');

    await tap.startStegwatch();
    await tap.alertsAre(first + whileAway);
    await tap.stopRsyslog();
    t.strictSame(tap.queueFiles(), [], 'nothing is left on disk');
    const { events } = await tap.stopStegwatch();
    // rsyslog may send a part of a batch again after a lost connection; a repeat is no alert.
    t.ok(Number(events) >= whileAway, `${events} events came for ${whileAway}`);
  });
}

async function startTap(t: Test, fluentdPath: string, rsyslogdPath: string) {
  const folder = testFolder(t, { fluentd: {}, rsyslog: {}, run: {} });
  const [run, queue] = [join(folder, 'run'), join(folder, 'rsyslog')];
  const teardown = t.teardown.bind(t);
  const receiver = await Fluentd.start(t, {
    fluentd: fluentdPath,
    folder: join(folder, 'fluentd'),
    config: (port) =>
      example('fluentd.conf', { 'port 24224': `port ${port}`, '/var/log/fluent/': `${folder}/` }),
  });
  const port = await freeTcpPort();
  const yaml = example('stegwatch.yaml', {
    'port: 5514': `port: ${port}`,
    'port: 24224': `port: ${receiver.port}`,
  });
  writeFileSync(join(run, 'learn.yaml'), yaml);
  writeFileSync(join(run, 'old.log'), `${historyLines(Date.now()).join('\n')}\n`);
  execFileSync(process.execPath, [cliPath, 'learn', '-c', 'learn.yaml', 'old.log'], {
    cwd: run,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let sidecar = await startSidecar(run, yaml, teardown);

  const main = join(folder, 'main.log');
  const rsyslog = await startMainFlow({
    rsyslogd: rsyslogdPath,
    folder: queue,
    main,
    port,
    teardown,
  });
  let lines = 0;
  const mainLines = (): string[] => readLines(main);
  const alerts = (): Record<string, unknown>[] =>
    readLines(join(folder, 'stegwatch-alert.log')).map((line) => JSON.parse(line));

  return {
    alerts,
    mainLines,
    queueFiles: () => readdirSync(queue).filter((name) => /^stegwatch_tap\.\d+$/.test(name)),
    /** Returns when the main flow has written them. */
    async send(these: readonly string[]): Promise<void> {
      await sendTcp(rsyslog.port, these);
      lines += these.length;
      await until(`${lines} lines in the main flow`, () => mainLines().length >= lines, 30_000);
    },
    /** Those with numbers up to `last` and no others, each once. */
    async alertsAre(last: number): Promise<void> {
      const expected = last / alertEvery;
      await until(`${expected} alerts`, () => alerts().length >= expected, 90_000);
      const numbers = alerts().map(({ externalId }) => Number(externalId));
      t.equal(numbers.length, expected);
      t.equal(new Set(numbers).size, expected, 'none twice');
      t.ok(numbers.every((number) => number <= last && isAlert(number, alertEvery)));
    },
    /** It has sent what it had by now, or it would save the rest on disk. */
    async stopRsyslog(): Promise<void> {
      await sleep(2_000);
      await rsyslog.stop();
    },
    async startStegwatch(): Promise<void> {
      sidecar = await startSidecar(run, yaml, teardown);
    },
    /** Its last counters. */
    async stopStegwatch(): Promise<LogLine> {
      t.equal(await sidecar.stop(), 0);
      return lastOf(sidecar, 'stopped');
    },
  };
}

/** As on a relay: what comes in is written to a file, and the tap is one more file in its folder. */
async function startMainFlow(options: {
  rsyslogd: string;
  folder: string;
  main: string;
  port: number;
  teardown: (end: () => void) => void;
}): Promise<Rsyslog> {
  const { folder, main } = options;
  const port = await freeTcpPort();
  const tap = join(folder, '30-stegwatch-tap.conf');
  writeFileSync(
    tap,
    example('rsyslog-stegwatch-tap.conf', {
      'port="5514"': `port="${options.port}"`,
      '/var/spool/rsyslog': folder,
    }),
  );
  const config = `global(workDirectory="${folder}" maxMessageSize="64k")
module(load="imtcp")
input(type="imtcp" port="${port}" address="127.0.0.1")
template(name="main" type="string" string="%rawmsg%\\n")
include(file="${tap}")
action(type="omfile" file="${main}" template="main")
`;
  return runRsyslog({ ...options, config, port });
}

/** The text of an example; each of `replaced` must be in it. */
function example(name: string, replaced: Readonly<Record<string, string>>): string {
  let text = readFileSync(join(examples, name), 'utf8');
  for (const [from, to] of Object.entries(replaced)) {
    if (!text.includes(from)) throw new Error(`${name} does not hold ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

function readLines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

function lastOf({ log }: Sidecar, message: string): LogLine {
  const found = log.findLast(({ msg }) => msg === message);
  if (found === undefined) throw new Error(`the log does not say "${message}"`);
  return found;
}
