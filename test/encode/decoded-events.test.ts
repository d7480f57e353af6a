/**
 * Decoder and encoder together: real lines, cut lines and any bytes at all give a record, and it is the
 * one that plain code makes of the same table.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { createDecoder } from '../../src/decode/decode.js';
import { createForwardEncoder } from '../../src/encode/forward-entry.js';
import { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { Verdict } from '../../src/verdict.js';
import { expectedRecord } from '../support/expected-record.js';
import { type Decoded, decodeOne } from '../support/msgpack.js';

const corpora = '../shared/corpora';
const skip =
  existsSync(corpora) || process.env.STEGWATCH_REQUIRE_PEERS === '1'
    ? false
    : `${corpora} is not there`;

const counters = new Counters();
const decode = createDecoder({ counters });
const encoder = createForwardEncoder({ raw: 'always', counters });
const fields = new Fields(512);
const verdict = new Verdict();
const peer = { address: '10.0.0.7' };
const now = Date.UTC(2026, 10, 24, 10, 15, 32, 123);

/** Passes `line`, in the middle of other bytes, through both. */
function becomesItsRecord(line: Buffer): boolean {
  const frame = Buffer.concat([Buffer.from('before\n'), line, Buffer.from('\nCEF:0|behind|')]);
  decode(frame, 7, 7 + line.length, line.length, now, peer, fields);
  const bound = encoder.maxEntryBytes(line.length);
  const out = Buffer.alloc(bound);
  const end = encoder.entry(fields, verdict, out, 0);
  const entry = decodeOne(out.subarray(0, end)) as [Decoded, { [key: string]: Decoded }];
  const { event_id, ...rest } = entry[1];
  const expected = { ...expectedRecord(fields, verdict, 'always') };
  return end <= bound && typeof event_id === 'string' && isDeepStrictEqual(rest, expected);
}

t.test('every line of the corpora becomes its record', { skip }, async (t) => {
  let lines = 0;
  for (const folder of readdirSync(corpora)) {
    const file = `${corpora}/${folder}/lines.log`;
    if (!existsSync(file)) continue;
    for (const text of readFileSync(file, 'latin1').split('\n')) {
      const line = Buffer.from(text, 'latin1');
      if (!becomesItsRecord(line)) t.fail(`${file}: ${text}`);
      lines++;
    }
  }
  t.ok(lines > 1000, `${lines} lines`);
});

t.test('any bytes at all give a record', async () => {
  const start = fc.constantFrom(
    '',
    '<134>',
    '<134>1 - h a p m - ',
    'CEF:0|v|p|1|c|n|3|',
    'CEF:0|v',
  );
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    fc.constantFrom(' in=', ' alert=', ' ext_raw=', ' dhost=', '\\', '=', ' ', '\n', '|', '5', 'x'),
  );
  fc.assert(
    fc.property(start, fc.array(piece, { maxLength: 30 }), (start, pieces) =>
      becomesItsRecord(Buffer.from(start + pieces.join(''), 'latin1')),
    ),
    { numRuns: 2000 },
  );
});
