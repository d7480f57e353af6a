/**
 * kill -9, again and again, with a receiver that comes and goes: all that was taken in is delivered, and
 * the baseline has learned it once. What had been sent a while before the kill was taken in (100 ms after
 * its last byte); what was sent just before may have been or not. It may even have arrived and not been taken
 * in: then the baseline does not know it.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { loadConfig } from '../../src/config/load.js';
import { Counters } from '../../src/observe/counters.js';
import { openBaselines } from '../../src/pipeline/open-detection.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { numberedLines } from '../support/numbered-lines.js';
import { sendTcp } from '../support/send.js';
import { type Sidecar, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(170_000);

const kills = 10;
const perRound = 3_000;
/** What is sent in the very moment of a kill: it may be taken in or not. */
const perKill = 400;
/** Ten times what taking in may last. */
const settledMs = 1_000;

t.test('nothing that was taken in is lost, and the baseline knows each JPEG once', async (t) => {
  const folder = testFolder(t, {});
  const receiver = await ForwardServer.start(t);
  const yaml = `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
detection: { preset: sentinel, time: received }
baseline: { path: ${join(folder, 'baseline')}, checkpoint: 1s }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
spool: { path: ${join(folder, 'spool')} }
`;
  const start = () => startSidecar(folder, yaml, (end) => t.teardown(end));
  const settled = new Set<number>();
  let next = 1;
  const send = async (sidecar: Sidecar, count: number): Promise<number[]> => {
    const lines = numberedLines({ from: next, count, alertEvery: 0, atMs: Date.now() });
    const numbers = lines.map((_, i) => next + i);
    next += count;
    await sendTcp(sidecar.tcpPort, lines).catch(() => {});
    return numbers;
  };

  let sidecar = await start();
  for (let kill = 1; kill <= kills; kill++) {
    if (kill % 3 === 1) await receiver.stop();
    if (kill % 3 === 0) await receiver.listen();
    for (const number of await send(sidecar, perRound)) settled.add(number);
    await sleep(settledMs);
    const racing = send(sidecar, perKill);
    await sleep(Math.floor(kill * 1.7) % 10);
    await sidecar.kill();
    await racing;
    sidecar = await start();
  }
  await receiver.listen().catch(() => {});
  for (const number of await send(sidecar, perRound)) settled.add(number);
  const arrived = () => new Set(numbersOf(receiver));
  await until('all that was taken in', () => isSuperset(arrived(), settled), 60_000);
  t.equal(await sidecar.stop(), 0);

  const delivered = arrived();
  const lost = [...settled].filter((number) => !delivered.has(number));
  t.equal(lost.length, 0, `of ${settled.size} taken in, ${lost.length} were lost`);
  const twice = numbersOf(receiver).length - delivered.size;
  t.ok(twice <= kills * 8 * 1_000, `${twice} arrived twice`);
  const learned = await observationsOn(yaml);
  const [least, most] = [jpegsIn(settled), jpegsIn(delivered)];
  t.ok(least <= learned && learned <= most, `${learned} JPEGs learned, of ${least} to ${most}`);
});

function numbersOf(receiver: ForwardServer): number[] {
  const records = receiver.records('stegwatch.event') as { externalId: string }[];
  return records.map(({ externalId }) => Number(externalId));
}

function jpegsIn(numbers: ReadonlySet<number>): number {
  return [...numbers].filter((number) => number % 10 === 1).length;
}

function isSuperset(whole: ReadonlySet<number>, part: ReadonlySet<number>): boolean {
  for (const one of part) if (!whole.has(one)) return false;
  return true;
}

async function observationsOn(yaml: string): Promise<number> {
  const config = loadConfig({ text: yaml, env: {} });
  const opened = await openBaselines(config, Date.now(), new Counters(), { readOnly: true });
  return opened.reports.reduce((sum, [, { samples }]) => sum + samples, 0);
}
