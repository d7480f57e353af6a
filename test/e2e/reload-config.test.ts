/** SIGHUP to the built program: another config, and what it leaves alone. */

import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ask } from '../admin/asking.js';
import { testFolder } from '../support/folder.js';
import { ForwardServer } from '../support/forward-server.js';
import { freeTcpPort } from '../support/rsyslog.js';
import { type Sidecar, startSidecar } from '../support/stegwatch.js';
import { startReceiver } from '../support/syslog-receiver.js';
import { until } from '../support/until.js';

t.setTimeout(240_000);

t.test('what changes is in force, what does not goes on with its connections', async (t) => {
  const ports = [await freeTcpPort(), await freeTcpPort()];
  const run = await start(t, { tcp: `[ ${listener(ports[0]!)} ]` });
  const old = await dial(t, ports[0]!);
  const number = run.sender(old);
  await run.arrived(number());

  run.write({ tcp: `[ ${listener(ports[0]!)}, ${listener(ports[1]!)} ]`, names: 'ecs' });
  const { inputs } = await run.reload();
  t.equal((inputs as string[]).length, 2);
  await run.arrived(number());
  const fresh = await dial(t, ports[1]!);
  const freshNumber = run.sender(fresh);
  await run.arrived(freshNumber());
  const records = run.fluentd.records('stegwatch.event') as Record<string, unknown>[];
  t.ok('name' in records[0]!, 'names as in CEF at first');
  t.ok('observer.vendor' in records.at(-1)! || 'ecs.version' in records.at(-1)!, 'and of ECS now');

  run.write({ tcp: `[ ${listener(ports[1]!)} ]` });
  const closed = once(old, 'close');
  await run.reload();
  await closed;
  await run.arrived(freshNumber());
  await t.rejects(dial(t, ports[0]!), { code: 'ECONNREFUSED' });
  const { body } = await ask(`${run.sidecar.adminUrl}/config`);
  t.match(JSON.parse(body).listen.tcp, [{ port: ports[1] }], 'what is shown is what is in force');
  t.equal(await run.sidecar.stop(), 0);
  t.equal((await run.sidecar.said(/^stopped$/)).config_reloads, 2);
});

t.test('a bad config changes nothing and is said with its places', async (t) => {
  const port = await freeTcpPort();
  const run = await start(t, { tcp: `[ ${listener(port)} ]` });
  const number = run.sender(await dial(t, port));
  writeFileSync(run.file, 'listen: { tpc: false }\nforward: { fluentd: { names: latin } }\n');
  run.sidecar.child.kill('SIGHUP');
  const { why, level } = await run.sidecar.said(/^the new config cannot be used/);
  t.equal(level, 50);
  t.match(why, /:1:11: listen\.tpc: .*\n.*:2:30: forward\.fluentd\.names/);
  await run.arrived(number());

  // Well-formed, but its listener cannot start.
  const blocker = await startReceiver(t);
  run.write({ tcp: `[ ${listener(port)}, ${listener(blocker.port)} ]`, names: 'ecs' });
  const before = run.sidecar.log.length;
  run.sidecar.child.kill('SIGHUP');
  const failed = () =>
    run.sidecar.log
      .slice(before)
      .some(({ msg, why }) => /old one stays/.test(msg) && /in use/.test(`${why}`));
  await until('it is said', failed);
  await run.arrived(number());
  t.ok('name' in (run.fluentd.records('stegwatch.event').at(-1) as object), 'names as before');
  t.equal(await run.sidecar.stop(), 0);
  const stopped = await run.sidecar.said(/^stopped$/);
  t.strictSame([stopped.config_reloads, stopped.config_reload_failures], [undefined, 2]);
});

t.test('what only a restart can change keeps its value and is named', async (t) => {
  const port = await freeTcpPort();
  const run = await start(t, { tcp: `[ ${listener(port)} ]` });
  const number = run.sender(await dial(t, port));
  run.write({
    tcp: `[ ${listener(port)} ]`,
    more: 'detection: { lookback: 14d, percentile: 90 }\nfeeds: [ { vendor: A, product: B, judge: false } ]\n',
    spool: 'elsewhere',
  });
  await run.reload();
  const { keys } = await run.sidecar.said(/only a restart/);
  t.strictSame(keys, ['feeds', 'detection.lookback', 'spool.path']);
  await run.arrived(number());
  t.notOk(readdirSync(run.folder).includes('elsewhere'));
  t.equal(await run.sidecar.stop(), 0);
});

t.test('an exclusion that is added holds back the next alert', async (t) => {
  const port = await freeTcpPort();
  const detection = 'detection: { preset: sentinel, minimum_history: 0, minimum_samples: 1 }\n';
  const run = await start(t, { tcp: `[ ${listener(port)} ]`, more: detection });
  run.write({
    tcp: `[ ${listener(port)} ]`,
    more: `${detection}exclusions: [ { name: cdn, reason: test, match: { dhost: evil.example } } ]\n`,
  });
  await run.reload();
  const number = run.sender(await dial(t, port));
  await run.arrived(number());
  t.equal(await run.sidecar.stop(), 0);
});

