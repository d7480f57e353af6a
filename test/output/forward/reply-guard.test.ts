/**
 * Replies of a receiver that is none, or means harm: the connection fails with words, memory stays
 * bounded, and nothing throws.
 */
import { randomInt } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { ReplyGuard } from '../../../src/output/forward/reply-guard.js';
import { batchOf } from '../../support/entries.js';
import { ForwardServer } from '../../support/forward-server.js';
import { acked, makeForwarding } from '../../support/forwarding.js';
import { until } from '../../support/until.js';

t.setTimeout(120_000);
const seed = Number(process.env.STEGWATCH_SEED ?? randomInt(2 ** 31));
t.comment(`seed ${seed}; STEGWATCH_SEED=${seed} repeats it`);

/** What comes out of the guard, in pieces of `step` bytes; null if it found something wrong. */
function through(bytes: Uint8Array, step: number): Buffer | null {
  const guard = new ReplyGuard({ highWaterMark: 2 ** 30 });
  let failed = false;
  guard.on('error', () => {
    failed = true;
  });
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length && !failed; at += step) {
    guard._transform(Buffer.from(bytes.subarray(at, at + step)), 'utf8', (error, data) => {
      if (error) failed = true;
      else out.push(data);
    });
  }
  return failed ? null : Buffer.concat(out);
}

t.test('what receivers say passes unchanged, however it is cut', async (t) => {
  const messages = [
    ['HELO', { nonce: Buffer.alloc(16), auth: Buffer.alloc(16), keepalive: true }],
    ['PONG', false, 'shared_key mismatch', '', ''],
    ['PONG', true, '', 'receiver.test', 'f'.repeat(128)],
    ...Array.from({ length: 100 }, (_, i) => ({ ack: `${i}`.padStart(22, 'A') })),
    { nil: null, float: 1.5, big: 2 ** 40, negative: -5, list: [1, [2, { a: true }]] },
  ];
  const bytes = Buffer.concat(messages.map((message) => encode(message)));
  for (const step of [1, 2, 3, 7, 1000]) t.strictSame(through(bytes, step), bytes, `${step}`);
});

const array32 = (count: number): Buffer => {
  const bytes = Buffer.from([0xdd, 0, 0, 0, 0]);
  bytes.writeUInt32BE(count, 1);
  return bytes;
};
const ofLength = (first: number, length: number): Buffer => {
  const bytes = array32(length);
  bytes[0] = first;
  return bytes;
};
const hostile: readonly [string, Buffer][] = [
  ['an array said to be huge', array32(2 ** 25)],
  ['a map said to be huge', ofLength(0xdf, 2 ** 31)],
  ['many nested arrays said to be large', Buffer.concat(Array(13_000).fill(array32(2 ** 25)))],
  ['a text said to be 4 GiB', ofLength(0xdb, 2 ** 32 - 1)],
  ['bytes said to be 4 GiB', ofLength(0xc6, 2 ** 32 - 1)],
  ['an ext said to be 4 GiB', ofLength(0xc9, 2 ** 32 - 1)],
  ['arrays in arrays without end', Buffer.alloc(100_000, 0x91)],
  ['maps in maps', Buffer.alloc(100_000, 0x81)],
  ['no MessagePack', Buffer.from([0xc1])],
  [
    'acks without end',
    Buffer.concat(Array(5000).fill(encode({ ack: 'AAAAAAAAAAAAAAAAAAAAAA==' }))),
  ],
  ['a text that is long', Buffer.concat([ofLength(0xdb, 100_000), Buffer.alloc(100_000, 97)])],
];

for (const [title, reply] of hostile) {
  t.test(`${title}: the connection fails with words, and the next one delivers`, async (t) => {
    t.equal(through(reply, 1000), null);
    const server = await ForwardServer.start(t, { greeting: reply, acks: 'none' });
    const { output, spool, lines } = makeForwarding(t, [server.port]);
    spool.append(batchOf([{ n: 0 }]));
    const before = process.memoryUsage().rss;
    output.start();
    await until('three connections', () => server.connections >= 3);
    t.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024, 'memory');
    t.match(
      lines.find(({ level }) => level >= 40),
      {
        error: /not of the Forward protocol/,
        hint: /not a Forward receiver/,
      },
    );
    server.change({ greeting: null, acks: 'right' });
    server.closeConnections();
    await acked(spool);
  });
}

t.test('random bytes in random pieces never get past it longer than they may', async (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 3000 }),
      fc.integer({ min: 1, max: 100 }),
      (bytes, step) => {
        const whole = through(bytes, bytes.length || 1);
        const cut = through(bytes, step);
        return (whole === null) === (cut === null);
      },
    ),
    { seed },
  );
  t.pass('whole and cut alike');
});

t.test('a receiver that answers at random: no crash, and delivery once it is well', async (t) => {
  const replies = fc.sample(reply(), { numRuns: 150, seed });
  const { port, well, connections } = await randomReceiver(t, replies);
  const waits = { retryFirstMs: 1, retryMaxMs: 2, ackMs: 200 };
  for (const sharedKey of [null, 'key']) {
    const { output, spool, counters } = makeForwarding(t, [port], { sharedKey }, waits);
    spool.append(batchOf([{ n: 0 }]));
    output.start();
    const from = connections();
    await until('many answers', () => connections() >= from + 60, 60_000);
    t.equal(spool.batches, 1, 'none of it was an ack');
    t.equal(counters.events_acked, 0);
    await output.stop(0);
  }
  well();
});

function reply(): fc.Arbitrary<Uint8Array> {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 40 }),
  );
  const message = fc.oneof(
    fc.record({ ack: value }),
    fc.tuple(fc.constantFrom('HELO', 'PONG', 'PING'), value, value, value, value),
    fc.tuple(fc.constant('HELO'), fc.record({ nonce: value, auth: value, keepalive: value })),
    fc.dictionary(fc.string({ maxLength: 10 }), value, { maxKeys: 5 }),
  );
  const some = fc.array(message, { minLength: 1, maxLength: 5 });
  return fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 2000 }),
    some.map((list) => Buffer.concat(list.map((item) => encode(item)))),
  );
}

/** Answers each connection with the next reply, in slow pieces, and then closes it. */
async function randomReceiver(t: Test, replies: readonly Uint8Array[]) {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.resume();
    const bytes = replies[count++ % replies.length]!;
    const half = bytes.length >> 1;
    socket.write(bytes.subarray(0, half));
    setTimeout(() => socket.end(bytes.subarray(half)), 2);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const well = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  t.teardown(() => {
    well();
    server.close();
  });
  return { port: (server.address() as { port: number }).port, well, connections: () => count };
}
