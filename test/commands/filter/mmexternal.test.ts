/** `mmexternal`: exactly one line for each message, of the form that rsyslog reads. */
import t from 'tap';
import { filteredLines } from '../../support/filter.js';

const cef = '<134>Nov 24 10:15:30 proxy01 CEF:0|Zscaler|NSSWeblog|1|2|n|3|src=1.2.3.4 in=5 alert=x';

t.test('one answer each: a message, all its properties, and what is none of these', async (t) => {
  const full = JSON.stringify({ msg: '0|Zscaler|', rawmsg: cef, hostname: 'proxy01', '$!': null });
  const inputs = [cef, full, 'hello', '', '{"a":1}', '{broken', '{"rawmsg":7}'];
  const { records, counters } = await filteredLines(
    t.testdir({}),
    'mmexternal',
    inputs.map((line) => `${line}\n`),
  );
  t.equal(records.length, inputs.length);
  for (const record of records) t.strictSame(Object.keys(record), ['$!']);
  t.match(records, [
    { '$!': { src: '1.2.3.4', in: 5, ext_alert: 'x', syslog: { hostname: 'proxy01' } } },
    { '$!': { src: '1.2.3.4', in: 5, ext_alert: 'x', syslog: { hostname: 'proxy01' } } },
  ]);
  for (const [index, error] of ['not CEF', 'empty message', 'not CEF', 'not CEF'].entries()) {
    t.strictSame(records[index + 2], { '$!': { parse_error: error } });
  }
  t.equal(counters.filter_answers, inputs.length);
});

t.test('a message that is too long has its answer too', async (t) => {
  const yaml = 'listen: { max_message: 1KiB }';
  const long = `${cef} msg=${'y'.repeat(3_000_000)}`;
  const { records } = await filteredLines(t.testdir({}), 'mmexternal', [`${long}\n${cef}\n`], {
    yaml,
  });
  t.match(records, [{ '$!': { truncated: true } }, { '$!': { src: '1.2.3.4' } }]);
});

t.test('messages without `CEF:` are told of, once', async (t) => {
  const cut = ' 0|Zscaler|NSSWeblog|1|2|n|3|src=1.2.3.4';
  const { records, warnings } = await filteredLines(t.testdir({}), 'mmexternal', [
    `${cut}\n${cut}\nhello\n`,
  ]);
  t.equal(records.length, 3);
  t.match(warnings, [/interface.input="rawmsg"/]);
  t.equal(warnings.length, 1);
});
