/** `explain` says why, in words, and never anything else than `match`. */
import fc from 'fast-check';
import t from 'tap';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';
import { event, match } from './random-rules.js';
import type { Pair } from './reference.js';
import { exclusion, facts, type Match } from './try-exclusion.js';

type Given = Parameters<typeof facts>[0];

function explain(rule: Match, given: Given, expiresMs: number | null = null, atMs = 0) {
  const { exclusions, problems } = compileExclusions([exclusion(rule, { expiresMs })]);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return exclusions.explain(facts(given), atMs)[0]!;
}

t.test('on random events and exclusions: matched is what match and matches say', async (t) => {
  const outcomes = new Map<string, number>();
  const configs = fc.array(fc.tuple(match, fc.constantFrom(null, 5, 10)), {
    minLength: 1,
    maxLength: 4,
  });
  const events = fc.array(fc.tuple(event, fc.constantFrom(5, 6, 10, 11)), {
    minLength: 4,
    maxLength: 8,
  });
  fc.assert(
    fc.property(configs, events, (rules, asked) => {
      const { exclusions, problems } = compileExclusions(
        rules.map(([rule, expiresMs], at) => exclusion(rule, { name: `e${at}`, expiresMs })),
      );
      if (problems.length > 0) throw new Error(JSON.stringify(problems));
      for (const [pairs, atMs] of asked as readonly (readonly [readonly Pair[], number])[]) {
        const of = facts(pairs);
        const told = exclusions.explain(of, atMs);
        const all = told.filter(({ outcome }) => outcome === 'matched').map((one) => one.exclusion);
        same(exclusions.match(of, atMs), all[0] ?? null);
        same(exclusions.matches(of, atMs), all);
        for (const { outcome, fields, exclusion: config } of told) {
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          const passed = fields.every((field) => field.passed);
          same(passed, outcome === 'matched' || outcome === 'expired');
          if (passed)
            same(outcome === 'expired', config.expiresMs !== null && atMs > config.expiresMs);
          for (const { near, passed: good } of fields) if (good) same(near, '');
        }
      }
    }),
    { numRuns: 800 },
  );
  t.strictSame([...outcomes.keys()].sort(), ['expired', 'matched', 'nearly', 'no'], 'all occur');
});

