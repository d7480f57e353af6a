/** One connection against one receiver: logins, deadlines, and bytes that are not the protocol. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { OutputCounters } from '../../../src/observe/counters.js';
import { encodeTag, makeChunk } from '../../../src/output/forward/chunk.js';
import type { Login } from '../../../src/output/forward/fluent-socket.js';
import {
  type ConnectionDeadlines,
  ForwardConnection,
} from '../../../src/output/forward/forward-connection.js';
import { entry } from '../../support/entries.js';
import { ForwardServer } from '../../support/forward-server.js';
import { shortDeadlines } from '../../support/forwarding.js';
import { until } from '../../support/until.js';

const login: Login = {
  clientHostname: 'client.test',
  sharedKey: 'secret',
  username: null,
  password: null,
};

t.test('with the right key it logs in and delivers', async (t) => {
  const server = await ForwardServer.start(t, { security: { sharedKey: 'secret' } });
  const { connection } = connectionTo(t, server.port, { login });
  t.equal(await connection.open(), true);
  t.equal(await sendOne(connection), 'delivered');
  t.strictSame(server.clients, ['client.test']);
});

t.test('with the wrong key it fails and says so', async (t) => {
  const server = await ForwardServer.start(t, { security: { sharedKey: 'other' } });
  const { connection } = connectionTo(t, server.port, { login });
  t.equal(await connection.open(), false);
  t.match(await connection.closed, {
    kind: 'login',
    error: /shared_key mismatch/,
    hint: /<security>/,
  });
});

t.test('a server that cannot prove the key is not trusted', async (t) => {
  const server = await ForwardServer.start(t, {
    security: { sharedKey: 'secret', proof: 'wrong' },
  });
  const { connection } = connectionTo(t, server.port, { login });
  t.equal(await connection.open(), false);
  t.match(await connection.closed, { kind: 'login', error: /shared key mismatch/ });
});

t.test('a server that asks for no login while we have a key: a deadline, not a hang', async (t) => {
  const server = await ForwardServer.start(t);
  const { connection } = connectionTo(t, server.port, { login });
  t.equal(await connection.open(), false);
  t.match(await connection.closed, {
    kind: 'login',
    error: 'no login within 400 ms',
    hint: /remove the shared key here/,
  });
});

t.test('a server that asks for a login while we have no key: said, not hung', async (t) => {
  const server = await ForwardServer.start(t, { security: { sharedKey: 'secret' } });
  const { connection } = connectionTo(t, server.port);
  await connection.open();
  t.match(await connection.closed, { error: /expected authentication/, hint: /shared_key_file/ });
});

t.test('a peer that never takes the connection: a deadline', async (t) => {
  const port = await silentPort(t);
  const { connection } = connectionTo(t, port);
  t.equal(await connection.open(), false);
  t.match(await connection.closed, { kind: 'connect', error: 'no connection within 400 ms' });
});

t.test('a port that cannot be used at all is a failure, not an exception', async (t) => {
  const badPort = connectionTo(t, 99_999).connection;
  t.equal(await badPort.open(), false);
  t.match(await badPort.closed, { kind: 'connect', error: /99999/ });
});

t.test('if this process stood still itself, an ack that came meanwhile still counts', async (t) => {
  const server = await ForwardServer.start(t, { stallMs: 600 });
  const { connection, counters } = connectionTo(t, server.port);
  await connection.open();
  t.equal(await sendOne(connection), 'delivered');
  t.equal(counters.ack_timeouts, 0);
});

t.test('an ack that overtakes the writing of its chunk counts once that is written', async (t) => {
  const server = await ForwardServer.start(t, { reads: false });
  const { connection, counters } = connectionTo(t, server.port, { deadlines: lazy });
  await connection.open();
  const entries = Buffer.alloc(8 * 1024 * 1024, 0xc0);
  const chunk = makeChunk(encodeTag('test'), [entries], 1, { ack: true });
  let end: string | null = null;
  connection.send(chunk, (failure) => {
    end = failure === null ? 'delivered' : 'failed';
  });
  server.sendToAll(encode({ ack: chunk.id }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(end, null, 'the kernel has not taken it all');
  server.goOnReading();
  await until('it is delivered', () => end !== null);
  t.equal(end, 'delivered');
  t.equal(counters.acks_unknown, 0);
});

t.test('what answers is not a Forward receiver', async (t) => {
  const greetings = ['HTTP/1.1 400 Bad Request\r\n\r\n', 'SSH-2.0-OpenSSH_9.2\r\n', '220 smtp\r\n'];
  for (const greeting of greetings) {
    const server = await ForwardServer.start(t, { greeting: Buffer.from(greeting), acks: 'none' });
    for (const options of [{}, { login }]) {
      const { connection } = connectionTo(t, server.port, options);
      await connection.open();
      t.match(await connection.closed, { hint: /not a Forward receiver/ }, greeting);
    }
  }
});

t.test('answers made to hurt end the connection or nothing', async (t) => {
  const answers = [
    encode({ ack: 7 }),
    encode({ ack: null, hasOwnProperty: 1 }),
    encode(['HELO']),
    encode(['HELO', { nonce: 5 }]),
    encode(['PONG', true, '', 'x', 'y']),
    encode(null),
    Buffer.from([0x81, 0xa9, ...Buffer.from('__proto__'), 0x80]),
    Buffer.from([0xc1]),
    Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]),
  ];
  for (const greeting of answers) {
    const server = await ForwardServer.start(t, { greeting, acks: 'none' });
    for (const options of [{}, { login }]) {
      const { connection } = connectionTo(t, server.port, { ...options, deadlines: hasty });
      await connection.open();
      t.equal(await sendOne(connection), 'failed', Buffer.from(greeting).toString('hex'));
      await connection.closed;
    }
  }
});

t.test('any bytes as an answer: every chunk ends once, and so does the connection', async (t) => {
  const server = await ForwardServer.start(t, { acks: 'none' });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (greeting) => {
      server.change({ greeting });
      const { connection } = connectionTo(t, server.port, { deadlines: hasty });
      await connection.open();
      const ends = [await sendOne(connection), await sendOne(connection)];
      await connection.closed;
      return ends.every((end) => end === 'failed');
    }),
    { numRuns: 40 },
  );
  t.pass('40 runs');
});

t.test('closing it ends every chunk once; sending after that fails at once', async (t) => {
  const server = await ForwardServer.start(t, { acks: 'none' });
  const { connection } = connectionTo(t, server.port);
  await connection.open();
  const ends: (Error | null)[] = [];
  for (let i = 0; i < 5; i++) connection.send(newChunk(), (failure) => ends.push(failure));
  connection.close();
  connection.close();
  t.equal(ends.length, 5);
  t.ok(ends.every((failure) => failure !== null));
  t.equal(await sendOne(connection), 'failed');
});

t.test('closing it before it has opened settles both promises', async (t) => {
  const server = await ForwardServer.start(t);
  const { connection } = connectionTo(t, server.port);
  const opened = connection.open();
  connection.close();
  t.equal(await opened, false);
  t.match(await connection.closed, { error: 'closed by stegwatch' });
});

const lazy = { ...shortDeadlines, writeMs: 60_000, ackMs: 60_000 };

/** For peers that never answer: long enough to connect. */
const hasty = { ...shortDeadlines, loginMs: 60, ackMs: 60 };

