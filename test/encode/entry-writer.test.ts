import fc from 'fast-check';
import t from 'tap';
import { EntryWriter } from '../../src/encode/entry-writer.js';
import { Moment } from '../../src/encode/moment.js';
import { NameTable, Piece, slack } from '../../src/encode/piece.js';
import { viewOf } from '../../src/fields.js';
import { type Decoded, decodeOne, Float } from '../support/msgpack.js';

/**
 * What `write` writes, in a buffer whose other bytes must stay as they were (but for the slack).
 */
function written(write: (writer: EntryWriter) => void, from: Buffer = Buffer.alloc(0)): Buffer {
  const out = Buffer.alloc(from.length + 8192, 0x55);
  const writer = new EntryWriter();
  writer.begin(out, 3, from, viewOf(from));
  write(writer);
  const end = writer.at;
  const untouched = [out.subarray(0, 3), out.subarray(end + slack)];
  if (!untouched.every((part) => part.every((byte) => byte === 0x55))) throw new Error('overrun');
  return Buffer.from(out.subarray(3, end));
}

function value(write: (writer: EntryWriter) => void): Decoded {
  return decodeOne(written(write));
}

t.test('integers are written in their shortest form and read back', async (t) => {
  const edges = [0, 0x20, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff];
  edges.push(0x80000000, 0xffffffff, 0x100000000, Number.MAX_SAFE_INTEGER);
  for (const edge of edges) {
    for (const integer of [edge, -edge, edge + 1, -edge - 1]) {
      if (!Number.isSafeInteger(integer)) continue;
      t.equal(
        value((w) => w.integer(integer)),
        integer === 0 ? 0 : integer,
        String(integer),
      );
    }
  }
  fc.assert(
    fc.property(fc.maxSafeInteger(), (n) => value((w) => w.integer(n)) === n),
    { numRuns: 2000 },
  );
});

t.test('floats keep every bit', async () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (n) => {
      const read = value((w) => w.float(n));
      return read instanceof Float && Object.is(read.value, n);
    }),
  );
});

t.test('strings of any length are copied whole, wherever they lie in their buffer', async (t) => {
  const lengths = [0, 1, 2, 3, 4, 5, 31, 32, 33, 255, 256, 257, 65_535, 65_536, 65_537];
  for (const bufferLength of [70_000, 2048, 2049]) {
    const from = Buffer.from(Array.from({ length: bufferLength }, (_, i) => 0x20 + (i % 90)));
    for (const length of lengths) {
      if (length > bufferLength) continue;
      for (const start of [0, Math.floor((bufferLength - length) / 2), bufferLength - length]) {
        const copy = decodeOne(written((w) => w.text(start, start + length), from));
        const same = copy === from.toString('latin1', start, start + length);
        t.ok(same, `${length} bytes at ${start} of ${bufferLength}`);
      }
    }
  }
});

t.test('buffers may come back, and may be filled anew in between', async (t) => {
  const out = Buffer.alloc(64);
  const writer = new EntryWriter();
  const small = [Buffer.alloc(20), Buffer.alloc(20)];
  const large = [Buffer.alloc(9000), Buffer.alloc(9000)];
  const order = [
    ...small,
    ...small,
    small[1]!,
    ...large,
    ...large,
    large[1]!,
    small[1]!,
    large[1]!,
  ];
  order.forEach((from, turn) => {
    from.fill(`turn ${String(turn).padStart(2)}`);
    writer.begin(out, 0, from, viewOf(from));
    writer.text(0, 7);
    t.equal(decodeOne(out.subarray(0, writer.at)), `turn ${String(turn).padStart(2)}`);
  });
});

t.test('a name and a string are written together as they are one by one', async (t) => {
  const names = ['', 'in', 'dhost', 'x'.repeat(31), 'y'.repeat(40), 'last'];
  const table = new NameTable(names);
  for (const bufferLength of [300, 70_000]) {
    const from = Buffer.from(Array.from({ length: bufferLength }, (_, i) => 0x20 + (i % 90)));
    for (const [n, name] of names.entries()) {
      for (const length of [0, 1, 4, 31, 32, 255, 256, 300]) {
        for (const start of [0, bufferLength - length]) {
          const together = written((w) => w.field(table, n, start, start + length), from);
          const apart = written((w) => {
            w.string(name);
            w.text(start, start + length);
          }, from);
          t.ok(together.equals(apart), `${name} and ${length} bytes at ${start}`);
          t.ok(written((w) => w.name(table, n)).equals(written((w) => w.string(name))));
        }
      }
    }
  }
});

t.test('pieces, maps, lists, booleans and strings read back', async (t) => {
  for (const length of [0, 1, 4, 7, 26]) {
    const piece = new Piece(Buffer.alloc(length, 'p'));
    t.equal(written((w) => w.piece(piece)).toString(), 'p'.repeat(length));
  }
  for (const size of [0, 1, 15, 16, 300]) {
    const map = value((w) => {
      w.mapHeader(size);
      for (let i = 0; i < size; i++) {
        w.string(`k${i}`);
        w.bool(i % 2 === 0);
      }
    });
    t.equal(Object.keys(map as object).length, size);
    const list = value((w) => {
      w.arrayHeader(size);
      for (let i = 0; i < size; i++) w.integer(i);
    });
    t.strictSame(list, [...Array(size).keys()]);
  }
  t.equal(
    value((w) => w.string('ü€😀')),
    'ü€😀',
  );
});

t.test('a map may be counted after it is written', async (t) => {
  const map = value((w) => {
    const header = w.openMap();
    w.string('a');
    w.integer(1);
    w.closeMap(header, 1);
  });
  t.strictSame({ ...(map as object) }, { a: 1 });
});

t.test('a time is seconds and nanoseconds', async (t) => {
  const time = (ms: number) => value((w) => w.eventTime(Moment.at(ms)));
  t.strictSame(time(1_795_515_332_123), { seconds: 1_795_515_332, nanoseconds: 123_000_000 });
  t.strictSame(time(999), { seconds: 0, nanoseconds: 999_000_000 });
  t.strictSame(time(4_294_967_295_000.9), { seconds: 4_294_967_295, nanoseconds: 0 });
});

t.test('every byte is copied as it is, also where eight of them would be a NaN', async (t) => {
  const blocks = 1 << 16;
  const from = Buffer.alloc(blocks * 8 + slack, 0x41);
  for (let i = 0; i < blocks; i++) from.writeUInt16LE(i, i * 8 + 6);
  const out = Buffer.alloc(from.length + slack);
  const writer = new EntryWriter();
  // In short runs, so that all of it is done by code of each kind: interpreted, then optimised.
  for (let round = 0; round < 4; round++) {
    out.fill(0);
    writer.begin(out, 0, from, viewOf(from));
    for (let i = 0; i < blocks * 8; i += 64) writer.copy(i, i + 64);
    t.equal(writer.at, blocks * 8);
    t.ok(out.subarray(0, writer.at).equals(from.subarray(0, writer.at)), `round ${round}`);
  }
});
