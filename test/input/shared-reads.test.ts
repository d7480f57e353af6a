import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { readsShared } from '../../src/input/shared-reads.js';

/** The two ends of a connection: ours, made anew, and the sender's. */
async function pair(t: Test): Promise<{ accepted: Socket; ours: Socket; sender: Socket }> {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sender = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  const ours = readsShared(accepted);
  t.teardown(async () => {
    sender.destroy();
    ours.destroy();
    // Nothing but these two may keep it open.
    await new Promise((resolve) => server.close(resolve));
  });
  return { accepted, ours, sender };
}

function collect(socket: Socket): { text: () => string; chunks: Buffer[] } {
  const chunks: Buffer[] = [];
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    text += chunk.toString('latin1');
  });
  socket.resume();
  return { text: () => text, chunks };
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !done(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

t.test('Node still lets a socket be made around the handle of another', async (t) => {
  const { accepted, ours } = await pair(t);
  t.not(ours, accepted, 'else every read is memory of its own');
  t.equal(ours.remoteAddress, '127.0.0.1');
});

t.test('bytes come as they were sent, all through one piece of memory', async (t) => {
  const first = await pair(t);
  const second = await pair(t);
  const sent = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => 0x20 + (i % 90)));
  const ends = [first, second].map(({ ours, sender }) => {
    const got = collect(ours);
    sender.end(sent);
    return { got, ended: once(ours, 'close') };
  });
  await Promise.all(ends.map(({ ended }) => ended));
  for (const { got } of ends) t.ok(got.text() === sent.toString('latin1'));
  const memory = new Set(ends.flatMap(({ got }) => got.chunks.map(({ buffer }) => buffer)));
  t.equal(memory.size, 1);
});

t.test('paused it reads nothing, from within its own event too', async (t) => {
  const { ours, sender } = await pair(t);
  const got = collect(ours);
  ours.on('data', () => ours.pause());
  sender.write('a');
  await until(() => got.text() === 'a');
  sender.write('b');
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(got.text(), 'a');
  ours.resume();
  await until(() => got.text() === 'ab');
  t.equal(got.text(), 'ab');
  t.equal(ours.read(), null);
});

t.test('a pause in the same turn as the first resume holds, but for one read', async (t) => {
  const { ours, sender } = await pair(t);
  const got = collect(ours);
  ours.pause();
  sender.write('a');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const early = got.text();
  sender.write('b');
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(got.text(), early);
  ours.resume();
  await until(() => got.text() === 'ab');
  t.equal(got.text(), 'ab');
});

t.test('it writes, and hears of an end and of a reset', async (t) => {
  const { ours, sender } = await pair(t);
  ours.resume();
  const heard = collect(sender);
  ours.write('answer');
  await until(() => heard.text() === 'answer');
  t.equal(heard.text(), 'answer');
  sender.end();
  await once(ours, 'close');
  const other = await pair(t);
  const failed = once(other.ours, 'error');
  other.ours.resume();
  other.sender.resetAndDestroy();
  t.match(await failed, [{ code: 'ECONNRESET' }]);
});

t.test('without a handle to take over the socket stays the one', async (t) => {
  const { ours } = await pair(t);
  const gone = { _handle: null } as unknown as Socket;
  t.equal(readsShared(gone), gone);
  t.ok(ours);
});
