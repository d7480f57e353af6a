/** Random rules and random events that meet often enough. */
import fc from 'fast-check';
import type { MatchMap, MatchValue } from '../../../src/config/config.js';
import { referenceNames } from './reference.js';

// Few letters, so that rules and events meet; `\\` at the front has its own reading and its own
// test.
const letters = fc.constantFrom('a', 'A', 'b', 'é', 'É', '😀', '.', ' ', '7');
const text = fc.string({ unit: letters, minLength: 1, maxLength: 6 });
const pattern = fc
  .string({ unit: fc.oneof(letters, fc.constantFrom('*', '?', '\\')), minLength: 1, maxLength: 6 })
  .filter((value) => !/^\\\\[^\\*?]/.test(value));
const wilder = fc.string({
  unit: fc.oneof(letters, fc.constantFrom('*', '?', '\\')),
  maxLength: 6,
});
const number = fc.oneof(fc.integer({ min: -3, max: 12 }), fc.constantFrom(0.5, 7.25));
const numeric = fc.constantFrom('7', '07', '7.0', '7.25', '-1', '+3', '1e1', ' 5 ', '5x', '.5', '');
const address = fc.constantFrom(
  '10.0.0.1',
  '10.1.2.3',
  '11.0.0.1',
  '::ffff:10.0.0.1',
  'x',
  '10.0.0',
);
const network = fc.constantFrom(
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.0.0.1',
  '0.0.0.0/0',
  '11.0.0.0/31',
);
const host = fc.constantFrom(
  'a.b',
  'A.b.',
  'x.a.b',
  'xa.b',
  'a.b.x',
  'b',
  'a.b:80',
  'y.x.a.b',
  'c',
);
const domain = fc.constantFrom('a.b', 'b', 'x.a.b', 'c', 'A.B');
const regex = fc.constantFrom('a', '^a', 'b$', 'a.b', '[ab]+$', '(a|b)(a|b)', '^.?$', 'a{2}');

const name = fc.constantFrom(...Object.keys(referenceNames));

function field(modifiers: readonly string[], value: fc.Arbitrary<MatchValue>) {
  const list = fc.array(value, { minLength: 1, maxLength: 3 });
  const suffix = modifiers.map((modifier) => `|${modifier}`).join('');
  const one = fc.tuple(name, fc.oneof(value, list)).map(([n, v]) => [`${n}${suffix}`, v] as const);
  const all = fc.tuple(name, list).map(([n, v]) => [`${n}${suffix}|all`, v] as const);
  return { one, all };
}

const textual = [['contains'], ['startswith'], ['endswith'], ['cased'], ['contains', 'cased']];
const present = fc.oneof(pattern, number, fc.boolean());
const rules: fc.Arbitrary<readonly [string, MatchMap[string]]>[] = [
  field([], fc.oneof(pattern, number, fc.boolean(), fc.constantFrom(null, ''))).one,
  field([], present).all,
  ...textual.flatMap((m) => Object.values(field(m, m[0] === 'cased' ? present : pattern))),
  ...['gt', 'gte', 'lt', 'lte'].flatMap((m) => Object.values(field([m], number))),
  ...Object.values(field(['cidr'], network)),
  ...Object.values(field(['domain'], domain)),
  ...Object.values(field(['re'], regex)),
  ...Object.values(field(['re', 'i'], regex)),
  fc.tuple(name, fc.boolean()).map(([n, v]) => [`${n}|exists`, v] as const),
];
const map = fc
  .array(fc.oneof(...rules), { minLength: 1, maxLength: 3 })
  .map((entries): MatchMap => Object.fromEntries(entries));
export const match = fc.oneof(map, fc.array(map, { minLength: 1, maxLength: 3 }));

const keys = [...new Set(Object.values(referenceNames).flat())];
const value = fc.oneof(text, wilder, numeric, address, host);
export const event = fc.array(fc.tuple(fc.constantFrom(...keys), value), { maxLength: 8 });
