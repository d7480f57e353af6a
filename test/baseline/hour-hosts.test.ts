import t from 'tap';
import { HourHosts } from '../../src/baseline/hour-hosts.js';

t.test('each host is handed over once', async (t) => {
  const hosts = new HourHosts(100, 0);
  for (const host of ['a', 'b', 'a', '__proto__', 'constructor', '__proto__']) hosts.add(host);
  t.strictSame(hosts.takeUnsaved(), ['a', 'b', '__proto__', 'constructor']);
  hosts.add('a');
  hosts.add('c');
  t.strictSame(hosts.takeUnsaved(), ['c']);
  t.strictSame(hosts.takeUnsaved(), []);
});

t.test('hosts that could not be written come first the next time', async (t) => {
  const hosts = new HourHosts(100, 0);
  hosts.add('a');
  const taken = hosts.takeUnsaved();
  hosts.add('b');
  hosts.putBack(taken);
  t.strictSame(hosts.takeUnsaved(), ['a', 'b']);
});

t.test('beyond the limit a new host is refused, one that is held is not', async (t) => {
  const hosts = new HourHosts(5, 3);
  t.ok(hosts.add('a'));
  t.ok(hosts.add('b'));
  t.notOk(hosts.add('c'), 'three are in the file, two were added');
  t.ok(hosts.add('a'));
  t.strictSame(hosts.takeUnsaved(), ['a', 'b']);
});

t.test('after release a late host is handed over again', async (t) => {
  const hosts = new HourHosts(100, 0);
  hosts.add('a');
  hosts.takeUnsaved();
  hosts.release();
  hosts.add('a');
  t.strictSame(hosts.takeUnsaved(), ['a']);
});
