/** Where CEF begins, and its seven header fields. */
import t from 'tap';
import { Problem } from '../../src/fields.js';
import { read } from './reading.js';

const whole = ['0', 'Acme', 'Gate', '1.0', '100', 'Page seen', '3'] as const;
const cef = 'CEF:0|Acme|Gate|1.0|100|Page seen|3|act=x';

t.test('header fields', async (t) => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['plain', cef, whole],
    [
      'C1: an escaped pipe',
      'CEF:0|A\\|B|Gate|1.0|100|x \\| y|3|',
      ['0', 'A|B', 'Gate', '1.0', '100', 'x | y', '3'],
    ],
    [
      'C1: an escaped backslash',
      'CEF:0|A\\\\B|Gate|1.0|100|n|3|',
      ['0', 'A\\B', 'Gate', '1.0', '100', 'n', '3'],
    ],
    [
      'C2: an escaped backslash right before the pipe',
      'CEF:0|A\\\\|Gate\\\\\\||1.0|100|n\\\\\\\\|3|',
      ['0', 'A\\', 'Gate\\|', '1.0', '100', 'n\\\\', '3'],
    ],
    [
      'C1: no other escapes, since only values may hold line breaks',
      'CEF:0|A\\nB|G\\=|1.0|100|\\t|3|',
      ['0', 'A\\nB', 'G\\=', '1.0', '100', '\\t', '3'],
    ],
    [
      'C4: = is text',
      'CEF:0|a=b|src=1|1.0|in=5|n=v|3|',
      ['0', 'a=b', 'src=1', '1.0', 'in=5', 'n=v', '3'],
    ],
    [
      'C21: quotes are text',
      'CEF:0|"Acme"|Gate|1.0|100|"n"|3|',
      ['0', '"Acme"', 'Gate', '1.0', '100', '"n"', '3'],
    ],
    ['C23: empty fields', 'CEF:0|||||||', ['0', '', '', '', '', '', '']],
    ['C25: any version', 'CEF:26|Acme|Gate|1.0|100|Page seen|3|', ['26', ...whole.slice(1)]],
    [
      'a version with a minor one',
      'CEF:1.2|Acme|Gate|1.0|100|Page seen|3|',
      ['1.2', ...whole.slice(1)],
    ],
    ['C26: blanks after CEF:', 'CEF: \t0|Acme|Gate|1.0|100|Page seen|3|', whole],
    [
      'severity is any text',
      'CEF:0|Acme|Gate|1.0|100|Page seen|Very-High|',
      [...whole.slice(0, 6), 'Very-High'],
    ],
    ['UTF-8', 'CEF:0|Ünï|Gate|1.0|100|日本|3|', ['0', 'Ünï', 'Gate', '1.0', '100', '日本', '3']],
  ];
  for (const [rule, text, expected] of cases) {
    const { header, problem, isCef } = read(text);
    t.strictSame(header, expected, rule);
    t.equal(problem, Problem.none, `${rule}: no problem`);
    t.ok(isCef);
  }
});

t.test('a backslash in the header is flagged by its field', async (t) => {
  t.equal(read('CEF:0|A\\|B|Gate|1.0|100|n|\\\\3|').fields.headerEscaped, (1 << 1) | (1 << 6));
  t.equal(read(cef).fields.headerEscaped, 0);
});

t.test('seven fields without the last pipe are a whole header', async (t) => {
  const bare = read('CEF:0|Acme|Gate|1.0|100|Page seen|3');
  t.strictSame(bare.header, whole);
  t.equal(bare.problem, Problem.none);
  t.strictSame({ ...bare.ext }, {});

  const glued = read('CEF:0|Acme|Gate|1.0|100|Page seen|3 src=1.1.1.1 act=x');
  t.strictSame(glued.header, whole);
  t.equal(glued.problem, Problem.none);
  t.strictSame({ ...glued.ext }, { src: '1.1.1.1', act: 'x' });
});

