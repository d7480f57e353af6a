/**
 * Goal: what was written in any mix of framings is read back equal, however the stream is cut.
 * Method: messages that the grammar can carry, each written in a framing of its own; then the same
 * bytes cut at random places. And for any bytes at all: the frames do not depend on the cuts.
 */
import fc from 'fast-check';
import t from 'tap';
import { counted, framed } from './framed.js';

const runs = { numRuns: 400 };

/** How a counted message may begin; the long ones so that a date never looks like `10 Oct …`. */
const head = fc.constantFrom(
  '<14>',
  '<191>1 ',
  'CEF:0|',
  '\ufeffCEF:0|',
  '2019-03-01T10:00:00.000Z host app - - - ',
  'Mar  1 10:00:00 host application: ',
);
const anyText = fc.string({ unit: 'binary', maxLength: 60 });
/** Neither a delimiter nor what could pass for a count and a PRI. */
const lineText = anyText.map((text) => text.replace(/[\r\n\0>]/g, '.'));

const countedFrame = fc.tuple(head, anyText).map(([start, text]) => {
  // What a receiver takes for the delimiter at the end cannot be told from content.
  const message = start + text.replace(/[\r\n\0]+$/, '');
  return { message, wire: counted(message) };
});
const delimited = fc.constantFrom('\n', '\r\n', '\0');
const lineFrame = fc
  .tuple(head, lineText, delimited)
  .map(([start, text, end]) => ({ message: start + text, wire: start + text + end }));
const countedAndDelimited = fc
  .tuple(countedFrame, delimited)
  .map(([{ message, wire }, end]) => ({ message, wire: wire + end }));
const frames = fc.array(fc.oneof(countedFrame, lineFrame, countedAndDelimited), { maxLength: 12 });
const cutAt = fc.array(fc.nat(), { maxLength: 8 });

function cutsWithin(length: number, places: readonly number[]): number[] {
  return places.map((place) => place % (length + 1)).sort((a, b) => a - b);
}

t.test('any mix of framings reads back equal, however it is cut', async (t) => {
  fc.assert(
    fc.property(frames, cutAt, (sent, places) => {
      const stream = Buffer.from(sent.map(({ wire }) => wire).join(''));
      const got = framed(stream, cutsWithin(stream.length, places));
      t.strictSame(
        got.texts,
        sent.map(({ message }) => message),
      );
      t.equal(got.truncated, 0);
      t.equal(got.resyncs, 0);
    }),
    runs,
  );
});

t.test('a newline-framed stream of any text reads back equal', async (t) => {
  // A line that begins with a count and a message start is a counted frame; all others are lines.
  const line = anyText
    .map((text) => text.replace(/[\r\n\0]/g, '.'))
    .filter(
      (text) =>
        text !== '' && !/^ /.test(text) && !/^[1-9]\d{0,8} (<|C|\ufeff|\d|[A-Z])/.test(text),
    );
  fc.assert(
    fc.property(fc.array(line), cutAt, (lines, places) => {
      const stream = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      t.strictSame(framed(stream, cutsWithin(stream.length, places)).texts, lines);
    }),
    runs,
  );
});

t.test('for any bytes, frames and counters do not depend on the cuts', async (t) => {
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...'0123456789 <>\n\r\0') },
    fc.constantFrom('<14>', 'CEF:', '\ufeff', '2019-03-01 ', 'Mar  1 ', '10 Oct ', '7 <1>', '12 '),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const bytes = fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.from(pieces.join('')));
  const max = fc.constantFrom(1, 8, 40, 65536);
  fc.assert(
    fc.property(bytes, cutAt, max, (stream, places, maxMessageBytes) => {
      const whole = framed(stream, [], maxMessageBytes);
      t.strictSame(framed(stream, cutsWithin(stream.length, places), maxMessageBytes), whole);
      const single = Array.from({ length: stream.length }, (_, i) => i);
      t.strictSame(framed(stream, single, maxMessageBytes), whole);
    }),
    { numRuns: 1500 },
  );
});

t.test('no byte is left out but delimiters, counts and what is counted as cut', async (t) => {
  const pieces = fc.array(
    fc.constantFrom('9', '4 ', '<14>', 'x', 'yz', '5 <1>', ' ', 'CEF:', '3 <1>', '30 Mar 1 '),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const stream = Buffer.from(parts.join(''));
      const got = framed(stream);
      // Without counts in front: all non-digits but blanks must be there, in order.
      const solid = (text: string) => text.replace(/[\d ]/g, '');
      t.equal(solid(got.texts.join('')), solid(stream.toString()));
    }),
    runs,
  );
});
