import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import type { SyslogConfig } from '../../../src/config/config.js';
import { OutputCounters } from '../../../src/observe/counters.js';
import { type SyslogDeadlines, SyslogOutput } from '../../../src/output/syslog/syslog-output.js';
import { type SocketEnds, unackedBytes } from '../../../src/output/syslog/unacked-bytes.js';
import { MemorySpool } from '../../../src/spool/memory-spool.js';
import { CertificateAuthority } from '../../support/certificates.js';
import { testFolder } from '../../support/folder.js';
import { startReceiver } from '../../support/syslog-receiver.js';
import { until } from '../../support/until.js';

t.setTimeout(60_000);

const shortDeadlines: SyslogDeadlines = {
  connectMs: 500,
  stalledMs: 5000,
  settleMs: 200,
  askMs: 20,
  retryFirstMs: 20,
  retryMaxMs: 100,
  drainRetryMs: 20,
  finishMs: 1000,
};

function make(
  t: Test,
  port: number,
  config: Partial<SyslogConfig> = {},
  deadlines: Partial<SyslogDeadlines> = {},
  unacked: typeof unackedBytes = unackedBytes,
) {
  const log: { readonly msg: string }[] = [];
  const spool = new MemorySpool({ maxBytes: 64 * 1024 * 1024 });
  const counters = new OutputCounters();
  const output = new SyslogOutput({
    config: {
      server: { host: '127.0.0.1', port },
      protocol: 'tcp',
      framing: 'newline',
      only: 'all',
      tls: {
        ...{ ca: null, cert: null, key: null, keyPassphrase: null },
        ...{ serverName: null, verify: true },
      },
      spool: { maxBytes: 64 * 1024 * 1024, whenFull: 'drop_oldest' },
      ...config,
    },
    spool,
    counters,
    log: pino({ level: 'debug' }, { write: (line) => log.push(JSON.parse(line)) }),
    deadlines: { ...shortDeadlines, ...deadlines },
    unacked,
  });
  t.teardown(() => output.stop(0));
  let next = 0;
  /** Batches of lines that carry their number. */
  const add = (count: number, perBatch = 10, padding = 0): void => {
    for (let end = next + count; next < end; ) {
      const lines: string[] = [];
      for (let i = 0; i < perBatch && next < end; i++) {
        lines.push(`<14>${next++} ${'x'.repeat(padding)}`);
      }
      const entries = Buffer.from(lines.map((line) => `${line.length} ${line}`).join(''));
      spool.append({
        ...{ observations: Buffer.alloc(0), entries, alertsAt: entries.length },
        ...{ eventCount: lines.length, alertCount: 0, oldestMs: 1 },
      });
    }
  };
  const delivered = () => until('all is delivered', () => spool.batches === 0, 20_000);
  return { output, spool, counters, log, add, delivered };
}

const numbersOf = (lines: readonly string[]) =>
  lines.map((line) => Number(/^<14>(\d+) /.exec(line)?.[1]));
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const distinct = (lines: readonly string[]) => [...new Set(numbersOf(lines))].sort((a, b) => a - b);

for (const framing of ['newline', 'octet_counting'] as const) {
  t.test(`every line arrives once and in order: ${framing}`, async (t) => {
    const receiver = await startReceiver(t, { framing });
    const { output, add, delivered, counters, spool } = make(t, receiver.port, { framing });
    add(500);
    output.start();
    await until('the first', () => receiver.lines.length === 500);
    add(500, 1);
    await delivered();
    t.strictSame(numbersOf(receiver.lines), range(1000));
    t.match(counters, {
      events_acked: 1000,
      chunks_sent: 550,
      chunks_acked: 550,
      chunks_resent: 0,
    });
    t.equal(spool.ackedSeq, 550);
    t.equal(receiver.connections, 1);
  });
}

t.test('what a killed receiver had not read is sent again', async (t) => {
  const receiver = await startReceiver(t);
  const { output, add, delivered, counters, log } = make(t, receiver.port);
  output.start();
  add(100);
  await until('they are there', () => receiver.lines.length === 100);
  receiver.reads = false;
  add(100);
  // With the kernel of the receiver: acked by it, and never read.
  await until('sent', () => counters.chunks_sent === 20);
  receiver.reset();
  receiver.reads = true;
  await delivered();
  t.strictSame(distinct(receiver.lines), range(200));
  t.ok(counters.chunks_resent >= 10);
  t.ok(log.some(({ msg }) => msg.includes('cannot deliver')));
  t.ok(log.some(({ msg }) => msg.startsWith('delivering to')));
});

