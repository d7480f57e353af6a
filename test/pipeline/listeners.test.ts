/** Listeners that are exchanged while others are paused, let go on, or cannot start. */
import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import type { ListenConfig, TcpConfig } from '../../src/config/config.js';
import { Counters } from '../../src/observe/counters.js';
import { Listeners } from '../../src/pipeline/listeners.js';
import { keptLog } from '../support/kept-log.js';
import { freeTcpPort } from '../support/rsyslog.js';
import { until } from '../support/until.js';

function tcp(port: number, more: Partial<TcpConfig> = {}): TcpConfig {
  return {
    ...{ address: '127.0.0.1', port, maxConnections: 10, maxConnectionsPerAddress: 0 },
    ...{ idleTimeoutMs: 0, frameTimeoutMs: 0, ...more },
  };
}

const config = (...listeners: TcpConfig[]): ListenConfig => ({
  ...{ allow: [], maxMessageBytes: 65_536, maxFields: 512 },
  ...{ udp: [], tcp: listeners, tls: [], relp: [] },
});

async function listening(t: Test, ...first: TcpConfig[]) {
  const texts: string[] = [];
  const listeners = new Listeners(config(...first), {
    sink: {
      frame: (bytes, start, end) => void texts.push(bytes.toString('utf8', start, end)),
    },
    durability: () => ({ flush: async () => true }),
    counters: new Counters(),
    log: keptLog().log,
  });
  await listeners.start();
  t.teardown(() => listeners.stop());
  const dial = async (port: number) => {
    const socket = connect(port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  return { listeners, texts, dial };
}

t.test('one that starts while all are paused is paused, and goes on with them', async (t) => {
  const [a, b] = [await freeTcpPort(), await freeTcpPort()];
  const { listeners, texts, dial } = await listening(t, tcp(a));
  const changing = listeners.change(config(tcp(a), tcp(b)));
  listeners.pause();
  await changing;
  (await dial(b)).write('<14>held\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.strictSame(texts, []);
  listeners.resume();
  await until('it goes on', () => texts.length === 1);
});

t.test('one that starts while all are let go on does not stay paused', async (t) => {
  const [a, b] = [await freeTcpPort(), await freeTcpPort()];
  const { listeners, texts, dial } = await listening(t, tcp(a));
  listeners.pause();
  const changing = listeners.change(config(tcp(a), tcp(b)));
  listeners.resume();
  await changing;
  (await dial(b)).write('<14>read\n');
  await until('it reads', () => texts.length === 1);
});

t.test('one that cannot start leaves all as it was; another setting takes its place', async (t) => {
  const [a, b] = [await freeTcpPort(), await freeTcpPort()];
  const blocker = await listening(t, tcp(b));
  const { listeners, texts, dial } = await listening(t, tcp(a));
  const kept = await dial(a);
  await t.rejects(listeners.change(config(tcp(a), tcp(b))), { code: 'LISTEN_FAILED' });
  kept.write('<14>one\n');
  await until('the connection goes on', () => texts.length === 1);
  // Its own keys change: it is closed, and as the other one cannot start it is opened again as it was.
  await t.rejects(listeners.change(config(tcp(a, { maxConnections: 1 }), tcp(b))), {
    code: 'LISTEN_FAILED',
  });
  (await dial(a)).write('<14>two\n');
  await until('it listens again', () => texts.length === 2);
  await listeners.change(config(tcp(a, { maxConnections: 1 })));
  (await dial(a)).write('<14>three\n');
  await until('with other settings', () => texts.length === 3);
  t.equal(blocker.texts.length, 0);
});
