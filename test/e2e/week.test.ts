/**
 * More than a week of generated traffic through the two programs: `stegwatch run` over TCP, by event
 * time, into a Forward receiver, and `stegwatch hunt --json` over the same lines in a file. The verdicts
 * must be the same, but at bucket edges and where the order of arrival decides (week-comparison.ts).
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { sendTcp } from '../support/send.js';
import { cliPath, startSidecar } from '../support/stegwatch.js';
import { type AlertRecord, Comparison, type Moved } from './week-comparison.js';
import {
  lineOf,
  msPerDay,
  recommendedExclusions,
  recommendedWeek,
  sentinelExclusions,
  sentinelWeek,
  type Taken,
  takenBySidecar,
  type WeekEvent,
} from './week-traffic.js';

const seed = Number(process.env.WEEK_SEED ?? 20_240_220);
t.setTimeout(110_000);
t.comment(`seed ${seed} (WEEK_SEED gives another)`);

interface Suppressed {
  readonly by: 'exclusion' | 'repeat';
  readonly count?: number;
  readonly first?: string;
}

interface SidecarRun {
  /** In order of arrival. */
  readonly alerts: readonly AlertRecord[];
  readonly suppressed: readonly { readonly id: number; readonly by: Suppressed }[];
  readonly received: number;
  readonly counters: Readonly<Record<string, number>>;
}

async function throughSidecar(
  t: Test,
  events: readonly WeekEvent[],
  yaml: string,
): Promise<SidecarRun> {
  const receiver = await ForwardServer.start(t);
  const folder = testFolder(t, {});
  const sidecar = await startSidecar(
    folder,
    `${yaml}
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
baseline: { checkpoint: 1s }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
`,
    (end) => t.teardown(end),
  );
  await sendTcp(
    sidecar.tcpPort,
    events.map((event) => lineOf(event, event.timeMs)),
  );
  t.equal(await sidecar.stop(), 0, 'everything was delivered');
  const others = receiver.records('stegwatch.event') as {
    externalId: string;
    alert_suppressed?: Suppressed;
  }[];
  const alerts = receiver.records('stegwatch.alert') as AlertRecord[];
  const suppressed = others.flatMap(({ externalId, alert_suppressed: by }) =>
    by === undefined ? [] : [{ id: Number(externalId), by }],
  );
  const { msg, ...counters } = await sidecar.said(/^stopped$/);
  return {
    alerts,
    suppressed,
    received: alerts.length + others.length,
    counters: counters as unknown as Record<string, number>,
  };
}

interface Hunted {
  readonly alerts: readonly AlertRecord[];
  readonly jpegs: number;
  readonly excluded: number;
}

/** @param timeOf the time that the line is given, null for none */
function throughHunt(
  t: Test,
  taken: readonly Taken[],
  yaml: string,
  timeOf: (one: Taken) => number | null,
): Hunted {
  const folder = testFolder(t, {});
  const lines = taken.map((one) => lineOf(one.event, timeOf(one)));
  writeFileSync(join(folder, 'week.log'), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'hunt.yaml'), yaml);
  const args = [cliPath, 'hunt', '-c', 'hunt.yaml', '--json', 'week.log'];
  const options = { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  const { stdout, stderr, status } = spawnSync(process.execPath, args, options);
  t.equal(status, 0, stderr);
  const number = (pattern: RegExp) => Number(pattern.exec(stderr)![1]!.replaceAll(',', ''));
  return {
    alerts: stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AlertRecord),
    jpegs: number(/^JPEGs +([\d,]+)/m),
    excluded: number(/^alerts +[\d,]+, ([\d,]+) more excluded/m),
  };
}

