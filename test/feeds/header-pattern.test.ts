import t from 'tap';
import { foldHeader, headerPattern } from '../../src/feeds/header-pattern.js';

t.test('any case, * for any text', async (t) => {
  for (const [pattern, text, fits] of [
    ['Zscaler', 'zscaler', true],
    [' Zscaler ', ' ZSCALER', true],
    ['Zscaler', 'Zscaler Inc', false],
    ['Zscaler*', 'Zscaler Inc', true],
    ['Zscaler*', 'Zscaler', true],
    ['*', '', true],
    ['', '', true],
    ['', 'x', false],
    ['*Web Gateway*', 'McAfee Web Gateway 12', true],
    ['Proxy*SG*', 'ProxySG', true],
    ['Proxy*SG*', 'Proxy SG 6', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'a-c-b', false],
    ['a*b*c', 'abc', true],
    ['a*bc*c', 'abc', false],
    ['a**c', 'abc', true],
    ['[a-z].', 'b.', false],
    ['Ünï*', 'üNÏcode', true],
  ] as const) {
    t.equal(headerPattern(pattern)(foldHeader(text)), fits, `${pattern} ${text}`);
  }
});

t.test('a pattern of many stars takes no time on a text that nearly fits', async (t) => {
  const fits = headerPattern(`${'a*'.repeat(120)}b`);
  const text = 'a'.repeat(512);
  const start = performance.now();
  for (let i = 0; i < 1000; i++) if (fits(text)) t.fail();
  t.ok(performance.now() - start < 2000);
});
