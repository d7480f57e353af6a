import fc from 'fast-check';
import t from 'tap';
import { keys } from '../../src/dictionary/dictionary.js';
import { isReserved, recordNames } from '../../src/encode/record-names.js';

function reserved(key: string): boolean {
  const bytes = Buffer.from(`ext_${key}alert`, 'latin1');
  return isReserved(bytes, 4, bytes.length - 5);
}

t.test(
  'every name of a record is reserved, in any case and behind any number of ext_',
  async (t) => {
    t.equal(recordNames.length, 22);
    for (const name of recordNames) {
      for (const key of [name, name.toUpperCase(), `ext_${name}`, `EXT_ext_Ext_${name}`]) {
        t.ok(reserved(key), key);
      }
    }
  },
);

t.test('what only looks like a reserved name is free', async (t) => {
  for (const name of recordNames) {
    for (const key of [
      `${name}s`,
      `x${name}`,
      name.slice(1),
      `${name}_`,
      `ext${name}`,
      `ext__${name}`,
    ]) {
      t.equal(reserved(key), recordNames.includes(key), key);
    }
  }
  // A byte that differs from a lower-case letter in bit 5 but is not its upper case.
  t.notOk(reserved('device\x7fvendor'));
  t.notOk(reserved('RAW\x7fBASE64'));
  for (const key of ['', 'ext_', 'ext_ext_', 'constructor']) t.notOk(reserved(key), key);
});

t.test('__proto__ is renamed too: decoders in JavaScript refuse a map that has it', async (t) => {
  for (const key of ['__proto__', 'ext___proto__', '__PROTO__']) t.ok(reserved(key), key);
  for (const key of ['_proto_', '__proto___', 'prototype']) t.notOk(reserved(key), key);
});

t.test('no key of the dictionary is a reserved name', async (t) => {
  for (const { key } of keys) t.notOk(reserved(key), key);
});

t.test('renaming never makes two keys one, nor makes a reserved name', async () => {
  const renamed = (key: string) => (reserved(key) ? `ext_${key}` : key);
  const key = fc
    .tuple(
      fc.array(fc.constantFrom('ext_', 'EXT_', 'ext'), { maxLength: 3 }),
      fc.constantFrom(...recordNames, 'in', '', 'x'),
    )
    .map(([prefixes, name]) => prefixes.join('') + name);
  fc.assert(
    fc.property(key, key, (a, b) => {
      const distinct = a === b || renamed(a) !== renamed(b);
      return distinct && !recordNames.includes(renamed(a).toLowerCase());
    }),
    { numRuns: 5000 },
  );
});
