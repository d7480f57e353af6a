/** Goal: the end of every value is found, however the bytes come, and however deep it is nested. */
import { encode as pack } from '@msgpack/msgpack';
import fc from 'fast-check';
import t from 'tap';
import {
  invalidValue,
  MsgpackWalk,
  mapSize,
  textStart,
  unfinishedValue,
  valueEnd,
} from '../../src/encode/msgpack-walk.js';

const seed = Number(process.env.STEGWATCH_SEED ?? Date.now() % 1_000_000_000);

const anything = fc.anything({
  withBigInt: false,
  withDate: true,
  withMap: false,
  withSet: false,
  withTypedArray: true,
  maxDepth: 4,
});

t.test('it ends where a library ends it, byte by byte too', async (t) => {
  fc.assert(
    fc.property(anything, (value) => {
      let packed: Buffer;
      try {
        packed = Buffer.from(pack(value));
      } catch {
        return true;
      }
      const twice = Buffer.concat([packed, packed]);
      const walk = new MsgpackWalk();
      walk.begin(0);
      let end = 0;
      for (let seen = 1; seen < packed.length; seen++) {
        end = walk.end(twice, seen);
        if (end !== unfinishedValue) return false;
      }
      return (
        walk.end(twice, twice.length) === packed.length &&
        valueEnd(twice, packed.length) === twice.length
      );
    }),
    { seed, numRuns: 2000 },
  );
  t.pass(`seed ${seed} (STEGWATCH_SEED)`);
});

t.test('every type has its length', async (t) => {
  const types: readonly (readonly [number, number, number])[] = [
    [0xc0, 1, 1],
    [0xc2, 1, 1],
    [0xc3, 1, 1],
    [0xca, 5, 5],
    [0xcb, 9, 9],
    [0xcc, 2, 2],
    [0xcd, 3, 3],
    [0xce, 5, 5],
    [0xcf, 9, 9],
    [0xd0, 2, 2],
    [0xd1, 3, 3],
    [0xd2, 5, 5],
    [0xd3, 9, 9],
    [0xd4, 3, 3],
    [0xd5, 4, 4],
    [0xd6, 6, 6],
    [0xd7, 10, 10],
    [0xd8, 18, 18],
    // Those with a length, which is 1 here: see below.
    [0xc4, 2, 3],
    [0xc5, 3, 4],
    [0xc6, 5, 6],
    [0xc7, 3, 4],
    [0xc8, 4, 5],
    [0xc9, 6, 7],
    [0xd9, 2, 3],
    [0xda, 3, 4],
    [0xdb, 5, 6],
    [0xdc, 3, 4],
    [0xdd, 5, 6],
    [0xde, 3, 5],
    [0xdf, 5, 7],
  ];
  for (const [type, header, whole] of types) {
    const bytes = Buffer.alloc(32);
    bytes[0] = type;
    const isExt = type >= 0xc7 && type <= 0xc9;
    if (whole > header) bytes[header - (isExt ? 2 : 1)] = 1;
    t.equal(valueEnd(bytes, 0), whole, `0x${type.toString(16)}`);
  }
  t.equal(valueEnd(Buffer.from([0xc1]), 0), invalidValue);
});

t.test('a million arrays in one another take no stack', async (t) => {
  const bytes = Buffer.alloc(1_000_001, 0x91);
  bytes[1_000_000] = 0xc0;
  t.equal(valueEnd(bytes, 0), bytes.length);
});

t.test('maps and texts are told from the rest', async (t) => {
  t.equal(mapSize(Buffer.from(pack({ a: 1 })), 0), 1);
  t.equal(mapSize(Buffer.from([0xdf, 0, 1, 0, 0]), 0), 65536);
  t.equal(mapSize(Buffer.from(pack([1])), 0), -1);
  t.equal(textStart(Buffer.from(pack('abc')), 0), 1);
  t.equal(textStart(Buffer.from(pack('a'.repeat(40))), 0), 2);
  t.equal(textStart(Buffer.from(pack(new Uint8Array(3))), 0), 2);
  t.equal(textStart(Buffer.from(pack(7)), 0), -1);
});
