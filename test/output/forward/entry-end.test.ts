/** Held against an independent encoder, and against every shortened and damaged form of its output. */
import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import t from 'tap';
import { valueEnd } from '../../../src/output/forward/entry-end.js';

t.test('the end of any encoded value is found, wherever it lies', async (t) => {
  fc.assert(
    fc.property(anyValue(), fc.nat(20), fc.uint8Array({ maxLength: 20 }), (value, at, rest) => {
      const encoded = encode(value);
      const bytes = Buffer.concat([Buffer.alloc(at, 0xc1), encoded, rest]);
      return valueEnd(bytes, at) === at + encoded.length;
    }),
    { numRuns: 500 },
  );
  t.pass('500 runs');
});

t.test('a value that is cut has no end', async (t) => {
  fc.assert(
    fc.property(anyValue(), fc.nat(), (value, cut) => {
      const encoded = Buffer.from(encode(value));
      return valueEnd(encoded.subarray(0, cut % encoded.length), 0) === -1;
    }),
    { numRuns: 500 },
  );
  t.pass('500 runs');
});

t.test('each format of the specification has its length', async (t) => {
  const long = (head: readonly number[], rest: number) =>
    Buffer.concat([Buffer.from(head), Buffer.alloc(rest)]);
  const formats: [string, Buffer][] = [
    ['nil', long([0xc0], 0)],
    ['bin 8', long([0xc4, 3], 3)],
    ['bin 16', long([0xc5, 1, 2], 258)],
    ['bin 32', long([0xc6, 0, 1, 0, 0], 65536)],
    ['ext 8', long([0xc7, 3, 0], 3)],
    ['ext 16', long([0xc8, 1, 0, 0], 256)],
    ['ext 32', long([0xc9, 0, 0, 1, 0, 0], 256)],
    ['float 32', long([0xca], 4)],
    ['float 64', long([0xcb], 8)],
    ['uint 8', long([0xcc], 1)],
    ['uint 16', long([0xcd], 2)],
    ['uint 32', long([0xce], 4)],
    ['uint 64', long([0xcf], 8)],
    ['int 8', long([0xd0], 1)],
    ['int 16', long([0xd1], 2)],
    ['int 32', long([0xd2], 4)],
    ['int 64', long([0xd3], 8)],
    ['fixext 1', long([0xd4, 0], 1)],
    ['fixext 2', long([0xd5, 0], 2)],
    ['fixext 4', long([0xd6, 0], 4)],
    ['fixext 8, an EventTime', long([0xd7, 0], 8)],
    ['fixext 16', long([0xd8, 0], 16)],
    ['str 8', long([0xd9, 200], 200)],
    ['str 16', long([0xda, 1, 0], 256)],
    ['str 32', long([0xdb, 0, 1, 0, 0], 65536)],
    ['array 16 of nil', Buffer.concat([long([0xdc, 1, 0], 0), Buffer.alloc(256, 0xc0)])],
    ['array 32 of nil', Buffer.concat([long([0xdd, 0, 0, 1, 0], 0), Buffer.alloc(256, 0xc0)])],
    ['map 16 of nil', Buffer.concat([long([0xde, 0, 3], 0), Buffer.alloc(6, 0xc0)])],
    ['map 32 of nil', Buffer.concat([long([0xdf, 0, 0, 0, 3], 0), Buffer.alloc(6, 0xc0)])],
    ['negative fixint', long([0xe0], 0)],
  ];
  for (const [name, bytes] of formats) {
    t.equal(valueEnd(bytes, 0), bytes.length, name);
    t.equal(valueEnd(bytes.subarray(0, -1), 0), -1, `${name}, a byte short`);
  }
  t.equal(valueEnd(Buffer.from([0xc1, 0, 0]), 0), -1, '0xc1 is never used');
});

t.test('any bytes at all are passed over without an exception', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const end = valueEnd(Buffer.from(bytes), 0);
      return end === -1 || (end > 0 && end <= bytes.length);
    }),
    { numRuns: 1000 },
  );
  t.pass('1000 runs');
});

t.test('a count of four thousand million values ends with the bytes', async (t) => {
  t.equal(valueEnd(Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]), 0), -1);
});

function anyValue(): fc.Arbitrary<unknown> {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true }),
      fc.string({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }),
      fc.array(tie('tree'), { maxLength: 20 }),
      fc.dictionary(fc.string(), tie('tree'), { maxKeys: 20, noNullPrototype: true }),
    ),
  }));
  return tree as fc.Arbitrary<unknown>;
}
