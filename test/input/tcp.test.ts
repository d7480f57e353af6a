import { once } from 'node:events';
import t, { type Test } from 'tap';
import type { TcpConfig } from '../../src/config/config.js';
import { StegwatchError } from '../../src/errors.js';
import { AllowList } from '../../src/input/allow-list.js';
import { createTcpInput } from '../../src/input/tcp.js';
import { bench, client, eventually, families, settle } from './loopback.js';

interface Setting extends Partial<TcpConfig> {
  readonly allow?: readonly string[];
  readonly maxMessageBytes?: number;
}

const farAway = 1_000_000;

async function listening(t: Test, { allow = [], maxMessageBytes = 65536, ...own }: Setting = {}) {
  const parts = bench();
  const clock = { ms: 1000 };
  const config: TcpConfig = {
    address: '::',
    port: 0,
    maxConnections: 100,
    maxConnectionsPerAddress: 0,
    idleTimeoutMs: 0,
    frameTimeoutMs: farAway,
    ...own,
  };
  const list = new AllowList(allow);
  const now = () => clock.ms;
  const input = createTcpInput(config, { ...parts, maxMessageBytes, allow: list, now });
  await input.start();
  t.teardown(() => input.stop());
  const got = (texts: string[]) =>
    eventually(() => parts.sink.frames.length >= texts.length, `${texts.length} frames`).then(() =>
      t.strictSame(parts.sink.texts, texts),
    );
  return { ...parts, clock, input, got };
}

t.test('it says whether it listens', async (t) => {
  const { input } = await listening(t);
  t.equal(input.listening, true);
  await input.stop();
  t.equal(input.listening, false);
});

t.test('one listener serves both families; an IPv4 peer is named as IPv4', async (t) => {
  const { input, sink, counters, got } = await listening(t);
  for (const host of families) (await client(t, input.port, host)).write('<14>a\n');
  await got(families.map(() => '<14>a'));
  t.strictSame(sink.frames.map(({ peer }) => peer.address).sort(), [...families].sort());
  t.equal(counters.tcp_connections, families.length);
  t.equal(counters.received_bytes, 6 * families.length);
  t.equal(counters.received_bytes_tcp, 6 * families.length);
  t.equal(counters.received_frames_tcp, counters.received_frames);
  t.match(input.name, /^tcp (\[::\]|0\.0\.0\.0):\d+$/);
});

t.test('all frames of a connection carry one peer object and the receipt', async (t) => {
  const { input, sink, clock, got } = await listening(t);
  clock.ms = 1234;
  (await client(t, input.port)).write('<14>a\n5 <15>b<16>c\n');
  await got(['<14>a', '<15>b', '<16>c']);
  t.equal(sink.frames[0]?.peer, sink.frames[2]?.peer);
  t.equal(sink.frames[0]?.receivedAtMs, 1234);
});

t.test('connections beyond the limit are closed at once, counted, and said once', async (t) => {
  const { input, sink, counters, warnings, clock } = await listening(t, { maxConnections: 2 });
  const first = await client(t, input.port);
  const second = await client(t, input.port);
  for (let i = 0; i < 3; i++) await once(await client(t, input.port), 'close');
  t.equal(counters.tcp_refused_connection_limit, 3);
  t.equal(counters.tcp_connections, 2);
  t.strictSame(warnings, ['refused: listen.tcp.max_connections is reached']);
  first.end('<14>first');
  second.write('<14>second\n');
  await eventually(() => input.connections === 1, 'one is left');
  (await client(t, input.port)).write('<14>third\n');
  await eventually(() => counters.received_frames === 3, 'its place is taken');
  t.equal(counters.tcp_refused_connection_limit, 3);
  clock.ms += 60_000;
  await once(await client(t, input.port), 'close');
  t.equal(warnings.length, 2, 'said again when a minute has gone');
  t.strictSame(sink.texts.sort(), ['<14>first', '<14>second', '<14>third']);
});

t.test('one address may be held to a part of the places', async (t) => {
  const { input, counters, warnings, got } = await listening(t, {
    maxConnections: 3,
    maxConnectionsPerAddress: 2,
  });
  const first = await client(t, input.port);
  await client(t, input.port);
  await once(await client(t, input.port), 'close');
  t.strictSame([counters.tcp_refused_address_limit, counters.tcp_connections], [1, 2]);
  t.strictSame(warnings, ['refused: listen.tcp.max_connections_per_address is reached']);
  const other = await client(t, input.port, '127.0.0.1', '127.0.0.2');
  other.write('<14>other\n');
  await got(['<14>other']);
  first.destroy();
  await eventually(() => input.connections === 2, 'one is gone');
  (await client(t, input.port)).write('<14>again\n');
  await got(['<14>other', '<14>again']);
  t.equal(counters.tcp_refused_connection_limit, 0);
});

