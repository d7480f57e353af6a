import t from 'tap';
import { decodeHosts, type HostBlock } from '../../src/baseline/bucket-file.js';
import { HourHosts } from '../../src/baseline/hour-hosts.js';

async function namesOf(blocks: readonly HostBlock[]): Promise<string[]> {
  const names: string[] = [];
  for (const block of blocks) {
    const before = names.length;
    await decodeHosts(block, (name) => names.push(name));
    if (names.length - before !== block.count) throw new Error(`${block.count} are said`);
  }
  return names;
}

t.test('each host is handed over once', async (t) => {
  const hosts = new HourHosts(100, 0);
  for (const host of ['a', 'b', 'a', '__proto__', 'constructor', '__proto__']) hosts.add(host);
  t.strictSame(await namesOf(hosts.takeUnsaved()), ['a', 'b', '__proto__', 'constructor']);
  hosts.add('a');
  hosts.add('c');
  t.strictSame(await namesOf(hosts.takeUnsaved()), ['c']);
  t.strictSame(await namesOf(hosts.takeUnsaved()), []);
});

t.test('hosts that could not be written come first the next time', async (t) => {
  const hosts = new HourHosts(100, 0);
  hosts.add('a');
  const taken = hosts.takeUnsaved();
  hosts.add('b');
  hosts.putBack(taken);
  t.strictSame(await namesOf(hosts.takeUnsaved()), ['a', 'b']);
});

t.test('beyond the limit a new host is refused, one that is held is not', async (t) => {
  const hosts = new HourHosts(5, 3);
  t.ok(hosts.add('a'));
  t.ok(hosts.add('b'));
  t.notOk(hosts.add('c'), 'three are in the file, two were added');
  t.ok(hosts.add('a'));
  t.strictSame(await namesOf(hosts.takeUnsaved()), ['a', 'b']);
});

t.test('after release a late host is handed over again', async (t) => {
  const hosts = new HourHosts(100, 0);
  hosts.add('a');
  hosts.takeUnsaved();
  hosts.release();
  hosts.add('a');
  t.strictSame(await namesOf(hosts.takeUnsaved()), ['a']);
});

t.test('what is released before it has been handed over is still handed over', async (t) => {
  const hosts = new HourHosts(100, 0);
  hosts.add('a');
  hosts.release();
  hosts.add('b');
  t.strictSame(await namesOf(hosts.takeUnsaved()), ['a', 'b']);
});

t.test('whoever remembers a host as added learns of a release by the era', async (t) => {
  const hosts = new HourHosts(100, 0);
  const { era } = hosts;
  hosts.add('a');
  hosts.takeUnsaved();
  t.equal(hosts.era, era);
  hosts.release();
  t.not(hosts.era, era);
});

t.test('many names of many lengths, over all chunks and shards, are those of a set', async (t) => {
  const hosts = new HourHosts(1e6, 0);
  const expected = new Set<string>();
  const handedOver: string[] = [];
  for (let i = 0; i < 30_000; i++) {
    const host = `${'ü😀x'.slice(0, i % 5)}${(i * 7919) % 20_011}.${'n'.repeat(i % 200)}`;
    const name = Buffer.from(host).toString();
    hosts.add(name);
    expected.add(name);
    if (i % 4999 === 0) handedOver.push(...(await namesOf(hosts.takeUnsaved())));
  }
  handedOver.push(...(await namesOf(hosts.takeUnsaved())));
  t.equal(handedOver.length, expected.size);
  t.strictSame(new Set(handedOver), expected);
});
