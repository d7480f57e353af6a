import { once } from 'node:events';
import t from 'tap';
import { maxUnacked } from '../../../src/input/relp/relp-connection.js';
import { client, eventually, settle } from '../loopback.js';
import { acks, messages, openAnswer, openSender, relpListening, relpSender } from './relp-bench.js';
import { relpFrame } from './relp-framed.js';

const goodbye = '0 serverclose 0\n';

t.test('a message is handed over at once and acked when it is stored', async (t) => {
  const { input, sink, durability, counters, clock } = await relpListening(t);
  const { socket, answers, answered } = await openSender(t, input.port);
  clock.ms = 1234;
  socket.write(relpFrame(2, 'syslog', '<14>a\n'));
  await eventually(() => durability.flushes === 1, 'a flush');
  t.strictSame(sink.texts, ['<14>a'], 'without its delimiter');
  t.match(sink.frames[0], {
    originalLength: 5,
    receivedAtMs: 1234,
    peer: { address: '127.0.0.1' },
  });
  await settle();
  t.equal(answers(), '', 'no ack before');
  durability.settle(true);
  await answered(acks(2, 1));
  t.match(counters, {
    relp_connections: 1,
    received_frames: 1,
    relp_acks: 1,
    relp_acks_withheld: 0,
  });
  t.match(input.name, /^relp (\[::\]|0\.0\.0\.0):\d+$/);
});

t.test('while a flush is under way the next group gathers, of all senders', async (t) => {
  const { input, sink, durability, counters } = await relpListening(t);
  const first = await openSender(t, input.port);
  const second = await openSender(t, input.port);
  first.socket.write(messages(2, 1));
  await eventually(() => durability.flushes === 1, 'the first flush');
  for (let i = 0; i < 50; i++) {
    first.socket.write(messages(3 + i, 1));
    second.socket.write(messages(2 + i, 1));
  }
  await eventually(() => sink.frames.length === 101, 'all messages');
  await settle();
  t.equal(durability.flushes, 1);
  durability.settle(true);
  await first.answered(acks(2, 1));
  await eventually(() => durability.flushes === 2, 'the second flush');
  await settle();
  t.equal(second.answers(), '');
  durability.settle(true);
  await first.answered(acks(2, 51));
  await second.answered(acks(2, 50));
  await settle();
  t.equal(durability.flushes, 2, 'one for all of them, and none when nothing waits');
  t.equal(counters.relp_acks, 101);
});

t.test('a flush covers nothing that came after it began', async (t) => {
  const { input, sink, durability } = await relpListening(t);
  const { socket, answered, answers } = await openSender(t, input.port);
  socket.write(messages(2, 3));
  await eventually(() => durability.flushes === 1, 'the first flush');
  socket.write(messages(5, 4));
  await eventually(() => sink.frames.length === 7, 'all messages');
  durability.settle(true);
  await eventually(() => durability.flushes === 2, 'the second flush');
  await settle();
  t.equal(answers(), acks(2, 3));
  durability.settle(true);
  await answered(acks(2, 7));
});

t.test(
  'what is not stored is not acked: the sessions end, unanswered, and it is said',
  async (t) => {
    const { input, sink, durability, counters, warnings } = await relpListening(t);
    const waiting = await openSender(t, input.port);
    const idle = await openSender(t, input.port);
    waiting.socket.write(messages(2, 3));
    await eventually(() => durability.flushes === 1, 'a flush');
    waiting.socket.write(messages(5, 2));
    await eventually(() => sink.frames.length === 5, 'two more');
    durability.settle(false);
    await once(waiting.socket, 'close');
    t.equal(waiting.answers(), goodbye);
    t.match(counters, { relp_flush_failures: 1, relp_acks: 0, relp_acks_withheld: 5 });
    t.match(warnings, [/could not be stored; it will send it again/]);
    await settle();
    t.equal(durability.flushes, 1, 'none for who is gone');
    // Whoever sent nothing is not concerned, and the next flush counts again.
    durability.result = true;
    idle.socket.write(messages(2, 1));
    await idle.answered(acks(2, 1));
  },
);

t.test('a flush that throws has stored nothing', async (t) => {
  const { input, durability, counters } = await relpListening(t);
  durability.flush = () => Promise.reject(new Error('disk'));
  const { socket, answers } = await openSender(t, input.port);
  socket.write(messages(2, 1));
  await once(socket, 'close');
  t.equal(answers(), goodbye);
  t.equal(counters.relp_flush_failures, 1);
});

