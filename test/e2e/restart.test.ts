/**
 * kill -9 and start again: what the baseline knew at the last checkpoint it knows after, to the last
 * digit, and it goes on judging with it. The process is the built program; its folder is all that survives.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Alert } from '../../src/verdict.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { historyLines, numberedLines } from '../support/numbered-lines.js';
import { sendTcp } from '../support/send.js';
import { cliPath, type LogLine, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(120_000);

const alertTag = 'stegwatch.alert';

t.test('after kill -9 the threshold, the samples and the hosts are what they were', async (t) => {
  const folder = testFolder(t, {});
  const receiver = await ForwardServer.start(t);
  // The same host alerts again; repeats over a restart have a test of their own.
  const yaml = `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
detection: { suppress: { by: none } }
baseline: { checkpoint: 1s }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
`;
  writeFileSync(join(folder, 'learn.yaml'), yaml);
  writeFileSync(join(folder, 'old.log'), `${historyLines(Date.now()).join('\n')}\n`);
  execFileSync(process.execPath, [cliPath, 'learn', '-c', 'learn.yaml', 'old.log'], {
    cwd: folder,
    stdio: 'ignore',
  });

  const first = await startSidecar(folder, yaml, (end) => t.teardown(end));
  const learned = await first.said(/^baseline loaded$/);
  const lines = numberedLines({ from: 1, count: 2_000, alertEvery: 1_000, atMs: Date.now() });
  await sendTcp(first.tcpPort, lines);
  await until('two alerts', () => receiver.records(alertTag).length === 2, 20_000);
  await sleep(3_000); // three checkpoint intervals: what was learned by now must be on disk
  await first.kill();

  const second = await startSidecar(folder, yaml, (end) => t.teardown(end));
  const loaded = await second.said(/^baseline loaded$/);
  // The lookback ends a day ago, so what judged the first run's events must judge the second's; the host of
  // the first run's alert is remembered, but only as pending.
  t.equal(count(loaded, 'hosts'), count(learned, 'hosts') + 2, 'the two new hosts are known');
  await sendTcp(
    second.tcpPort,
    numberedLines({ from: 1_000, count: 1, alertEvery: 1_000, atMs: Date.now() }),
  );
  await until('a third alert', () => receiver.records(alertTag).length === 3, 20_000);
  const [one, , three] = receiver.records(alertTag).map((record) => alertOf(record));
  t.equal(three!.threshold_bytes, one!.threshold_bytes, 'the same threshold to the last digit');
  t.equal(three!.samples, one!.samples, 'the same samples');
  t.equal(one!.host_state, 'never_seen');
  t.equal(
    three!.host_state,
    'pending',
    'the host of the first alert is remembered, not yet trusted',
  );
  t.equal(await second.stop(), 0);
});

t.test('a damaged baseline file is set aside and said so; the rest loads', async (t) => {
  const folder = testFolder(t, {});
  const receiver = await ForwardServer.start(t);
  const yaml = `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
`;
  writeFileSync(join(folder, 'learn.yaml'), yaml);
  writeFileSync(join(folder, 'old.log'), `${historyLines(Date.now()).join('\n')}\n`);
  execFileSync(process.execPath, [cliPath, 'learn', '-c', 'learn.yaml', 'old.log'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const files = join(folder, 'data', 'baseline', 'download');
  const names = readdirSync(files).filter((name) => name.endsWith('.bucket'));
  writeFileSync(join(files, names[3]!), 'not a bucket');

  const sidecar = await startSidecar(folder, yaml, (end) => t.teardown(end));
  const loaded = await sidecar.said(/^baseline loaded$/);
  t.equal(count(loaded, 'buckets'), names.length - 1);
  const warning = sidecar.log.find((line) => JSON.stringify(line).includes(names[3]!.slice(0, 13)));
  t.ok(warning, 'the log names the file');
  t.match(readdirSync(join(folder, 'data', 'baseline', 'damaged')), [/download-/]);
  await sidecar.stop();
});

function alertOf(record: unknown): Alert {
  return (record as { alert: Alert }).alert;
}

function count(line: LogLine, key: string): number {
  return line[key] as number;
}

t.test(
  'with time: event last month’s feed is judged at its own time, also after a restart',
  async (t) => {
    const folder = testFolder(t, {});
    const receiver = await ForwardServer.start(t);
    const yaml = `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
detection: { time: event }
baseline: { checkpoint: 1s }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
`;
    const lastMonth = Date.now() - 40 * 86_400_000;
    const first = await startSidecar(folder, yaml, (end) => t.teardown(end));
    await sendTcp(first.tcpPort, historyLines(lastMonth));
    await until('the history', () => receiver.records('stegwatch.event').length === 840, 20_000);
    t.equal(await first.stop(), 0);

    const second = await startSidecar(folder, yaml, (end) => t.teardown(end));
    await sendTcp(
      second.tcpPort,
      numberedLines({ from: 1_000, count: 1, alertEvery: 1_000, atMs: lastMonth }),
    );
    await until('the alert', () => receiver.records(alertTag).length === 1, 20_000);
    const alert = alertOf(receiver.records(alertTag)[0]);
    t.equal(alert.samples, 720, 'five JPEGs in each of 144 hours');
    t.ok(Date.parse(alert.baseline_to) < lastMonth - 86_300_000, alert.baseline_to);
    t.equal(await second.stop(), 0);
  },
);
