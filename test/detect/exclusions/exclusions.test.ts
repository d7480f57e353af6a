import t from 'tap';
import type { MatchMap } from '../../../src/config/config.js';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';
import { exclusion, facts, matches, problemsOf } from './try-exclusion.js';

t.test('the first exclusion that matches wins, and is given whole', async (t) => {
  const configs = [
    exclusion({ act: 'x' }, { name: 'one' }),
    exclusion({ msg: 'a' }, { name: 'two', learn: true }),
    exclusion({ msg: '*' }, { name: 'three' }),
  ];
  const { exclusions, problems } = compileExclusions(configs);
  t.strictSame(problems, []);
  t.equal(exclusions.keepFromLearning, true, 'two do not teach');
  t.equal(exclusions.match(facts({ msg: 'a' }), 0), configs[1]);
  t.equal(exclusions.match(facts({ msg: 'b' }), 0), configs[2]);
  t.equal(exclusions.match(facts({ act: 'x', msg: 'a' }), 0), configs[0]);
  t.equal(exclusions.match(facts({ act: 'y' }), 0), null);
  t.equal(exclusions.match(facts({}), 0), null);
});

t.test('no exclusions match nothing', async (t) => {
  const { exclusions, problems } = compileExclusions([]);
  t.equal(exclusions.keepFromLearning, false);
  t.strictSame(problems, []);
  t.equal(exclusions.match(facts({ msg: 'a' }), 0), null);
});

t.test('an exclusion applies up to its last millisecond, and the next one follows', async (t) => {
  const { exclusions } = compileExclusions([
    exclusion({ msg: 'a' }, { name: 'old', expiresMs: 1000 }),
    exclusion({ msg: 'a' }, { name: 'new', expiresMs: 2000 }),
  ]);
  const at = (ms: number) => exclusions.match(facts({ msg: 'a' }), ms)?.name ?? null;
  t.strictSame([at(0), at(1000), at(1001), at(2000), at(2001)], ['old', 'old', 'new', 'new', null]);
});

t.test('one event leaves nothing behind for the next', async (t) => {
  const { exclusions } = compileExclusions([
    exclusion({ suser: 'a', msg: 'b' }),
    exclusion({ 'label:X': 'y' }),
  ]);
  const name = (extension: Record<string, string>) =>
    exclusions.match(facts(extension), 0) !== null;
  t.ok(name({ suser: 'a', msg: 'b' }));
  t.notOk(name({ suser: 'a' }));
  t.notOk(name({ msg: 'b' }));
  t.ok(name({ cs1Label: 'x', cs1: 'y' }));
  t.notOk(name({ cs1: 'y' }));
});

t.test('a repeated key matches only if every occurrence does', async (t) => {
  const rule = { suser: ['svc-a', 'svc-b'] };
  const twice = (a: string, b: string) =>
    matches(rule, [
      ['suser', a],
      ['msg', 'm'],
      ['suser', b],
    ]);
  t.ok(twice('svc-a', 'svc-a'));
  t.ok(twice('svc-a', 'svc-b'), 'each occurrence is an excluded one');
  t.notOk(twice('mallory', 'svc-a'), 'appended: the last wins in the record, not here');
  t.notOk(twice('svc-a', 'mallory'), 'put in front');
  t.ok(twice('', 'svc-a'), 'an empty occurrence is none');
  t.notOk(
    matches(rule, [
      ['SUSER', 'mallory'],
      ['suser', 'svc-a'],
    ]),
    'in whatever case',
  );
});