t.test('close is answered when all is acked, then the server says goodbye', async (t) => {
  const { input, durability } = await relpListening(t);
  const { socket, answers, answered } = await openSender(t, input.port);
  socket.write(Buffer.concat([messages(2, 2), relpFrame(4, 'close'), messages(5, 1)]));
  await eventually(() => durability.flushes === 1, 'a flush');
  await settle();
  t.equal(answers(), '');
  durability.settle(true);
  await once(socket, 'close');
  await answered(`${acks(2, 2)}4 rsp 0\n${goodbye}`);
  const other = await openSender(t, input.port);
  other.socket.write(relpFrame(2, 'close'));
  await once(other.socket, 'close');
  t.equal(other.answers(), `2 rsp 0\n${goodbye}`);
});

t.test(
  'an unknown command is answered with 500, a hint is not, and the session goes on',
  async (t) => {
    const { input, durability, counters, sink } = await relpListening(t);
    durability.result = true;
    const { socket, answered } = await openSender(t, input.port);
    socket.write(Buffer.concat([relpFrame(2, 'starttls'), relpFrame(0, 'hint'), messages(3, 1)]));
    await answered(`2 rsp 25 500 command not supported\n${acks(3, 1)}`);
    t.equal(counters.relp_unknown_commands, 2);
    t.equal(sink.frames.length, 1);
  },
);

t.test(
  'what is no RELP or out of turn ends the session, counted, and said once a minute',
  async (t) => {
    const { input, sink, counters, warnings, clock } = await relpListening(t);
    const bad = async (bytes: string | Buffer): Promise<string> => {
      const { socket, answers } = await relpSender(t, input.port);
      socket.write(bytes);
      await once(socket, 'close');
      return answers();
    };
    t.equal(await bad('<14>plain\n'), goodbye);
    t.equal(await bad('<14>plain\n'), goodbye);
    t.equal(await bad(messages(2, 2)), goodbye);
    const open = relpFrame(1, 'open', 'relp_version=0');
    t.equal(await bad(Buffer.concat([open, open])), openAnswer + goodbye);
    t.equal(
      await bad(Buffer.concat([open, messages(2, 1), Buffer.from('x')])),
      openAnswer + goodbye,
    );
    t.equal(counters.relp_protocol_errors, 5);
    t.equal(counters.relp_acks_withheld, 1);
    t.strictSame(sink.texts, ['<14>2']);
    t.match(warnings, [
      /begins like syslog without RELP/,
      /a message came before "open"/,
      /a second "open" came/,
      /no TXNR where a frame should begin/,
    ]);
    t.equal(warnings.length, 4);
    clock.ms += 60_000;
    await bad('<14>plain\n');
    t.equal(warnings.length, 5);
  },
);

t.test('a message too long is cut, told and acked; an empty one is acked', async (t) => {
  const { input, sink, durability, counters } = await relpListening(t, { maxMessageBytes: 16 });
  durability.result = true;
  const { socket, answered } = await openSender(t, input.port);
  const long = relpFrame(2, 'syslog', `<14>${'x'.repeat(996)}\n`);
  socket.write(Buffer.concat([long, relpFrame(3, 'syslog'), relpFrame(4, 'syslog', '\n')]));
  await answered(acks(2, 3));
  t.strictSame(sink.texts, [`<14>${'x'.repeat(12)}`]);
  t.equal(sink.frames[0]?.originalLength, 1001);
  t.match(counters, { frames_truncated: 1, frames_skipped_empty: 2, received_frames: 1 });
});

t.test(
  'a connection cut in mid-frame hands over no part of it, and what has no ack is counted',
  async (t) => {
    const { input, sink, durability, counters } = await relpListening(t);
    const { socket } = await openSender(t, input.port);
    socket.write(Buffer.concat([messages(2, 2), Buffer.from('4 syslog 9 <14>')]));
    await eventually(() => durability.flushes === 1, 'a flush');
    socket.resetAndDestroy();
    await eventually(() => input.connections === 0, 'gone');
    t.equal(counters.relp_acks_withheld, 2);
    durability.settle(true);
    await settle();
    t.equal(sink.frames.length, 2);
    t.equal(counters.relp_acks, 0);
  },
);

t.test('a sender that does not wait for acks is made to wait', async (t) => {
  const { input, sink, durability, counters } = await relpListening(t);
  const { socket, answered } = await openSender(t, input.port);
  const count = 60_000;
  socket.write(messages(2, count));
  await eventually(() => counters.relp_window_pauses === 1, 'the pause');
  await settle();
  const taken = sink.frames.length;
  t.ok(taken >= maxUnacked && taken < maxUnacked + 5000, `${taken} taken without an ack`);
  durability.result = true;
  durability.settle(true);
  await eventually(() => sink.frames.length === count, 'all of them');
  await answered(acks(2, count));
  t.equal(counters.relp_acks, count);
  // Many come in one turn: far fewer flushes than messages.
  t.ok(durability.flushes < 1000, `${durability.flushes} flushes`);
});

