/** What holds for any event and for any bytes. */
import fc from 'fast-check';
import t from 'tap';
import { createDecoder } from '../../src/decode/decode.js';
import { keys } from '../../src/dictionary/dictionary.js';
import { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { writeCef } from '../support/cef-writer.js';
import { assertInBounds } from './bounds.js';
import { assertSame, comparable, read, receivedAtMs, show } from './reading.js';

const runs = { numRuns: 500 };

const knownKey = fc.constantFrom(...keys.slice(1).map(({ key }) => key));
const anyKey = fc.oneof(knownKey, fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.\-[\]]{0,12}$/));
/** Printable, with a good share of what CEF treats in a special way, and of other scripts. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\\',
        '=',
        '|',
        ' ',
        '\t',
        '\n',
        '\r',
        '"',
        'in=',
        ' act=',
        'CEF:0|',
        'é',
        '日',
        '😀',
      ),
      fc.string({ maxLength: 8, unit: 'grapheme-ascii' }),
      fc.string({ maxLength: 4, unit: 'grapheme' }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
/**
 * White space and NUL at the end of the last value cannot be told from a trailer of the message.
 */
const value = text.map((s) => s.replace(/[\s\0]+$/u, ''));

t.test('what is written as CEF reads back equal', async (t) => {
  const event = fc.record({
    header: fc.tuple(fc.nat({ max: 99 }).map(String), text, text, text, text, text, text),
    extension: fc.uniqueArray(fc.tuple(anyKey, value), {
      maxLength: 12,
      selector: ([key]) => key.toLowerCase(),
    }),
  });
  fc.assert(
    fc.property(event, fc.constantFrom('', '<134>Nov 24 09:00:00 h ', 'x '), (event, before) => {
      const { header, ext, problem, fields } = read(before + writeCef(event));
      assertSame(problem, 0);
      assertSame(header, event.header);
      assertSame({ ...ext }, Object.fromEntries(event.extension));
      assertSame(fields.duplicates, 0);
    }),
    runs,
  );
  t.pass(`${runs.numRuns} events`);
});

/** Bytes that look like messages here and there. */
const bytes = fc
  .array(
    fc.oneof(
      fc
        .constantFrom(
          ...[
            '<134>',
            '<',
            '1 ',
            '2026-11-24T09:00:00Z',
            'Nov 24 09:00:00 ',
            ' h ',
            'app[1]: ',
            '- ',
            '[',
          ],
          ...[
            'CEF:',
            'CEF:0|',
            'a|',
            '|',
            '\\',
            '\\|',
            '\\=',
            '=',
            ' ',
            '\t',
            '\r\n',
            '"',
            'src=',
            ' foo=',
          ],
          ...[
            'in =',
            'rt=',
            'rt=1614600000',
            'dtz=Europe/Paris ',
            '\ufeff',
            ']',
            '999 ',
            '\0',
            'k,x=',
            'a.b,c=',
          ],
        )
        .map((s) => Buffer.from(s)),
      fc.uint8Array({ maxLength: 6 }).map((b) => Buffer.from(b)),
      fc.string({ maxLength: 8 }).map((s) => Buffer.from(s)),
    ),
    { maxLength: 24 },
  )
  .map((parts) => Buffer.concat(parts));

t.test('any bytes give a filled table and no exception', async (t) => {
  const counters = new Counters();
  const decode = createDecoder({ counters });
  const fields = new Fields(6);
  const peer = { address: '-' };
  let events = 0;
  fc.assert(
    fc.property(bytes, fc.nat({ max: 9 }), (bytes, missing) => {
      decode(bytes, 0, bytes.length, bytes.length + missing, receivedAtMs, peer, fields);
      events++;
      assertInBounds(fields);
    }),
    { numRuns: 3000 },
  );
  t.equal(counters.events, events, 'each is counted');
});

t.test('a frame inside a larger buffer reads as it does alone', async (t) => {
  const counters = new Counters();
  const decode = createDecoder({ counters });
  const fields = new Fields(6);
  const peer = { address: '-' };
  fc.assert(
    fc.property(bytes, bytes, bytes, (before, frame, after) => {
      const all = Buffer.concat([before, frame, after]);
      const start = before.length;
      const end = start + frame.length;
      // Twice: the second time the buffer is known to hold several frames.
      for (let round = 0; round < 2; round++) {
        decode(all, start, end, frame.length, receivedAtMs, peer, fields);
        const inside = comparable(show(fields, counters));
        assertSame(inside, comparable(read(frame, { maxFields: 6 })));
      }
    }),
    { numRuns: 1500 },
  );
  t.pass('1500 frames');
});