function same(seen: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(seen), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${is}\nshould be\n${should}`);
}

t.test(
  'each field says what is wanted, what the event holds, and whether that passes',
  async (t) => {
    const rule = {
      process_name: ['Photoshop.exe', 'gimp.exe'],
      'destination|domain': 'google.com',
    };
    const given = { sproc: 'C:\\x\\gimp.exe', dhost: 'evil.net' };
    const { outcome, alternative, fields } = explain(rule, given);
    t.equal(outcome, 'nearly', 'all but one');
    t.equal(alternative, 0);
    t.strictSame(fields, [
      {
        field: 'process_name',
        holds: '"C:\\\\x\\\\gimp.exe" (sproc), "gimp.exe" (base name of sproc)',
        wanted: 'is "Photoshop.exe" or "gimp.exe"',
        passed: true,
        near: '',
      },
      {
        field: 'destination|domain',
        holds: '"evil.net" (judged host)',
        wanted: 'is or is below "google.com"',
        passed: false,
        near: '',
      },
    ]);
  },
);

t.test('what is wanted, in words', async (t) => {
  const wanted = (rule: Match) => explain(rule, {}).fields[0]!.wanted;
  t.equal(wanted({ suser: [null, '-'] }), 'is absent, or is "-"');
  t.equal(wanted({ suser: null }), 'is absent');
  t.equal(wanted({ 'suser|exists': true }), 'is there');
  t.equal(wanted({ 'suser|exists': false }), 'is absent');
  t.equal(wanted({ 'msg|contains|all': ['a', 'b'] }), 'contains "a" and "b"');
  t.equal(
    wanted({ 'msg|startswith|cased': 'A' }),
    'begins with "A", upper and lower case as written',
  );
  t.equal(wanted({ 'in|gte': 10 }), '>= 10');
  t.equal(wanted({ 'dst|cidr': '10.0.0.0/8' }), 'is in "10.0.0.0/8"');
  t.equal(
    wanted({ suser: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }),
    'is "a" or "b" or "c" or "d" or "e" or 2 more',
  );
  const file = { values: ['a', 'b'], lines: Uint32Array.of(1, 2) };
  const config = exclusion(
    { 'dhost|domain|values_file': 'cdn.txt' },
    { valuesFiles: new Map([['cdn.txt', file]]) },
  );
  const { exclusions } = compileExclusions([config]);
  const [told] = exclusions.explain(facts({}), 0);
  t.equal(told!.fields[0]!.wanted, 'is or is below one of the 2 values in "cdn.txt"');
});

t.test('an expired exclusion says so only if it would match', async (t) => {
  const at = (atMs: number, suser = 'a') => explain({ suser: 'a' }, { suser }, 1000, atMs).outcome;
  t.strictSame([at(1000), at(1001), at(1001, 'zzz')], ['matched', 'expired', 'no']);
});

t.test('of several maps the nearest is told', async (t) => {
  const rule = [
    { suser: 'a', act: 'b' },
    { suser: 'a', msg: 'c' },
  ];
  t.equal(explain(rule, { msg: 'c' }).alternative, 1);
  t.equal(explain(rule, { suser: 'a', act: 'b', msg: 'c' }).alternative, 0);
  t.equal(explain(rule, { suser: 'x' }).alternative, 0);
  t.equal(explain(rule, { suser: 'x' }).outcome, 'no');
});

t.test('nearly: a value that is more, other in case, or a slip away', async (t) => {
  const near = (rule: Match, given: Given) => {
    const { outcome, fields } = explain(rule, given);
    return [outcome, fields[0]!.near];
  };
  t.strictSame(near({ suser: 'svc-backup' }, { suser: 'CORP\\svc-backup' }), [
    'nearly',
    '"CORP\\\\svc-backup" holds, but is not to be taken for, "svc-backup"',
  ]);
  t.strictSame(near({ 'suser|cased': 'Backup' }, { suser: 'backup' }), [
    'nearly',
    '"backup" differs from "backup" in upper and lower case only',
  ]);
  t.strictSame(near({ suser: 'svc-backup' }, { suser: 'svc-bakcup' }), [
    'nearly',
    '"svc-bakcup" is close to "svc-backup"',
  ]);
  t.strictSame(near({ 'dhost|domain': 'google.com' }, { dhost: 'evilgoogle.com' }), [
    'nearly',
    '"evilgoogle.com" holds, but is not to be taken for, "google.com"',
  ]);
  t.strictSame(near({ suser: 'svc-backup' }, { suser: 'alice' }), ['no', '']);
  t.strictSame(near({ 'src|cidr': '10.0.0.0/8' }, { src: '11.0.0.1' }), ['no', '']);
  const twice: Given = [
    ['suser', 'svc-a'],
    ['msg', 'm'],
    ['suser', 'mallory'],
  ];
  t.strictSame(near({ suser: 'svc-a' }, twice), [
    'nearly',
    'the key occurs more than once, and not every occurrence passes',
  ]);
});

t.test('nearly: a label or key of a like name', async (t) => {
  const near = (name: string, given: Given) => explain({ [name]: 'x' }, given).fields[0]!;
  const label = { cs1Label: 'Department', cs1: 'x' };
  t.equal(near('label:Departement', label).near, 'the event has the label "department"');
  t.equal(near('label:Departement', label).holds, 'nothing (label:departement)');
  t.equal(
    near('key:Department', label).near,
    'the event has a label of this text, which is written label:department',
  );
  t.equal(
    near('label:userDept', { userDept: 'x' }).near,
    'the event has a key of this name, which is written key:userdept',
  );
  t.equal(near('key:userDepp', { userDept: 'x' }).near, 'the event has the key "userdept"');
  t.equal(near('label:Colour', label).near, '');
  t.equal(near('suser', label).near, '');
});

t.test('what the event holds is bounded and printable', async (t) => {
  const hostile = `\u001b[2J\u202e\n${'x'.repeat(70_000)}`;
  const { fields } = explain({ suser: 'a' }, { suser: hostile });
  t.match(fields[0]!.holds, /^"\\u001b\[2J\\u202e\\nx+…" \(suser\)$/);
  t.ok(fields[0]!.holds.length < 200);
  const labels = Array.from({ length: 20 }, (_, at): [string, string][] => [
    [`cs${at}Label`, 'L'],
    [`cs${at}`, `v${at}`],
  ]).flat();
  t.equal(
    explain({ 'label:L': 'a' }, labels).fields[0]!.holds,
    '"v0" (label:l), "v1" (label:l), "v2" (label:l) and 17 more',
  );
});