t.test('it knows at once that the receiver has gone, also while nothing is sent', async (t) => {
  const receiver = await startReceiver(t);
  const { output, add, delivered, counters } = make(t, receiver.port);
  t.notOk(output.connected);
  output.start();
  t.notOk(output.connected, 'an attempt is no connection');
  await until('connected', () => output.connected);
  add(1);
  await delivered();
  await receiver.close();
  await until('it knows', () => !output.connected);
  add(1);
  await until('attempts', () => counters.connect_failures > 1);
  t.notOk(output.connected);
});

t.test('nobody there, then there: it waits and delivers', async (t) => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as { port: number };
  blocker.close();
  const { output, add, delivered, counters, log } = make(t, port);
  output.start();
  add(50);
  await until('some attempts', () => counters.connect_failures > 2);
  t.match(
    log.find(({ msg }) => msg.includes('cannot deliver')),
    { hint: /receiver runs and listens/ },
  );
  const receiver = await startReceiver(t, { port });
  await delivered();
  t.strictSame(numbersOf(receiver.lines), range(50));
});

t.test('a receiver that reads nothing gets no more than fits, and is given up', async (t) => {
  const receiver = await startReceiver(t);
  receiver.reads = false;
  const { output, add, counters, log, spool } = make(t, receiver.port, {}, { stalledMs: 300 });
  add(20_000, 100, 1000);
  output.start();
  await until('given up', () => log.some(({ msg }) => msg.includes('nothing was taken')));
  t.equal(counters.events_acked, 0, 'nothing counts as delivered');
  t.equal(spool.batches, 200);
  receiver.reads = true;
  await until('all is delivered', () => spool.batches === 0, 20_000);
  t.strictSame(distinct(receiver.lines), range(20_000));
});

t.test(
  'frozen, with little to send: it is given up though something is sent now and then',
  async (t) => {
    const receiver = await startReceiver(t);
    const { output, add, log, counters } = make(t, receiver.port, {}, { stalledMs: 400 });
    add(10);
    output.start();
    await until('connected', () => receiver.lines.length === 10);
    receiver.reads = false;
    // More than both kernels hold, then a line at a time, each sooner than the deadline.
    add(20_000, 100, 1000);
    await until('it is stuck', () => counters.chunks_sent > 20);
    const trickle = setInterval(() => add(1), 50);
    t.teardown(() => clearInterval(trickle));
    await until('given up', () => log.some(({ msg }) => msg.includes('nothing was taken')));
    clearInterval(trickle);
  },
);

t.test(
  'a socket for datagrams that is closed while its name is looked up is not made',
  async (t) => {
    const { output, add } = make(t, 9, { protocol: 'udp' });
    const sockets = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;
    const before = sockets();
    add(1);
    output.start();
    await output.stop(0);
    await sleep(100);
    t.equal(sockets(), before);
  },
);

t.test('a look at many connections takes long: one at a time, and it rests between', async (t) => {
  const receiver = await startReceiver(t);
  let looks = 0;
  let looking = 0;
  let atOnce = 0;
  const slowly = async (ends: SocketEnds): Promise<number | null> => {
    looks++;
    atOnce = Math.max(atOnce, ++looking);
    await sleep(50);
    looking--;
    return unackedBytes(ends);
  };
  const { output, add, delivered } = make(t, receiver.port, {}, { askMs: 1 }, slowly);
  const sinceMs = performance.now();
  output.start();
  const adding = setInterval(() => add(1), 5);
  await until('some looks', () => looks > 5);
  clearInterval(adding);
  // Each takes 50 ms and rests for 150.
  t.ok(performance.now() - sinceMs > 5 * 190);
  await delivered();
  t.equal(atOnce, 1);
  t.strictSame(numbersOf(receiver.lines), range(receiver.lines.length));
});

t.test('a large backlog does not wait for each part to settle', async (t) => {
  const receiver = await startReceiver(t);
  const never = { settleMs: 1e9, askMs: 1e6 };
  const { output, add, spool } = make(t, receiver.port, {}, never);
  add(40_000, 100, 1000);
  output.start();
  await until('all came', () => receiver.lines.length === 40_000, 30_000);
  t.strictSame(numbersOf(receiver.lines), range(40_000));
  t.ok(spool.batches < 100, `of 400 batches ${spool.batches} are not settled`);
});

