import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { OutputCounters } from '../../../src/observe/counters.js';
import { StreamTransport } from '../../../src/output/syslog/stream-transport.js';
import type { TransportOptions } from '../../../src/output/syslog/transport.js';
import { unackedBytes } from '../../../src/output/syslog/unacked-bytes.js';

t.setTimeout(60_000);

const hour = 3_600_000;
const line = Buffer.from('<14>0 x');

/** A receiver that reads nothing, and a connection to it. The clock stands unless it is moved. */
async function make(t: Test, unacked: TransportOptions['unacked']) {
  const peers: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (peer) => {
    peer.on('error', () => {});
    peers.push(peer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const peer of peers) peer.destroy();
  });
  const clock = { ms: 0 };
  const transport = new StreamTransport({
    config: {
      server: { host: '127.0.0.1', port: (server.address() as { port: number }).port },
      protocol: 'tcp',
      framing: 'octet_counting',
      only: 'all',
      tls: {
        ...{ ca: null, cert: null, key: null, keyPassphrase: null },
        ...{ serverName: null, verify: true },
      },
      spool: { maxBytes: 1024 * 1024, whenFull: 'drop_oldest' },
    },
    counters: new OutputCounters(),
    deadlines: { connectMs: 5000, stalledMs: 60_000, settleMs: 1000 },
    now: () => clock.ms,
    unacked,
  });
  t.teardown(() => transport.close());
  t.equal(await transport.open(), null);
  if (peers.length === 0) await once(server, 'connection');
  return { transport, clock, peer: peers[0]! };
}

const skip = process.platform === 'linux' ? false : 'what is acked is known on Linux only';

t.test('a receiver that ends its side before it has all has not got all', { skip }, async (t) => {
  const { transport, peer } = await make(t, unackedBytes);
  // More than its kernel takes; what ours does not take is never told as sent.
  for (let i = 0; i < 3; i++) {
    await Promise.race([transport.send(Buffer.alloc(1024 * 1024, 'x')), sleep(300)]);
  }
  const finished = transport.finish(5000);
  peer.end();
  t.equal(await finished, false);
});

t.test('of a connection that is closed nothing is delivered by time alone', async (t) => {
  const { transport, clock } = await make(t, unackedBytes);
  t.equal(await transport.send(line), true);
  clock.ms = hour;
  // Its end is told later: a timer that is due in this turn still asks.
  transport.close();
  t.equal(await transport.delivered(false), 0);
});

t.test('what was known of acks, and is not for once, is not made up for by time', async (t) => {
  const known: (number | null)[] = [line.length, null, 0, 0];
  const { transport, clock } = await make(t, async () => known.shift() ?? null);
  t.equal(await transport.send(line), true);
  t.equal(await transport.delivered(false), 0, 'none is acked');
  clock.ms = hour;
  t.equal(await transport.delivered(false), 0, 'the table cannot be read');
  t.equal(await transport.delivered(false), 0, 'acked, not settled');
  clock.ms += 1000;
  t.equal(await transport.delivered(false), 1);
});

t.test('where nothing is ever known of acks, time does', async (t) => {
  const { transport, clock } = await make(t, async () => null);
  t.equal(await transport.send(line), true);
  t.equal(await transport.delivered(false), 0);
  clock.ms = 10_001;
  t.equal(await transport.delivered(false), 1);
});

t.test(
  'a look that was stuck is not rested from for long, and not at all once it is closed',
  async (t) => {
    let stuckMs = hour;
    const { transport, clock } = await make(t, async () => {
      clock.ms += stuckMs;
      return 0;
    });
    await transport.send(line);
    await transport.delivered(false);
    stuckMs = 0;
    t.equal(await transport.delivered(true), 1, 'within the time of this test');
    stuckMs = hour;
    await transport.send(line);
    await transport.delivered(true);
    const asked = transport.delivered(true);
    transport.close();
    const first = await Promise.race([asked, transport.closed.then(() => sleep(1000, 'resting'))]);
    t.not(first, 'resting');
  },
);