t.test('C23: a cut header keeps what is there, and the pairs', async (t) => {
  const cases: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>])[] =
    [
      ['CEF:0|Acme|Gate', ['0', 'Acme', 'Gate', '', '', '', ''], {}],
      ['CEF:0|Acme|Gate|1.0|', ['0', 'Acme', 'Gate', '1.0', '', '', ''], {}],
      ['CEF:0|', ['0', '', '', '', '', '', ''], {}],
      ['CEF:0|Acme|Gate|1.0|100|Page seen|', [...whole.slice(0, 6), ''], {}],
      [
        'CEF:0|Acme|Gate|src=1.1.1.1 msg=a b c',
        ['0', 'Acme', 'Gate', '', '', '', ''],
        { src: '1.1.1.1', msg: 'a b c' },
      ],
      [
        'CEF:0|Acme|Gate|text src=1.1.1.1',
        ['0', 'Acme', 'Gate', 'text', '', '', ''],
        { src: '1.1.1.1' },
      ],
      [
        'CEF:0|Acme|Gate|1.0|100|Page seen|src=1.1.1.1 in=5',
        [...whole.slice(0, 6), ''],
        { src: '1.1.1.1', in: '5' },
      ],
    ];
  for (const [text, header, ext] of cases) {
    const seen = read(text);
    t.strictSame(seen.header, header, text);
    t.strictSame({ ...seen.ext }, { ...ext }, text);
    t.equal(seen.problem, Problem.headerCut, text);
    t.ok(seen.isCef);
    t.equal(seen.counters.parse_errors, 1);
  }
});

t.test('CEF begins at the first CEF: with a version, whatever stands before it', async (t) => {
  for (const before of [
    '',
    '   ',
    '\ufeff',
    'server2 ',
    'words of no form ',
    '{"message":"',
    '<134>',
    '<134>Nov 24 09:00:00 host app[1]: ',
    '<134>Nov 24 09:00:00 host \ufeff',
    'garbage',
    'CEF: ',
    'CEF:x| CEF:',
  ]) {
    const { header, message, isCef } = read(before + cef);
    t.strictSame(header, whole, before);
    t.equal(message, cef, 'message is the text from CEF: on');
    t.ok(isCef);
  }
});

t.test('what is no CEF', async (t) => {
  for (const text of [
    'this is not cef',
    'CEF:',
    'CEF:0',
    'CEF:0 |a|b|c|d|e|f|',
    'CEF:x|a|b|c|d|e|f|',
    'CEF:-1|a|b|c|d|e|f|',
    'cef:0|a|b|c|d|e|f|',
    'CEF0|a|b|c|d|e|f|',
    // A value of something else.
    'LEEF:1.0|a|b|c|d| raw=CEF:0|a|b|c|d|e|f|x=y',
  ]) {
    const { isCef, problem, message, header, ext, counters } = read(text);
    t.notOk(isCef, text);
    t.equal(problem, Problem.notCef, text);
    t.equal(message, text);
    t.strictSame(header, ['', '', '', '', '', '', ''], 'no header field is left over');
    t.strictSame({ ...ext }, {});
    t.equal(counters.parse_errors, 1);
    t.equal(counters.events_cef, 0);
  }
});

t.test('C22: the whole message in quotes', async (t) => {
  for (const text of [`"${cef}"`, `"${cef} "\n`, `"<134>Nov 24 09:00:00 host ${cef}"`]) {
    const seen = read(text);
    t.strictSame(seen.header, whole);
    t.strictSame({ ...seen.ext }, { act: 'x' });
    t.equal(seen.message, cef);
  }
  t.strictSame({ ...read(`${cef}"`).ext }, { act: 'x"' }, 'one quote is text');
  t.equal(read('"no" and "yes"').message, '"no" and "yes"', 'what is not CEF keeps its quotes');
});
