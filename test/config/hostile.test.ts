// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a variable of the config
/** A config made to do harm is refused in words: no crash, no hang, nothing changed outside. */
import fc from 'fast-check';
import t from 'tap';
import { ConfigError } from '../../src/config/config-error.js';
import { schemaKeys } from '../../src/config/keys.js';
import { loadConfig } from '../../src/config/load.js';
import { errorOf, load, problemsOf } from './loading.js';

t.test('aliases of aliases are bounded', async (t) => {
  const levels = 'abcdefghij'.split('');
  const laughs = levels.map((name, at) => {
    const inner = at === 0 ? 'ha' : `*${levels[at - 1]}`;
    return `${name}: &${name} [${Array(9).fill(inner).join(', ')}]`;
  });
  const problems = problemsOf(laughs.join('\n'));
  t.equal(problems.length, levels.length, 'nine unknown keys and the bomb in the tenth');
  t.match(problems.join('\n'), /aliases stand for more than 10000 values/);
});

t.test('an alias of what it is in is refused', async (t) => {
  t.match(problemsOf('exclusions: &a [ *a ]'), [/nested deeper than 32 levels/]);
  t.match(problemsOf('exclusions: &a [ *a, *a ]')[0], /more than 10000|deeper than 32/);
});

t.test('aliases in measure are fine, and the last anchor before one counts', async (t) => {
  const text = `
listen:
  udp: [ { port: &p 1 }, { port: &q 2 } ]
  tcp: [ { port: *p, max_connections: &p 9 }, { port: *q, max_connections: *p } ]
`;
  t.match(load(text).listen.tcp, [
    { port: 1, maxConnections: 9 },
    { port: 2, maxConnections: 9 },
  ]);
});

t.test('deep nesting is refused before it can exhaust the stack', async (t) => {
  const deep = [
    '['.repeat(200_000),
    '{a: '.repeat(100_000),
    '- '.repeat(200_000),
    '? '.repeat(9999),
  ];
  for (const text of deep)
    t.match(problemsOf(text), [/^1:\d+: nested too deeply$/], text.slice(0, 4));
  const maps = Array.from({ length: 40 }, (_, at) => `${' '.repeat(at)}a:`);
  t.match(problemsOf(maps.join('\n')).join('\n'), /nested (too deeply|deeper than 32 levels)/);
});

t.test('no key reaches a prototype', async (t) => {
  const text = `
__proto__: { polluted: 1 }
constructor: { prototype: { polluted: 1 } }
listen: { __proto__: { max_fields: 100 }, toString: 1, hasOwnProperty: 1 }
exclusions:
  - { name: a, reason: b, match: { __proto__: 1, x: 1 } }
`;
  const problems = problemsOf(text);
  t.match(problems, [
    /^2:1: __proto__: this word cannot be a key/,
    /^3:1: constructor: unknown key/,
    /^4:11: listen.__proto__: this word cannot be a key/,
    /^4:43: listen.toString: unknown key/,
    /^4:56: listen.hasOwnProperty: unknown key/,
    /^6:36: exclusions\[0\].match.__proto__: this word cannot be a key/,
  ]);
  t.equal(problems.length, 6);
  t.equal(({} as { polluted?: number }).polluted, undefined);
});

t.test('a config is at most 1MiB of UTF-8', async (t) => {
  t.match(problemsOf(`baseline: { path: "${'x'.repeat(5 * 1024 * 1024)}" }`), ['larger than 1MiB']);
  const folder = t.testdir({ big: 'x'.repeat(2 ** 20 + 1), fits: `#${'x'.repeat(2 ** 20 - 1)}` });
  t.throws(() => loadConfig({ file: `${folder}/big`, env: {} }), /big:1:1: larger than 1MiB/);
  t.ok(loadConfig({ file: `${folder}/fits`, env: {} }));
  t.throws(() => loadConfig({ file: '/dev/zero', env: {} }), /larger than 1MiB/);
  const bad = t.testdir({ bad: Buffer.from('listen:\n  a: \xff\n', 'latin1') });
  t.throws(() => loadConfig({ file: `${bad}/bad`, env: {} }), /bad:2:6: not UTF-8 text/);
});

t.test('thousands of mistakes are bounded, and say so', async (t) => {
  const text = Array.from({ length: 3000 }, (_, at) => `k${at}: 1`).join('\n');
  const error = errorOf(text);
  t.equal(error.problems.length, 1000);
  const list = `feeds:\n  a: &x [${'1, '.repeat(5000)}]\n  b: [*nowhere, ${'*no, '.repeat(2000)}]`;
  t.match(errorOf(list).format(), /\n… and \d+ more$/);
});

t.test('what is shown of a value is short and free of control characters', async (t) => {
  const [problem = ''] = problemsOf(`listen: { max_fields: "\\e[31m\\u202e${'x'.repeat(1000)}" }`);
  t.match(problem, /got "\\u001b\[31m\\u202ex+…"$/);
  t.ok(problem.length < 200, problem);
  t.match(problemsOf('"\\e[31m": 1')[0], /^1:1: \["\\u001b\[31m"\]: unknown key/);
});

t.test('any text gives a config or located problems', async () => {
  const words = [
    'listen',
    'udp',
    ':',
    ' ',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '&a',
    '*a',
    '|',
  ];
  const more = [
    '"',
    "'",
    '#',
    '?',
    '!!str',
    '%',
    '---',
    '${X}',
    'null',
    '1',
    'exclusions',
    'match',
  ];
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(fc.constantFrom(...words, ...more), { maxLength: 40 }).map((parts) => parts.join('')),
  );
  fc.assert(fc.property(text, isTotal), { numRuns: 200 });
});

t.test('any values at any keys give a config or located problems', async () => {
  const { tie } = fc.letrec((self) => ({
    tie: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(null, true, false, 0, -1, 1.5, '', 'x', '1h', '64KiB', '0.0.0.0'),
      fc.array(self('tie'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...schemaKeys.map((key) => key.name), 'x'), self('tie'), {
        maxKeys: 6,
      }),
    ),
  }));
  const isSound = (value: unknown) => isTotal(JSON.stringify(value));
  fc.assert(fc.property(tie, isSound), { numRuns: 200 });
});

function isTotal(text: string): boolean {
  try {
    loadConfig({ text, env: {} });
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = text.split(/\n/).length;
    return error.problems.every(
      ({ line, column, message }) => line >= 1 && line <= lines && column >= 1 && message !== '',
    );
  }
}
