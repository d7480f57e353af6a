/**
 * A baseline learned from old logs is worth as much as one that was streamed: with a history that `learn`
 * read, the first day through `run` gives the verdicts that it gives behind that history. With
 * `large_host` what is remembered of an event depends on the threshold at its moment, and one hour is
 * more than a bucket holds exactly.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Alert, AlertSuppressed } from '../../src/verdict.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { sendTcp } from '../support/send.js';
import { cliPath, startSidecar } from '../support/stegwatch.js';
import { randomFrom } from '../support/traffic.js';
import { type TwoWayEvent, twoWayLine } from './two-way-lines.js';

t.setTimeout(110_000);

const seed = Number(process.env.LEARN_SEED ?? 5);
t.comment(`seed ${seed} (LEARN_SEED gives another)`);

const msPerHour = 3_600_000;
/** `learn` takes what is in the lookback of the moment; two hours less, so that an hour may pass. */
const lookbackHours = 166;
const dayHours = 24;

interface EventRecord {
  readonly externalId: string;
  readonly alert?: Alert;
  readonly alert_suppressed?: AlertSuppressed;
}

/** In order of time, up to the present hour. */
function events(nowMs: number): readonly TwoWayEvent[] {
  const random = randomFrom(seed);
  const hourNow = Math.floor(nowMs / msPerHour);
  const made: TwoWayEvent[] = [];
  for (let hour = hourNow - lookbackHours; hour < hourNow; hour++) {
    const usual = hour < hourNow - dayHours ? 25 : 80;
    const count = hour === hourNow - 80 ? 9000 : usual;
    const times = Array.from({ length: count }, () => Math.floor(random() * msPerHour)).sort(
      (a, b) => a - b,
    );
    for (const offset of times) {
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      made.push({
        id: made.length,
        atMs: hour * msPerHour + offset,
        direction: random() < 0.4 ? 'upload' : 'download',
        host: `s${Math.floor(random() ** 2 * 400)}.example`,
        bytes: Math.round(Math.exp(11 + 1.3 * normal)),
      });
    }
  }
  return made;
}

const detection = `
detection: { time: event, direction: both, new_source: large_host, suppress: { by: none } }
exclusions:
  - { name: three, reason: CHG-3, match: { 'dhost|startswith': s3 } }
  - { name: four, reason: CHG-4, learn: true, match: { 'dhost|startswith': s4 } }
`;

/** Records of the last day's events, by number. */
async function firstDay(
  t: Test,
  history: readonly string[],
  day: readonly string[],
  way: 'learned' | 'streamed',
): Promise<readonly EventRecord[]> {
  const receiver = await ForwardServer.start(t);
  const folder = testFolder(t, {});
  const yaml = `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
${detection}`;
  if (way === 'learned') {
    writeFileSync(join(folder, 'old.log'), `${history.join('\n')}\n`);
    writeFileSync(join(folder, 'learn.yaml'), yaml);
    const args = [cliPath, 'learn', '-c', 'learn.yaml', 'old.log'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
    });
    t.equal(status, 0, `learn: ${stdout} ${stderr}`);
  }
  const sidecar = await startSidecar(folder, yaml, (end) => t.teardown(end));
  await sendTcp(sidecar.tcpPort, way === 'learned' ? day : [...history, ...day]);
  t.equal(await sidecar.stop(), 0, 'everything was delivered');
  const records = ['stegwatch.event', 'stegwatch.alert'].flatMap((tag) =>
    receiver.records(tag),
  ) as EventRecord[];
  return records.toSorted((a, b) => Number(a.externalId) - Number(b.externalId));
}

t.test('the first day after learn is as if the history had been streamed', async (t) => {
  const nowMs = Date.now();
  const all = events(nowMs);
  const dayFromMs = (Math.floor(nowMs / msPerHour) - dayHours) * msPerHour;
  const history = all.filter(({ atMs }) => atMs < dayFromMs).map(twoWayLine);
  const day = all.filter(({ atMs }) => atMs >= dayFromMs);
  const dayLines = day.map(twoWayLine);

  const streamed = (await firstDay(t, history, dayLines, 'streamed')).slice(-day.length);
  const learned = await firstDay(t, history, dayLines, 'learned');
  const judgedOf = (records: readonly EventRecord[]) =>
    records.map(({ externalId, alert }) => ({ externalId, alert }));
  const excludedOf = (records: readonly EventRecord[]) =>
    records.flatMap(({ externalId, alert_suppressed: held }) =>
      held === undefined ? [] : [{ externalId, ...held }],
    );
  t.equal(learned.length, day.length);
  t.strictSame(judgedOf(learned), judgedOf(streamed), 'the same alerts, to the digit');
  t.strictSame(excludedOf(learned), excludedOf(streamed), 'the same excluded');

  const alerts = learned.flatMap(({ alert }) => alert ?? []);
  const of = (direction: Alert['direction']) =>
    alerts.filter((alert) => alert.direction === direction).length;
  t.comment(`${history.length} events of history, ${day.length} of the day`);
  t.comment(
    `alerts: ${of('download')} downloads, ${of('upload')} uploads, ` +
      `${excludedOf(learned).length} more excluded`,
  );
  t.ok(of('download') > 5 && of('upload') > 5, 'there were alerts both ways');
  t.ok(excludedOf(learned).length > 0, 'and some that exclusions hold back');
});
