/** A real socket with a tiny buffer, and a burst while nobody reads: sent = received + dropped. */
import { execFileSync } from 'node:child_process';
import t from 'tap';
import { AllowList } from '../../src/input/allow-list.js';
import { UdpInput } from '../../src/input/udp.js';
import { bench, eventually, families, sendDatagrams } from './loopback.js';

const linux = process.platform === 'linux';
const burst = 2000;
const size = 400;

/** Sends from another process, and this one stands still meanwhile. */
function sendBlocking(port: number, host: string): void {
  const program = `
    const socket = require('node:dgram').createSocket('${host.includes(':') ? 'udp6' : 'udp4'}');
    let left = ${burst};
    const next = (error) => {
      if (error) throw error;
      if (left-- === 0) return socket.close();
      socket.send(Buffer.alloc(${size}, 'x'), ${port}, '${host}', next);
    };
    next();`;
  execFileSync(process.execPath, ['-e', program]);
}

for (const host of families) {
  t.test(
    `${host}: each datagram of a burst is received or counted`,
    { skip: !linux },
    async (t) => {
      const parts = bench();
      const clock = { ms: 1000 };
      const options = { maxMessageBytes: 999, allow: new AllowList([]), now: () => clock.ms };
      const config = { address: host, port: 0, receiveBufferBytes: 4096 };
      const input = new UdpInput(config, { ...parts, ...options });
      await input.start();
      t.teardown(() => input.stop());
      const { counters, sink, warnings } = parts;

      sendBlocking(input.port, host);
      await eventually(() => sink.frames.length > 0, 'what the buffer held');
      await input.countKernelDrops();
      t.ok(counters.udp_kernel_drops > 0, `${counters.udp_kernel_drops} dropped`);
      const known = () => counters.received_frames + counters.udp_kernel_drops;
      await eventually(() => known() >= burst, 'the rest of the buffer');
      t.equal(known(), burst);
      const said = () => warnings.filter((words) => words.startsWith('the kernel dropped'));
      t.equal(said().length, 1);
      t.match(
        said()[0],
        new RegExp(`dropped ${counters.udp_kernel_drops} datagrams.*receive_buffer.*rmem_max`),
      );

      const before = counters.udp_kernel_drops;
      await input.countKernelDrops();
      t.equal(counters.udp_kernel_drops, before, 'nothing is counted twice');

      sendBlocking(input.port, host);
      await input.stop();
      t.ok(counters.udp_kernel_drops > before, 'the end looks once more');
      t.equal(known(), 2 * burst);
      t.equal(said().length, 1, 'said once a minute');
    },
  );
}

t.test('a socket that keeps up drops nothing', async (t) => {
  const parts = bench();
  const allow = new AllowList([]);
  const config = { address: '127.0.0.1', port: 0, receiveBufferBytes: 65_536 };
  const input = new UdpInput(config, { ...parts, allow, maxMessageBytes: 999 });
  await input.start();
  await sendDatagrams(input.port, ['<14>a', '<14>b']);
  await eventually(() => parts.sink.frames.length === 2, 'both');
  await input.stop();
  t.equal(parts.counters.udp_kernel_drops, 0);
  t.strictSame(parts.warnings, []);
});
