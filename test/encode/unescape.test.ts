import fc from 'fast-check';
import t from 'tap';
import { type Escapes, extensionEscapes, headerEscapes } from '../../src/cef-text.js';
import { EntryWriter } from '../../src/encode/entry-writer.js';
import { writeUnescaped } from '../../src/encode/unescape.js';
import { viewOf } from '../../src/fields.js';
import { decodeOne } from '../support/msgpack.js';

function unescaped(text: string, meanings: Escapes): unknown {
  // A backslash before and an escape letter behind: neither belongs to the value.
  const from = Buffer.from(`\\${text}n`);
  const out = Buffer.alloc(2 * from.length + 64);
  const writer = new EntryWriter();
  writer.begin(out, 0, from, viewOf(from));
  writeUnescaped(writer, from, 1, from.length - 1, meanings);
  return decodeOne(out.subarray(0, writer.at));
}

t.test('a value knows four escapes, and is read once from left to right', async (t) => {
  const cases = [
    ['', ''],
    ['plain', 'plain'],
    [String.raw`a\=b\\c\nd\re`, 'a=b\\c\nd\re'],
    [String.raw`C:\\new\\reg.exe`, String.raw`C:\new\reg.exe`],
    [String.raw`\\\=`, String.raw`\=`],
    [String.raw`\\\\n`, String.raw`\\n`],
    [String.raw`C:\x \| \/ \"`, String.raw`C:\x \| \/ \"`],
    ['\\', '\\'],
    [String.raw`end\\`, 'end\\'],
    [String.raw`\ü\=`, String.raw`\ü=`],
  ] as const;
  for (const [text, want] of cases) t.equal(unescaped(text, extensionEscapes), want, text);
});

t.test('a header field knows two escapes', async (t) => {
  const cases = [
    [String.raw`a\|b\\`, 'a|b\\'],
    [String.raw`\=\n\r`, String.raw`\=\n\r`],
    [String.raw`\\|`, String.raw`\|`],
  ] as const;
  for (const [text, want] of cases) t.equal(unescaped(text, headerEscapes), want, text);
});

t.test('any text is unescaped as by a regular expression', async () => {
  const text = fc.array(fc.constantFrom('\\', '=', 'n', 'r', '|', 'x', 'ü', ' '), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(
      text.map((letters) => letters.join('')),
      (text) => {
        const want = text.replace(/\\([\\=nr])/g, (_, c) =>
          c === 'n' ? '\n' : c === 'r' ? '\r' : c,
        );
        return unescaped(text, extensionEscapes) === want;
      },
    ),
    { numRuns: 5000 },
  );
});