t.test('who is not allowed is refused and counted, and takes no place', async (t) => {
  const { input, sink, counters, warnings } = await listening(t, {
    allow: ['192.0.2.0/24'],
    maxConnections: 1,
  });
  const refused = await client(t, input.port);
  refused.write('<14>a\n');
  await once(refused, 'close');
  t.strictSame([counters.tcp_refused_not_allowed, counters.tcp_connections], [1, 0]);
  t.equal(counters.tcp_refused_connection_limit, 0);
  t.strictSame([sink.texts, warnings], [[], []]);

  const open = await listening(t, { allow: ['127.0.0.0/8'] });
  (await client(t, open.input.port)).write('<14>a\n');
  await open.got(['<14>a']);
});

t.test('a connection that is silent for too long is closed and counted', async (t) => {
  const { input, counters, clock } = await listening(t, { idleTimeoutMs: 1000 });
  const silent = await client(t, input.port);
  const busy = await client(t, input.port);
  await eventually(() => input.connections === 2, 'both are accepted');
  clock.ms += 900;
  busy.write('<14>a\n');
  await eventually(() => counters.received_frames === 1, 'data');
  clock.ms += 200;
  input.sweep();
  await once(silent, 'close');
  t.equal(counters.tcp_closed_idle, 1);
  t.equal(input.connections, 1);
  clock.ms += 801;
  input.sweep();
  await once(busy, 'close');
  t.equal(counters.tcp_closed_idle, 2);
});

t.test('without an idle timeout a quiet connection stays', async (t) => {
  const { input, clock } = await listening(t, { idleTimeoutMs: 0, frameTimeoutMs: 100 });
  await client(t, input.port);
  await eventually(() => input.connections === 1, 'accepted');
  clock.ms += 1_000_000_000;
  input.sweep();
  await settle();
  t.equal(input.connections, 1);
});

t.test('a byte now and then does not keep an unfinished frame open', async (t) => {
  const { input, counters, clock, got } = await listening(t, { frameTimeoutMs: 1000 });
  const dripping = await client(t, input.port);
  const begun = clock.ms;
  let sent = '';
  for (const byte of '<14>ab') {
    dripping.write(byte);
    sent += byte;
    await eventually(() => counters.received_bytes === sent.length, 'the byte');
    input.sweep();
    t.equal(counters.tcp_closed_unfinished_frame, 0, `${clock.ms - begun} ms`);
    clock.ms += 200;
  }
  input.sweep();
  await once(dripping, 'close');
  t.equal(counters.tcp_closed_unfinished_frame, 1, `${clock.ms - begun} ms`);
  await got([sent]);
  t.equal(counters.received_frames_tcp, 1, 'handed over when it was closed');
});

t.test('frames that are finished in time keep a connection open', async (t) => {
  const { input, counters, clock } = await listening(t, { frameTimeoutMs: 1000 });
  const steady = await client(t, input.port);
  let bytes = 0;
  for (let i = 0; i < 5; i++) {
    // Each chunk ends one frame and begins the next, so that one is pending all the time.
    bytes += 4;
    steady.write('a\n<1');
    await eventually(() => counters.received_bytes === bytes, 'the chunk');
    clock.ms += 900;
    input.sweep();
  }
  t.strictSame([counters.tcp_closed_unfinished_frame, input.connections], [0, 1]);
});

t.test('the rest of a frame that is too long is held to the same time', async (t) => {
  const { input, sink, counters, clock } = await listening(t, {
    frameTimeoutMs: 1000,
    maxMessageBytes: 16,
  });
  const endless = await client(t, input.port);
  endless.write('999999999 <14>');
  await eventually(() => counters.received_bytes === 14, 'its head');
  clock.ms += 600;
  endless.write('x'.repeat(1000));
  await eventually(() => counters.received_bytes === 1014, 'more of it');
  clock.ms += 600;
  input.sweep();
  await once(endless, 'close');
  t.equal(counters.tcp_closed_unfinished_frame, 1);
  t.strictSame(sink.texts, [`<14>${'x'.repeat(12)}`]);
  t.equal(sink.frames[0]?.originalLength, 999_999_999);
  t.equal(counters.frames_truncated, 1);
});

