// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are what is tested
import t from 'tap';
import { substitute } from '../../src/config/substitute.js';

const env = { HOST: 'db', EMPTY: '', NESTED: '${HOST}' };

t.test('references are replaced once, in one pass', async (t) => {
  const cases: [string, string, string[]][] = [
    ['plain', 'plain', []],
    ['${HOST}', 'db', ['HOST']],
    ['a-${HOST}-${HOST}', 'a-db-db', ['HOST', 'HOST']],
    ['${EMPTY}', '', ['EMPTY']],
    ['${EMPTY:-x}', 'x', ['EMPTY']],
    ['${UNSET:-x y}', 'x y', ['UNSET']],
    ['${UNSET:-}', '', ['UNSET']],
    ['${HOST:-x}', 'db', ['HOST']],
    ['${NESTED}', '${HOST}', ['NESTED']],
    ['$${HOST}', '${HOST}', []],
    ['$HOST $ $$ {HOST}', '$HOST $ $$ {HOST}', []],
  ];
  for (const [text, expected, names] of cases) {
    t.same(substitute(text, env), { text: expected, names, problem: '' }, text);
  }
});

t.test('what is not set, and what is no reference, is told', async (t) => {
  const cases: [string, RegExp][] = [
    ['${UNSET}', /variable UNSET is not set/],
    ['${HOST} ${UNSET} ${ALSO}', /variable UNSET is not set/],
    ['${toString}', /variable toString is not set/],
    ['${}', /no \$\{NAME\}/],
    ['${HOST', /no \$\{NAME\}/],
    ['${1}', /no \$\{NAME\}/],
    ['${HOST-x}', /no \$\{NAME\}/],
  ];
  for (const [text, problem] of cases) t.match(substitute(text, env).problem, problem, text);
});
