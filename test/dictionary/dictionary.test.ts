import fc from 'fast-check';
import t from 'tap';
import { findKey, keyCount, keyId, keys } from '../../src/dictionary/dictionary.js';

const known = keys.slice(1);

function find(text: string | Buffer): number {
  const bytes = Buffer.concat([Buffer.from('|x'), Buffer.from(text), Buffer.from('=y')]);
  return findKey(bytes, 2, bytes.length - 2);
}

t.test('every key is found by its own spelling', async (t) => {
  t.ok(known.length > 150);
  for (const { key, id } of known) t.equal(find(key), id, key);
});

t.test('a key in another case is found with its id negated', async (t) => {
  for (const { key, id } of known) {
    for (const other of [
      key.toLowerCase(),
      key.toUpperCase(),
      `${key[0]!.toUpperCase()}${key.slice(1)}`,
    ]) {
      t.equal(find(other), other === key ? id : -id, other);
    }
  }
});

t.test('a key with one byte more, less or changed is not found', async (t) => {
  const lower = new Map(known.map((k) => [k.key.toLowerCase(), k.id]));
  for (const { key } of known) {
    for (const near of [`${key}x`, `${key} `, key.slice(0, -1), key.slice(1), `x${key}`]) {
      t.equal(Math.abs(find(near)), lower.get(near.toLowerCase()) ?? 0, near);
    }
    for (let i = 0; i < key.length; i++) {
      // Bit 5 is what tells the cases of a letter apart; on any other byte it makes another key.
      const flipped = Buffer.from(key);
      flipped[i]! ^= 0x20;
      const isLetter = /[a-z]/i.test(key[i]!);
      t.equal(find(flipped) !== 0, isLetter, flipped.toString('latin1'));
      flipped[i]! ^= 0xa0;
      t.equal(find(flipped), 0, flipped.toString('latin1'));
    }
  }
});

t.test('the empty key is not in the dictionary', async (t) => {
  t.equal(find(''), 0);
});

t.test('random bytes are found only if they spell a key', async () => {
  const lower = new Map(known.map((k) => [k.key.toLowerCase(), k]));
  const spelling = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc.stringMatching(/^[a-zA-Z0-9]{1,6}$/).map((text) => Buffer.from(text)),
    fc.constantFrom(...known).map((k) => Buffer.from(k.key)),
  );
  fc.assert(
    fc.property(spelling, (bytes) => {
      const text = bytes.toString('latin1');
      const key = lower.get(text.replace(/[A-Z]/g, (c) => c.toLowerCase()));
      const want = key === undefined ? 0 : key.key === text ? key.id : -key.id;
      return find(bytes) === want;
    }),
    { numRuns: 20_000 },
  );
});

t.test('ids are positions, from 1, and id 0 stands for unknown', async (t) => {
  t.strictSame(
    keys.map((k) => k.id),
    [...keys.keys()],
  );
  t.equal(keyCount, keys.length);
  t.match(keys[0], { key: '', fullName: '', column: '', ecs: '', type: 'string' });
});

t.test('keyId knows exact spellings only', async (t) => {
  t.equal(keys[keyId('request')]!.fullName, 'requestUrl');
  t.throws(() => keyId('Request'));
  t.throws(() => keyId(''));
});
