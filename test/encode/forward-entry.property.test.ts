/**
 * Any table of fields becomes the record that plain code makes of it, in canonical MessagePack,
 * within the bound that the encoder promises, and without a byte written beyond it.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { keys } from '../../src/dictionary/dictionary.js';
import { createForwardEncoder } from '../../src/encode/forward-entry.js';
import { recordNames } from '../../src/encode/record-names.js';
import { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import type { Encoder } from '../../src/stages.js';
import { Verdict } from '../../src/verdict.js';
import { anAlert } from '../support/alerts.js';
import { expectedRecord } from '../support/expected-record.js';
import type { Naming } from '../support/expected-text.js';
import { type Decoded, decodeOne } from '../support/msgpack.js';
import { type EventParts, fillTable } from '../support/table-builder.js';

const now = Date.UTC(2026, 10, 24, 10, 15, 32, 123);
const numberKeys = keys.filter((k) => k.type !== 'string').map((k) => k.key);
const dictionaryKeys = keys.slice(1).map((k) => k.key);

/** Fields with a label, and their labels. */
const customFields = ['cs1', 'CS1', 'cn1', 'cfp1', 'cs9', 'Rule', 'c6a1'].flatMap((k) => [
  k,
  `${k}Label`,
]);
const labelTexts = fc.oneof(
  fc.constantFrom(
    'Rule',
    'Department',
    'Rule',
    'URL Category',
    'Größe',
    ' x ',
    'Alert',
    'alert.id',
  ),
  fc.constantFrom(
    'in',
    'Request',
    'Rule (integer)',
    'a;b',
    'a=b',
    'a..b',
    '.a',
    'a.b',
    '@timestamp',
  ),
  fc.constantFrom(
    'cs9',
    'Label',
    'ext_raw',
    '__proto__',
    'x'.repeat(65),
    'ü'.repeat(32),
    '\u0001',
    '\u0001Rule',
    'Ru\u202ele',
    'Rule.x',
    'ad.x.y',
    'src.ip',
    '',
  ),
);
const addresses = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('1.2.3', '01.2.3.4', '::', '::1 ', 'fe80::1%eth0', '1.2.3.4.5', ' 10.0.0.7'),
);
const times = fc.integer({ min: 0, max: 3e14 }).map(String);
const text = fc.string({ unit: 'binary', maxLength: 40 });
const escapes = fc
  .array(fc.constantFrom('\\', '\\\\', '\\=', '\\n', '\\r', '\\|', '=', 'a', 'é', '😀'), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''));
const numbers = fc.oneof(
  fc.maxSafeInteger().map(String),
  fc.integer().map(String),
  fc.double().map(String),
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-0',
    '+7',
    '007 ',
    'None',
    '-',
    '1,5',
    '9007199254740992',
    '1e400',
    '.5',
    '\\5',
  ),
);
const length = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(31, 32, 255, 256, 2100) },
  { weight: 1, arbitrary: fc.constant(65_536) },
);
const longText = fc
  .tuple(fc.constantFrom('a', 'ü', '€', 'x\\', '\\\\'), length)
  .map(([part, times]) => part.repeat(times));
