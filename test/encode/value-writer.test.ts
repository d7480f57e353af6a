import t from 'tap';
import { EntryWriter } from '../../src/encode/entry-writer.js';
import { writeObject } from '../../src/encode/value-writer.js';
import { viewOf } from '../../src/fields.js';
import { type Decoded, decodeOne, Float, plain } from '../support/msgpack.js';

function written(
  object: object,
  budget = 1 << 20,
): { map: { [key: string]: Decoded }; size: number } {
  const out = Buffer.alloc(1 << 21);
  const writer = new EntryWriter();
  writer.begin(out, 0, Buffer.alloc(0), viewOf(Buffer.alloc(0)));
  writeObject(writer, object, budget);
  return {
    map: decodeOne(out.subarray(0, writer.at)) as { [key: string]: Decoded },
    size: writer.at,
  };
}

t.test('what is in the object is in the map', async (t) => {
  const object = {
    id: 'a2ff777e',
    bytes: 2_500_000_000,
    flag: true,
    techniques: ['T1001.002'],
    also: { direction: 'upload', bytes: 1 },
    reason: 'größer als 95 %',
  };
  t.strictSame(plain(written(object).map), object);
});

t.test('what is absent or no number is left out', async (t) => {
  const object = { a: undefined, b: null, c: Number.NaN, d: Infinity, e: [undefined, 'x'], f: '' };
  t.strictSame(plain(written(object).map), { e: ['x'], f: '' });
});

t.test('fractions are floats even when they are whole', async (t) => {
  const { map } = written({ ratio: 2, percentile: 95, threshold_bytes: 10, bytes: 10, samples: 3 });
  t.strictSame(map.ratio, new Float(2));
  t.strictSame(map.percentile, new Float(95));
  t.strictSame(map.threshold_bytes, new Float(10));
  t.equal(map.bytes, 10);
  t.equal(map.samples, 3);
});

t.test('strings are cut at a whole character until the object fits its budget', async (t) => {
  const long = {
    url: `https://h/${'ü€😀'.repeat(40_000)}`,
    host: 'h',
    list: Array(1000).fill('k€y'.repeat(9)),
  };
  for (const budget of [500_000, 64_000, 24_000, 8000]) {
    const { map, size } = written(long, budget);
    t.ok(size <= budget, `${size} of ${budget}`);
    t.ok(long.url.startsWith(map.url as string));
    t.equal(map.host, 'h');
    t.equal((map.list as Decoded[]).length, 64);
  }
  t.ok((written(long, 500_000).map.url as string).length > 40_000, 'no more is cut than must be');
});

t.test('an object that fits is not cut', async (t) => {
  const object = { url: 'x'.repeat(100_000) };
  t.strictSame(plain(written(object, 101_000).map), object);
});