function connectionTo(
  t: Test,
  port: number,
  options: { host?: string; login?: Login; deadlines?: ConnectionDeadlines } = {},
): { connection: ForwardConnection; counters: OutputCounters } {
  const counters = new OutputCounters();
  const connection = new ForwardConnection({
    host: options.host ?? '127.0.0.1',
    port,
    login: options.login ?? null,
    ack: true,
    tls: null,
    deadlines: options.deadlines ?? shortDeadlines,
    counters,
  });
  t.teardown(() => connection.close());
  return { connection, counters };
}

function newChunk() {
  return makeChunk(encodeTag('test'), [entry({ n: 1 })], 1, { ack: true });
}

function sendOne(connection: ForwardConnection): Promise<'delivered' | 'failed'> {
  return new Promise((resolve) => {
    connection.send(newChunk(), (failure) => resolve(failure === null ? 'delivered' : 'failed'));
  });
}

/** A port whose process is stopped and whose queue of connections is full: the kernel ignores us. */
async function silentPort(t: Test): Promise<number> {
  const script = `const s = require('net').createServer();
    s.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port));`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line);
  child.kill('SIGSTOP');
  const queued: Socket[] = [];
  t.teardown(() => {
    for (const socket of queued) socket.destroy();
  });
  for (let i = 0; i < 4; i++) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    queued.push(socket);
    await Promise.race([
      once(socket, 'connect'),
      new Promise((resolve) => setTimeout(resolve, 100)),
    ]);
  }
  return port;
}
