/** `json`: the record as it came, and what stegwatch found; nothing in it can pass for a verdict. */
import t from 'tap';
import { filteredLines } from '../../support/filter.js';

const cef = 'CEF:0|Zscaler|NSSWeblog|1|2|n|3|src=1.2.3.4 host=evil tag=evil alert=forged in=5';

t.test('all it had, to the byte, and the fields', async (t) => {
  const own = `{"message":${JSON.stringify(cef)}, "big":12345678901234567890, "x":1.0, "host":"h" }`;
  const { lines, records, counters } = await filteredLines(t.testdir({}), 'json', [`${own}  \n`]);
  t.ok(lines[0]!.startsWith(own.slice(0, -1)), 'its own text, digits and blanks included');
  t.match(records[0], { host: 'h', src: '1.2.3.4', ext_alert: 'forged', in: 5 });
  t.equal(counters.filter_fields_kept_out, 1, 'host, which it had');
});

t.test('what is not CEF is as it was, but for parse_error', async (t) => {
  const own = { message: 'hello', n: 1 };
  const { records } = await filteredLines(t.testdir({}), 'json', [`${JSON.stringify(own)}\n`]);
  t.strictSame(records, [{ ...own, parse_error: 'not CEF' }]);
});

t.test('a name that says what stegwatch found gives way, however it is written', async (t) => {
  const own =
    '{"message":"x","\\u0061lert":{"level":"high"},"ALERT.level":1,"alert_suppressed":2,"ext_alert":3,' +
    '"parse_error":4,"alerts":5,"__proto__":6}';
  const { lines, records } = await filteredLines(t.testdir({}), 'json', [`${own}\n`]);
  t.match(lines[0], /"__proto__":6/);
  const { ['__proto__']: _, ...rest } = records[0]!;
  t.strictSame(rest, {
    message: 'x',
    ext_ext_alert: { level: 'high' },
    'ext_ALERT.level': 1,
    ext_alert_suppressed: 2,
    ext_alert: 3,
    ext_parse_error: 4,
    alerts: 5,
    parse_error: 'not CEF',
  });
});

t.test('one answer each, whatever comes', async (t) => {
  const deep = `{"alert":${'['.repeat(50_000)}${']'.repeat(50_000)},"message":"x"}`;
  const inputs = [
    '',
    '[1]',
    '7',
    'null',
    '{"message":',
    '{}',
    '{"message":7}',
    '{"other":"x"}',
    deep,
  ];
  const { records, counters } = await filteredLines(t.testdir({}), 'json', [
    inputs.map((line) => `${line}\n`).join(''),
    Buffer.from('{"message":"\xff","a":1}\n', 'latin1'),
    `${JSON.stringify({ message: cef })}\n`,
  ]);
  t.equal(records.length, inputs.length + 2);
  for (const record of records.slice(0, -1)) t.type(record.parse_error, 'string');
  t.strictSame(records[5], { parse_error: 'no text under the key message' });
  t.match(records[6], { message: 7, parse_error: 'no text under the key message' });
  t.match(records.at(-2), { message: '\ufffd', a: 1, parse_error: 'not CEF' });
  t.match(records.at(-1), { src: '1.2.3.4' });
  t.equal(counters.filter_answers, records.length);
  t.equal(counters.received_frames + counters.filter_records_invalid, records.length);
});

t.test('a record that is too long is answered, and the next one is read', async (t) => {
  const yaml = 'listen: { max_message: 1KiB }';
  const long = JSON.stringify({ message: cef, other: 'x'.repeat(2_000_000) });
  const { records, counters } = await filteredLines(
    t.testdir({}),
    'json',
    [long.slice(0, 900_000), `${long.slice(900_000)}\n`, `${JSON.stringify({ message: cef })}\n`],
    { yaml },
  );
  t.match(records, [
    { parse_error: 'record too long', truncated: true, original_length: long.length },
    { src: '1.2.3.4' },
  ]);
  t.equal(counters.filter_records_oversized, 1);
});

t.test('another key; the tag in the record', async (t) => {
  const records = [{ log: cef, tag: 'in' }, {}, { log: 'x' }].map((one) => JSON.stringify(one));
  const { records: answers } = await filteredLines(
    t.testdir({}),
    'json',
    [`${records.join('\n')}\nnone\n`],
    { key: 'log', tagKey: 'tag' },
  );
  t.match(answers[0], { src: '1.2.3.4', tag: 'stegwatch.event', ext_tag: 'in' });
  for (const answer of answers) t.equal(answer.tag, 'stegwatch.event');
  t.equal(answers.length, 4);
});
