/** Fields by name: keys, columns, full names, vendors' own keys, labels; and the same without cleverness. */
import fc from 'fast-check';
import t from 'tap';
import { fieldRef } from '../../src/feeds/field-ref.js';
import type { Fields } from '../../src/fields.js';
import { read, withExtension } from '../decode/reading.js';

const fieldsOf = (extension: string): Fields => read(withExtension(extension)).fields;

/** Values of the one that counts, and of all. */
function found(name: string, extension: string): { last: string | null; all: string[] } {
  const fields = fieldsOf(extension);
  const ref = fieldRef(name);
  const index = ref.indexIn(fields);
  const all = ref.allIn(fields);
  t.equal(all.includes(index), index >= 0, `one of all: ${name} in ${extension}`);
  return {
    last: index < 0 ? null : fields.value(index),
    all: all.map((at) => fields.value(at)),
  };
}

t.test('a key of the dictionary, by key, column or full name, in any case', async (t) => {
  for (const name of ['request', 'REQUEST', 'RequestURL', 'requesturl', ' requestUrl ']) {
    const extension = 'in=1 request=http://a/ request=http://b/ x=1';
    t.strictSame(found(name, extension), { last: 'http://b/', all: ['http://a/', 'http://b/'] });
    t.equal(found(name, 'in=1').last, null);
    t.equal(found(name, 'Request=c').last, 'c', 'sent in another case');
  }
  t.equal(found('ReceivedBytes', 'in=7').last, '7');
  t.equal(found('dhost', 'dhost=').last, '', 'empty counts as present');
});

t.test('a full name or column that a device sends for a key, where the key is not', async (t) => {
  t.equal(found('bytesOut', 'bytesOut=88').last, '88');
  t.equal(found('bytesOut', 'bytesOut=88 out=99').last, '99');
  t.equal(found('out', 'bytesOut=88').last, null, 'but not for who names the key');
});

t.test("a vendor's own key, in any case, the last one wins", async (t) => {
  t.strictSame(found('FTNTFGTfiletype', 'a=1 ftntfgtfiletype=gif FTNTFGTfiletype=jpg b=2'), {
    last: 'jpg',
    all: ['gif', 'jpg'],
  });
  t.equal(found('url', 'xurl=1 urls=2').last, null);
  t.equal(found('ad.x[1]', 'ad.x[1]=2').last, '2');
  t.equal(found('ad.x[1]', 'ad.x{1}=2').last, null, 'only letters have a case');
});

t.test('a custom field by the text of its label', async (t) => {
  for (const [extension, last] of [
    ['cs3Label=ContentType cs3=image/jpeg', 'image/jpeg'],
    ['cs3=image/jpeg cs3Label=ContentType', 'image/jpeg'],
    ['cs3=a cs3Label=  contenttype  x=1', 'a'],
    ['CS3=a cs3label=CONTENTTYPE', 'a'],
    ['cs9Label=ContentType cs9=nine', 'nine'],
    ['CS9LABEL=ContentType cs9=nine', 'nine'],
    ['deviceCustomString3Label=ContentType deviceCustomString3=full', 'full'],
    ['flexString1Label=ContentType flexString1=f', 'f'],
    ['cs3Label=ContentType', null],
    ['cs3Label=ContentType cs4=b', null],
    ['cs9Label=ContentType cs99=b', null],
    ['cs3Label=Content cs3=b', null],
    ['Label=ContentType =b', null],
    ['cs3=image/jpeg', null],
    // A label that was overruled says nothing.
    ['cs3Label=ContentType cs3=b cs3Label=Other', null],
    ['cs9Label=ContentType cs9=b cs9Label=Other', null],
    // Two fields of one label: the last.
    ['cs3Label=ContentType cs4Label=ContentType cs4=four cs3=three', 'three'],
    ['cs8Label=ContentType cs9Label=ContentType cs9=nine cs8=eight', 'eight'],
    ['cs3Label=ContentType cs9Label=ContentType cs3=three cs9=nine', 'nine'],
    ['cs3Label=ContentType cs9Label=ContentType cs9=nine cs3=three', 'three'],
  ] as const) {
    t.equal(found('ContentType', extension).last, last, extension);
  }
  t.strictSame(found('ContentType', 'cs3=a cs3Label=ContentType x=1 cs3=b').all, ['a', 'b']);
});