const value = fc.oneof(
  { weight: 5, arbitrary: text },
  { weight: 5, arbitrary: numbers },
  { weight: 3, arbitrary: escapes },
  { weight: 4, arbitrary: labelTexts },
  { weight: 2, arbitrary: addresses },
  { weight: 1, arbitrary: times },
  { weight: 1, arbitrary: longText },
);
const key = fc.oneof(
  fc.constantFrom(...dictionaryKeys),
  fc.constantFrom(...numberKeys),
  fc.constantFrom(...numberKeys, ...dictionaryKeys).map((k) => k.toUpperCase()),
  fc.constantFrom(...recordNames),
  fc.constantFrom(...recordNames).map((name) => `ext_${name}`),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'ext_ext_alert',
    'Alert',
    'EXT_raw',
    'hasOwnProperty',
    'ad.x[0]',
  ),
  fc.constantFrom(
    'ad.x',
    'ad..x',
    `${'a.'.repeat(17)}a`,
    `${'a.'.repeat(16)}a`,
    'x.',
    'alert.level',
    'ext_raw.y',
    'deviceDirection',
    'msg',
    'DST',
    'k'.repeat(1024),
    'k.'.repeat(513),
  ),
  fc.constantFrom(...customFields),
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.\-[\]]{0,40}$/),
);
const parts: fc.Arbitrary<EventParts> = fc.record(
  {
    pri: fc.integer({ min: -1, max: 191 }),
    host: text,
    app: text,
    proc: text,
    msgId: text,
    structuredData: text,
    header: fc.array(fc.oneof(text, escapes), { maxLength: 7 }),
    extension: fc.array(fc.tuple(key, value), { maxLength: 60 }),
    message: text,
    problem: fc.integer({ min: 0, max: 5 }) as fc.Arbitrary<NonNullable<EventParts['problem']>>,
    eventTimeMs: fc.oneof(
      fc.constant(Number.NaN),
      fc.integer({ min: now - 1e9, max: now + 1e6 }),
      fc.integer({ min: 0, max: 2e12 }),
    ),
    zone: fc.integer({ min: 0, max: 3 }),
    receivedAtMs: fc.integer({ min: now, max: now + 5000 }),
    peer: fc.constantFrom('-', '10.0.0.7', '2001:db8::1', 'fe80::1%eth0'),
    cutBytes: fc.constantFrom(0, 0, 7, 1e9),
  },
  { requiredKeys: [] },
);
type RawMode = 'never' | 'alerts' | 'always';
const rawMode = fc.constantFrom<RawMode[]>('never', 'alerts', 'always');
const naming = fc.record<Naming>({
  names: fc.constantFrom('cef', 'commonsecuritylog', 'ecs'),
  resolveLabels: fc.boolean(),
});
const verdictKind = fc.constantFrom('none', 'none', 'alert', 'suppressed');

function verdictOf(kind: string, host: string): Verdict {
  const verdict = new Verdict();
  if (kind === 'alert') verdict.alert = anAlert({ host });
  if (kind === 'suppressed') verdict.suppressed = { by: 'exclusion', name: 'backup', reason: host };
  return verdict;
}

/**
 * A frame that is not valid UTF-8 and that may have been repaired to the `length` bytes of the
 * table.
 */
function badBytes(length: number): Buffer {
  return Buffer.alloc(Math.ceil(length / 3), 0xff);
}

/** The shortest frame that is repaired to these bytes: its keys, blanks and `=` are no bad bytes. */
function unrepaired(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('utf8').replaceAll('\ufffd', '\0')).map(
    (byte) => byte || 0xff,
  ) as Buffer;
}

t.test('any event becomes its record', async () => {
  const fields = new Fields(64);
  const counters = new Counters();
  const encoders = new Map<string, Encoder>();
  const encoderFor = (raw: RawMode, naming: Naming): Encoder => {
    const key = JSON.stringify([raw, naming.names, naming.resolveLabels]);
    const known = encoders.get(key) ?? createForwardEncoder({ raw, counters, ...naming });
    encoders.set(key, known);
    return known;
  };
  fc.assert(
    fc.property(
      parts,
      rawMode,
      naming,
      verdictKind,
      fc.boolean(),
      (parts, raw, naming, kind, repaired) => {
        const encoder = encoderFor(raw, naming);
        fillTable(fields, parts);
        if (repaired) {
          const { bytes } = fields;
          const rawBytes = naming.names === 'cef' ? badBytes(bytes.length) : unrepaired(bytes);
          fillTable(fields, { ...parts, rawBytes });
        }
        const verdict = verdictOf(kind, parts.host ?? '');
        const bound = encoder.maxEntryBytes(fields.rawEnd - fields.rawStart);
        const out = Buffer.alloc(bound + 64, 0x55);
        counters.invalid_values = 0;

        const end = encoder.entry(fields, verdict, out, 32);

        const within = end <= 32 + bound;
        const untouched = [out.subarray(0, 32), out.subarray(32 + bound)];
        const entry = decodeOne(out.subarray(32, end)) as [Decoded, { [key: string]: Decoded }];
        const record = entry[1];
        const id = record.event_id as string;
        delete record.event_id;
        const expected = expectedRecord(fields, verdict, raw, naming);
        const invalid = Object.keys((expected.invalid ?? {}) as object).length;
        return (
          within &&
          untouched.every((part) => part.every((byte) => byte === 0x55)) &&
          /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id) &&
          isDeepStrictEqual(record, expected) &&
          counters.invalid_values === invalid
        );
      },
    ),
    { numRuns: 1000 },
  );
});
