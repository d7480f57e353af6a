/** `run` as a process: how it starts, how it fails to, and how signals end it. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { sendTcp } from '../support/send.js';
import { cliPath, startSidecar } from '../support/stegwatch.js';
import { until } from '../support/until.js';

t.setTimeout(60_000);

const line = '<134>CEF:0|v|p|1|1|n|1|cnt=1';

function yaml(receiverPort: number, tcpPort = 0): string {
  return `
listen: { udp: { address: 127.0.0.1, port: 0 }, tcp: { address: 127.0.0.1, port: ${tcpPort} } }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${receiverPort} } ] } }
`;
}

t.test('a port that is taken ends it with 69, the reason and a hint', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.teardown(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const folder = testFolder(t, {});
  const receiver = await ForwardServer.start(t);
  writeFileSync(join(folder, 'c.yaml'), yaml(receiver.port, port));
  const ended = spawnSync(process.execPath, [cliPath, 'run', '-c', 'c.yaml'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 20_000,
  });
  t.equal(ended.status, 69, 'although UDP was listening already');
  t.match(ended.stderr, new RegExp(`cannot listen on tcp 127\\.0\\.0\\.1:${port}: .*EADDRINUSE`));
  t.match(ended.stderr, /another process listens there/);
  t.notMatch(ended.stderr, /connected to/, 'no receiver was touched');
});

t.test('a second one of the same config is told of the baseline, not of a port', async (t) => {
  const receiver = await ForwardServer.start(t);
  const folder = testFolder(t, {});
  const admin = createServer().listen(0, '127.0.0.1');
  await once(admin, 'listening');
  const { port } = admin.address() as { port: number };
  admin.close();
  const text = `${yaml(receiver.port)}admin: { port: ${port} }\n`;
  await startSidecar(folder, text, (end) => t.teardown(end));
  writeFileSync(join(folder, 'again.yaml'), text);
  const ended = spawnSync(process.execPath, [cliPath, 'run', '-c', 'again.yaml'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 20_000,
  });
  t.equal(ended.status, 75);
  t.match(ended.stderr, /^stegwatch: BASELINE_IN_USE: /m);
});

t.test('a second signal ends it at once, whichever it is', async (t) => {
  const receiver = await ForwardServer.start(t, { acks: 'none' });
  const sidecar = await startSidecar(testFolder(t, {}), yaml(receiver.port), (end) =>
    t.teardown(end),
  );
  await sendTcp(sidecar.tcpPort, [line]);
  await until('the event', () => receiver.records('stegwatch.event').length === 1);
  sidecar.child.kill('SIGTERM');
  await sidecar.said(/^stopping/);
  const ended = once(sidecar.child, 'exit');
  sidecar.child.kill('SIGINT');
  t.strictSame(await ended, [130, null], 'before the drain deadline of 20 s');
  t.notOk(sidecar.log.some(({ msg }) => msg === 'stopped'));
});
