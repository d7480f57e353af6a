/**
 * After a run the status page, /metrics and the log agree on every number, and with what `hunt` and `explain` say of
 * the same events. test/support/page-counterparts.ts has the number that each value of the page is held against.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Snapshot } from '../../src/admin/page/snapshot.js';
import { ask } from '../admin/asking.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { learnHistory } from '../support/learned.js';
import { leafPaths } from '../support/leaves.js';
import { readMetrics } from '../support/metrics.js';
import { historyLines, numberedLines } from '../support/numbered-lines.js';
import {
  counterparts,
  differences,
  type Facts,
  type Seen,
  sumOfRates,
  tuples,
} from '../support/page-counterparts.js';
import { type Samples, wrongFigures } from '../support/page-sentences.js';
import { freeTcpPort } from '../support/rsyslog.js';
import { sendTcp } from '../support/send.js';
import { cliPath, ofOutput, type Sidecar, startSidecar } from '../support/stegwatch.js';
import { startReceiver } from '../support/syslog-receiver.js';
import { until } from '../support/until.js';

t.setTimeout(240_000);

const hourMs = 3_600_000;

t.test('mixed traffic, two outputs: every number of the page has its counterpart', async (t) => {
  const folder = testFolder(t, {});
  const fluentd = await ForwardServer.start(t);
  const siemPort = await freeTcpPort();
  const sidecar = await startSidecar(
    folder,
    `listen: { udp: { address: 127.0.0.1, port: 0 }, tcp: { address: 127.0.0.1, port: 0 } }
detection: { time: event, direction: both }
exclusions: [ { name: one, reason: test, match: { dhost: excluded.example } } ]
forward:
  fluentd: { servers: [ { host: 127.0.0.1, port: ${fluentd.port} } ] }
  syslog: { server: { host: 127.0.0.1, port: ${siemPort} }, protocol: tcp, framing: newline }
`,
    t.teardown.bind(t),
  );
  await firstStep(sidecar);
  const atMs = Date.now();
  const { lines, late, datagrams } = mixed(atMs);
  await sendTcp(sidecar.tcpPort, lines.concat(late));
  await sendUdp(sidecar.udpPort, datagrams);
  const sent = lines.length + late.length + datagrams.length;
  await until('Fluentd has all', () => entriesOf(fluentd) === sent, 30_000);

  await until('its acks are in', async () => {
    const { samples } = await atRest(sidecar);
    return samples.get('stegwatch_spool_size_events{output="fluentd"}') === 0;
  });
  const away = await atRest(sidecar);
  t.equal(
    away.samples.get('stegwatch_spool_size_events{output="syslog"}'),
    sent,
    'all wait for the SIEM',
  );
  t.strictSame(
    away.page.sentences.flatMap((one) => wrongFigures(one, away.samples)),
    [],
    'while an output is away',
  );
  t.ok(textOf(away.page, 'spool of syslog').startsWith(`${sent.toLocaleString('en')} events, `));

  const siem = await startReceiver(t, { port: siemPort });
  await until('the SIEM has all', () => siem.lines.length >= sent, 60_000);
  const { page, samples } = await settled(sidecar, sent);
  t.equal(await sidecar.stop(), 0);
  const stopped = await sidecar.said(/^stopped$/);

  const alerting = lines.find((line) => line.includes('dhost=fresh100.example'))!;
  const seen = {
    page,
    samples,
    stopped,
    ...delivered(fluentd),
    explained: explain(folder, alerting),
  };
  compare(t, seen);
  t.match(ofOutput(stopped, 'syslog'), { events_acked: sent, spool_bytes: 0 });
  t.equal(siem.lines.length, sent);

  t.ok(page.alerts.length > 5 && page.baselines.length === 2 && page.sentences.length > 20);
  t.ok(new Set(page.alerts.map(({ suppressed }) => suppressed?.by)).size === 3, 'of each kind');
  t.match(page.baselines[0], { ready: true, threshold_bytes: Number });
  t.ok(page.baselines[0]!.new_hosts > 0 && page.baselines[0]!.sizes.length > 1);
  t.match(page.baselines[1], { direction: 'upload', ready: false, threshold_bytes: null });
  t.match(textOf(page, 'feed Blind Proxy'), /^none of 1,000 JPEG events carries a size/);
  t.equal(stopped.late_events, late.length);
  t.ok(
    (stopped.parse_errors_not_cef as number) > 0 &&
      stopped.received_frames_udp === datagrams.length,
  );

  // What the query finds in the same lines; those that were late it takes at another time.
  const { found, excluded } = hunt(folder, [...lines, ...datagrams]);
  const shown = page.alerts.filter(({ suppressed }) => suppressed?.by !== 'exclusion');
  t.strictSame(shown.map(inShort).sort(), found.map(inShort).sort(), 'as hunt finds them');
  t.equal(page.alerts.length - shown.length, excluded);
});

t.test(
  'more alerts than the page keeps: it has the newest, and still the right number',
  async (t) => {
    const folder = testFolder(t, {});
    const fluentd = await ForwardServer.start(t);
    const yaml = `listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
forward:
  fluentd: { servers: [ { host: 127.0.0.1, port: ${fluentd.port} } ] }
  file: { path: alerts.json, only: alerts }
`;
    learnHistory(folder, yaml);
    const sidecar = await startSidecar(folder, yaml, t.teardown.bind(t));
    await firstStep(sidecar);
    const lines = numberedLines({ from: 1, count: 700, alertEvery: 1, atMs: Date.now() });
    await sendTcp(sidecar.tcpPort, lines);
    await until('all', () => entriesOf(fluentd) === lines.length, 30_000);
    const { page, samples } = await settled(sidecar, lines.length);
    t.equal(await sidecar.stop(), 0);
    const stopped = await sidecar.said(/^stopped$/);
    compare(t, { page, samples, stopped, ...delivered(fluentd), explained: null });
    t.equal(page.alerts.length, 500);
    t.match(page.alerts[0], { number: 700, host: 'fresh700.example' });
    t.equal(page.baselines[0]!.new_hosts, 700);
    t.equal(textOf(page, 'output file'), '700 events delivered');
  },
);

/** All of it, and that nothing the page has was left out. */
function compare(t: Test, seen: Seen): void {
  const named = Object.keys(counterparts);
  const unnamed = [...leafPaths(seen.page, tuples)].filter((path) => !named.includes(path));
  t.strictSame(unnamed, [], 'each value of the page is in the table');
  t.strictSame(differences(seen), []);
  const { samples, stopped } = seen;
  const ofFeeds = (name: string) =>
    [...samples]
      .filter(([key]) => key.startsWith(`stegwatch_feed_${name}_total`))
      .reduce((sum, [, value]) => sum + value, 0);
  const counted = (name: string) => (stopped[name] as number | undefined) ?? 0;
  const jpegs = counted('jpeg_events') + counted('jpeg_without_url');
  t.equal(ofFeeds('jpeg_events'), jpegs, 'JPEGs of all feeds, and of the log');
  for (const [key, acked] of samples) {
    const [, output] = /^stegwatch_output_acked_events_total{output="(\w+)"}$/.exec(key) ?? [];
    if (output === undefined) continue;
    const log = ofOutput(stopped, output);
    t.equal(log.events_acked ?? 0, acked, `${output}: acked`);
    t.equal(log.spool_bytes, samples.get(`stegwatch_spool_size_bytes{output="${output}"}`));
    t.equal(log.dead_letter_events_dropped ?? 0, dropped(samples, output), `${output}: dropped`);
  }
}