t.test('an escaped label is compared unescaped', async (t) => {
  t.equal(found('a=b', 'cs1Label=a\\=b cs1=x').last, 'x');
  t.equal(found('A=B', 'cs9Label= a\\=b  cs9=x').last, 'x');
  t.equal(found('a=b', 'cs1Label=a\\\\=b cs1=x').last, null);
  t.equal(found('Größe', 'cs1Label=Größe cs1=x').last, 'x');
});

t.test('where both fit, the key of the vendor wins', async (t) => {
  t.strictSame(
    found('url', 'url=mine cs1Label=url cs1=labelled'),
    { last: 'mine', all: ['mine', 'labelled'] },
    'of all, either may be the forged one',
  );
  t.equal(found('url', 'url= cs1Label=url cs1=labelled').last, '', 'also when it is empty');
});

t.test('agrees with a plain search over whatever is sent', async (t) => {
  const key = fc.constantFrom(
    'cs1',
    'CS1',
    'cs9',
    'cs1Label',
    'cs9Label',
    'cs9label',
    'tag',
    'in',
    'cLabel',
    'c',
  );
  const value = fc.constantFrom('tag', 'TAG ', 'x', '', 'ta\\g', 'other');
  const event = fc.array(fc.tuple(key, value), { maxLength: 12 });
  const seed = Date.now() & 0x7fffffff;
  t.comment(`seed ${seed}`);
  fc.assert(
    fc.property(event, (pairs) => {
      const fields = fieldsOf(pairs.map(([k, v]) => `${k}=${v}`).join(' '));
      const ref = fieldRef('tag');
      const all = ref.allIn(fields);
      const { own, labelled } = plainly(fields, 'tag');
      const expected = [...new Set([...own, ...labelled])].sort((a, b) => a - b);
      return (
        JSON.stringify(all) === JSON.stringify(expected) &&
        ref.repeatsIn(fields) === expected.length > 1 &&
        ref.indexIn(fields) === (own.at(-1) ?? labelled.at(-1) ?? -1)
      );
    }),
    { seed, numRuns: 2000 },
  );
});

/** As the rule says, over strings. */
function plainly(fields: Fields, name: string): Record<'own' | 'labelled', number[]> {
  const all = Array.from({ length: fields.count }, (_, index) => index);
  const key = (index: number) => fields.key(index);
  const own = all.filter((index) => fields.keyId[index] === 0 && key(index).toLowerCase() === name);
  const labels = all.filter((index) => {
    if (!/.label$/i.test(key(index))) return false;
    // Keys of the dictionary are one in any case, others are told apart by their bytes.
    const same = (other: number) =>
      fields.keyId[index] === 0
        ? key(other) === key(index)
        : fields.keyId[other] === fields.keyId[index];
    return !all.some((later) => later > index && same(later));
  });
  const named = labels
    .filter((index) => fields.value(index).trim().toLowerCase() === name)
    .map((index) => key(index).toLowerCase().slice(0, -'label'.length));
  const labelled = all.filter((index) => named.includes(key(index).toLowerCase()));
  return { own, labelled };
}

t.test('thousands of labels cost no more than their number', async (t) => {
  const extension = Array.from({ length: 4000 }, (_, i) => `k${i}Label=tag`).join(' ');
  const { fields } = read(withExtension(extension), { maxFields: 4096 });
  t.equal(fields.count, 4000);
  const ref = fieldRef('tag');
  const start = performance.now();
  for (let i = 0; i < 10; i++) if (ref.indexIn(fields) !== -1) t.fail();
  t.ok(performance.now() - start < 1000, `${performance.now() - start} ms`);
});
