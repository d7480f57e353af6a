import t from 'tap';
import { AllowList, allowListProblem } from '../../src/input/allow-list.js';
import { BoundedMap } from '../../src/input/bounded-map.js';

function verdicts(entries: readonly string[], addresses: readonly string[]): boolean[] {
  const list = new AllowList(entries);
  const first = addresses.map((address) => list.allows(address));
  // The second answer comes from memory.
  t.strictSame(
    addresses.map((address) => list.allows(address)),
    first,
  );
  return first;
}

t.test('an empty list allows all', async (t) => {
  t.strictSame(verdicts([], ['192.0.2.1', '::1', 'fe80::1%eth0']), [true, true, true]);
});

t.test('addresses and networks of both families', async (t) => {
  const entries = ['192.0.2.1', '10.0.0.0/8', 'fd00::/8', '2001:db8::7'];
  t.strictSame(verdicts(entries, ['192.0.2.1', '10.255.0.1', 'fd12::1', '2001:db8::7']), [
    true,
    true,
    true,
    true,
  ]);
  t.strictSame(verdicts(entries, ['192.0.2.2', '11.0.0.1', 'fe00::1', '2001:db8::8']), [
    false,
    false,
    false,
    false,
  ]);
});

t.test('host bits of a network do not matter; /0 is a whole family', async (t) => {
  t.strictSame(verdicts(['10.1.2.3/8'], ['10.9.9.9', '11.0.0.1']), [true, false]);
  t.strictSame(verdicts(['0.0.0.0/0'], ['192.0.2.1', '::1']), [true, false]);
  t.strictSame(verdicts(['::/0'], ['192.0.2.1', '::1']), [false, true]);
});

t.test('IPv4-mapped addresses and entries count as IPv4', async (t) => {
  t.strictSame(verdicts(['10.0.0.0/8'], ['::ffff:10.0.0.1', '::ffff:11.0.0.1']), [true, false]);
  t.strictSame(verdicts(['::ffff:10.0.0.1'], ['10.0.0.1', '10.0.0.2']), [true, false]);
  t.strictSame(verdicts(['::ffff:10.0.0.0/104'], ['10.2.3.4', '11.0.0.1']), [true, false]);
});

t.test('a zone is no part of the address; what is no address is not allowed', async (t) => {
  t.strictSame(verdicts(['fe80::/10'], ['fe80::1%eth0', 'fe80::1', 'x', '']), [
    true,
    true,
    false,
    false,
  ]);
});

t.test('a bad entry is described in one sentence, a good one is not', async (t) => {
  for (const entry of ['192.0.2.1', '10.0.0.0/8', '0.0.0.0/0', '::/0', 'fd00::/8', '::1/128']) {
    t.equal(allowListProblem(entry), null, entry);
  }
  const shape = (entry: string) =>
    `"${entry}" is neither an IP address nor a network such as 10.0.0.0/8 or fd00::/8`;
  for (const entry of ['', 'proxy', '10.0.0', '10.0.0.256', '/8', 'fe80::1%eth0', ' 10.0.0.1']) {
    t.equal(allowListProblem(entry), shape(entry));
  }
  for (const entry of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/x']) {
    t.equal(
      allowListProblem(entry),
      `"${entry}": the prefix length of an IPv4 network is a number from 0 to 32`,
    );
  }
  t.match(allowListProblem('fd00::/129'), 'IPv6 network is a number from 0 to 128');
  t.match(allowListProblem('::ffff:0.0.0.0/90'), 'write 0.0.0.0/0');
  t.throws(() => new AllowList(['proxy']), { code: 'CONFIG_INVALID', message: shape('proxy') });
});

t.test('what is remembered per address is bounded', async (t) => {
  const map = new BoundedMap<number>(3);
  for (let i = 0; i < 1000; i++) {
    map.set(`192.0.2.${i}`, i);
    t.ok(map.size <= 3);
  }
  t.equal(map.get('192.0.2.999'), 999);
  t.equal(map.get('192.0.2.997'), 997);
  t.equal(map.get('192.0.2.996'), undefined, 'the oldest went first');
  map.set('192.0.2.999', 0);
  t.strictSame([map.get('192.0.2.997'), map.get('192.0.2.999')], [997, 0], 'a change evicts none');
});
