/** With `time: event` a restart leaves the clock where it was, to the millisecond: what was late stays late. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { sendTcp } from '../support/send.js';
import { type Sidecar, startSidecar } from '../support/stegwatch.js';
import { twoWayLine } from './two-way-lines.js';

t.setTimeout(110_000);

const ten = Date.UTC(2024, 2, 10, 10);

function jpegAt(minutes: number): string {
  const atMs = ten + minutes * 60_000;
  return twoWayLine({ id: 0, atMs, direction: 'download', host: 'a.example', bytes: 1000 });
}

const endings = {
  SIGTERM: async (sidecar: Sidecar) => void (await sidecar.stop()),
  'kill -9 after a checkpoint': async (sidecar: Sidecar) => {
    await sleep(3_000); // three checkpoint intervals
    await sidecar.kill();
  },
};

for (const [ending, end] of Object.entries(endings)) {
  t.test(`${ending}: the clock goes on from where it stood`, async (t) => {
    const receiver = await ForwardServer.start(t);
    const yaml = `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
detection: { time: event }
baseline: { checkpoint: 1s }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ] } }
`;
    const folder = testFolder(t, {});
    const start = () => startSidecar(folder, yaml, (kill) => t.teardown(kill));
    let sidecar = await start();
    await sendTcp(sidecar.tcpPort, [jpegAt(50)]);
    await end(sidecar);

    sidecar = await start();
    const withoutTime = jpegAt(0).replace(/rt=\d+ /, '');
    await sendTcp(sidecar.tcpPort, [withoutTime, jpegAt(-30), jpegAt(-10), jpegAt(55)]);
    t.equal(await sidecar.stop(), 0, 'everything was delivered');
    t.match(sidecar.log.at(-1), { msg: 'stopped', jpeg_events: 4, late_events: 1 });

    sidecar = await start();
    const loaded = sidecar.log.find(({ msg }) => msg === 'baseline loaded');
    t.match(loaded, { buckets: 2 }, '09:50 is at its own hour, all others at ten');
    t.equal(await sidecar.stop(), 0);
  });
}
