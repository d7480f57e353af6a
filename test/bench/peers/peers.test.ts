/** What other programs are started with, and what is said when they are not there. */
import { chmodSync } from 'node:fs';
import t from 'tap';
import { PeerMissing, type PeerMode } from '../../../bench/peers/peer.js';
import { parsePeers } from '../../../bench/peers/peers.js';

const ports = { listen: 15_140, sink: 15_999 };
const one = (name: string): PeerMode => parsePeers(name)[0]!;

t.test('a peer that is not there is said, with how to get it', async (t) => {
  const root = t.testdir({});
  for (const name of ['rsyslog', 'syslog-ng', 'fluentd', 'fluent-bit']) {
    t.throws(() => one(name).command(root, '/f', ports), PeerMissing);
    t.throws(() => one(name).command(root, '/f', ports), { message: /is not under .*: \S+/ });
  }
});

t.test('a module that is not there is said, not skipped', async (t) => {
  const root = t.testdir({
    usr: { sbin: { rsyslogd: '' }, lib: { 'x86_64-linux-gnu': { rsyslog: { 'imtcp.so': '' } } } },
  });
  chmodSync(`${root}/usr/sbin/rsyslogd`, 0o755);
  t.equal(one('rsyslog/raw').command(root, '/f', ports).program, `${root}/usr/sbin/rsyslogd`);
  t.throws(() => one('rsyslog/mmnormalize').command(root, '/f', ports), {
    message: /needs mmnormalize\.so, not in .*rsyslog/,
  });
});

t.test('what is unpacked beside the system finds its own modules and libraries', async (t) => {
  const root = t.testdir({
    usr: { sbin: { 'syslog-ng': '' }, lib: { 'syslog-ng': { '3.38': { 'libafsocket.so': '' } } } },
  });
  chmodSync(`${root}/usr/sbin/syslog-ng`, 0o755);
  const { args, env, files } = one('syslog-ng/kv').command(root, '/f', ports);
  t.ok(args.includes(`${root}/usr/lib/syslog-ng/3.38`), args.join(' '));
  t.match(env?.LD_LIBRARY_PATH, `${root}/usr/lib/syslog-ng:`);
  t.match(files['syslog-ng.conf'], /^@version: 3\.38\n/);
});

t.test('each is told where to listen and where to deliver', async (t) => {
  const root = t.testdir({
    bin: { fluentd: '', 'fluent-bit': '' },
  });
  for (const name of ['fluentd', 'fluent-bit']) {
    chmodSync(`${root}/bin/${name}`, 0o755);
    const { files } = one(name).command(root, '/f', ports);
    const config = files[`${name}.conf`]!;
    t.match(config, /port +15140/);
    t.match(config, /port +15999/);
  }
});
