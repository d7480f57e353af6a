/** The very files of examples/relp, ports and folders replaced, with a real rsyslog. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { numberedLines } from '../support/numbered-lines.js';
import { requirePeer, requireRsyslogModule } from '../support/peers.js';
import { freeTcpPort, runRsyslog } from '../support/rsyslog.js';
import { sendTcp } from '../support/send.js';
import { cliPath, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(180_000);

const examples = join(dirname(cliPath), '..', 'examples', 'relp');
/** More than the queue of the example keeps in memory: the rest goes by way of its disk. */
const whileAway = 20_000;
const first = 3000;

const rsyslogd = requirePeer(t, 'rsyslogd');
if (rsyslogd !== null && requireRsyslogModule(t, 'omrelp')) {
  t.test('rsyslog sends by RELP; while stegwatch is away messages wait on disk', async (t) => {
    const run = await start(t, rsyslogd);
    const lines = numberedLines({
      from: 0,
      count: first + whileAway,
      alertEvery: 0,
      atMs: Date.now(),
    });
    await sendTcp(run.port, lines.slice(0, first));
    await until('the first lines', () => run.arrived().size >= first, 60_000);
    t.equal(await run.sidecar.stop(), 0);
    t.match(await run.sidecar.said(/^stopped$/), { events: first, relp_acks: first });

    await sendTcp(run.port, lines.slice(first));
    await until('a queue on disk', () => run.queueFiles().length > 0, 30_000);
    run.sidecar = await run.startStegwatch();
    await until('the rest', () => run.arrived().size >= first + whileAway, 90_000);
    // Or it would write to its folder while that is taken away.
    await run.rsyslog.stop();
    t.equal(await run.sidecar.stop(), 0);
    const counters = await run.sidecar.said(/^stopped$/);
    t.equal(counters.parse_errors, undefined);
    t.equal(counters.relp_protocol_errors, undefined);
  });
}

async function start(t: Test, rsyslogd: string) {
  const folder = testFolder(t, { rsyslog: {}, run: {} });
  const teardown = (end: () => Promise<unknown>) => t.teardown(end);
  const receiver = await ForwardServer.start(t);
  const relpPort = await freeTcpPort();
  const yaml = example('stegwatch.yaml', {
    'port: 2514': `port: ${relpPort}`,
    'port: 24224': `port: ${receiver.port}`,
  });
  const startStegwatch = () => startSidecar(join(folder, 'run'), yaml, teardown);
  const sidecar = await startStegwatch();
  const port = await freeTcpPort();
  const queue = join(folder, 'rsyslog');
  const forward = example('rsyslog-stegwatch-relp.conf', {
    'port="2514"': `port="${relpPort}"`,
    '/var/spool/rsyslog': queue,
  });
  const config = `global(workDirectory="${queue}" maxMessageSize="64k")
module(load="imtcp")
input(type="imtcp" port="${port}" address="127.0.0.1")
${forward}`;
  const rsyslog = await runRsyslog({
    rsyslogd,
    folder: queue,
    config,
    port,
    teardown,
    quiet: true,
  });
  const numbers = new Set<string>();
  let chunks = 0;
  return {
    sidecar,
    startStegwatch,
    port,
    rsyslog,
    queueFiles: () => readdirSync(queue).filter((name) => /^stegwatch_relp\.\d+$/.test(name)),
    /** Numbers that the receiver has. */
    arrived(): ReadonlySet<string> {
      if (receiver.chunks.length === chunks) return numbers;
      chunks = receiver.chunks.length;
      for (const record of receiver.records('stegwatch.event')) {
        numbers.add((record as { externalId: string }).externalId);
      }
      return numbers;
    },
  };
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
