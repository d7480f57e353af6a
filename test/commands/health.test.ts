/** `health` against a small HTTP server that answers as the admin page does; exit codes by the real program. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import t, { type Test } from 'tap';
import { health } from '../../src/commands/health.js';
import { testFolder } from '../support/folder.js';
import { cliPath } from '../support/stegwatch.js';

t.setTimeout(60_000);

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);

/** What the page answers while all is well. */
const ready: RequestListener = (request, response) => {
  response.writeHead(request.url === '/readyz' ? 200 : 404).end('{"ready":true,"reasons":[]}');
};

function notReady(reasons: readonly unknown[]): RequestListener {
  return (request, response) => {
    if (request.url === '/healthz') response.end('ok');
    else response.writeHead(503).end(JSON.stringify({ ready: false, reasons }));
  };
}

for (const [given, listens] of [
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['::1', '::1'],
  ['::', '::1'],
  ['0:0:0:0:0:0:0:0', '::1'],
  // An address that only IPv4 has, as in a container without IPv6.
  ['::', '127.0.0.1'],
] as const) {
  const skip = listens === '::1' && !hasIpv6 ? 'no IPv6 here' : false;
  t.test(`${given} is asked at ${listens}`, { skip }, async (t) => {
    const port = await serve(t, ready, listens);
    t.strictSame(await ask({ address: given, port }), [0, 'ready\n']);
  });
}

t.test('not ready: 1, and each reason on a line of its own, harmless to a terminal', async (t) => {
  const reasons = ['the spool is full', 'two\nlines \u001b[2J', { code: 7 }];
  const port = await serve(t, notReady(reasons));
  t.strictSame(await ask({ port }), [
    1,
    'not ready\n- the spool is full\n- two\\u{a}lines \\u{1b}[2J\n- {"code":7}\n',
  ]);
});

t.test('ready, with what needs a look', async (t) => {
  const concerns = ['output fluentd: away', 'two\nlines'];
  const port = await serve(t, (_request, response) => {
    response.end(JSON.stringify({ ready: true, reasons: [], concerns }));
  });
  const said = 'ready, but:\n- output fluentd: away\n- two\\u{a}lines\n';
  t.strictSame(await ask({ port }), [0, said]);
  t.strictSame(await ask({ port, live: true }), [0, 'alive\n'], 'alive is all that was asked');
});

t.test('--live asks another question: not ready may be alive', async (t) => {
  const port = await serve(t, notReady(['the spool is full']));
  t.strictSame(await ask({ port, live: true }), [0, 'alive\n']);
});

t.test('a 503 without reasons, or with what is not JSON, is told as it came', async (t) => {
  const answers = ['', 'null', '{"reasons":"x"}', 'starting'];
  const port = await serve(t, (_request, response) => {
    response.writeHead(503).end(answers.shift());
  });
  const said = [];
  for (let i = 0; i < 4; i++) said.push(await ask({ port }));
  t.strictSame(said, [
    [1, 'not ready\n'],
    [1, 'not ready\n- null\n'],
    [1, 'not ready\n- {"reasons":"x"}\n'],
    [1, 'not ready\n- starting\n'],
  ]);
});

t.test('another server there is not stegwatch', async (t) => {
  const port = await serve(t, (_request, response) => void response.writeHead(404).end());
  await t.rejects(ask({ port }), unreachable(/\/readyz is answered with 404/));
});

t.test('what answers without end is cut off', async (t) => {
  const port = await serve(t, (_request, response) => {
    response.writeHead(503);
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(16_384)));
    };
    response.on('drain', more);
    more();
  });
  await t.rejects(ask({ port }), unreachable(/more than 1048576 bytes/));
});

t.test('what accepts and is silent is given up after the timeout', async (t) => {
  const server = createTcpServer((socket) => t.teardown(() => socket.destroy()));
  const port = await listening(t, server, '127.0.0.1');
  await t.rejects(ask({ port, timeoutMs: 50 }), unreachable(/no answer within 50 ms/));
});

t.test('as a process: its exit codes', async (t) => {
  const folder = testFolder(t, {});
  const config = (text: string): string => {
    const file = join(folder, 'stegwatch.yaml');
    writeFileSync(file, text);
    return file;
  };
  const good = await serve(t, ready);
  t.match(await run(config(`admin: { port: ${good} }`)), { code: 0, stdout: 'ready\n' });
  const bad = await serve(t, notReady(['Fluentd has not acked for 5 minutes']));
  t.match(await run(config(`admin: { port: ${bad} }`)), {
    code: 1,
    stdout: 'not ready\n- Fluentd has not acked for 5 minutes\n',
    stderr: '',
  });
  t.match(await run(config(`admin: { port: ${bad} }`), '--live'), { code: 0 });
  const closed = await closedPort();
  t.match(await run(config(`admin: { port: ${closed} }`)), {
    code: 69,
    stdout: '',
    stderr: new RegExp(`does not answer at 127\\.0\\.0\\.1:${closed} \\(admin\\): .*ECONNREFUSED`),
  });
  t.match(await run(config('admin: { port: 0 }')), { code: 69, stderr: /admin\.port is 0/ });
  t.match(await run(config('admin: { prt: 1 }')), { code: 78, stderr: /prt.*port/s });
});

interface Asked {
  readonly port: number;
  readonly address?: string;
  readonly live?: boolean;
  readonly timeoutMs?: number;
}

/** Exit code and words. */
async function ask(options: Asked): Promise<[code: number, said: string]> {
  const { port, address = '127.0.0.1', live = false, timeoutMs } = options;
  let said = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      said += chunk;
      done();
    },
  });
  const more = timeoutMs === undefined ? {} : { timeoutMs };
  return [await health({ admin: { address, port, token: null }, live, stdout, ...more }), said];
}

function unreachable(message: RegExp) {
  return { code: 'ADMIN_UNREACHABLE', message };
}

async function serve(t: Test, answer: RequestListener, host = '127.0.0.1'): Promise<number> {
  return listening(t, createServer(answer), host);
}

async function listening(
  t: Test,
  server: ReturnType<typeof createTcpServer>,
  host: string,
): Promise<number> {
  server.listen(0, host);
  t.teardown(() => server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function run(file: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [cliPath, 'health', '-c', file, ...args], {
    timeout: 20_000,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}
