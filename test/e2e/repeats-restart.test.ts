/**
 * A restart in the middle changes nothing: repeats of an alert raised before it are held back with the
 * right count, and both directions are judged against the baselines they had. Held against one process
 * that never stops. By event time, so that hours pass in a moment.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Alert, AlertSuppressed } from '../../src/verdict.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { sendTcp } from '../support/send.js';
import { type Sidecar, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';
import { type TwoWayEvent, twoWayHistory, twoWayLine } from './two-way-lines.js';

t.setTimeout(110_000);

const minute = 60_000;
const noon = Date.UTC(2024, 2, 10, 12);
const history = twoWayHistory(noon);

interface EventRecord {
  readonly externalId: string;
  readonly alert?: Alert;
  readonly alert_suppressed?: AlertSuppressed;
}

function event(id: number, minutes: number, direction: Alert['direction'], host: string) {
  return { id, atMs: noon + minutes * minute, direction, host, bytes: 8_000_000 } as const;
}

const before: readonly TwoWayEvent[] = [
  event(1, 5, 'download', 'one.example'),
  event(2, 15, 'download', 'one.example'),
  event(3, 17, 'upload', 'two.example'),
];

/** Alerts of one host and direction are held back for two hours. */
const after: readonly TwoWayEvent[] = [
  event(4, 65, 'download', 'one.example'),
  event(5, 66, 'upload', 'two.example'),
  event(6, 67, 'upload', 'one.example'),
  event(7, 68, 'download', 'three.example'),
  event(8, 124, 'download', 'one.example'),
  event(9, 125, 'download', 'one.example'),
  event(10, 130, 'download', 'one.example'),
];

/** What is held back: the count, and the minute after noon at which the first of its kind was raised. */
const heldBack: Readonly<Record<number, readonly [count: number, firstMinute: number]>> = {
  2: [1, 5],
  4: [2, 5],
  5: [1, 17],
  8: [3, 5],
  10: [1, 125],
};

const raised: Readonly<Record<number, readonly [Alert['direction'], Alert['host_state']]>> = {
  1: ['download', 'never_seen'],
  3: ['upload', 'never_seen'],
  // Each direction has hosts of its own.
  6: ['upload', 'never_seen'],
  7: ['download', 'never_seen'],
  9: ['download', 'pending'],
};

const endings = {
  'no restart': async (_sidecar: Sidecar, _folder: string) => {},
  SIGTERM: async (sidecar: Sidecar, _folder: string) => void (await sidecar.stop()),
  'kill -9 after a checkpoint': async (sidecar: Sidecar, folder: string) => {
    await until('all that was learned is on disk', () => isSaved(folder));
    await sleep(3_000); // three checkpoint intervals, for what was learned last
    await sidecar.kill();
  },
};

/** On a busy machine the first checkpoint takes longer than its interval; the repeats are saved last. */
function isSaved(folder: string): boolean {
  const baseline = join(folder, 'data', 'baseline');
  const buckets = (direction: string) => {
    const path = join(baseline, direction);
    return existsSync(path) ? readdirSync(path).length : 0;
  };
  const saved = ['download', 'upload'].every((direction) => buckets(direction) >= 169);
  return saved && existsSync(join(baseline, 'repeats'));
}

/** Records of the ten events, by number. */
async function judged(t: Test, ending: keyof typeof endings): Promise<Map<number, EventRecord>> {
  const receiver = await ForwardServer.start(t);
  const folder = testFolder(t, {});
  const yaml = `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
detection: { time: event, direction: both, suppress: { by: host, window: 2h } }
baseline: { checkpoint: 1s }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
`;
  const records = () =>
    ['stegwatch.event', 'stegwatch.alert'].flatMap((tag) => receiver.records(tag)) as EventRecord[];
  const start = () => startSidecar(folder, yaml, (end) => t.teardown(end));

  let sidecar = await start();
  await sendTcp(sidecar.tcpPort, [...history, ...before.map(twoWayLine)]);
  await until('the first events', () => records().length === history.length + before.length);
  await endings[ending](sidecar, folder);
  if (ending !== 'no restart') {
    sidecar = await start();
    const loaded = sidecar.log.filter(({ msg }) => msg === 'baseline loaded');
    // An upload is a download of its answer, too: all eight hosts, and those of the first events.
    t.match(
      loaded,
      [
        { direction: 'download', buckets: 169, hosts: 10 },
        { direction: 'upload', buckets: 169, hosts: 4 },
      ],
      'both baselines came back',
    );
  }
  await sendTcp(sidecar.tcpPort, after.map(twoWayLine));
  await until(
    'the last events',
    () => records().length === history.length + before.length + after.length,
  );
  t.equal(await sidecar.stop(), 0, 'everything was delivered');
  return new Map(
    records()
      .filter(({ externalId }) => externalId !== '0')
      .map((record) => [Number(record.externalId), record]),
  );
}

let uninterrupted: readonly (Alert | undefined)[] = [];

for (const ending of Object.keys(endings) as (keyof typeof endings)[]) {
  t.test(`${ending}: repeats are held back, and both directions judged`, async (t) => {
    const records = await judged(t, ending);
    for (const { id } of [...before, ...after]) {
      const { alert, alert_suppressed: held } = records.get(id)!;
      const wanted = heldBack[id];
      if (wanted === undefined) {
        t.same([alert?.direction, alert?.host_state], raised[id], `event ${id} is raised`);
      } else {
        const [count, firstMinute] = wanted;
        const first = new Date(noon + firstMinute * minute).toISOString();
        t.match(held, { by: 'repeat', count, first }, `event ${id} is held back`);
      }
    }
    const alerts = [...before, ...after].map(({ id }) => records.get(id)!.alert);
    if (ending === 'no restart') uninterrupted = alerts;
    else t.strictSame(alerts, uninterrupted, 'every alert is the same, thresholds to the digit');
  });
}
