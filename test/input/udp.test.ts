import { createSocket, Socket } from 'node:dgram';
import { existsSync, readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { UdpConfig } from '../../src/config/config.js';
import { AllowList } from '../../src/input/allow-list.js';
import { UdpInput } from '../../src/input/udp.js';
import { bench, eventually, families, sendDatagrams, settle } from './loopback.js';

interface Setting extends Partial<UdpConfig> {
  readonly allow?: readonly string[];
  readonly maxMessageBytes?: number;
}

async function listening(t: Test, { allow = [], maxMessageBytes = 65536, ...own }: Setting = {}) {
  const parts = bench();
  const config: UdpConfig = { address: '::', port: 0, receiveBufferBytes: 65536, ...own };
  const list = new AllowList(allow);
  const input = new UdpInput(config, { ...parts, maxMessageBytes, allow: list, now: () => 1234 });
  await input.start();
  t.teardown(() => input.stop());
  return { ...parts, input };
}

t.test('one listener serves both families; an IPv4 sender is named as IPv4', async (t) => {
  const { input, sink, counters } = await listening(t);
  for (const host of families) await sendDatagrams(input.port, ['<14>a', '<14>b\n'], host);
  await eventually(() => sink.frames.length === 2 * families.length, 'all datagrams');
  t.strictSame(
    new Set(sink.frames.map(({ peer, text }) => `${peer.address} ${text}`)),
    new Set(families.flatMap((host) => [`${host} <14>a`, `${host} <14>b`])),
  );
  t.ok(sink.frames.every(({ receivedAtMs }) => receivedAtMs === 1234));
  t.equal(new Set(sink.frames.map(({ peer }) => peer)).size, families.length, 'one peer each');
  t.equal(counters.received_frames, 2 * families.length);
  t.equal(counters.received_bytes, 11 * families.length);
  t.equal(counters.received_bytes_udp, 11 * families.length);
  t.equal(counters.received_frames_udp, 2 * families.length);
  t.match(input.name, /^udp (\[::\]|0\.0\.0\.0):\d+$/);
});

t.test('a socket that fails with each read does not fill the log', async (t) => {
  let socket: Socket | null = null;
  const { bind } = Socket.prototype;
  t.teardown(() => {
    Socket.prototype.bind = bind;
  });
  Socket.prototype.bind = function (this: Socket, ...parts: unknown[]) {
    socket = this;
    return Reflect.apply(bind, this, parts);
  } as typeof bind;
  const { warnings } = await listening(t);
  const failed = () => warnings.filter((words) => words === 'UDP error').length;
  for (let i = 0; i < 1000; i++) (socket as Socket | null)?.emit('error', new Error('ENOMEM'));
  t.equal(failed(), 1);
});

t.test('it says whether it listens', async (t) => {
  const { input } = await listening(t);
  t.equal(input.listening, true);
  await input.stop();
  t.equal(input.listening, false);
});

t.test('a datagram longer than max_message is cut, an empty one is counted', async (t) => {
  const { input, sink, counters } = await listening(t, { maxMessageBytes: 100 });
  await sendDatagrams(input.port, [`<14>${'x'.repeat(5000)}`, '', '<14>next']);
  await eventually(() => sink.frames.length === 2, 'two frames');
  t.strictSame(
    sink.frames.map(({ bytes, originalLength }) => [bytes.length, originalLength]),
    [
      [100, 5004],
      [8, 8],
    ],
  );
  t.strictSame([counters.frames_truncated, counters.frames_skipped_empty], [1, 1]);
});

t.test('while paused, datagrams are dropped and counted, each of them', async (t) => {
  const { input, sink, counters } = await listening(t);
  input.pause();
  input.pause();
  await sendDatagrams(input.port, Array(50).fill('<14>dropped'));
  await eventually(() => counters.udp_dropped_full === 50, 'all are counted');
  t.strictSame([sink.frames.length, counters.received_frames, counters.received_bytes], [0, 0, 0]);
  input.resume();
  await sendDatagrams(input.port, ['<14>taken']);
  await eventually(() => sink.frames.length === 1, 'the next');
  t.equal(counters.udp_dropped_full, 50);
});

t.test('who is not allowed is dropped and counted, paused or not', async (t) => {
  const { input, sink, counters } = await listening(t, { allow: ['192.0.2.0/24', '::1'] });
  await sendDatagrams(input.port, ['<14>a', '<14>b']);
  await eventually(() => counters.udp_dropped_not_allowed === 2, 'both are counted');
  input.pause();
  await sendDatagrams(input.port, ['<14>c']);
  await eventually(() => counters.udp_dropped_not_allowed === 3, 'this too');
  t.strictSame([sink.frames.length, counters.udp_dropped_full], [0, 0]);

  const open = await listening(t, { allow: ['127.0.0.1'] });
  await sendDatagrams(open.input.port, ['<14>a']);
  await eventually(() => open.sink.frames.length === 1, 'an allowed one');
});

t.test(
  'a kernel that grants less than receive_buffer is a warning that says what to do',
  async (t) => {
    const wanted = 2 ** 30;
    const { warnings } = await listening(t, { receiveBufferBytes: wanted });
    t.equal(warnings.length, 1);
    t.match(warnings[0], /granted a receive buffer of \d+ bytes, not the 1073741824/);
    t.match(warnings[0], `sysctl -w net.core.rmem_max=${wanted}`);
    const modest = await listening(t, { receiveBufferBytes: 65536 });
    t.strictSame(modest.warnings, [], 'what is granted in full is no warning');
  },
);

const bigBuffer = 4 * 1024 * 1024;
const skip = maxReceiveBuffer() < bigBuffer && 'sysctl -w net.core.rmem_max=4194304 enables it';
t.test('a burst larger than the default buffer waits until it is read', { skip }, async (t) => {
  const { input, sink, warnings } = await listening(t, { receiveBufferBytes: bigBuffer });
  t.strictSame(warnings, [], 'what is granted in full is no warning');
  const sender = createSocket('udp4');
  t.teardown(() => sender.close());
  await new Promise<void>((resolve) => sender.connect(input.port, '127.0.0.1', resolve));
  // Nothing is read while this loop holds the event loop; Linux' default holds about 160 of them.
  const datagrams = 1500;
  for (let i = 0; i < datagrams; i++) sender.send(`<14>${'x'.repeat(596)}`);
  await eventually(() => sink.frames.length === datagrams, `${datagrams} datagrams`);
});

t.test('stop takes what the kernel holds already, then closes the port', async (t) => {
  const { input, sink } = await listening(t);
  await sendDatagrams(input.port, Array(100).fill('<14>a'));
  await input.stop();
  t.equal(sink.frames.length, 100);
  await sendDatagrams(input.port, ['<14>late']).catch(() => {});
  await settle();
  t.equal(sink.frames.length, 100);
  await input.stop();
});

t.test('stop while paused counts what the kernel holds as dropped', async (t) => {
  const { input, sink, counters } = await listening(t);
  const sender = createSocket('udp4');
  t.teardown(() => sender.close());
  await new Promise<void>((resolve) => sender.connect(input.port, '127.0.0.1', resolve));
  input.pause();
  // In one turn, so nothing has been read when stop is called.
  for (let i = 0; i < 50; i++) sender.send('<14>a');
  await input.stop();
  t.strictSame([counters.udp_dropped_full, sink.frames.length], [50, 0]);
});

t.test('stop does not wait for a sender that never pauses', async (t) => {
  const { input } = await listening(t);
  let sending = true;
  const flood = (async () => {
    while (sending) {
      await sendDatagrams(input.port, Array(10).fill('<14>a')).catch(() => {});
      await turn();
    }
  })();
  await settle();
  const from = performance.now();
  await input.stop();
  t.ok(performance.now() - from < 5000);
  sending = false;
  await flood;
});

t.test('stop without start does nothing', async () => {
  const allow = new AllowList([]);
  const config = { address: '::', port: 0, receiveBufferBytes: 65536 };
  await new UdpInput(config, { ...bench(), allow, maxMessageBytes: 99 }).stop();
});

t.test('a port that is taken is an error in words', async (t) => {
  const { input } = await listening(t);
  await t.rejects(listening(t, { port: input.port }), {
    code: 'LISTEN_FAILED',
    message: new RegExp(`cannot listen on udp \\[::\\]:${input.port}: .*EADDRINUSE`),
    hint: /another process/,
  });
});

/** The most that the kernel grants, bytes. */
function maxReceiveBuffer(): number {
  const file = '/proc/sys/net/core/rmem_max';
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}
