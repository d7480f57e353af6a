/**
 * An alert that Fluentd never took. Where the spool is in memory it is gone with the process, and must not
 * hold back the alerts of its host after a restart, or nobody hears of that host. Where it is on disk it is
 * delivered after the restart, and holds them back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { sendTcp } from '../support/send.js';
import { startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';
import { twoWayHistory, twoWayLine } from './two-way-lines.js';

t.setTimeout(110_000);

const noon = Date.UTC(2024, 2, 10, 12);

function large(id: number, minutes: number, host: string): string {
  const atMs = noon + minutes * 60_000;
  return twoWayLine({ id, atMs, direction: 'download', host, bytes: 8_000_000 });
}

const cases = [
  {
    title: 'in memory: an alert that nobody was sent holds nothing back after a restart',
    spool: 'false',
    exit: 1,
    alerts: ['1', '4'],
  },
  {
    title:
      'on disk: an alert that was taken in is sent after a restart, and holds its repeats back',
    spool: 'spool',
    exit: 0,
    alerts: ['1', '2'],
  },
];

for (const { title, spool, exit, alerts } of cases) {
  t.test(title, async (t) => {
    const receiver = await ForwardServer.start(t);
    const folder = testFolder(t, {});
    const yaml = `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
detection: { time: event }
baseline: { checkpoint: 1s }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
spool: { path: ${spool} }
`;
    const start = () => startSidecar(folder, yaml, (end) => t.teardown(end));
    const sentAlerts = () =>
      (receiver.records('stegwatch.alert') as { externalId: string }[]).map(
        ({ externalId }) => externalId,
      );

    let sidecar = await start();
    await sendTcp(sidecar.tcpPort, [...twoWayHistory(noon), large(1, 5, 'one.example')]);
    await until('the first alert', () => sentAlerts().length === 1);
    await sleep(2_500); // checkpoints, which save it: it has been delivered
    await receiver.stop();
    await sendTcp(sidecar.tcpPort, [large(2, 6, 'two.example')]);
    await sleep(2_500); // checkpoints, with the alert undelivered
    t.equal(await sidecar.stop(), exit);
    t.match(sidecar.log.at(-1), { msg: 'stopped', alerts: 2 }, 'an alert was raised');

    await receiver.listen();
    sidecar = await start();
    await sendTcp(sidecar.tcpPort, [
      large(3, 65, 'one.example'),
      large(4, 66, 'two.example'),
      large(5, 67, 'two.example'),
    ]);
    t.equal(await sidecar.stop(), 0, 'everything was delivered');
    t.strictSame(sentAlerts(), alerts);
  });
}