t.test('a sender that does not read its answers is not read, then closed', async (t) => {
  const { input, durability, counters, warnings, clock } = await relpListening(t, {
    frameTimeoutMs: 1000,
  });
  durability.result = true;
  const { socket } = await openSender(t, input.port);
  socket.pause();
  const bytes = Buffer.concat(Array(40_000).fill(relpFrame(2, 'x')));
  let stuck = false;
  // Answers are larger than the commands, so the kernel's buffers are full some time.
  for (let i = 0; i < 200 && !stuck; i++) {
    socket.write(bytes);
    await settle();
    const before = counters.received_bytes;
    await settle();
    stuck = counters.received_bytes === before && socket.writableLength > 0;
  }
  t.ok(stuck, 'nothing more is read');
  input.sweep();
  t.equal(counters.relp_closed_answers_not_read, 0);
  clock.ms += 1001;
  input.sweep();
  t.equal(counters.relp_closed_answers_not_read, 1);
  t.match(warnings, [/did not read our answers/]);
  clock.ms += 1001;
  input.sweep();
  await eventually(() => input.connections === 0, 'gone');
});

t.test('time limits: an unfinished frame, silence; not while it waits for us', async (t) => {
  const limits = { frameTimeoutMs: 1000, idleTimeoutMs: 5000 };
  const { input, durability, counters, clock, sink } = await relpListening(t, limits);
  const late = await openSender(t, input.port);
  const silent = await openSender(t, input.port);
  const waiting = await openSender(t, input.port);
  late.socket.write('2 syslog 9 <14>');
  waiting.socket.write(messages(2, 1));
  await eventually(() => durability.flushes === 1, 'a flush');
  clock.ms += 1001;
  input.sweep();
  await once(late.socket, 'close');
  t.equal(counters.relp_closed_unfinished_frame, 1);
  clock.ms += 4000;
  input.sweep();
  await once(silent.socket, 'close');
  t.equal(counters.relp_closed_idle, 1);
  t.equal(input.connections, 1);
  durability.settle(true);
  await waiting.answered(acks(2, 1));
  t.equal(sink.frames.length, 1);
  clock.ms += 5001;
  input.sweep();
  await once(waiting.socket, 'close');
  t.equal(counters.relp_closed_idle, 2);
});

t.test('a pause stops reading, not answering', async (t) => {
  const { input, sink, durability } = await relpListening(t);
  const { socket, answers, answered } = await openSender(t, input.port);
  socket.write(messages(2, 1));
  await eventually(() => durability.flushes === 1, 'a flush');
  input.pause();
  socket.write(messages(3, 1));
  durability.settle(true);
  await answered(acks(2, 1));
  await settle();
  t.strictSame([sink.frames.length, durability.flushes, answers()], [1, 1, acks(2, 1)]);
  durability.result = true;
  input.resume();
  await answered(acks(2, 2));
});

t.test('a pause within the sink and one for the window do not lift each other', async (t) => {
  const { input, sink, durability, counters } = await relpListening(t);
  const { socket } = await openSender(t, input.port);
  socket.write(messages(2, 40_000));
  await eventually(() => counters.relp_window_pauses === 1, 'the pause for the window');
  input.pause();
  durability.result = true;
  durability.settle(true);
  await settle();
  const taken = sink.frames.length;
  t.equal(counters.relp_acks, taken, 'acked');
  await settle();
  t.equal(sink.frames.length, taken, 'not read: the input is paused still');
  input.resume();
  await eventually(() => counters.relp_acks === 40_000, 'all of them');
});

t.test('a stop answers what was read, says goodbye, and takes no more', async (t) => {
  const { input, sink, durability, counters } = await relpListening(t);
  const { socket, answers } = await openSender(t, input.port);
  socket.write(messages(2, 3));
  await eventually(() => durability.flushes === 1, 'a flush');
  const stopped = input.stop();
  await settle();
  t.equal(answers(), '');
  durability.settle(true);
  await stopped;
  await eventually(() => socket.destroyed, 'closed');
  t.equal(answers(), acks(2, 3) + goodbye);
  t.strictSame([sink.frames.length, counters.relp_acks_withheld], [3, 0]);
});

t.test('who is not allowed, or too many, is refused and counted', async (t) => {
  const refusing = await relpListening(t, { allow: ['192.0.2.0/24'] });
  await once(await client(t, refusing.input.port), 'close');
  t.equal(refusing.counters.relp_refused_not_allowed, 1);
  const small = await relpListening(t, { maxConnections: 1 });
  await openSender(t, small.input.port);
  await once(await client(t, small.input.port), 'close');
  t.equal(small.counters.relp_refused_connection_limit, 1);
  t.match(small.warnings[0], /listen\.relp\.max_connections/);
});