function dropped(samples: Samples, output: string): number {
  return samples.get(`stegwatch_output_dropped_events_total{output="${output}",reason="refused"}`)!;
}

/** `1000` JPEGs of a feed without a size, feeds beyond those that the page names, uploads, and what alerts or is held back. */
function mixed(atMs: number) {
  const [alerting = ''] = numberedLines({ from: 50, count: 1, alertEvery: 50, atMs });
  const variant = (...changes: readonly (readonly [string, string])[]) =>
    changes.reduce((line, [from, to]) => line.replaceAll(from, to), alerting);
  const blind = variant(
    ['Zscaler|NSSWeblog', 'Blind|Proxy'],
    ['in=9000000 ', ''],
    ['out=612 ', ''],
    ['fresh50', 'known1'],
  );
  const lines = [
    ...historyLines(atMs),
    ...numberedLines({ from: 1, count: 200, alertEvery: 50, atMs }),
    alerting,
    alerting,
    variant(['fresh50', 'excluded']),
    variant(['fresh50', 'critical'], ['x.jpg', 'x.exe']),
    variant(['fresh50', 'medium'], ['in=9000000', 'in=300000']),
    variant(
      ['fresh50', 'upload'],
      ['requestMethod=GET', 'requestMethod=POST'],
      ['in=9000000', 'in=9'],
    ),
    variant(['requestMethod=GET', 'requestMethod=HEAD']),
    ...Array.from({ length: 1000 }, () => blind),
    ...Array.from({ length: 25 }, (_, i) => `<134>CEF:0|vendor|p${i}|1|1|n|1|cnt=1`),
    'no CEF at all',
    '<134>CEF:0|vendor|product|1',
  ];
  const [late = ''] = numberedLines({ from: 1, count: 1, alertEvery: 0, atMs: atMs - 72 * hourMs });
  const datagrams = [
    'not CEF either',
    variant(['fresh50', 'datagram'], ['in=9000000', 'in=8000000']),
  ];
  return { lines, late: [late, late], datagrams };
}