t.test(
  'stop: what is sent is with the receiver when it resolves, and is not waited for longer',
  async (t) => {
    const receiver = await startReceiver(t);
    const { output, add, spool } = make(t, receiver.port, {}, { settleMs: 1e9, askMs: 1e6 });
    output.start();
    add(300);
    const beganMs = performance.now();
    await output.stop(10_000);
    t.ok(performance.now() - beganMs < 5000);
    t.equal(spool.batches, 0, 'the receiver has closed its end: it has all');
    t.strictSame(numbersOf(receiver.lines), range(300));
  },
);

t.test('stop: a receiver that is away or does not read holds nobody up', async (t) => {
  const receiver = await startReceiver(t);
  receiver.reads = false;
  const frozen = make(t, receiver.port, {}, { finishMs: 100 });
  frozen.add(20_000, 100, 1000);
  frozen.output.start();
  await until('it is stuck', () => frozen.counters.chunks_sent > 10);
  const beganMs = performance.now();
  await frozen.output.stop(300);
  t.ok(frozen.spool.batches > 0);
  const { port } = receiver;
  await receiver.close();
  const away = make(t, port);
  away.add(10);
  away.output.start();
  await away.output.stop(10_000);
  t.ok(performance.now() - beganMs < 5000);
  t.equal(away.spool.batches, 1);
});

t.test('batches without a line are passed over', async (t) => {
  const receiver = await startReceiver(t);
  const { output, add, spool, delivered } = make(t, receiver.port);
  const empty = Buffer.alloc(0);
  const batch = { observations: Buffer.from('x'), entries: empty, alertsAt: 0 };
  const append = () => spool.append({ ...batch, eventCount: 0, alertCount: 0, oldestMs: 1 });
  append();
  add(10);
  append();
  output.start();
  await delivered();
  t.strictSame(numbersOf(receiver.lines), range(10));
});

t.test('TLS: the receiver is verified, and may ask for our certificate', async (t) => {
  const folder = testFolder(t, {});
  const authority = new CertificateAuthority(folder);
  const { cert, key } = authority.issue('receiver', { for: 'server' });
  const client = authority.issue('sender', { for: 'client' });
  const { readFileSync } = await import('node:fs');
  const tls = {
    ...{ cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(authority.cert) },
    ...{ requestCert: true, rejectUnauthorized: true },
  };
  const receiver = await startReceiver(t, { tls, framing: 'octet_counting' });
  const own = {
    ...{ ca: authority.cert, cert: client.cert, key: client.key, keyPassphrase: null },
    ...{ serverName: 'localhost', verify: true },
  };
  const framing = 'octet_counting' as const;
  const good = make(t, receiver.port, { protocol: 'tls', framing, tls: own });
  good.add(1000);
  good.output.start();
  await good.delivered();
  t.strictSame(numbersOf(receiver.lines), range(1000));
  const wrong = { ...own, serverName: 'elsewhere.example' };
  const bad = make(t, receiver.port, { protocol: 'tls', framing, tls: wrong });
  bad.add(1);
  bad.output.start();
  await until('refused', () =>
    bad.log.some(({ msg }) => msg.includes('forward.syslog.tls.server_name')),
  );
  t.equal(bad.counters.events_acked, 0);
});

t.test('UDP: a datagram for each line; nobody there is noticed, and sent again', async (t) => {
  const probe = createSocket('udp4').bind(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  const { output, add, delivered, counters } = make(t, port, { protocol: 'udp' });
  output.start();
  add(3, 1);
  await until('refused', () => counters.connects > 2);
  t.equal(counters.events_acked, 0);
  const lines: string[] = [];
  const receiver = createSocket('udp4');
  receiver.on('message', (message) => lines.push(message.toString()));
  receiver.bind(port, '127.0.0.1');
  t.teardown(() => receiver.close());
  await once(receiver, 'listening');
  await delivered();
  await until('they are here', () => distinct(lines).length === 3);
  add(1, 1, 70_000);
  await until('the long one', () => lines.some((line) => line.length === 65_507));
  t.equal(counters.lines_changed, 1);
  await sleep(10);
  await output.stop(1000);
});
