/**
 * What the real program says over HTTP: metrics and log agree on every count, and both with what arrived; /readyz
 * follows its life from start to end; no secret is in any answer.
 */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import t from 'tap';
import { outputCounters } from '../../src/admin/metrics/output-counters.js';
import { processCounters } from '../../src/admin/metrics/process-counters.js';
import { parseErrors } from '../../src/fields.js';
import { ask } from '../admin/asking.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { documentedMetrics, readMetrics, type Scrape } from '../support/metrics.js';
import { historyLines, numberedLines } from '../support/numbered-lines.js';
import { requirePeer } from '../support/peers.js';
import { sendTcp } from '../support/send.js';
import { cliPath, ofOutput, type Sidecar, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(120_000);

const token = 'token-9e107d9d372bb6826bd8';
const listen =
  'listen: { udp: { address: 127.0.0.1, port: 0 }, tcp: { address: 127.0.0.1, port: 0 } }';

function yaml(receiverPort: number, ...more: readonly string[]): string {
  return [
    listen,
    `forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiverPort} } ] } }`,
    ...more,
    '',
  ].join('\n');
}

async function scrape({ adminUrl }: Sidecar): Promise<Scrape> {
  const { status, body } = await ask(`${adminUrl}/metrics`);
  if (status !== 200) throw new Error(body);
  return readMetrics(body);
}

async function readyz(url: string, headers = {}) {
  const { status, body } = await ask(`${url}/readyz`, { headers });
  return { status, ...JSON.parse(body) };
}

/** Each kind of thing that is counted on the way of an event, with a JPEG now and then. */
function mixedLines(atMs: number): string[] {
  const [alerting = ''] = numberedLines({ from: 50, count: 1, alertEvery: 50, atMs });
  const variant = (...changes: readonly (readonly [string, string])[]) =>
    changes.reduce((line, [from, to]) => line.replaceAll(from, to), alerting);
  return [
    ...numberedLines({ from: 1, count: 200, alertEvery: 50, atMs }),
    alerting, // a repeat
    variant(['fresh50', 'excluded'], ['externalId=50', 'externalId=301']),
    variant(['fresh50', 'critical'], ['x.jpg', 'x.exe']),
    variant(['fresh50', 'medium'], ['in=9000000', 'in=300000']),
    variant(['requestMethod=GET', 'requestMethod=HEAD']),
    variant(['act=Allowed', 'act=Blocked']),
    variant(['in=9000000', 'in=0']),
    variant(['dhost=fresh50.example', 'dhost=- dhost=other.example']),
    variant(['Zscaler|NSSWeblog', 'Evil "Corp\\\\"|x{y="z"}']),
    'no CEF at all',
    '<134>CEF:0|vendor|product|1',
    '<134>CEF:0|vendor|product|1|1|name|3|text first cnt=1',
    '<134>Nov 24 10:00:00 host',
    '<134>CEF:0|v|p|1|1|n|1|cnt=1 cnt=2 cnt=three',
    '',
  ];
}

t.test('metrics, log and receiver agree on every count', async (t) => {
  const receiver = await ForwardServer.start(t);
  const sidecar = await startSidecar(
    testFolder(t, {}),
    yaml(
      receiver.port,
      'detection: { time: event }',
      'exclusions: [ { name: one, reason: test, match: { dhost: excluded.example } } ]',
    ),
    t.teardown.bind(t),
  );
  const atMs = Date.now();
  const sent = [...historyLines(atMs), ...mixedLines(atMs)];
  await sendTcp(sidecar.tcpPort, sent);
  const datagrams = [
    '<134>CEF:0|v|p|1|1|n|1|cnt=1',
    Buffer.from('<134>CEF:0|v|p|1|1|n|1|msg=\xff', 'latin1'),
  ];
  const socket = createSocket('udp4');
  for (const datagram of datagrams) {
    await new Promise((resolve) => socket.send(datagram, sidecar.udpPort, '127.0.0.1', resolve));
  }
  const expected = sent.length - 1 + datagrams.length;
  const arrived = () =>
    receiver.records('stegwatch.event').length + receiver.records('stegwatch.alert').length;
  await until('all events', () => arrived() === expected, 30_000);
  socket.close();
  const acked = 'stegwatch_output_acked_events_total{output="fluentd"}';
  await until('all acks', async () => (await scrape(sidecar)).samples.get(acked) === expected);

  const { samples, metrics } = await scrape(sidecar);
  const ready = await readyz(sidecar.adminUrl);
  t.equal(await sidecar.stop(), 0);
  const stopped = await sidecar.said(/^stopped$/);

  for (const { name, labels, of, sum } of processCounters) {
    let added = 0;
    for (const [key, ...values] of of) {
      const at = labels.map((label, i) => `${label}="${values[i]}"`).join(',');
      const shown = samples.get(`stegwatch_${name}_total{${at}}`);
      t.equal(shown, (stopped[key] as number | undefined) ?? 0, key);
      added += shown ?? 0;
    }
    if (sum !== undefined) t.equal(added, stopped[sum], `all of ${name} are ${sum}`);
  }
  const own = ofOutput(stopped, 'fluentd');
  for (const { name, labels, of } of outputCounters) {
    for (const [key, ...values] of of) {
      const at = ['output="fluentd"', ...labels.map((label, i) => `${label}="${values[i]}"`)].join(
        ',',
      );
      const shown = samples.get(`stegwatch_${name}_total{${at}}`) ?? -1;
      // To stop forces it once more.
      if (key === 'spool_syncs') t.ok(shown >= 0 && shown <= (own[key] ?? 0), key);
      else t.equal(shown, own[key] ?? 0, key);
    }
  }

  const count = (name: string) => samples.get(`stegwatch_${name}`);
  t.equal(count('events_total{}'), expected);
  t.equal(count('received_events_total{protocol="udp"}'), datagrams.length);
  t.equal(count('received_events_total{protocol="tcp"}'), expected - datagrams.length);
  t.equal(count('spool_received_events_total{output="fluentd"}'), expected);
  const alerts = receiver.records('stegwatch.alert') as { alert: { level: string } }[];
  t.ok(alerts.length >= 4, `${alerts.length} alerts`);
  for (const level of ['low', 'medium', 'high', 'critical']) {
    const raised = alerts.filter(({ alert }) => alert.level === level).length;
    t.equal(count(`alerts_total{level="${level}"}`), raised, level);
    if (level !== 'low') t.ok(raised > 0, level);
  }
  const events = receiver.records('stegwatch.event') as Record<string, unknown>[];
  const kinds = ['not_cef', 'header_cut', 'text_before_key', 'too_many_fields', 'empty'];
  for (const [i, kind] of kinds.entries()) {
    const marked = events.filter(({ parse_error }) => parse_error === parseErrors[i + 1]).length;
    t.equal(count(`parse_errors_total{kind="${kind}"}`), marked, `${kind}: ${marked}`);
    if (kind !== 'too_many_fields') t.ok(marked > 0, kind);
  }
  t.equal(count('suppressed_alerts_total{by="exclusion"}'), 1);
  t.ok(count('suppressed_alerts_total{by="repeat"}')! >= 1);
  const cef = [...samples].filter(([key]) => key.startsWith('stegwatch_feed_events_total'));
  t.ok(cef.length >= 3, 'feeds');
  t.equal(count('ready{}'), 1);
  t.equal(count('baseline_ready{direction="download"}'), 1);
  t.ok(count('baseline_threshold_bytes{direction="download"}')! > 0);
  t.equal(count('spool_size_bytes{output="fluentd"}'), 0);
  t.equal(count('spool_oldest_event_age_seconds{output="fluentd"}'), 0);
  t.ok(samples.get('process_cpu_seconds_total{}')! > 0);

  t.match(ready, {
    status: 200,
    ready: true,
    inputs: [{ listening: true }, { listening: true }],
    outputs: [{ name: 'fluentd', events_acked: expected }],
    baselines: [{ direction: 'download', ready: true }],
  });

  const docs = readFileSync(join(dirname(cliPath), '..', 'docs', 'metrics.md'), 'utf8');
  t.strictSame(metrics, documentedMetrics(docs), 'a real scrape is what docs/metrics.md says');
});

t.test('promtool has nothing to say of a scrape', async (t) => {
  const promtool = requirePeer(t, 'promtool');
  if (promtool === null) return;
  const sidecar = await startSidecar(testFolder(t, {}), yaml(9), t.teardown.bind(t));
  const { body } = await ask(`${sidecar.adminUrl}/metrics`);
  const said = spawnSync(promtool, ['check', 'metrics'], { input: body, encoding: 'utf8' });
  // What prom-client calls its heap is its own.
  const lines = `${said.stdout}${said.stderr}`
    .split('\n')
    .filter((line) => !/^(nodejs_|$)/.test(line));
  t.strictSame(lines, []);
});

t.test('it answers from before the state is loaded until the spool is drained', async (t) => {
  const receiver = await ForwardServer.start(t, { acks: 'none' });
  const sidecar = await startSidecar(testFolder(t, {}), yaml(receiver.port), t.teardown.bind(t));
  const said = sidecar.log.map(({ msg }) => msg);
  const [answers, loaded] = [/^admin: .*\/metrics/, /^baseline loaded/].map((pattern) =>
    said.findIndex((msg) => pattern.test(msg)),
  );
  t.ok(answers! >= 0 && answers! < loaded!, said.join('; '));
  await sendTcp(sidecar.tcpPort, ['<134>CEF:0|v|p|1|1|n|1|cnt=1']);
  await until('the event', () => receiver.chunks.length === 1);
  t.match(await ask(`${sidecar.adminUrl}/healthz`), { status: 200, body: /"alive": true/ });
  const ended = once(sidecar.child, 'exit');
  sidecar.child.kill('SIGTERM');
  await sidecar.said(/^stopping/);
  t.match(await readyz(sidecar.adminUrl), {
    status: 503,
    ready: false,
    reasons: ['the process is stopping'],
    phase: 'stopping',
  });
  const { samples } = await scrape(sidecar);
  t.equal(samples.get('stegwatch_ready{}'), 0);
  t.equal(samples.get('stegwatch_spool_size_events{output="fluentd"}'), 1);
  t.match(await ask(`${sidecar.adminUrl}/healthz`), { status: 200 }, 'alive to the end');
  receiver.ackHeldBack();
  t.strictSame(await ended, [0, null]);
  await t.rejects(ask(`${sidecar.adminUrl}/healthz`));
});

t.test('not ready while the spool is full, and ready again', async (t) => {
  const receiver = await ForwardServer.start(t, { acks: 'none' });
  const sidecar = await startSidecar(
    testFolder(t, {}),
    yaml(receiver.port, 'spool: { path: false, max_size: 64KiB }'),
    t.teardown.bind(t),
  );
  t.match(await readyz(sidecar.adminUrl), { status: 200, ready: true, paused: false });
  // It ends once all has been read.
  const sending = sendTcp(
    sidecar.tcpPort,
    numberedLines({ from: 1, count: 1000, alertEvery: 0, atMs: Date.now() }),
  );
  await until('503', async () => (await readyz(sidecar.adminUrl)).status === 503);
  t.match(await readyz(sidecar.adminUrl), {
    ready: false,
    reasons: ['the spool of fluentd is full: inputs are paused'],
    paused: true,
  });
  const { samples } = await scrape(sidecar);
  t.equal(samples.get('stegwatch_inputs_paused{}'), 1);
  t.equal(samples.get('stegwatch_spool_full{output="fluentd"}'), 1);
  receiver.change({ acks: 'right' });
  receiver.ackHeldBack();
  await sending;
  await until('200', async () => (await readyz(sidecar.adminUrl)).status === 200);
});

t.test('an output that is away is no reason not to be ready', async (t) => {
  const sidecar = await startSidecar(testFolder(t, {}), yaml(9), t.teardown.bind(t));
  await sendTcp(sidecar.tcpPort, ['<134>CEF:0|v|p|1|1|n|1|cnt=1']);
  await until('it waits', async () => {
    const { samples } = await scrape(sidecar);
    return samples.get('stegwatch_spool_size_events{output="fluentd"}') === 1;
  });
  t.match(await readyz(sidecar.adminUrl), {
    status: 200,
    outputs: [{ connects: 0, spool: { events: 1, oldest_event_age_seconds: Number } }],
    concerns: [/^output fluentd: not reached yet, .*last failure: 127\.0\.0\.1:9: .*ECONNREFUSED/],
  });
});

t.test('with a token: nothing without it, and it is nowhere to be read', async (t) => {
  const folder = testFolder(t, { token: `${token}\n` });
  const file = join(folder, 'token');
  const sidecar = await startSidecar(
    folder,
    yaml(9, `admin: { port: 0, token_file: ${file} }`, 'feeds: [ { vendor: Secretive } ]'),
    t.teardown.bind(t),
  );
  const { adminUrl } = sidecar;
  const headers = { authorization: `Bearer ${token}` };
  for (const path of ['/metrics', '/config', '/status.json', '/events', '/nothing']) {
    t.match(await ask(`${adminUrl}${path}`), { status: 401 }, path);
    const wrong = { authorization: `Bearer ${token}x` };
    t.match(await ask(`${adminUrl}${path}`, { headers: wrong }), { status: 401 }, path);
  }
  t.strictSame(await readyz(adminUrl), { status: 200, ready: true, reasons: [] });
  t.strictSame(JSON.parse((await ask(`${adminUrl}/healthz`)).body), { alive: true });
  t.match(await readyz(adminUrl, headers), { phase: 'running', inputs: [{}, {}] });
  const answers = await Promise.all(
    ['/metrics', '/config', '/readyz', '/healthz'].map((path) =>
      ask(`${adminUrl}${path}`, { headers }),
    ),
  );
  t.strictSame(
    answers.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  t.match(JSON.parse(answers[1]!.body), {
    admin: { token: '(set)' },
    feeds: [{ vendor: 'Secretive' }],
  });
  await sidecar.said(/a request came without the right token/);
  t.equal(await sidecar.stop(), 0);
  const all = JSON.stringify([answers, sidecar.log]);
  t.notMatch(all, token);
});

t.test('a port that is taken ends the start before a spool is touched', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.teardown(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const folder = testFolder(t, {});
  writeFileSync(join(folder, 'c.yaml'), yaml(9, `admin: { port: ${port} }`));
  const ended = spawnSync(process.execPath, [cliPath, 'run', '-c', 'c.yaml'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 20_000,
  });
  t.equal(ended.status, 69);
  t.match(ended.stderr, new RegExp(`cannot listen on http://127.0.0.1:${port} .*EADDRINUSE`));
  t.match(ended.stderr, /admin: false/);
  t.notOk(existsSync(join(folder, 'data/spool')));
});

t.test(
  'admin: false listens nowhere; another failure at start ends the listener too',
  async (t) => {
    const sidecar = await startSidecar(
      testFolder(t, {}),
      yaml(9, 'admin: false'),
      t.teardown.bind(t),
    );
    t.equal(sidecar.adminUrl, '');
    t.notOk(sidecar.log.some(({ msg }) => /admin/.test(msg)));
    const folder = testFolder(t, { 'a-file': '' });
    writeFileSync(join(folder, 'c.yaml'), yaml(9, 'admin: { port: 0 }', 'spool: { path: a-file }'));
    const ended = spawnSync(process.execPath, [cliPath, 'run', '-c', 'c.yaml'], {
      cwd: folder,
      timeout: 20_000,
    });
    t.equal(ended.status, 73, 'and it does not hang');
  },
);