t.test('the listener sweeps by itself', async (t) => {
  const parts = bench();
  const config = { address: '127.0.0.1', port: 0, maxConnections: 9, maxConnectionsPerAddress: 0 };
  const limits = { idleTimeoutMs: 0, frameTimeoutMs: 60 };
  const allow = new AllowList([]);
  const input = createTcpInput({ ...config, ...limits }, { ...parts, allow, maxMessageBytes: 99 });
  await input.start();
  t.teardown(() => input.stop());
  const slow = await client(t, input.port);
  slow.write('<14>a');
  await once(slow, 'close');
  t.equal(parts.counters.tcp_closed_unfinished_frame, 1);
  t.strictSame(parts.sink.texts, ['<14>a']);
});

t.test('while paused nothing is read, new connections included; then all of it', async (t) => {
  const { input, sink, counters } = await listening(t);
  const lines = 20_000;
  const line = (i: number) => `<14>${String(i).padStart(595, '.')}\n`;
  const old = await client(t, input.port);
  old.write('<14>before\n');
  await eventually(() => sink.frames.length === 1, 'the first line');
  input.pause();
  input.pause();
  let stuck = false;
  for (let i = 0; i < lines; i++) stuck = !old.write(line(i));
  const fresh = await client(t, input.port);
  fresh.write('<14>fresh\n');
  await settle();
  t.equal(sink.frames.length, 1, 'nothing comes');
  t.ok(stuck && old.writableLength > 0, 'the sender is held back');
  t.equal(counters.received_bytes, 11);
  input.resume();
  input.resume();
  await eventually(() => sink.frames.length === lines + 2, 'all lines');
  const fromOld = sink.texts.filter((text) => text !== '<14>fresh').slice(1);
  t.ok(
    fromOld.every((text, i) => text === line(i).trimEnd()),
    'in order',
  );
});

t.test('a pause before the start holds', async (t) => {
  const parts = bench();
  const config = { address: '127.0.0.1', port: 0, maxConnections: 9, maxConnectionsPerAddress: 0 };
  const limits = { idleTimeoutMs: 0, frameTimeoutMs: farAway };
  const allow = new AllowList([]);
  const input = createTcpInput({ ...config, ...limits }, { ...parts, allow, maxMessageBytes: 99 });
  input.pause();
  await input.start();
  t.teardown(() => input.stop());
  (await client(t, input.port)).write('<14>a\n');
  await settle();
  t.equal(parts.sink.frames.length, 0);
  input.resume();
  await eventually(() => parts.sink.frames.length === 1, 'the line');
});

t.test('a frame that the pause held up is not late', async (t) => {
  const { input, counters, clock, got } = await listening(t, {
    frameTimeoutMs: 1000,
    idleTimeoutMs: 1000,
  });
  const sender = await client(t, input.port);
  sender.write('<14>a');
  await eventually(() => counters.received_bytes === 5, 'the head');
  input.pause();
  sender.write('b\n');
  clock.ms += 5000;
  input.sweep();
  input.resume();
  input.sweep();
  await got(['<14>ab']);
  t.strictSame([counters.tcp_closed_unfinished_frame, counters.tcp_closed_idle], [0, 0]);
  clock.ms += 1001;
  input.sweep();
  await once(sender, 'close');
  t.equal(counters.tcp_closed_idle, 1, 'later silence counts again');
});

t.test('a sink that pauses the input gets the rest of what was read, then no more', async (t) => {
  const { input, sink } = await listening(t);
  sink.onFrame = () => input.pause();
  const sender = await client(t, input.port);
  sender.write('<14>a\n<14>b\n');
  await eventually(() => sink.frames.length === 2, 'the chunk');
  sender.write('<14>c\n');
  await settle();
  t.equal(sink.frames.length, 2);
  input.resume();
  await eventually(() => sink.frames.length === 3, 'the next chunk');
});

t.test('a close in mid-frame hands over what came of it', async (t) => {
  const { input, sink, got } = await listening(t);
  (await client(t, input.port)).end('<14>a\n20 <15>cut');
  await got(['<14>a', '<15>cut']);
  t.equal(sink.frames[1]?.originalLength, 20, 'and how long it was to be');
  await eventually(() => input.connections === 0, 'closed');
});

t.test('a reset in mid-frame hands over what came of it and harms nobody else', async (t) => {
  const { input, counters, got } = await listening(t);
  const other = await client(t, input.port);
  const sender = await client(t, input.port);
  sender.write('<14>cut');
  await eventually(() => counters.received_bytes === 7, 'the head');
  sender.resetAndDestroy();
  await got(['<14>cut']);
  other.write('<15>alive\n');
  await got(['<14>cut', '<15>alive']);
  t.equal(input.connections, 1);
});