t.test('the judged URL, file and host answer for every occurrence of their key', async (t) => {
  const both = (key: string, a: string, b: string, match: MatchMap) =>
    matches(match, [
      [key, a],
      [key, b],
    ]);
  t.notOk(both('request', 'http://evil/x.jpg', 'http://ok/a.jpg', { 'url|contains': '//ok/' }));
  t.ok(both('request', 'http://ok/x.jpg', 'http://ok/a.jpg', { 'url|contains': '//ok/' }));
  t.notOk(both('request', 'http://e/x.jpg', 'http://e/a.jpg', { filename: 'a.jpg' }));
  t.ok(both('request', 'http://e/a.jpg', 'http://f/a.jpg', { filename: 'a.jpg' }));
  t.notOk(both('dhost', 'evil.example', 'ok.example', { host: 'ok.example' }));
  t.ok(both('dhost', 'ok.example', 'ok.example', { host: 'ok.example' }));
  t.ok(
    matches({ host: 'ok.example' }, [
      ['dhost', 'ok.example'],
      ['cs1', 'a'],
      ['cs1', 'b'],
    ]),
    'a repeated other key does not matter',
  );
});

t.test('the judged host may differ from a dhost that stands once', async (t) => {
  const { exclusions } = compileExclusions([exclusion({ host: 'ok.example' })]);
  const pairs = [
    ['dhost', 'ok.example:443'],
    ['cs1', 'a'],
    ['cs1', 'b'],
  ] as const;
  t.ok(exclusions.match(facts(pairs, { host: 'ok.example' }), 0));
});

t.test('fields with the same label are occurrences of one field', async (t) => {
  const rule = { 'label:Department': 'Marketing' };
  const pair = (n: number, value: string): [string, string][] => [
    [`cs${n}Label`, 'Department'],
    [`cs${n}`, value],
  ];
  t.ok(matches(rule, [...pair(1, 'Marketing'), ...pair(2, 'Marketing')]));
  t.notOk(matches(rule, [...pair(1, 'Sales'), ...pair(2, 'Marketing')]));
  t.notOk(matches(rule, [...pair(1, 'Sales'), ...pair(1, 'Marketing')]), 'injected at the end');
  t.notOk(matches(rule, [...pair(9, 'Sales'), ...pair(9, 'Marketing')]), 'outside the dictionary');
});

t.test('problems carry their exact path, and all are found at once', async (t) => {
  const { exclusions, problems } = compileExclusions([
    exclusion({ suser: 'fine' }, { name: 'good' }),
    exclusion({ 'proces.name': 'x', 'msg|gt|contains': 1, 'dst|cidr': ['10.0.0.0/8', 'nonsense'] }),
    exclusion([{ msg: 'a' }, { 'msg|re': '(', act: [] }]),
  ]);
  t.strictSame(
    problems.map(({ path, atKey }) => [path, atKey === true]),
    [
      [['exclusions', 1, 'match', 'proces.name'], true],
      [['exclusions', 1, 'match', 'msg|gt|contains'], true],
      [['exclusions', 1, 'match', 'dst|cidr', 1], false],
      [['exclusions', 2, 'match', 1, 'msg|re'], false],
      [['exclusions', 2, 'match', 1, 'act'], false],
    ],
  );
  t.match(problems[0]!.message, /nearest name is "process.name"/);
  const left = exclusions.report().map(({ name }) => name);
  t.strictSame(left, ['good'], 'an exclusion with a problem is left out');
  t.equal(exclusions.match(facts({ suser: 'fine' }), 0)?.name, 'good');
  t.equal(exclusions.match(facts({ msg: 'a' }), 0), null, 'nor does its sound half match');
});

t.test('what would match everything or nothing is a problem', async (t) => {
  t.match(problemsOf({}), [['', /would exclude every event/, false]]);
  t.match(problemsOf([{ msg: 'a' }, {}]), [['1', /would exclude every event/, false]]);
  t.match(problemsOf([]), [['', /would never match/, false]]);
  t.match(problemsOf(null), [['', /expected a map/, false]]);
  t.match(problemsOf(['text']), [['0', /expected a map/, false]]);
  t.match(problemsOf({ msg: { a: 1 } }), [['msg', /expected text, a number/, false]]);
  t.match(problemsOf({ msg: ['a', ['b']] }), [['msg / 1', /expected text, a number/, false]]);
});
