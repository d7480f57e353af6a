import fc from 'fast-check';
import t from 'tap';
import { isBlank, parseDecimal, parseInteger } from '../../src/encode/number-text.js';

/** Reads within longer text, so that a read past the bounds shows. */
function within(read: (bytes: Uint8Array, start: number, end: number) => number, text: string) {
  return read(Buffer.from(`9${text}9`, 'latin1'), 1, 1 + text.length);
}
const integer = (text: string) => within(parseInteger, text);
const decimal = (text: string) => within(parseDecimal, text);

t.test('an integer may have a sign, leading zeros and white space around it', async (t) => {
  t.equal(integer('0'), 0);
  t.equal(integer('82244'), 82244);
  t.equal(integer('+5'), 5);
  t.equal(integer('-5'), -5);
  t.equal(integer('007'), 7);
  t.equal(integer(' \t5 \r\n'), 5);
  t.ok(Object.is(integer('-0'), 0), 'minus zero is zero');
});

t.test('an integer ends at 2^53 - 1 on both sides', async (t) => {
  t.equal(integer('9007199254740991'), Number.MAX_SAFE_INTEGER);
  t.equal(integer('-9007199254740991'), Number.MIN_SAFE_INTEGER);
  t.equal(integer(`${'0'.repeat(100)}9007199254740991`), Number.MAX_SAFE_INTEGER);
  for (const text of [
    '9007199254740992',
    '9007199254740993',
    '-9007199254740992',
    '9'.repeat(400),
  ]) {
    t.ok(Number.isNaN(integer(text)), text);
  }
});

t.test('what is not an integer is none', async (t) => {
  const others = [
    '',
    ' ',
    '-',
    '+',
    '--1',
    '+-1',
    '1-',
    '1.0',
    '1e3',
    '0x10',
    '1,000',
    '1 000',
    'None',
  ];
  for (const text of [...others, '-', 'N/A', '12a', 'a12', '\\1', '１']) {
    t.ok(Number.isNaN(integer(text)), JSON.stringify(text));
  }
});

t.test('a decimal may have a sign, a fraction and an exponent', async (t) => {
  t.equal(decimal('1'), 1);
  t.equal(decimal('-12.5'), -12.5);
  t.equal(decimal('+.5'), 0.5);
  t.equal(decimal('5.'), 5);
  t.equal(decimal(' 52.370216 '), 52.370216);
  t.equal(decimal('1e3'), 1000);
  t.equal(decimal('1.5E-7'), 1.5e-7);
  t.equal(decimal('52.37021600000000123456'), 52.370216);
});

t.test('what is not a finite decimal is none', async (t) => {
  for (const text of [
    '',
    ' ',
    '.',
    '-',
    '-.',
    '1.2.3',
    '1,5',
    'e5',
    '1e',
    '1e+',
    '1e5x',
    'NaN',
    'Infinity',
    '1e999',
    '0x1p3',
    '1 2',
  ]) {
    t.ok(Number.isNaN(decimal(text)), JSON.stringify(text));
  }
});

t.test('integers read as JavaScript reads them', async () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => integer(String(value)) === value),
    { numRuns: 2000 },
  );
});

t.test('decimals are rounded as JavaScript rounds them', async () => {
  const text = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.stringMatching(/^-?[0-9]{0,12}\.[0-9]{1,12}$/),
    fc.stringMatching(/^[0-9]{1,20}(\.[0-9]{0,20})?$/),
  );
  fc.assert(
    fc.property(text, (t) => Object.is(decimal(t), Number(t))),
    { numRuns: 5000 },
  );
});

t.test('only white space is blank', async (t) => {
  for (const [text, blank] of [
    ['', true],
    [' \t', true],
    [' x', false],
    ['0', false],
    ['\0', false],
  ] as const) {
    t.equal(isBlank(Buffer.from(`x${text}x`), 1, 1 + text.length), blank, JSON.stringify(text));
  }
});
