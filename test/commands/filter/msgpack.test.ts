/** `msgpack`: as `json`, over a stream that has no lines. */
import { decodeMulti, encode as pack } from '@msgpack/msgpack';
import t from 'tap';
import { filtered } from '../../support/filter.js';

const cef = 'CEF:0|Zscaler|NSSWeblog|1|2|n|3|src=1.2.3.4 host=evil alert=forged in=5';

async function answersTo(
  folder: string,
  pieces: readonly Buffer[],
  options: Parameters<typeof filtered>[3] = {},
) {
  const { out, counters } = await filtered(folder, 'msgpack', pieces, options);
  return { answers: [...decodeMulti(out)] as Record<string, unknown>[], counters };
}

function packed(...values: readonly unknown[]): Buffer {
  return Buffer.concat(values.map((value) => pack(value)));
}

t.test('all it had and the fields, wherever the stream is cut', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, i]));
  const own = [
    { message: cef, host: 'h', nested: { a: [1, null, 2.5] }, bytes: new Uint8Array([1, 2]) },
    { message: 'hello', n: 1 },
    { ...many, message: new Uint8Array(Buffer.from(cef)) },
  ];
  const all = packed(...own);
  const whole = await answersTo(t.testdir({}), [all]);
  t.match(whole.answers[0], { ...own[0], src: '1.2.3.4', ext_alert: 'forged', in: 5 });
  t.strictSame(whole.answers[1], { message: 'hello', n: 1, parse_error: 'not CEF' });
  t.match(whole.answers[2], { ...many, src: '1.2.3.4' });
  const steady = ({ event_id, received_at, ...rest }: Record<string, unknown>) => rest;
  for (const step of [1, 7, 100]) {
    const pieces: Buffer[] = [];
    for (let at = 0; at < all.length; at += step) pieces.push(all.subarray(at, at + step));
    const { answers } = await answersTo(t.testdir({}), pieces);
    t.strictSame(answers.map(steady), whole.answers.map(steady), `pieces of ${step}`);
  }
});

t.test('a name that says what stegwatch found gives way', async (t) => {
  const own = {
    message: 'x',
    alert: { level: 'high' },
    'Alert.level': 1,
    ext_alert: 3,
    parse_error: 4,
  };
  const { answers } = await answersTo(t.testdir({}), [packed(own)], { tagKey: 'tag' });
  t.strictSame(answers, [
    {
      message: 'x',
      ext_ext_alert: { level: 'high' },
      'ext_Alert.level': 1,
      ext_alert: 3,
      ext_parse_error: 4,
      parse_error: 'not CEF',
      tag: 'stegwatch.event',
    },
  ]);
});

t.test('one answer each, whatever comes', async (t) => {
  const values = packed(7, 'text', [1, 2], {}, { message: 7 }, { message: cef });
  const { answers, counters } = await answersTo(t.testdir({}), [
    Buffer.concat([
      values,
      Buffer.from([0xc1]),
      packed({ message: cef }),
      packed({ message: cef }).subarray(0, 20),
    ]),
  ]);
  t.equal(answers.length, 9);
  t.match(
    answers.map(({ parse_error }) => parse_error),
    [
      ...['not a map', 'not a map', 'not a map', /no text/, /no text/],
      ...[undefined, 'not MessagePack', undefined, 'record without its end'],
    ],
  );
  t.equal(counters.filter_answers, 9);
});

t.test('a record that is too long is passed over in pieces and answered', async (t) => {
  const yaml = 'listen: { max_message: 1KiB }';
  const long = packed({ message: cef, other: Array.from({ length: 300_000 }, () => 1e9) });
  const pieces: Buffer[] = [];
  const all = Buffer.concat([long, packed({ message: cef })]);
  for (let at = 0; at < all.length; at += 65_537) pieces.push(all.subarray(at, at + 65_537));
  const { answers, counters } = await answersTo(t.testdir({}), pieces, { yaml });
  t.match(answers, [
    { parse_error: 'record too long', original_length: long.length },
    { src: '1.2.3.4' },
  ]);
  t.equal(counters.filter_records_oversized, 1);
});