t.test('tests of the new config are not run, and the log says so', async (t) => {
  const tcp = `[ ${listener(await freeTcpPort())} ]`;
  const run = await start(t, { tcp });
  await run.reload();
  t.notOk(
    run.sidecar.log.some(({ msg }) => /not run/.test(msg)),
    'there are none',
  );
  const test = (name: string) => `{ name: ${name}, event: x, expect: { alert: true } }`;
  run.write({ tcp, more: `tests: [ ${test('a')}, ${test('b')} ]\n` });
  await run.reload();
  const { level, tests, msg } = await run.sidecar.said(/not run/);
  t.strictSame([level, tests], [30, 2]);
  t.equal(msg, '2 tests in it were not run: `stegwatch validate` runs them');
  t.equal(await run.sidecar.stop(), 0);
});

t.test('1,000 reloads under load: no event lost, no descriptor leaked', async (t) => {
  const ports = [await freeTcpPort(), await freeTcpPort()];
  const siem = await startReceiver(t);
  const syslog = `syslog: { server: { host: 127.0.0.1, port: ${siem.port} } }`;
  const config = (i: number) => ({
    tcp: `[ ${listener(ports[0]!)}${i % 2 === 0 ? '' : `, ${listener(ports[1]!)}`} ]`,
    names: i % 50 === 49 ? 'ecs' : 'cef',
    more: `exclusions: [ { name: n${i}, reason: test, match: { dhost: h${i}.example } } ]\n`,
    syslog,
  });
  const run = await start(t, config(0));
  const number = run.sender(await dial(t, ports[0]!));
  let sending = true;
  const load = (async () => {
    while (sending) {
      for (let i = 0; i < 20; i++) number();
      await sleep(5);
    }
  })();
  const descriptors = () => readdirSync(`/proc/${run.sidecar.pid}/fd`).length;
  await sleep(500);
  const before = process.platform === 'linux' ? descriptors() : 0;
  for (let i = 1; i <= 1000; i++) {
    run.write(config(i));
    await run.reload();
  }
  sending = false;
  await load;
  await run.arrived(number());
  t.strictSame(run.missing(), [], 'Fluentd has every event');
  await until('the SIEM has every event', () => new Set(siem.lines).size === run.sent());
  if (process.platform === 'linux') {
    const after = descriptors();
    t.ok(after <= before + 2, `${before} descriptors before, ${after} after`);
  }
  t.ok(run.sent() > 5000, `${run.sent()} events`);
  t.equal(await run.sidecar.stop(), 0);
});

interface Yaml {
  readonly tcp: string;
  readonly names?: string;
  readonly spool?: string;
  readonly more?: string;
  readonly syslog?: string;
}

const listener = (port: number) => `{ address: 127.0.0.1, port: ${port} }`;

async function start(t: Test, first: Yaml) {
  const folder = testFolder(t, {});
  const fluentd = await ForwardServer.start(t);
  const file = join(folder, 'stegwatch.yaml');
  const yamlOf = ({ tcp, names = 'cef', spool = 'data/spool', more = '', syslog = '' }: Yaml) =>
    `listen: { udp: false, tcp: ${tcp} }
admin: { port: 0 }
spool: { path: ${spool} }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: ${fluentd.port} } ], names: ${names} }, ${syslog} }
${more}`;
  const sidecar: Sidecar = await startSidecar(folder, yamlOf(first), t.teardown.bind(t));
  let last = 0;
  const seen = new Set<number>();
  let looked = 0;
  const look = (): Set<number> => {
    for (; looked < fluentd.chunks.length; looked++) {
      const text = Buffer.from(fluentd.chunks[looked]!.entries).toString('latin1');
      for (const [, found] of text.matchAll(/event-(\d+)-/g)) seen.add(Number(found));
    }
    return seen;
  };
  const inForce = () =>
    sidecar.log.filter(({ msg }) => msg.startsWith('the new config is in force'));
  return {
    folder,
    file,
    fluentd,
    sidecar,
    write: (yaml: Yaml) => writeFileSync(file, yamlOf(yaml)),
    async reload() {
      const before = inForce().length;
      sidecar.child.kill('SIGHUP');
      await until('the new config is in force', () => inForce().length > before);
      return inForce().at(-1)!;
    },
    /** @returns what sends the next event and returns its number */
    sender: (socket: Socket) => () => {
      last++;
      socket.write(`<14>CEF:0|v|p|1|1|n|1|msg=event-${last}-\n`);
      return last;
    },
    arrived: (number: number) => until(`event ${number}`, () => look().has(number), 30_000),
    sent: () => last,
    missing: () => Array.from({ length: last }, (_, i) => i + 1).filter((n) => !look().has(n)),
  };
}

async function dial(t: Test, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  socket.on('error', () => {});
  return socket;
}
