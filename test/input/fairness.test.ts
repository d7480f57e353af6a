/**
 * Goal: connections that flood do not hold up another. Method: while the input is paused the kernel's
 * buffers fill with some MiB of each flood; then, turn of the loop by turn, it is counted what is read.
 * Bytes and turns are counted, no time is measured.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import t, { type Test } from 'tap';
import { AllowList } from '../../src/input/allow-list.js';
import { turnBytes, turnShareBytes } from '../../src/input/read-turn.js';
import { createRelpInput } from '../../src/input/relp/relp.js';
import type { StreamServer } from '../../src/input/stream-server.js';
import { createTcpInput } from '../../src/input/tcp.js';
import { TlsInput } from '../../src/input/tls.js';
import { CertificateAuthority } from '../support/certificates.js';
import { testFolder } from '../support/folder.js';
import { type Bench, bench, client, eventually, settle } from './loopback.js';
import { openSender } from './relp/relp-bench.js';
import { relpFrame } from './relp/relp-framed.js';

t.setTimeout(60_000);

const floods = 4;
const bytesEach = 8 * 1024 * 1024;
/** The share is checked after a chunk, and one more chunk may have been read by then. */
const mostInATurn = 2 * turnShareBytes;

const limits = {
  address: '127.0.0.1',
  port: 0,
  maxConnections: 100,
  maxConnectionsPerAddress: 0,
  idleTimeoutMs: 0,
  frameTimeoutMs: 0,
};
const folder = testFolder(t, {});
const authority = new CertificateAuthority(folder);
const own = authority.issue('receiver', { for: 'server' });
const options = (parts: Bench) => ({ ...parts, maxMessageBytes: 65536, allow: new AllowList([]) });

const asLine = (text: string) => Buffer.from(`${text}\n`);

const protocols = {
  tcp: {
    make: (parts: Bench) => createTcpInput(limits, options(parts)),
    dial: (t: Test, port: number): Promise<Socket> => client(t, port),
    wire: asLine,
  },
  tls: {
    make: (parts: Bench) => {
      const more = { clientCa: null, clientNames: [], handshakeTimeoutMs: 60_000, validity: [] };
      return new TlsInput({ ...limits, ...own, ...more }, options(parts));
    },
    dial: async (t: Test, port: number): Promise<Socket> => {
      const ca = readFileSync(authority.cert);
      const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca });
      t.teardown(() => socket.destroy());
      await once(socket, 'secureConnect');
      return socket;
    },
    wire: asLine,
  },
  relp: {
    make: (parts: Bench) => {
      const durability = { flush: async () => true };
      return createRelpInput(limits, { ...options(parts), durability });
    },
    dial: async (t: Test, port: number): Promise<Socket> => (await openSender(t, port)).socket,
    wire: (text: string) => relpFrame(2, 'syslog', text),
  },
};

for (const [name, { make, dial, wire }] of Object.entries(protocols)) {
  t.test(`${name}: each connection has its share of a turn, and no more`, async (t) => {
    const parts = bench();
    const input: StreamServer | TlsInput = make(parts);
    await input.start();
    t.teardown(() => input.stop());
    const { counters, sink } = parts;
    const sockets = [];
    for (let i = 0; i < floods; i++) sockets.push(await dial(t, input.port));
    const quiet = await dial(t, input.port);
    await eventually(() => input.connections === floods + 1, 'all are there');

    input.pause();
    const block = Buffer.alloc(bytesEach, wire(`<14>${'x'.repeat(1000)}`));
    for (const socket of sockets) socket.write(block);
    await Promise.all(sockets.map((socket) => once(socket, 'drain', timeLimit()).catch(() => {})));
    const last = wire('<15>quiet');
    quiet.write(last);

    const before = counters.received_bytes;
    let read = before;
    let most = 0;
    let beforeQuiet = 0;
    let ticking = true;
    sink.onFrame = ({ text }) => {
      if (text === '<15>quiet') beforeQuiet = counters.received_bytes - before;
    };
    const tick = (): void => {
      most = Math.max(most, counters.received_bytes - read);
      read = counters.received_bytes;
      if (ticking) setImmediate(tick);
    };
    tick();
    input.resume();
    const all = before + floods * bytesEach + last.length;
    await eventually(() => counters.received_bytes === all, 'all of it');
    ticking = false;
    t.ok(most >= turnShareBytes, `the most in a turn: ${most} bytes`);
    t.ok(most <= floods * mostInATurn, `of ${floods} that flood at most ${mostInATurn} each`);
    t.ok(beforeQuiet > 0 && beforeQuiet < 3 * floods * mostInATurn, `quiet after ${beforeQuiet}`);
  });
}

for (const name of ['tcp', 'relp'] as const) {
  t.test(`${name}: after a pause many do not all read in one turn`, async (t) => {
    const { make, dial, wire } = protocols[name];
    const parts = bench();
    const input = make(parts);
    await input.start();
    t.teardown(() => input.stop());
    const { counters } = parts;
    const many = 96;
    const sockets: Socket[] = [];
    while (sockets.length < many) sockets.push(await dial(t, input.port));
    await eventually(() => input.connections === many, 'all are there');
    input.pause();
    const before = counters.received_bytes;
    const block = Buffer.alloc(128 * 1024, wire(`<14>${'x'.repeat(1000)}`));
    for (const socket of sockets) socket.write(block);
    await new Promise((resolve) => setTimeout(resolve, 200));
    t.equal(counters.received_bytes, before, 'all of it is with the kernel');
    // Paused anew half way: those that have not gone on yet must not, either.
    input.resume();
    input.pause();
    await settle();
    input.resume();
    let read = counters.received_bytes;
    let most = 0;
    const tick = (): void => {
      most = Math.max(most, counters.received_bytes - read);
      read = counters.received_bytes;
      if (read < before + many * block.length) setImmediate(tick);
    };
    tick();
    await eventually(() => counters.received_bytes === before + many * block.length, 'all of it');
    // A megabyte each of those that go on after the pause, of those let on, and of those that go on reading.
    t.ok(most < 3.5 * turnBytes, `the most in a turn: ${most} bytes`);
  });
}

/** Long enough for the kernel's buffers to fill; they need not be emptied. */
function timeLimit(): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(200) };
}
