import t from 'tap';
import { ReceivedHosts } from '../../src/baseline/received-hosts.js';

t.test('a key is derived once while the host is among the last', async (t) => {
  const derived: string[] = [];
  const hosts = new ReceivedHosts((host) => {
    derived.push(host);
    return host.toLowerCase();
  });
  for (const host of ['A', 'b', 'A', 'b', 'b']) hosts.of(host);
  t.strictSame(derived, ['A', 'b']);
  t.equal(hosts.of('A').known.key, 'a');
  t.equal(hosts.of('A').remembered, 'A');
});

t.test('a host too long is itself by its digest, each time anew', async (t) => {
  const hosts = new ReceivedHosts((host) => host);
  const long = `${'a'.repeat(300)}1`;
  const { remembered } = hosts.of(long);
  hosts.of('other');
  t.equal(hosts.of(long).remembered, remembered);
  t.ok(remembered.length <= 255);
  t.not(hosts.of(`${'a'.repeat(300)}2`).remembered, remembered);
});
