import t from 'tap';
import { HostTable, type Tier } from '../../src/baseline/host-table.js';
import { NameBytes } from '../../src/baseline/name-bytes.js';

const name = new NameBytes();

function inOrder(table: HostTable, tier: Tier): number[] {
  const found: number[] = [];
  for (let id = table.oldest(tier); id !== -1; id = table.newerThan(id)) {
    found.push(table.numberOf(id));
  }
  return found;
}

t.test('each tier is in the order of last use', async (t) => {
  const table = new HostTable(10);
  const ids = ['a', 'b', 'c', 'd'].map((host, i) => table.add(name.set(host), i, 0));
  table.use(ids[0]!, 0);
  table.use(ids[2]!, 1);
  table.use(ids[1]!, 1);
  t.strictSame(inOrder(table, 0), [3, 0]);
  t.strictSame(inOrder(table, 1), [2, 1]);
  t.strictSame([table.size(0), table.size(1)], [2, 2]);
  table.remove(ids[2]!);
  t.strictSame(inOrder(table, 1), [1]);
  t.equal(table.find(name.set('c')), -1);
});

t.test('through thousands of hosts that come and go, it finds what a Map finds', async (t) => {
  const max = 1500;
  const table = new HostTable(max);
  const held = new Map<string, number>();
  let state = 1;
  const below = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  let wrong = 0;
  for (let i = 0; i < 60_000; i++) {
    const host = `${'ü'.repeat(below(3))}h${below(3000)}.${'x'.repeat(below(3) * 40)}`;
    const id = table.find(name.set(host));
    if ((id === -1 ? undefined : table.numberOf(id)) !== held.get(host)) wrong++;
    if (id !== -1 && below(3) > 0) {
      table.remove(id);
      held.delete(host);
    } else if (id === -1 && held.size < max) {
      table.add(name.set(host), i, below(2) as Tier);
      held.set(host, i);
    }
  }
  t.equal(wrong, 0);
  t.equal(table.size(0) + table.size(1), held.size);
  for (const [host, number] of held) {
    if (table.numberOf(table.find(name.set(host))) !== number) wrong++;
  }
  t.equal(wrong, 0);
});
