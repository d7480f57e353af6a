/** The HTTP listener against clients that do not behave: what they cost, and what they are told. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { HttpServer, type HttpServerOptions } from '../../src/admin/http-server.js';
import { failure, textType } from '../../src/admin/reply.js';
import { keptLog } from '../support/kept-log.js';
import { until } from '../support/until.js';
import { ask, sendRaw } from './asking.js';

t.setTimeout(60_000);

const hello = { status: 200, type: textType, body: 'hello' };

async function start(t: Test, options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = new HttpServer({
    ...{ address: '127.0.0.1', port: 0, answer: async () => hello, log: keptLog().log },
    ...options,
  });
  await server.start();
  t.teardown(() => server.stop());
  return server;
}

t.test('a reply has the headers that keep it from other sites, and its length', async (t) => {
  const { url } = await start(t);
  const { status, headers, body } = await ask(url);
  t.equal(status, 200);
  t.equal(body, 'hello');
  t.match(headers, {
    'cache-control': 'no-store',
    'content-security-policy': /default-src 'none'/,
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'content-length': '5',
  });
  t.notOk(headers['access-control-allow-origin']);
});

t.test('HEAD has the headers of GET and no body', async (t) => {
  const { url } = await start(t);
  const { status, headers, body } = await ask(url, { method: 'HEAD' });
  t.match(
    { status, body, length: headers['content-length'] },
    { status: 200, body: '', length: '5' },
  );
});

t.test('a port that is taken is an error with the reason and what to do', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.teardown(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const server = new HttpServer({
    ...{ address: '127.0.0.1', port, answer: async () => hello, log: keptLog().log },
  });
  await t.rejects(server.start(), {
    code: 'LISTEN_FAILED',
    exitCode: 69,
    message: new RegExp(`cannot listen on http://127.0.0.1:${port} .*EADDRINUSE`),
    hint: /admin\.port of its own, or admin: false/,
  });
});

t.test('IPv6 is a listener like any other', async (t) => {
  const { url } = await start(t, { address: '::1' });
  t.match(url, /^http:\/\/\[::1\]:\d+$/);
  const { port } = new URL(url);
  t.match(await ask(`http://localhost:${port}`).catch(() => hello), { status: 200 });
});

t.test('headers beyond the bound are refused, and the connection is closed', async (t) => {
  const { url } = await start(t);
  const long = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(9000)}\r\n\r\n`;
  t.match(await sendRaw(url, long), /^HTTP\/1\.1 431 /);
  t.match(await sendRaw(url, `GET /${'x'.repeat(3000)} HTTP/1.1\r\nHost: a\r\n\r\n`), / 414 /);
});

t.test('what is no HTTP is refused', async (t) => {
  const { url } = await start(t);
  for (const bytes of ['\x16\x03\x01\x02\x00\x01\r\n\r\n', 'GET\r\n\r\n', '<134>CEF:0|a|b\n\n']) {
    t.match(await sendRaw(url, bytes), /^HTTP\/1\.1 400 /, JSON.stringify(bytes));
  }
  t.match(await sendRaw(url, 'GET / HTTP/1.1\r\n\r\n'), / 400 /, 'no Host');
});

t.test('who does not finish the headers loses the connection', async (t) => {
  const { url } = await start(t, { timeouts: { headersMs: 100 } });
  const before = performance.now();
  t.match(await sendRaw(url, 'GET / HTTP/1.1\r\nHost: a\r\n'), / 408 /);
  t.ok(performance.now() - before < 5000);
});

t.test('a quiet connection is closed after keep-alive, one that says nothing too', async (t) => {
  const { url } = await start(t, { timeouts: { keepAliveMs: 50, idleMs: 50 } });
  t.match(await sendRaw(url, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'), /^HTTP\/1\.1 200 /);
  t.equal(await sendRaw(url, ''), '');
});

t.test('a reader that does not read is let go of', async (t) => {
  const body = Buffer.alloc(64 * 1024 * 1024, 'x');
  const { url } = await start(t, {
    answer: async () => ({ ...hello, body }),
    timeouts: { idleMs: 100 },
  });
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => {});
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'connect');
  let closed = false;
  socket.on('close', () => {
    closed = true;
  });
  // Reads only what the kernel holds, once it is over.
  await new Promise((resolve) => setTimeout(resolve, 500));
  let bytes = 0;
  socket.on('data', (piece) => {
    bytes += piece.length;
  });
  socket.resume();
  await until('it is closed', () => closed);
  t.ok(bytes < body.length, `${bytes} of ${body.length}`);
});

t.test('connections beyond the bound are refused, and that is said', async (t) => {
  const { log, lines } = keptLog();
  const { url } = await start(t, { maxConnections: 2, log });
  const { port } = new URL(url);
  const held = [1, 2].map(() => connect(Number(port), '127.0.0.1'));
  t.teardown(() => held.forEach((socket) => void socket.destroy()));
  await Promise.all(held.map((socket) => once(socket, 'connect')));
  await t.rejects(ask(url));
  t.match(lines, [{ msg: /too many are open/ }]);
  held[0]!.destroy();
  await until('one place is free', async () => (await ask(url).catch(() => null)) !== null);
});

t.test('a failure says nothing of itself to who asks; the log has it', async (t) => {
  const { log, lines } = keptLog();
  const answer = async () => Promise.reject(new Error('inner secret'));
  const { url } = await start(t, { answer, log });
  const { status, body } = await ask(url);
  t.equal(status, 500);
  t.notMatch(body, /inner/);
  t.match(lines, [{ msg: /a request failed/ }]);
});

t.test('a body is never waited for', async (t) => {
  const { url } = await start(t, { answer: async () => failure(413, 'no') });
  const post = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\nx';
  t.match(await sendRaw(url, post), /^HTTP\/1\.1 413 .*Connection: close/s);
  const expecting = 'Content-Length: 9\r\nExpect: 100-continue\r\n\r\n';
  const answered = await sendRaw(url, `POST / HTTP/1.1\r\nHost: a\r\n${expecting}`);
  t.match(answered, /^HTTP\/1\.1 413 /, 'no 100 Continue before it');
});

t.test('a stream writes by itself, and stop does not wait for it', async (t) => {
  const server = await start(t, {
    answer: async () => ({
      ...hello,
      body: (response) => void response.write('first'),
    }),
    timeouts: { stopMs: 50 },
  });
  const { port } = new URL(server.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  let text = '';
  socket.on('data', (piece) => {
    text += piece;
  });
  await until('the first piece', () => text.includes('first'));
  const closed = once(socket, 'close');
  await server.stop();
  await closed;
  await server.stop();
});