t.test('who connects while paused, sends and resets hands nothing over', async (t) => {
  const { input, sink, counters } = await listening(t);
  input.pause();
  for (let n = 0; n < 20; n++) {
    const sender = await client(t, input.port);
    sender.write('<14>a\n'.repeat(1000));
    await settle();
    sender.resetAndDestroy();
  }
  await settle();
  t.equal(counters.received_bytes, 0);
  t.strictSame(sink.texts, []);
  input.resume();
  await eventually(() => input.connections === 0, 'closed');
});

t.test('stop takes what was received, the unfinished frame too, and closes all', async (t) => {
  const { input, sink } = await listening(t);
  const senders = [await client(t, input.port), await client(t, input.port)];
  await eventually(() => input.connections === 2, 'accepted');
  const closed = senders.map((sender) => once(sender, 'close'));
  // Written and in our kernel's buffer, but not read yet when stop is called.
  for (const sender of senders) sender.write(`${'<14>a\n'.repeat(1000)}<14>rest`);
  await input.stop();
  await Promise.all(closed);
  t.equal(sink.frames.length, 2002);
  t.equal(sink.texts.filter((text) => text === '<14>rest').length, 2);
  t.equal(input.connections, 0);
  await t.rejects(client(t, input.port), { code: 'ECONNREFUSED' });
  await input.stop();
});

t.test('a paused connection takes nothing, and stop does not take it either', async (t) => {
  const { input, sink } = await listening(t);
  const sender = await client(t, input.port);
  await eventually(() => input.connections === 1, 'accepted');
  sender.write('<14>a\n<14>b');
  await eventually(() => sink.frames.length === 1, 'the first');
  input.pause();
  sender.write('\n<14>c\n<14>d');
  await settle();
  t.strictSame(sink.texts, ['<14>a']);
  await input.stop();
  t.strictSame(sink.texts, ['<14>a', '<14>b'], 'what had been read, an unfinished frame included');
});

t.test(
  'after a pause those whose turn has not come are not late, and stop takes what they sent',
  async (t) => {
    const { input, sink, counters, clock } = await listening(t, { idleTimeoutMs: 1000 });
    const many = 60;
    const senders = [];
    for (let i = 0; i < many; i++) senders.push(await client(t, input.port));
    await eventually(() => input.connections === many, 'accepted');
    await settle();
    input.pause();
    for (const [i, sender] of senders.entries()) sender.write(`<14>${i}\n`);
    await settle();
    t.equal(sink.frames.length, 0, 'all of it is with the kernel');
    clock.ms += 5000;
    input.resume();
    input.sweep();
    t.equal(counters.tcp_closed_idle, 0);
    t.equal(input.connections, many);
    await input.stop();
    t.equal(sink.frames.length, many);
  },
);

t.test('stop does not wait for a sender that never pauses', async (t) => {
  const { input } = await listening(t);
  const sender = await client(t, input.port);
  const block = Buffer.alloc(65536, '<14>some text\n');
  const pump = (error?: Error | null) => {
    if (!error && !sender.destroyed) sender.write(block, pump);
  };
  pump();
  await eventually(() => input.connections === 1, 'accepted');
  await input.stop();
  t.equal(input.connections, 0);
});

t.test('stop without start does nothing', async () => {
  const config = { address: '::', port: 0, maxConnections: 1, maxConnectionsPerAddress: 0 };
  const limits = { idleTimeoutMs: 0, frameTimeoutMs: 0 };
  const allow = new AllowList([]);
  await createTcpInput({ ...config, ...limits }, { ...bench(), allow, maxMessageBytes: 99 }).stop();
});

t.test('a port that is taken is an error in words', async (t) => {
  const { input } = await listening(t);
  const second = listening(t, { port: input.port });
  await t.rejects(second, {
    code: 'LISTEN_FAILED',
    message: new RegExp(`cannot listen on tcp \\[::\\]:${input.port}: .*EADDRINUSE`),
    hint: /another process/,
  });
  await t.rejects(second, StegwatchError);
});

t.test('an address that is not ours is an error in words', async (t) => {
  await t.rejects(listening(t, { address: '192.0.2.1' }), {
    code: 'LISTEN_FAILED',
    message: /192\.0\.2\.1/,
    hint: /no interface of this machine/,
  });
});
