/** Files, labels, positions, and the problems that other parts find. */
import { join } from 'node:path';
import t from 'tap';
import type { Config, ConfigProblem } from '../../src/config/config.js';
import { ConfigError, formatPath } from '../../src/config/config-error.js';
import { loadConfig } from '../../src/config/load.js';
import { StegwatchError } from '../../src/errors.js';
import { errorOf, load, problemsOf } from './loading.js';

t.test('a file is read, and named in config and messages', async (t) => {
  const folder = t.testdir({ 'good.yaml': 'listen: { max_fields: 100 }\n', 'bad.yaml': 'x: 1\n' });
  const good = join(folder, 'good.yaml');
  const config = loadConfig({ file: good, env: {} });
  t.equal(config.file, good);
  t.equal(config.listen.maxFields, 100);
  const bad = join(folder, 'bad.yaml');
  t.throws(() => loadConfig({ file: bad, env: {} }), {
    code: 'CONFIG_INVALID',
    exitCode: 78,
    problems: [{ file: bad, line: 1, column: 1, path: 'x', message: /^unknown key/ }],
  });
});

t.test('a text beats the file, which then only names it', async (t) => {
  const config = loadConfig({ file: 'nowhere.yaml', text: 'listen: { max_fields: 99 }', env: {} });
  t.match(config, { file: 'nowhere.yaml', listen: { maxFields: 99 } });
  t.throws(() => loadConfig({ file: 'n.yaml', text: 'x: 1', env: {} }), /^n\.yaml:1:1: x: unknown/);
});

t.test('a file that cannot be read is an error with a hint', async (t) => {
  const folder = t.testdir({});
  const cases: [string, RegExp, RegExp][] = [
    [join(folder, 'missing.yaml'), /missing\.yaml: no such file$/, /path that is given with -c/],
    [folder, /: it is a directory$/, /Name the file itself/],
  ];
  for (const [file, message, hint] of cases) {
    try {
      loadConfig({ file, env: {} });
      t.fail('it was read');
    } catch (error) {
      t.ok(error instanceof StegwatchError && !(error instanceof ConfigError));
      t.match(error, { code: 'CONFIG_UNREADABLE', exitCode: 78, message, hint });
    }
  }
});

t.test('problems are in the order of the file, each with its parts', async (t) => {
  const error = errorOf('spool: { b: 1 }\nlisten:\n  max_fields: 1\n  a: 1\n');
  t.match(error.problems, [
    { file: 'config', line: 1, column: 10, path: 'spool.b' },
    { file: 'config', line: 3, column: 15, path: 'listen.max_fields' },
    { file: 'config', line: 4, column: 3, path: 'listen.a' },
  ]);
  t.equal(error.problems.length, 3);
  t.equal(error.message, error.format());
});

t.test('a path is written as one would look for it', async (t) => {
  t.equal(formatPath([]), '');
  t.equal(formatPath(['listen', 'udp', 1, 'port']), 'listen.udp[1].port');
  t.equal(
    formatPath(['exclusions', 0, 'match', 'sproc|contains']),
    'exclusions[0].match.sproc|contains',
  );
  t.equal(formatPath(['exclusions', 0, 'match', 0, 'a.b']), 'exclusions[0].match[0]["a.b"]');
});

/** Refuses the field `bad` of any match, as the part that knows fields would. */
function refuseBad(config: Config): ConfigProblem[] {
  return config.exclusions.flatMap(({ match }, index) =>
    'bad' in match
      ? [{ path: ['exclusions', index, 'match', 'bad'], message: 'no such field', atKey: true }]
      : [],
  );
}

t.test('what a check finds is told with the rest, at its key', async (t) => {
  const text = `
exclusions:
  - { name: a, reason: b, match: { bad: 1 } }
  - { name: c, reason: b, match: { good: 1 } }
baseline: { max_hosts: 0 }
`;
  t.same(problemsOf(text, {}, refuseBad), [
    '3:36: exclusions[0].match.bad: no such field',
    '5:24: baseline.max_hosts: must be 1 to 20000000, got 0',
  ]);
});

t.test(
  'a check sees what is sound, and its places are right though items were left out',
  async (t) => {
    const text = `
exclusions:
  - { name: a, match: { x: 1 } }
  - { name: b, reason: b, match: { bad: 1 }, learn: maybe }
  - 17
  - { name: d, reason: b, match: { y: 1, bad: [ 1 ] } }
`;
    const seen: string[] = [];
    const check = (config: Config) => {
      seen.push(...config.exclusions.map(({ name }) => name));
      return refuseBad(config);
    };
    t.same(problemsOf(text, {}, check), [
      '3:5: exclusions[0].reason: this key is missing',
      '4:36: exclusions[1].match.bad: no such field',
      '4:53: exclusions[1].learn: must be true or false, got "maybe"',
      '5:5: exclusions[2]: must be a map of keys (name, reason, expires, match, …), got 17',
      '6:42: exclusions[3].match.bad: no such field',
    ]);
    t.same(seen, ['b', 'd']);
  },
);

t.test('a check that finds nothing changes nothing', async (t) => {
  t.same(loadConfig({ env: {}, check: () => [] }), load(''));
});
