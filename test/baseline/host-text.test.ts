import t from 'tap';
import { ownCopy, rememberedHost } from '../../src/baseline/host-text.js';

t.test('a host of up to 255 units is remembered as received', async (t) => {
  for (const host of ['a', 'Example.COM:443', '__proto__', 'bücher.example', 'x'.repeat(255)]) {
    t.equal(rememberedHost(host), host);
  }
});

t.test('a longer one is cut, yet two that begin alike stay two', async (t) => {
  const one = rememberedHost(`${'a'.repeat(64 * 1024)}1`);
  const other = rememberedHost(`${'a'.repeat(64 * 1024)}2`);
  t.ok(one.length <= 255);
  t.not(one, other);
  t.equal(one, rememberedHost(`${'a'.repeat(64 * 1024)}1`), 'and always the same');
  t.equal(rememberedHost(one), one, 'also when it is read back');
});

t.test(
  'what is remembered survives UTF-8, lone surrogates and cuts through pairs too',
  async (t) => {
    for (const host of ['\ud800', 'a\udfffb', '😀', `${'a'.repeat(199)}${'😀'.repeat(40)}`]) {
      const remembered = rememberedHost(host);
      t.equal(Buffer.from(remembered).toString(), remembered);
    }
    t.equal(rememberedHost('😀.example'), '😀.example', 'a pair is no lone surrogate');
  },
);

t.test('a copy is equal', async (t) => {
  t.equal(ownCopy('bücher.example'), 'bücher.example');
});
