import t from 'tap';
import { NameBytes } from '../../src/baseline/name-bytes.js';

t.test('a name is its UTF-8, whatever it is made of and however long', async (t) => {
  const name = new NameBytes();
  for (const text of [
    'a.example',
    '',
    'b\u00fccher.example',
    '\u{1f600}',
    'x'.repeat(600),
    'short',
  ]) {
    name.set(text);
    t.equal(Buffer.from(name.bytes.subarray(0, name.length)).toString(), text);
  }
});

t.test('the same name has the same place; more than can be written is an error', async (t) => {
  const one = new NameBytes().set('a.example');
  const other = new NameBytes().set('z'.repeat(700)).set('a.example');
  t.equal(one.place, other.place);
  t.equal(one.spread, other.spread);
  t.throws(() => one.set('x'.repeat(65_536)), RangeError);
});

t.test('a place is what tables keep of it, of no name too', async (t) => {
  const kept = new Int32Array(1);
  for (const text of ['', 'a', 'a.example', 'x'.repeat(700)]) {
    kept[0] = new NameBytes().set(text).place;
    t.equal(kept[0], new NameBytes().set(text).place, text);
  }
});

t.test('names spread evenly over shards', async (t) => {
  const name = new NameBytes();
  const sizes = new Array<number>(64).fill(0);
  for (let i = 0; i < 64_000; i++) sizes[name.set(`host-${i}.example.com`).spread % 64]!++;
  t.ok(Math.min(...sizes) > 850 && Math.max(...sizes) < 1150, sizes.join(' '));
});
