/** Goal: what is written as JSON is what a MessagePack library reads, whatever the text. */
import { encode as pack, decode as unpack } from '@msgpack/msgpack';
import fc from 'fast-check';
import t from 'tap';
import { JsonWriter, maxJsonBytes } from '../../src/encode/json-writer.js';

const seed = Number(process.env.STEGWATCH_SEED ?? Date.now() % 1_000_000_000);

function json(value: unknown): string {
  const bytes = Buffer.from(pack(value));
  const out = Buffer.alloc(maxJsonBytes(bytes.length));
  const writer = new JsonWriter();
  writer.begin(out, 0, bytes);
  const end = writer.value(0);
  if (end !== bytes.length) throw new Error(`read ${end} of ${bytes.length}`);
  return out.toString('utf8', 0, writer.at);
}

const text = fc.string({ unit: 'grapheme', maxLength: 300 }).filter((one) => one !== '__proto__'); // The library refuses a map with it.
const bytes = fc.string({
  unit: fc.constantFrom('"', '\\', '\x00', '\x1f', ' ', 'a', 'é', '€', '\x7f'),
});
const { tree } = fc.letrec((tie) => ({
  leaf: fc.oneof(text, bytes, fc.maxSafeInteger(), fc.boolean(), fc.integer()),
  tree: fc.oneof(
    { maxDepth: 4 },
    tie('leaf'),
    fc.array(tie('tree'), { maxLength: 40 }),
    fc.dictionary(text, tie('tree'), { maxKeys: 40, noNullPrototype: true }),
  ),
}));

t.test('any tree of what records hold', async (t) => {
  fc.assert(
    fc.property(tree, (value) => {
      const expected = JSON.stringify(unpack(pack(value)));
      return json(value) === expected;
    }),
    { seed, numRuns: 2000 },
  );
  t.pass(`seed ${seed} (STEGWATCH_SEED)`);
});

t.test('numbers at their bounds; fractions look like fractions', async (t) => {
  for (const number of [0, 127, 128, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
    t.equal(json(number), String(number));
    t.equal(json(-number), String(-number === 0 ? 0 : -number));
  }
  for (const number of [2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1, 99, 100, 999_999_999, 1e9]) {
    t.equal(json(number), String(number));
  }
  const float = (value: number) => {
    const out = Buffer.alloc(64);
    const from = Buffer.alloc(9);
    from[0] = 0xcb;
    from.writeDoubleBE(value, 1);
    const writer = new JsonWriter();
    writer.begin(out, 0, from);
    writer.value(0);
    return out.toString('utf8', 0, writer.at);
  };
  t.equal(float(95), '95.0');
  t.equal(float(-3), '-3.0');
  t.equal(float(12.5), '12.5');
  t.equal(float(1e300), '1e+300');
});

t.test('the worst text fits its bound', async (t) => {
  const worst = '\x01'.repeat(70_000);
  t.equal(JSON.parse(json(worst)), worst);
  t.equal(json(['', '', [], {}, false]), '["","",[],{},false]');
});
