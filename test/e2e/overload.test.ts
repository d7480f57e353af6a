/**
 * Nobody takes what we forward: the spool fills, TCP is made to wait, UDP is dropped and counted. When the
 * receiver comes back, everything that was taken in arrives, and the counters add up.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { numberedLines } from '../support/numbered-lines.js';
import { ofOutput, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(120_000);

t.test('a full spool stops TCP and counts what UDP drops; nothing else is lost', async (t) => {
  const folder = testFolder(t, {});
  const receiver = await ForwardServer.start(t, { acks: 'none', reads: false });
  const sidecar = await startSidecar(
    folder,
    `
listen:
  udp: { address: 127.0.0.1, port: 0 }
  tcp: { address: 127.0.0.1, port: 0 }
spool: { max_size: 1MiB }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiver.port} } ], ack_timeout: 2s } }
`,
    (end) => t.teardown(end),
  );

  // 20,000 events are about 10 MiB: far more than the spool and the kernel's buffers hold together.
  const count = 20_000;
  const lines = numberedLines({ from: 0, count, alertEvery: 0, atMs: Date.now() });
  const sender = connect(sidecar.tcpPort, '127.0.0.1');
  await once(sender, 'connect');
  let written = 0;
  const sending = (async () => {
    for (let i = 0; i < count; i += 100) {
      const more = sender.write(
        lines
          .slice(i, i + 100)
          .join('\n')
          .concat('\n'),
      );
      written = i + 100;
      if (!more) await once(sender, 'drain');
    }
    sender.end();
  })();
  await sidecar.said(/spool is full/, 30_000);
  const before = written;
  await sleep(1_000);
  t.ok(written < count, `the sender waits at ${written} of ${count}`);
  t.ok(written - before < 2_000, 'and is not read meanwhile');

  const datagrams = 50;
  const udp = createSocket('udp4');
  for (let i = 0; i < datagrams; i++) udp.send(`<134>CEF:0|v|p|1|1|n|1|cnt=${i}`, sidecar.udpPort);
  await sleep(500);
  udp.close();

  receiver.change({ acks: 'right', reads: true });
  receiver.goOnReading();
  receiver.closeConnections();
  await sending;
  await until('all numbers', () => numbers(receiver).size === count, 60_000);
  t.equal(await sidecar.stop(), 0);
  const counters = await sidecar.said(/^stopped$/);
  t.equal(counters.udp_dropped_full, datagrams, 'each dropped datagram is counted');
  t.equal(counters.events, count);
  t.equal(counters.received_frames, counters.events);
  const { events_acked, spooled_events } = ofOutput(counters, 'fluentd');
  t.equal(spooled_events, counters.events);
  t.equal(events_acked, spooled_events);
});

function numbers(receiver: ForwardServer): Set<number> {
  const records = receiver.records('stegwatch.event') as { externalId: string }[];
  return new Set(records.map(({ externalId }) => Number(externalId)));
}
