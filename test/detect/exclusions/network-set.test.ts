/** Networks are looked up, not tried one by one, and mean what Node's own list takes them to mean. */
import { BlockList, isIPv4, SocketAddress } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { NetworkSet } from '../../../src/detect/exclusions/network-set.js';
import { fold } from '../../../src/detect/exclusions/value-set.js';

const has = (set: NetworkSet, text: string): boolean => set.has({ text, folded: fold(text) });

function setOf(...networks: readonly string[]): NetworkSet {
  const set = new NetworkSet();
  for (const network of networks) {
    const problem = set.add(network);
    if (problem !== null) throw new Error(`${network}: ${problem}`);
  }
  return set;
}

// Few bits differ, so that networks and addresses meet.
const byte = fc.constantFrom(0, 1, 10, 127, 128, 254, 255);
const v4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'));
const group = fc.constantFrom('0', '1', 'ffff', 'db8', '2001', '8000', 'A');
const groups = (count: number) => fc.array(group, { minLength: count, maxLength: count });
// A mapped IPv4 address is an IPv4 address, which is a test of its own.
const v6 = fc
  .oneof(
    groups(8).map((all) => all.join(':')),
    fc
      .tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }))
      .chain(([front, back]) =>
        fc.tuple(groups(front), groups(back)).map(([f, b]) => `${f.join(':')}::${b.join(':')}`),
      ),
    fc.tuple(groups(2), v4).map(([front, end]) => `${front.join(':')}::${end}`),
  )
  .filter(
    (text) => !new SocketAddress({ address: text, family: 'ipv6' }).address.startsWith('::ffff:'),
  );

t.test('random networks hold the addresses that Node says they hold', async (t) => {
  const v4Network = fc.tuple(v4, fc.nat({ max: 32 }));
  const v6Network = fc.tuple(v6, fc.nat({ max: 128 }));
  const networks = fc.array(fc.oneof(v4Network, v6Network), { minLength: 1, maxLength: 4 });
  const addresses = fc.array(fc.oneof(v4, v6), { minLength: 20, maxLength: 20 });
  let [inside, asked] = [0, 0];
  fc.assert(
    fc.property(networks, addresses, (list, texts) => {
      const set = setOf(...list.map(([address, prefix]) => `${address}/${prefix}`));
      for (const text of texts) {
        // Node takes IPv6 networks to hold IPv4 addresses; here each family has its own.
        const [family, other] = isIPv4(text)
          ? (['ipv4', false] as const)
          : (['ipv6', true] as const);
        const node = new BlockList();
        for (const [address, prefix] of list) {
          if (isIPv4(address) !== other) {
            node.addSubnet(address, prefix, isIPv4(address) ? 'ipv4' : 'ipv6');
          }
        }
        const expected = node.check(text, family);
        asked++;
        if (expected) inside++;
        if (has(set, text) !== expected) {
          throw new Error(`${text} in ${JSON.stringify(list)}: not ${expected}`);
        }
      }
    }),
    { numRuns: 1000 },
  );
  t.ok(inside > asked / 20 && inside < asked / 2, `${inside} of ${asked} are inside`);
});

t.test('one family does not hold the other, but for IPv4 mapped into IPv6', async (t) => {
  t.notOk(has(setOf('::/0'), '10.0.0.1'));
  t.notOk(has(setOf('::/0'), '::ffff:10.0.0.1'), 'a mapped address is an IPv4 address');
  t.ok(has(setOf('::/0'), 'fe80::1'));
  t.notOk(has(setOf('0.0.0.0/0'), 'fe80::1'));
  t.ok(has(setOf('0.0.0.0/0'), '::ffff:a00:1'));
  t.ok(has(setOf('::ffff:10.0.0.0/104'), '10.1.2.3'));
  t.notOk(has(setOf('::ffff:10.0.0.0/104'), '11.1.2.3'));
});

t.test('an address may have a port, brackets or a zone', async (t) => {
  const set = setOf('10.0.0.0/8', 'fe80::/10');
  for (const text of ['10.1.1.1:443', ' 10.1.1.1 ', '[fe80::1]:443', '[fe80::1]', 'fe80::1%eth0']) {
    t.ok(has(set, text), text);
  }
  for (const text of ['10.1.1', '10.1.1.1.1', '[fe80::1', 'fe80', '', '10.1.1.1/8', '010.1.1.1']) {
    t.notOk(has(set, text), text);
  }
});
