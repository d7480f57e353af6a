/**
 * We use two files of @fluent-org/logger that it does not promise to keep, so the version is pinned
 * exactly and what we lean on is held here (docs/adr/0005-forward-socket-per-attempt.md).
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { FluentAuthSocket } from '@fluent-org/logger/build/src/auth.js';
import {
  CloseState,
  FluentSocket,
  FluentSocketEvent,
} from '@fluent-org/logger/build/src/socket.js';
import t from 'tap';

const require = createRequire(import.meta.url);
const pinned = '1.0.10';

t.test('the version is pinned exactly and is the one installed', async (t) => {
  const ours = JSON.parse(readFileSync(new URL(packageFile()), 'utf8'));
  t.equal(ours.dependencies['@fluent-org/logger'], pinned);
  t.equal(require('@fluent-org/logger/package.json').version, pinned);
});

t.test('the deep imports offer what we use', async (t) => {
  t.match(FluentSocketEvent, {
    CONNECTED: 'connected',
    ESTABLISHED: 'established',
    ACK: 'ack',
    ERROR: 'error',
    CLOSE: 'close',
  });
  t.equal(CloseState.FATAL, 0);
  for (const method of ['connect', 'write', 'close', 'on'] as const) {
    t.type(FluentSocket.prototype[method], 'function', method);
  }
  t.ok(FluentAuthSocket.prototype instanceof FluentSocket);
  t.type(Reflect.get(FluentSocket.prototype, 'createSocket'), 'function', 'private, used alone');
});

t.test('an error that nobody listens to does not end the process', async (t) => {
  const socket = new FluentSocket({ timeout: -1, disableReconnect: true });
  t.equal(socket.emit('error', new Error('nobody listens')), false);
});

t.test('`write` passes bytes on as they are', async (t) => {
  const received: Buffer[] = [];
  const server = createServer((socket) => socket.on('data', (bytes) => received.push(bytes)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  const socket = new FluentSocket({ host: '127.0.0.1', port, timeout: -1, disableReconnect: true });
  await socket.connect();
  const bytes = Buffer.from([0, 255, 0xc1, 10, 13]);
  await socket.write(bytes);
  await socket.disconnect();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  t.ok(Buffer.concat(received).equals(bytes));
});

/** Compiled tests lie at different depths: the package file is the next one up. */
function packageFile(): string {
  let url = new URL('.', import.meta.url);
  for (;;) {
    try {
      const file = new URL('package.json', url);
      readFileSync(file);
      return file.href;
    } catch {
      url = new URL('..', url);
    }
  }
}
