/** What is expected against what was seen: keys, and fields of the record by name. */
import t from 'tap';
import { mismatches } from '../../../src/commands/config-tests/expectation.js';
import type { Outcome } from '../../../src/commands/config-tests/run-test.js';
import type { Expectation } from '../../../src/config/config-test.js';

const outcome: Outcome = {
  alert: true,
  excluded_by: null,
  repeat: false,
  level: 'high',
  rule: 'r',
  skipped_by: null,
  not_judged: null,
  direction: 'download',
  host: 'a.example',
  host_state: 'never_seen',
  bytes: 5,
  learned: true,
  record: {
    suser: 'alice',
    dpt: 443,
    'a.b': 1,
    alert: { ratio: 1.5, tactics: ['x', 'y'], on: true },
  },
  sentence: '',
  needed: [],
  exclusions: () => [],
};
const paths = (expect: Expectation) =>
  mismatches(expect, outcome).map(({ path }) => path.join(' '));

t.test('each key that is given is looked at, and no other', async (t) => {
  t.same(paths({ alert: true, level: 'high', bytes: 5, host: 'a.example' }), []);
  t.same(paths({ repeat: false, learned: true, direction: 'download' }), []);
  t.same(paths({ alert: false, level: 'low', bytes: 6, host: null }), [
    'alert',
    'level',
    'bytes',
    'host',
  ]);
  t.same(paths({ excluded_by: 'a', skipped_by: 'status', not_judged: 'no_url', rule: 'q' }), [
    'excluded_by',
    'skipped_by',
    'not_judged',
    'rule',
  ]);
  const [first] = mismatches({ bytes: null }, outcome);
  t.same(first, { path: ['bytes'], expected: null, seen: 5 });
});

t.test('a field of the record is found by its name, or inside another by dots', async (t) => {
  const of = (record: Expectation['record']) => paths({ record });
  t.same(of({ suser: 'alice', dpt: 443, 'a.b': 1, 'alert.ratio': 1.5, 'alert.on': true }), []);
  t.same(of({ dpt: '443', 'alert.tactics': ['x', 'y'], 'no.such': null, duser: null }), []);
  t.same(of({ suser: 'Alice' }), ['record suser']);
  t.same(of({ duser: 'x' }), ['record duser']);
  t.same(of({ suser: null }), ['record suser']);
  t.same(of({ 'alert.tactics': ['x'], alert: 'x' }), ['record alert.tactics', 'record alert']);
  t.same(of({ constructor: null, 'alert.toString': null }), []);
});
