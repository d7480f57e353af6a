import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { createForwardEncoder } from '../../src/encode/forward-entry.js';
import { recordNames } from '../../src/encode/record-names.js';
import { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { Verdict } from '../../src/verdict.js';
import { expectedRecord } from '../support/expected-record.js';
import type { Names } from '../support/expected-text.js';
import { type Decoded, decodeOne, Float, plain } from '../support/msgpack.js';
import { buildTable, fillTable } from '../support/table-builder.js';

const ways = ['cef', 'commonsecuritylog', 'ecs'] as const;
type Entry = { [key: string]: Decoded };
type Pair = readonly [string, string];

const counters = new Counters();
const encoders = Object.fromEntries(
  ways.map((names) => [
    names,
    createForwardEncoder({ raw: 'never', counters, names, resolveLabels: true }),
  ]),
);

function recordOf(fields: Fields, names: Names): Entry {
  const encoder = encoders[names]!;
  const out = Buffer.alloc(encoder.maxEntryBytes(fields.rawEnd));
  const end = encoder.entry(fields, new Verdict(), out, 0);
  return (decodeOne(out.subarray(0, end)) as [Decoded, Entry])[1];
}

/** What the extension alone makes of a record. */
function extensionOf(extension: readonly Pair[], names: Names = 'cef'): Entry {
  const { event_id, received_at, TimeGenerated, ...rest } = recordOf(
    buildTable({ extension }),
    names,
  );
  return { ...rest };
}

t.test('a custom field takes the name of its label, which is dropped', async (t) => {
  t.strictSame(
    extensionOf([
      ['cs1Label', 'Department'],
      ['cs1', 'Sales'],
      ['CS2', 'b'],
      ['cs2label', ' URL Category '],
      ['cs9', 'c'],
      ['cs9Label', 'Größe'],
      ['act', 'Allowed'],
    ]),
    { Department: 'Sales', 'URL Category': 'b', Größe: 'c', act: 'Allowed' },
  );
});

t.test('a number keeps its type, and its name ends in it', async (t) => {
  t.strictSame(
    extensionOf([
      ['cn1', '42'],
      ['cn1Label', 'Score'],
      ['cfp1', '1'],
      ['cfp1Label', 'Score'],
      ['cs1', 'high'],
      ['cs1Label', 'Score'],
    ]),
    { 'Score (integer)': 42, 'Score (float)': new Float(1), Score: 'high' },
  );
  const unresolved = extensionOf([
    ['cn1', 'None'],
    ['cn1Label', 'Score'],
    ['cs1', 'x'],
    ['cs1Label', 'Score (integer)'],
  ]);
  t.strictSame(plain(unresolved), {
    cn1Label: 'Score',
    cs1: 'x',
    cs1Label: 'Score (integer)',
    invalid: { cn1: 'None' },
  });
});

t.test('half a pair stays as it is', async (t) => {
  const halves = { cs1: 'Sales', cs2Label: 'Department', cs9Label: 'x', Label: 'y' };
  t.strictSame(extensionOf(Object.entries(halves)), halves);
});

t.test('a standard key keeps its name, whatever a label says of it', async (t) => {
  const pairs = { act: 'Blocked', actLabel: 'harmless', dhost: 'h', dhostLabel: 'x' };
  t.strictSame(extensionOf(Object.entries(pairs)), pairs);
});

t.test('a label that cannot be a name leaves key and label as they are', async (t) => {
  const bad = [
    ...['', ' ', 'x'.repeat(65), 'a=b', 'a;b', 'a\\\\b', 'a\tb', 'a..b', '.a', 'a.', '_id', '@x'],
    `${'a.'.repeat(17)}a`,
    ...['\x01Dept', '\0Dept', 'De\u202ept', 'Dept\u0085', '\u200bDept', 'a\u{e0041}', 'x\u2028y'],
    ...['in', 'REQUEST', 'cs1', 'cs3Label', 'src.ip', 'SRC.ip', 'cs1.x', 'a (integer).b'],
    ...recordNames,
    ...recordNames.map((name) => `${name.toUpperCase()}.x`),
    ...['ext_alert', 'ext_ext_raw', '__proto__', 'alert.level'],
  ];
  for (const label of bad) {
    const fields = buildTable({ extension: [['cs1', 'v'] as const, ['cs1Label', label] as const] });
    for (const names of ['cef', 'ecs'] as const) {
      const record = recordOf(fields, names);
      const prefix = names === 'ecs' ? 'cef.extensions.' : '';
      const what = `${names}: ${encodeURI(label)}`;
      t.equal(record[`${prefix}cs1`], 'v', what);
      t.equal(record[`${prefix}cs1Label`], label.replace('\\\\', '\\'), what);
    }
  }
});

t.test('of two that want one name the first has it, and a key goes before a label', async (t) => {
  t.strictSame(
    extensionOf([
      ['cs1', 'a'],
      ['cs1Label', 'Rule'],
      ['cs2', 'b'],
      ['cs2Label', 'Rule'],
      ['cs3', 'c'],
      ['cs3Label', 'zone'],
      ['zone', 'd'],
      ['cs9', 'e'],
      ['cs9Label', 'cs9'],
    ]),
    {
      Rule: 'a',
      cs2: 'b',
      cs2Label: 'Rule',
      cs3: 'c',
      cs3Label: 'zone',
      zone: 'd',
      cs9: 'e',
      cs9Label: 'cs9',
    },
  );
});

t.test('no label is a path to another name, or through one', async (t) => {
  const pairs: readonly Pair[] = [
    ['ad.zone', '1'],
    ['site', '2'],
    ['cs1', 'a'],
    ['cs1Label', 'ad'],
    ['cs2', 'b'],
    ['cs2Label', 'site.name'],
    ['cs3', 'c'],
    ['cs3Label', 'Rule.id'],
    ['cs4', 'd'],
    ['cs4Label', 'Rule'],
    ['cs5', 'e'],
    ['cs5Label', 'Rule.id.x'],
    ['cs6', 'f'],
    ['cs6Label', 'ad.name'],
    ['cn1', '7'],
    ['cn1Label', 'Rule'],
    ['cn2', '8'],
    ['cn2Label', 'site.id'],
  ];
  t.strictSame(extensionOf(pairs), {
    'ad.zone': '1',
    site: '2',
    cs1: 'a',
    cs1Label: 'ad',
    cs2: 'b',
    cs2Label: 'site.name',
    'Rule.id': 'c',
    cs4: 'd',
    cs4Label: 'Rule',
    cs5: 'e',
    cs5Label: 'Rule.id.x',
    'ad.name': 'f',
    'Rule (integer)': 7,
    cn2: 8,
    cn2Label: 'site.id',
  });
});

t.test('native columns stay, the rest is named by labels in AdditionalExtensions', async (t) => {
  const extension: readonly Pair[] = [
    ['cs1', 'a'],
    ['cs1Label', 'Rule'],
    ['cs9', 'b'],
    ['cs9Label', 'Zone'],
  ];
  t.strictSame(extensionOf(extension, 'commonsecuritylog'), {
    DeviceCustomString1: 'a',
    DeviceCustomString1Label: 'Rule',
    AdditionalExtensions: 'Zone=b',
  });
});

t.test(
  'any custom fields become their record, each key once and of one type for ever',
  async () => {
    const key = fc.constantFrom(
      ...['cs1', 'CS1', 'cn1', 'cfp1', 'cs9', 'Rule', 'c6a1', 'cs9Label', 'cn2', 'Rule.a'].flatMap(
        (k) => [k, `${k}Label`],
      ),
    );
    const label = fc.constantFrom(
      ...['Rule', 'Zone', 'Zone', ' Zone', 'cs9', 'alert', 'Alert.id', 'in', 'Zone (integer)'],
      ...[
        'Zone (float)',
        'a;b',
        'a..b',
        `${'a.'.repeat(17)}a`,
        '',
        'x\\=y',
        'Label',
        'ext_raw',
        '7',
        '1.5',
        '1.5.x',
        'ü',
        'Rule.a.b',
        'Rule.a.b',
        'Zone.a',
        'src.ip',
        'Zone (float).x',
        '\x01Zone',
        '\vZone',
        'Zo\u200ene',
      ],
    );
    const fields = new Fields(64);
    const types = new Map<string, string>();
    const own = new Set(recordNames);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, label), { maxLength: 14 }),
        fc.constantFrom(...ways),
        (extension, names) => {
          fillTable(fields, { extension });
          const { event_id, ...record } = recordOf(fields, names);
          for (const [name, value] of Object.entries(record)) {
            const type = value instanceof Float ? 'float' : typeof value;
            const id = `${names} ${name}`;
            if ((types.get(id) ?? type) !== type) return false;
            types.set(id, type);
          }
          const forged = Object.keys(record).filter(
            (name) => own.has(name.toLowerCase()) && !['received_at', 'invalid'].includes(name),
          );
          const naming = { names, resolveLabels: true };
          const expected = expectedRecord(fields, new Verdict(), 'never', naming);
          return forged.length === 0 && isDeepStrictEqual(record, { ...expected });
        },
      ),
      { numRuns: 2000 },
    );
  },
);
