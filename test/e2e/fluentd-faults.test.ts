/**
 * A real Fluentd that is stopped, frozen for longer than every deadline, restarted, and asks for a key that
 * we do not have: the program never ends, never hangs, and delivers when it can. Doubles are allowed here
 * (at least once), losses are not.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Fluentd } from '../support/fluentd.js';
import { testFolder } from '../support/folder.js';
import { numberedLines } from '../support/numbered-lines.js';
import { requirePeer } from '../support/peers.js';
import { sendTcp } from '../support/send.js';
import { startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

const tag = 'stegwatch.event';
const alertTag = 'stegwatch.alert';
const step = 2_000;

t.setTimeout(300_000);

const fluentd = requirePeer(t, 'fluentd');
if (fluentd !== null) {
  t.test(
    'stopped, frozen, killed, restarted: every event arrives, the process stays',
    async (t) => {
      const folder = testFolder(t, { fluentd: {}, run: {} });
      const receiver = await Fluentd.start(t, { fluentd, folder: join(folder, 'fluentd') });
      const sidecar = await startSidecar(
        join(folder, 'run'),
        config(receiver.port, 'ack_timeout: 2s'),
        (end) => t.teardown(end),
      );
      let sent = 0;
      const send = async (): Promise<void> => {
        await sendTcp(
          sidecar.tcpPort,
          numberedLines({ from: sent, count: step, alertEvery: 0, atMs: Date.now() }),
        );
        sent += step;
      };
      const allThere = (): Promise<void> =>
        until(`${sent} numbers`, () => numbers(receiver).size === sent, 90_000);

      await send();
      await allThere();

      await receiver.stop();
      await send();
      await sidecar.said(/./);
      await receiver.start();
      await allThere();

      receiver.freeze();
      await send();
      await sleep(12_000); // longer than connect, login, write and ack deadlines
      t.equal(sidecar.child.exitCode, null, 'still runs while Fluentd is frozen');
      receiver.thaw();
      await allThere();

      await receiver.kill();
      await send();
      await receiver.start();
      await allThere();
      t.equal(await sidecar.stop(), 0, 'ends clean, with nothing left');
    },
  );

  t.test('a wrong shared key is said again and again, and the right one delivers', async (t) => {
    const folder = testFolder(t, { fluentd: {}, run: {} });
    const receiver = await Fluentd.start(t, {
      fluentd,
      folder: join(folder, 'fluentd'),
      sharedKey: 'the receiver’s own',
    });
    const run = join(folder, 'run');
    writeFileSync(join(run, 'key'), 'ours\n');
    const sidecar = await startSidecar(
      run,
      config(receiver.port, `shared_key_file: ${join(run, 'key')}`),
      (end) => t.teardown(end),
    );
    await sendTcp(
      sidecar.tcpPort,
      numberedLines({ from: 0, count: step, alertEvery: 0, atMs: Date.now() }),
    );
    await sidecar.said(/key|login|refused|auth/i, 60_000);
    t.equal(receiver.count(tag), 0, 'nothing is delivered without the key');
    t.notMatch(JSON.stringify(sidecar.log), /\bours\b/, 'the key is in no log line');
    await receiver.stop();
    receiver.sharedKey = 'ours';
    await receiver.start();
    await until('all with the right key', () => numbers(receiver).size === step, 90_000);
    t.equal(await sidecar.stop(), 0);
  });
}

function config(port: number, more: string): string {
  return `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${port} } ], ${more} } }
`;
}

function numbers(receiver: Fluentd): Set<number> {
  const records = [...receiver.records(tag), ...receiver.records(alertTag)];
  return new Set(records.map(({ record }) => Number(record.externalId)));
}
