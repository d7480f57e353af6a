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
import { Verdict } from '../../src/verdict.js';
import { anAlert } from '../support/alerts.js';
import { expectedRecord } from '../support/expected-record.js';
import { type Decoded, decodeOne } from '../support/msgpack.js';
import { type EventParts, fillTable } from '../support/table-builder.js';

const now = Date.UTC(2026, 10, 24, 10, 15, 32, 123);
const numberKeys = keys.filter((k) => k.type !== 'string').map((k) => k.key);
const dictionaryKeys = keys.slice(1).map((k) => k.key);

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
const rawMode = fc.constantFrom('never' as const, 'alerts' as const, 'always' as const);
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

t.test('any event becomes its record', async () => {
  const fields = new Fields(64);
  const counters = new Counters();
  const encoders = Object.fromEntries(
    (['never', 'alerts', 'always'] as const).map((raw) => [
      raw,
      createForwardEncoder({ raw, counters }),
    ]),
  );
  fc.assert(
    fc.property(parts, rawMode, verdictKind, fc.boolean(), (parts, raw, kind, repaired) => {
      fillTable(fields, parts);
      if (repaired) fillTable(fields, { ...parts, rawBytes: badBytes(fields.bytes.length) });
      const verdict = verdictOf(kind, parts.host ?? '');
      const encoder = encoders[raw]!;
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
      const expected = expectedRecord(fields, verdict, raw);
      const invalid = Object.keys((expected.invalid ?? {}) as object).length;
      return (
        within &&
        untouched.every((part) => part.every((byte) => byte === 0x55)) &&
        /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(id) &&
        isDeepStrictEqual(record, expected) &&
        counters.invalid_values === invalid
      );
    }),
    { numRuns: 500 },
  );
});
