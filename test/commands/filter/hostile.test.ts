/** Whatever comes, each input has one answer that can be read, and nothing of it is an alert. */
import { encode as pack, decode as unpack } from '@msgpack/msgpack';
import t from 'tap';
import { mapSize, valueEnd } from '../../../src/encode/msgpack-walk.js';
import { filtered, filteredLines } from '../../support/filter.js';
import { seededRandom } from '../../support/seed.js';

const inputs = 3000;
/** What the readers decide by, and what JSON, CEF and MessagePack escape. */
const fragments = [
  ...['{', '}', '[', ']', '"', '\\', ':', ',', 'null', '1e999', '"message"', '"alert"', '"rawmsg"'],
  ...[
    'CEF:0|',
    '|',
    '=',
    ' ',
    'in=5 ',
    'alert=x ',
    '\\n',
    '\t',
    '\r',
    '\0',
    '\x1f',
    '<134>',
    '0|a|',
  ],
  ...[
    '\xff',
    '\xc1',
    '\xdf',
    '\x81',
    '\xa1',
    '{"message":"CEF:0|a|b|1|2|n|3|',
    '"}',
    '\xe2\x82\xac',
  ],
];

t.test('lines of any bytes, to every protocol that has lines', async (t) => {
  const random = seededRandom(t);
  const line = () =>
    Array.from({ length: random(12) }, () => fragments[random(fragments.length)]).join('');
  for (const protocol of ['lines', 'json', 'mmexternal'] as const) {
    const text = Array.from({ length: inputs }, () => `${line()}\n`).join('');
    const all = Buffer.from(text, 'latin1');
    const pieces: Buffer[] = [];
    for (let at = 0; at < all.length; ) {
      const length = 1 + random(5000);
      pieces.push(all.subarray(at, at + length));
      at += length;
    }
    const { records, counters } = await filteredLines(t.testdir({}), protocol, pieces);
    t.equal(records.length, inputs, protocol);
    t.equal(counters.filter_answers, inputs);
    const fields = records.map((record) => (protocol === 'mmexternal' ? record['$!'] : record));
    t.notOk(fields.some((one) => 'alert' in (one as object)));
  }
});

t.test('any bytes as MessagePack: answers, and the records behind them', async (t) => {
  const random = seededRandom(t);
  const record = Buffer.from(pack({ message: 'CEF:0|a|b|1|2|n|3|src=1.2.3.4' }));
  for (let round = 0; round < 20; round++) {
    const noise = Buffer.from(Array.from({ length: random(400) }, () => random(256)));
    const { out, counters } = await filtered(t.testdir({}), 'msgpack', [
      Buffer.concat([record, noise]),
      Buffer.concat([record, record]),
    ]);
    // What noise makes of itself, such as a map with an array as a key, no library takes apart.
    const answers: Buffer[] = [];
    for (let at = 0; at < out.length; ) {
      const end = valueEnd(out, at);
      t.ok(end > at && mapSize(out, at) >= 0, 'a whole map');
      answers.push(out.subarray(at, end));
      at = end;
    }
    t.equal(answers.length, counters.filter_answers);
    t.match(unpack(answers[0]!), { src: '1.2.3.4' });
  }
});
