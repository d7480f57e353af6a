/** `run` as a service: what the real systemd-notify sends to a socket that is read as systemd reads it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { requirePeer } from '../support/peers.js';
import { startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(60_000);

/** Node has no datagrams on Unix sockets. What comes beside one (the barrier's descriptor) is closed by the kernel. */
const receiver = `socket = Socket.new(:UNIX, :DGRAM)
socket.bind(Socket.sockaddr_un(ARGV[0]))
$stdout.sync = true
puts 'bound'
loop { puts socket.recv(4096).tr("\\n", ' ') }`;

const ruby = requirePeer(t, 'ruby');
const notify = requirePeer(t, 'systemd-notify');
if (ruby !== null && notify !== null) {
  t.test('systemd hears of start, beats, reload and stop', async (t) => {
    const folder = testFolder(t, {});
    // The path of a socket has 107 bytes at most, which the test's own folder may exceed.
    const short = mkdtempSync(join(tmpdir(), 'stegwatch-'));
    t.teardown(() => rmSync(short, { recursive: true }));
    const socket = join(short, 'notify');
    const heard = await receive(t, ruby, socket);
    const fluentd = await ForwardServer.start(t);
    const yaml = `
listen: { udp: { address: 127.0.0.1, port: 0 }, tcp: { address: 127.0.0.1, port: 0 } }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${fluentd.port} } ] } }
admin: { port: 0 }
`;
    const sidecar = await startSidecar(folder, yaml, (end) => t.teardown(end), {
      NOTIFY_SOCKET: socket,
      WATCHDOG_USEC: '200000',
    });
    await until('ready', () => heard.includes('READY=1'));
    await until('two beats', () => count(heard, 'WATCHDOG=1') >= 2);
    t.equal(heard[0], 'READY=1', 'first of all, and not before it listens');
    sidecar.child.kill('SIGHUP');
    await until('ready again', () => count(heard, 'READY=1') === 2);
    const told = heard.filter((state) => state !== 'WATCHDOG=1');
    t.strictSame(told, ['READY=1', 'RELOADING=1', 'READY=1']);
    t.equal(await sidecar.stop(), 0);
    await until('stopping', () => heard.includes('STOPPING=1'));
    t.notOk(
      sidecar.log.some(({ msg }) => msg.includes('systemd')),
      'nothing to complain of',
    );
  });
}

/** What comes in at the socket, without the barriers by which systemd-notify waits until it was read. */
async function receive(t: Test, ruby: string, socket: string): Promise<readonly string[]> {
  const env = { ...process.env, RUBYOPT: '' };
  const child: ChildProcess = spawn(ruby, ['-rsocket', '-e', receiver, socket], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const heard: string[] = [];
  const lines = createInterface({ input: child.stdout! });
  await once(lines, 'line');
  lines.on('line', (line) => {
    if (line !== 'BARRIER=1') heard.push(line);
  });
  return heard;
}

function count(heard: readonly string[], state: string): number {
  return heard.filter((one) => one === state).length;
}
