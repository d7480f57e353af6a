/** Hostile text may not buy time: values are the attacker's, patterns the operator's. */
import t from 'tap';
import { compileRegex, maxInstructions, maxText } from '../../../src/detect/exclusions/regex.js';
import { facts, matcher } from './try-exclusion.js';

const length = 64 * 1024;
/** A backtracking engine would need ages for any of these; RE2 needs far less. */
const maxMs = 2000;

t.test('patterns that blow up elsewhere take linear time over 64 KiB', async (t) => {
  const text = `${'a'.repeat(length - 1)}!`;
  const patterns = ['(a+)+$', '(a|aa)+$', '^(a+)+$', '(a*)*b', '(.*a){20}$', '([a-z]+)*[0-9]'];
  for (const pattern of patterns) {
    const test = matcher({ 'msg|re': pattern });
    const ms = timed(() => t.equal(test(facts({ msg: text })), false, pattern));
    t.ok(ms < maxMs, `${pattern}: ${ms} ms`);
  }
});

t.test('wildcards between texts take linear time over 64 KiB', async (t) => {
  const text = 'ab'.repeat(length / 2);
  for (const value of [`${'*a'.repeat(20)}*c`, `*${'?'.repeat(20)}c*`, 'a*b*a*b*a*b*c']) {
    const test = matcher({ msg: value });
    const ms = timed(() => t.equal(test(facts({ msg: text })), false, value));
    t.ok(ms < maxMs, `${value}: ${ms} ms`);
  }
});

t.test('other tests over 64 KiB of hostile text end at once', async (t) => {
  const texts = ['.', '1', '[', ':', '@', '%', '//', 'a.', '\\'].map((c) =>
    c.repeat(length / c.length),
  );
  const rules = [
    { 'msg|domain': 'a.example' },
    { 'msg|cidr': '10.0.0.0/8' },
    { 'msg|gt': 5 },
    { msg: 5 },
    { 'msg|contains': 'needle' },
  ];
  for (const rule of rules) {
    const test = matcher(rule);
    const ms = timed(() => {
      for (const msg of texts) t.equal(test(facts({ msg })), false);
    });
    t.ok(ms < maxMs, `${JSON.stringify(rule)}: ${ms} ms`);
  }
});

t.test('the larger the pattern, the shorter the text it is tested on', async (t) => {
  const small = compileRegex('b$', 0);
  const large = compileRegex(`(?:${'[ab][ab]'.repeat(400)})*b$`, 0);
  if (typeof small === 'string' || typeof large === 'string') throw new Error('both are allowed');
  const long = `${'a'.repeat(length - 1)}b`;
  t.equal(small(long), true, 'the default max_message is within reach of a usual pattern');
  t.equal(large(long), false, 'too long for this one: no match, so the alert stands');
  t.equal(large(`${'a'.repeat(4000)}b`), true);
  t.equal(maxText(maxInstructions), 4096);
  t.match(compileRegex('[ab]'.repeat(maxInstructions), 0), /too large/);
});

t.test('as many labels as an event may hold cost one pass, not one pass each', async (t) => {
  // The table of a built event holds 64 fields; the bound of an event is max_fields, 512.
  const pairs = Array.from({ length: 32 }, (_, i) => [
    [`k${10 + i}Label`, 'Department'],
    [`k${10 + i}`, i === 31 ? 'Sales' : 'Marketing'],
  ]).flat() as [string, string][];
  const event = facts(pairs);
  const test = matcher({ 'label:Department': 'Marketing' });
  const ms = timed(() => {
    for (let i = 0; i < 1000; i++) if (test(event)) t.fail('one of them is Sales');
  });
  t.ok(ms < maxMs, `1,000 events: ${ms} ms`);
  t.ok(matcher({ 'label:Department': ['Marketing', 'Sales'] })(event));
});

t.test('a list of 100,000 plain values costs one look-up, as ten values do', async (t) => {
  const values = Array.from({ length: 100_000 }, (_, i) => `host-${i}.example`);
  const events = Array.from({ length: 1000 }, (_, i) => facts({ dhost: `a.other-${i}.example` }));
  for (const key of ['dhost', 'dhost|domain']) {
    const few = matcher({ [key]: values.slice(0, 10) });
    const many = matcher({ [key]: values });
    const ask = (test: typeof few): number =>
      timed(() =>
        t.notOk(
          events.some((event) => test(event)),
          key,
        ),
      );
    ask(few);
    const [fewMs, manyMs] = [ask(few), ask(many)];
    t.ok(manyMs < 50 * (fewMs + 1), `${key}: ${fewMs} ms for 10 values, ${manyMs} for 100,000`);
    t.ok(many(facts({ dhost: 'HOST-99999.example' })), key);
  }
});

function timed(run: () => void): number {
  const before = performance.now();
  run();
  return Math.round(performance.now() - before);
}
