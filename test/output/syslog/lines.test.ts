import fc from 'fast-check';
import t from 'tap';
import { eachLine, endedLines } from '../../../src/output/syslog/lines.js';

function entriesOf(lines: readonly Buffer[]): Buffer {
  return Buffer.concat(lines.flatMap((line) => [Buffer.from(`${line.length} `), line]));
}

function linesIn(entries: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  eachLine(entries, (start, end) => lines.push(entries.subarray(start, end)));
  return lines;
}

const anyLine = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));

t.test('each line is found again, whatever it holds', async (t) => {
  fc.assert(
    fc.property(fc.array(anyLine), (lines) => {
      const found = linesIn(entriesOf(lines));
      return found.length === lines.length && found.every((line, i) => line.equals(lines[i]!));
    }),
  );
  t.strictSame(linesIn(Buffer.alloc(0)), []);
});

t.test(
  'ended by line feeds there are as many lines, and those without one are as before',
  async () => {
    const feeding = fc.constantFrom(0x0a, 0x41, 0x20);
    const line = fc.oneof(
      anyLine,
      fc.array(feeding, { maxLength: 30 }).map((b) => Buffer.from(b)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const { bytes, changed } = endedLines(entriesOf(lines));
        const parts = bytes.toString('latin1').split('\n');
        const expected = lines.map((one) => one.toString('latin1').replaceAll('\n', '\\n'));
        return (
          parts.pop() === '' &&
          parts.join('\n') === expected.join('\n') &&
          changed === lines.filter((one) => one.includes(0x0a)).length
        );
      }),
    );
  },
);

t.test('many lines take time in proportion', async (t) => {
  const entries = entriesOf(Array.from({ length: 20_000 }, () => Buffer.from('x')));
  t.equal(endedLines(entries).bytes.length, 40_000);
});

t.test('what is no line after its length is given as it is, and ends', async (t) => {
  const odd = ['abc', '12', '5 ab', ' x', '3 abcxyz', '99999999999999999999 a'];
  t.strictSame(
    odd.map((text) => linesIn(Buffer.from(text)).map(String)),
    [['abc'], ['12'], ['5 ab'], [' x'], ['abc', 'xyz'], ['99999999999999999999 a']],
  );
  fc.assert(
    fc.property(anyLine, (bytes) => {
      const { length } = Buffer.concat(linesIn(bytes));
      return length <= bytes.length && endedLines(bytes).bytes.length > 0 === bytes.length > 0;
    }),
  );
});