async function sendUdp(port: number, datagrams: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const datagram of datagrams) {
    await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve));
  }
  socket.close();
}

/** So that what comes from now on is in steps of known length. */
async function firstStep(sidecar: Sidecar): Promise<void> {
  await until('a step of the chart', async () => (await pageOf(sidecar)).rates.length > 0, 20_000);
}

async function pageOf({ adminUrl }: Sidecar): Promise<Snapshot> {
  return JSON.parse((await ask(`${adminUrl}/status.json`)).body);
}

/** The page, and metrics that were the same before it and after. */
async function atRest(sidecar: Sidecar): Promise<{ page: Snapshot; samples: Samples }> {
  const scrape = async () => readMetrics((await ask(`${sidecar.adminUrl}/metrics`)).body).samples;
  const counts = (samples: Samples) =>
    JSON.stringify([...samples].filter(([key]) => /^stegwatch_(?!event_loop|.*_age_)/.test(key)));
  for (;;) {
    const before = await scrape();
    const page = await pageOf(sidecar);
    const samples = await scrape();
    if (counts(before) === counts(samples)) return { page, samples };
  }
}

/** Once nothing waits any more and the chart has all. */
async function settled(sidecar: Sidecar, events: number, withinMs = 30_000) {
  let now = await atRest(sidecar);
  await until(
    'all is delivered, and in the chart',
    async () => {
      now = await atRest(sidecar);
      const { sum, offBy } = sumOfRates(now.page, 1);
      const waits = [...now.samples].some(
        ([key, value]) => key.startsWith('stegwatch_spool_size_bytes{') && value > 0,
      );
      return !waits && Math.abs(sum - events) <= offBy;
    },
    withinMs,
  );
  return now;
}

function textOf(page: Snapshot, part: string): string {
  return page.sentences.find((one) => one.part === part)?.text ?? '(none)';
}

function entriesOf(fluentd: ForwardServer): number {
  return fluentd.records('stegwatch.event').length + fluentd.records('stegwatch.alert').length;
}

function delivered(fluentd: ForwardServer): Pick<Seen, 'raised' | 'heldBack'> {
  const facts = (tag: string, key: string) =>
    (fluentd.records(tag) as Record<string, Facts | undefined>[]).flatMap(({ [key]: value }) =>
      value === undefined ? [] : [value],
    );
  return {
    raised: facts('stegwatch.alert', 'alert'),
    heldBack: facts('stegwatch.event', 'alert_suppressed'),
  };
}

/** What it says of the baseline that the process has left behind, by direction. */
function explain(folder: string, line: string): Seen['explained'] {
  const args = [cliPath, 'explain', '-c', 'stegwatch.yaml', '--json', line];
  const said = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  const { steps } = JSON.parse(said) as { steps: { step: string; facts: unknown }[] };
  return steps.find(({ step }) => step === 'baseline')!.facts as Seen['explained'];
}

function hunt(folder: string, lines: readonly string[]) {
  writeFileSync(join(folder, 'all.log'), `${lines.join('\n')}\n`);
  const args = [cliPath, 'hunt', '-c', 'stegwatch.yaml', '--json', 'all.log'];
  const said = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  const found = said.stdout.split('\n').filter((line) => line !== '');
  return {
    found: found.map((line) => (JSON.parse(line) as { alert: Found }).alert),
    excluded: Number(/^alerts +[\d,]+, ([\d,]+) more excluded/m.exec(said.stderr)?.[1]),
  };
}

type Found = Pick<Snapshot['alerts'][number], 'level' | 'host' | 'bytes' | 'threshold_bytes'>;

function inShort({ level, host, bytes, threshold_bytes }: Found): string {
  return `${level}: ${bytes} of ${host}, threshold ${threshold_bytes}`;
}
