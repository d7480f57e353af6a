import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import t from 'tap';
import { txQueueOf, unackedBytes } from '../../../src/output/syslog/unacked-bytes.js';
import { until } from '../../support/until.js';

const table =
  Buffer.from(`  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:C350 0100007F:1F90 01 0000A2F0:00000000 01:00000014 00000000     0        0 2 2 0 20 4 30 10 -1
   2: 0200007F:C350 0300007F:1F90 01 0000A2F1:00000000 01:00000014 00000000     0        0 3 2 0 20 4 30 10 -1
  13: 0100007F:1F90 0100007F:C350 01 00000000:0000A2F0 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1
`);

const table6 = Buffer.from(
  '   1: 0000000000000000FFFF00000100007F:C350 0000000000000000FFFF00000100007F:1F90 01 0000A2F0:00000000 01:00000014',
);

t.test('the queue of the connection with these ports', async (t) => {
  t.equal(txQueueOf(table, 0xc350, 0x1f90), 0xa2f1, 'of several the most');
  t.equal(txQueueOf(table, 0x1f90, 0xc350), 0);
  t.equal(txQueueOf(table, 1, 2), null);
  t.equal(txQueueOf(table, 0, 0x0a), null, 'other columns are no ports');
  t.equal(txQueueOf(table6, 0xc350, 0x1f90), 0xa2f0);
  t.equal(txQueueOf(Buffer.alloc(0), 1, 2), null);
});

t.test(
  'a receiver that does not read: what is written is unacked at last, and acked when it reads',
  { skip: process.platform === 'linux' ? false : 'only Linux tells' },
  async (t) => {
    const server = createServer({ pauseOnConnect: true });
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const { port } = server.address() as { port: number };
    const socket = connect(port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    t.equal(await unackedBytes(socket), 0);
    socket.write(Buffer.alloc(32 * 1024 * 1024));
    await until('unacked', async () => ((await unackedBytes(socket)) ?? 0) > 64 * 1024);
    const receiver = await accepted;
    t.teardown(() => receiver.destroy());
    receiver.resume();
    await until(
      'acked',
      async () => (await unackedBytes(socket)) === 0 && socket.writableLength === 0,
    );
  },
);