/** Runs both, compares them, and says how it went. */
async function compareBoth(t: Test, events: readonly WeekEvent[], yaml: string) {
  const taken = takenBySidecar(events);
  const jpegs = taken.filter(({ event }) => event.jpeg);
  const run = await throughSidecar(t, events, yaml);
  const asTaken = throughHunt(t, taken, yaml, ({ event, atMs, moved }) =>
    moved ? atMs : event.timeMs,
  );
  const asSent = throughHunt(t, taken, yaml, ({ event }) => event.timeMs);

  t.equal(run.received, events.length, 'every event came through');
  t.equal(run.counters.jpeg_events, jpegs.length, 'run knows the JPEG events');
  t.equal(asTaken.jpegs, jpegs.length, 'hunt knows the JPEG events');
  const late = jpegs.filter(({ event, moved }) => moved && event.timeMs !== null).length;
  t.equal(run.counters.late_events, late, 'as many were too late as the test reckons');

  const comparison = new Comparison(taken).compare(run.alerts, asTaken.alerts);
  t.same(comparison.mistakes.slice(0, 3), [], 'all differences are shown to be edges, or of order');
  const moved = jpegs.filter((one) => one.moved);
  const others: Moved = {
    ids: new Set(moved.map(({ event }) => event.id)),
    hosts: new Set(moved.flatMap(({ event }) => event.hosts)),
  };
  const sent = new Comparison(taken, others).compare(run.alerts, asSent.alerts);
  t.same(sent.mistakes.slice(0, 3), [], 'as sent: what differs besides is of events too late');

  const excluded = run.suppressed.filter(({ by }) => by.by === 'exclusion');
  const atEdge = jpegs.filter(({ event, atMs }) => {
    const { download } = event.sizes;
    return event.excluded(atMs) && download && comparison.isAtEdge('download', atMs, download);
  });
  const excess = Math.abs(excluded.length - asTaken.excluded);
  t.ok(excess <= atEdge.length, `${excluded.length} and ${asTaken.excluded} were excluded`);

  const delayed = jpegs.filter(
    ({ event, moved }) => !moved && event.sentMs - event.timeMs! > 60_000,
  );
  t.comment(
    `differential: ${events.length} events, ${jpegs.length} of JPEGs, ${delayed.length} late, ` +
      `${moved.length} too late or without a time; alerts: run ${run.alerts.length}, ` +
      `hunt ${asTaken.alerts.length}; excluded: ${excluded.length}, ${asTaken.excluded}`,
  );
  t.comment(`differential, as taken: ${figures(comparison)}`);
  t.comment(`differential, as sent: ${figures(sent)}`);
  t.ok(jpegs.length >= 10_000 && events.length - jpegs.length >= 18_000, 'the traffic is enough');
  const { exact, thresholdDiffers } = comparison.counts;
  t.ok(exact + thresholdDiffers > 100, 'enough alerts were compared');
  t.ok(delayed.length > 100 && moved.length > 10, 'some were late, some too late');
  t.ok(thresholdDiffers > 0, 'the sketch was put to the test');
  return { taken, run, hunted: asTaken, comparison };
}

function figures({ counts, maxRankError, maxAllowed }: Comparison): string {
  const all = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return `${all.join(', ')}; off by ${maxRankError} ranks of ${maxAllowed}`;
}

t.test('sentinel: a week through run and through hunt', async (t) => {
  const yaml = `detection: { preset: sentinel, time: event }\n${sentinelExclusions}`;
  const { comparison } = await compareBoth(t, sentinelWeek(seed), yaml);
  t.ok(comparison.counts.pending > 0 && comparison.counts.absent > 0, 'all states of hosts');
});

const recommended = (more: string) =>
  `detection: { time: event, direction: both${more} }\n${recommendedExclusions}`;

t.test('recommended, both directions: a week through run and through hunt', async (t) => {
  const events = recommendedWeek(seed);
  const { taken, run, comparison } = await compareBoth(
    t,
    events,
    recommended(', suppress: { by: none }'),
  );
  const { uploads, both, pending, twice, mismatch } = comparison.counts;
  for (const [what, count] of Object.entries({ uploads, both, pending, twice, mismatch })) {
    t.ok(count > 0, `${what}: ${count}`);
  }

  await t.test(
    'with repeats held back, those raised and those held back are the same',
    async (t) => {
      const held = await throughSidecar(t, events, recommended(''));
      checkRepeats(t, taken, run.alerts, held);
    },
  );
});

/** Which alerts are repeats, reckoned from the run that holds none back. */
function checkRepeats(
  t: Test,
  taken: readonly Taken[],
  all: readonly AlertRecord[],
  held: SidecarRun,
): void {
  const atOf = new Map(taken.map(({ event, atMs }) => [`${event.id}`, atMs]));
  const raised = new Map<string, { readonly atMs: number; repeats: number }>();
  const wantedAlerts: AlertRecord['alert'][] = [];
  const wantedRepeats: object[] = [];
  for (const { externalId, alert } of all) {
    const atMs = atOf.get(externalId)!;
    const key = `${alert.direction} ${domainOf(alert.host)}`;
    const before = raised.get(key);
    if (before !== undefined && Math.abs(atMs - before.atMs) < msPerDay) {
      const count = ++before.repeats;
      wantedRepeats.push({ id: externalId, count, first: new Date(before.atMs).toISOString() });
    } else {
      raised.set(key, { atMs, repeats: 0 });
      wantedAlerts.push(alert);
    }
  }
  const repeats = held.suppressed
    .filter(({ by }) => by.by === 'repeat')
    .map(({ id, by }) => ({ id: `${id}`, count: by.count, first: by.first }));
  t.strictSame(
    held.alerts.map(({ alert }) => alert),
    wantedAlerts,
    'raised are the first of each host, direction and day',
  );
  t.strictSame(repeats, wantedRepeats, 'repeats are the rest, with their count and the first');
  t.equal(held.counters.alerts_repeated, repeats.length);
  t.comment(`differential: of ${all.length} alerts ${repeats.length} were held back as repeats`);
  t.ok(repeats.length > 20, 'there were repeats');
}

function domainOf(host: string): string {
  const name = host.toLowerCase().replace(/:\d+$/, '');
  return name.endsWith('.github.io') ? name : name.split('.').slice(-2).join('.');
}
