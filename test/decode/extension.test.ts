/** The extension of CEF: where keys begin, what belongs to a value, what is counted. */
import t from 'tap';
import { keyId } from '../../src/dictionary/dictionary.js';
import { FieldFlag, Problem } from '../../src/fields.js';
import { read, reader, withExtension } from './reading.js';

type Case = readonly [
  rule: string,
  extension: string,
  expected: Readonly<Record<string, string>>,
  problem?: number,
];

const cases: readonly Case[] = [
  [
    'plain pairs',
    'src=10.1.2.3 spt=4711 act=permitted',
    { src: '10.1.2.3', spt: '4711', act: 'permitted' },
  ],
  ['no extension', '', {}],
  ['nothing but white space', '   \t ', {}],
  ['C3: a pipe in a value is data', 'msg=a|b act=x|', { msg: 'a|b', act: 'x|' }],
  [
    'C5: an unescaped = in a URL is data',
    'request=https://h/x.jpg?a=b&c=d in=5',
    { request: 'https://h/x.jpg?a=b&c=d', in: '5' },
  ],
  ['C5: base64 padding is data', 'aid=3UBa== act=x', { aid: '3UBa==', act: 'x' }],
  [
    'C5: a = behind a quote or a brace is data',
    `cs1={"k"=1} cs2='n=2'`,
    { cs1: '{"k"=1}', cs2: "'n=2'" },
  ],
  [
    'C5: after white space, a word that is no key keeps its =',
    'msg=a /x=1 "y=2 -z=3 act=x',
    { msg: 'a /x=1 "y=2 -z=3', act: 'x' },
  ],
  ['C5: a = after white space alone is data', 'msg=1 = one act=x', { msg: '1 = one', act: 'x' }],
  ['C6: prose that looks like a key is one', 'msg=text foo=bar', { msg: 'text', foo: 'bar' }],
  [
    'C6: the first = of a word ends the key',
    'msg=status=ok reason=none',
    { msg: 'status=ok', reason: 'none' },
  ],
  ['C8: four escapes in a value', 'msg=a\\=b\\\\c\\nd\\re', { msg: 'a=b\\c\nd\re' }],
  [
    'C8: an escaped = never ends a key',
    'msg=say foo\\=bar src=1.1.1.1',
    { msg: 'say foo=bar', src: '1.1.1.1' },
  ],
  [
    'C8: an escaped backslash before = ends no key either',
    'suser=LDAP://h OU\\\\=x y act=a',
    { suser: 'LDAP://h OU\\=x y', act: 'a' },
  ],
  [
    'C9: one pass over escaped backslashes',
    'filePath=C:\\\\rules\\\\new.exe',
    { filePath: 'C:\\rules\\new.exe' },
  ],
  [
    'C10: unknown escapes stay as they are',
    'msg=a\\/b \\| \\" \\] \\',
    { msg: 'a\\/b \\| \\" \\] \\' },
  ],
  [
    'C10: a backslash before white space is text',
    'msg=blocked a \\ dst=1.1.1.1',
    { msg: 'blocked a \\', dst: '1.1.1.1' },
  ],
  [
    'C11: an unescaped Windows path',
    'filePath=C:\\temp\\x.jpg act=a',
    { filePath: 'C:\\temp\\x.jpg', act: 'a' },
  ],
  ['C12: white space before the first key', '  \t act=x', { act: 'x' }],
  [
    'C13: all white space but the last byte belongs to the value',
    'act=x   src=1.1.1.1',
    { act: 'x  ', src: '1.1.1.1' },
  ],
  [
    'C13: so it is with a TAB',
    'msg=a\t src=1.1.1.1\tdst=2.2.2.2',
    { msg: 'a\t', src: '1.1.1.1', dst: '2.2.2.2' },
  ],
  [
    'C14: white space, CR, LF and NUL at the end go',
    'act=x src=1.1.1.1 \t\r\n\0',
    { act: 'x', src: '1.1.1.1' },
  ],
  ['C15: white space before the = of a known key', 'msg=hi act  =x', { msg: 'hi', act: 'x' }],
  ['C15: at the start of the extension, too', 'act =x', { act: 'x' }],
  ['C15: not of an unknown key', 'msg=hi foo =bar', { msg: 'hi foo =bar' }],
  ['C15: not of a known key in another case', 'msg=hi ACT =bar', { msg: 'hi ACT =bar' }],
  ['C15: not of the value of the key before', 'msg=act =x', { msg: 'act =x' }],
  ['C15: not of a word that is part of a longer one', 'msg=a/act =x', { msg: 'a/act =x' }],
  [
    'C16: dots, brackets, underscores in keys',
    '_v=1 ad.x=2 ad.f[0]=3 a_b.c-d=4',
    { _v: '1', 'ad.x': '2', 'ad.f[0]': '3', 'a_b.c-d': '4' },
  ],
  ['C16: behind a dot, a comma', 'ad.Err_,Code=5 act=x', { 'ad.Err_,Code': '5', act: 'x' }],
  ['C16: without a dot, a comma makes no key', 'msg=x a,b=c', { msg: 'x a,b=c' }],
  ['C17: a hyphen in key and value', 'Auth.NAS-Port=a-b', { 'Auth.NAS-Port': 'a-b' }],
  ['C18: a key keeps its spelling', 'cs6label=six Request=h/', { cs6label: 'six', Request: 'h/' }],
  [
    'C19: empty values are listed and swallow nothing',
    'dst= cn1= act=x cs1=',
    { dst: '', cn1: '', act: 'x', cs1: '' },
  ],
  ['C21: quotes are text', 'msg="a b" suser="x', { msg: '"a b"', suser: '"x' }],
  [
    'C33: CEF in a value is data',
    'ad.rawEvent=CEF:0|a|b|c|d|e|f|src=9.9.9.9 act=x',
    { 'ad.rawEvent': 'CEF:0|a|b|c|d|e|f|src=9.9.9.9', act: 'x' },
  ],
  [
    'C36: a line break that no key follows is data',
    'msg=one\n two\r\nthree act=x',
    { msg: 'one\n two\r\nthree', act: 'x' },
  ],
  [
    'C36: a line break before a key parts fields, with the white space around it',
    'request=h:443 \nact=x\r\n  src=1.1.1.1',
    { request: 'h:443', act: 'x', src: '1.1.1.1' },
  ],
  ['C38: labels of any number', 'cs67Label=a cs67=b', { cs67Label: 'a', cs67: 'b' }],
  [
    'T15: names of JavaScript are keys like others',
    '__proto__=a constructor=b',
    { ['__proto__']: 'a', constructor: 'b' },
  ],
  ['a key may be digits', '1=a 2=b', { 1: 'a', 2: 'b' }],
  ['a value may begin with white space', 'msg=  two act=x', { msg: '  two', act: 'x' }],
  ['a value may begin with =', 'msg==x', { msg: '=x' }],
  [
    'text before the first key is no field',
    'free text act=x',
    { act: 'x' },
    Problem.textBeforeFirstKey,
  ],
  ['nor is text without any key', 'free text', {}, Problem.textBeforeFirstKey],
  ['nor a = without a key', '=x act=y', { act: 'y' }, Problem.textBeforeFirstKey],
];

t.test('fields', async (t) => {
  for (const [rule, extension, expected, problem = Problem.none] of cases) {
    const { ext, problem: seen, header, isCef } = read(withExtension(extension));
    t.strictSame({ ...ext }, { ...expected }, rule);
    t.equal(seen, problem, `${rule}: problem`);
    t.equal(header[6], '3', `${rule}: the header is whole`);
    t.ok(isCef);
  }
});

t.test('known keys have their id, and say if they are spelled exactly', async (t) => {
  const { fields } = read(withExtension('act=a Dhost=b foo=c'));
  t.strictSame(
    [0, 1, 2].map((i) => [fields.keyId[i], fields.flags[i]! & FieldFlag.exact]),
    [
      [keyId('act'), FieldFlag.exact],
      [keyId('dhost'), 0],
      [0, 0],
    ],
  );
  t.equal(fields.text(keyId('dhost')), 'b');
  t.equal(fields.indexOf(keyId('dst')), -1);
});

t.test('a backslash in a value is flagged, and only there', async (t) => {
  const { fields } = read(withExtension('\\x act=a msg=b\\=c src=d cs1=e\\'));
  const escaped = [0, 1, 2, 3].map((i) => fields.flags[i]! & FieldFlag.escaped);
  t.strictSame(escaped, [0, 1, 0, 1]);
});

t.test('C39: of equal keys the last one counts; C7: each repeat is counted', async (t) => {
  const known = read(withExtension('act=a src=1 act=b act=c'));
  t.strictSame({ ...known.ext }, { act: 'c', src: '1' });
  t.equal(known.fields.text(keyId('act')), 'c');
  t.equal(known.fields.duplicates, 2);
  t.equal(known.counters.duplicate_keys, 2);

  const unknown = read(withExtension('foo=a bar=1 foo=b'));
  t.strictSame({ ...unknown.ext }, { foo: 'b', bar: '1' });
  t.equal(unknown.fields.duplicates, 1);
});

t.test(
  'a known key in another case repeats it for the judge, but both are forwarded',
  async (t) => {
    const { ext, fields } = read(withExtension('in=1 IN=2 in=3 IN=4'));
    t.strictSame({ ...ext }, { in: '3', IN: '4' });
    t.equal(fields.duplicates, 3);
    t.equal(fields.text(keyId('in')), '4');
  },
);

t.test(
  'the last known key spelled otherwise does not supersede, nor is it superseded',
  async (t) => {
    const { ext, fields } = read(withExtension('Act=1 act=2 foo=3'));
    t.strictSame({ ...ext }, { Act: '1', act: '2', foo: '3' });
    t.equal(fields.duplicates, 1);
  },
);

t.test('unknown keys are compared as they are spelled', async (t) => {
  const { ext, fields } = read(withExtension('foo=1 Foo=2 fo=3 fooo=4'));
  t.strictSame({ ...ext }, { foo: '1', Foo: '2', fo: '3', fooo: '4' });
  t.equal(fields.duplicates, 0);
});

t.test('what was seen in one event is forgotten in the next', async (t) => {
  const readNext = reader();
  readNext(withExtension('act=a foo=b IN=1'));
  const { fields, counters } = readNext(withExtension('foo=c IN=2'));
  t.equal(fields.duplicates, 0);
  t.equal(counters.duplicate_keys, 0);
  t.equal(fields.indexOf(keyId('act')), -1);
  t.equal(fields.text(keyId('in')), '2');
});

t.test('more fields than max_fields: the first stay, the event says so', async (t) => {
  const exact = read(withExtension('a=1 b=2 c=3'), { maxFields: 3 });
  t.equal(exact.problem, Problem.none);
  t.equal(exact.counters.too_many_fields, 0);

  const { ext, problem, counters, fields } = read(withExtension('a=1 b=2 c=3  d=4 c=5'), {
    maxFields: 3,
  });
  t.strictSame({ ...ext }, { a: '1', b: '2', c: '3 ' });
  t.equal(problem, Problem.tooManyFields);
  t.equal(fields.count, 3);
  t.equal(counters.too_many_fields, 1);
  t.equal(counters.parse_errors, 1);
});

t.test('trimmed values for what is judged or typed', async (t) => {
  const { fields } = read(withExtension('in= 5  out=6'));
  t.equal(fields.value(0), ' 5 ');
  t.equal(fields.trimmed(0), '5');
  t.equal(fields.bytes.toString('utf8', fields.valueStart[0], fields.trimmedEnd(0)), ' 5');
  const empty = read(withExtension('in=   out=6')).fields;
  t.equal(empty.trimmedEnd(0), empty.valueStart[0]);
});

t.test('the guess at the next key changes nothing', async (t) => {
  // One decoder reads the orders of two feeds in turn, and messages that look like both.
  const orders = [
    'cs1Label=1 requestMethod=2 cs1=3',
    'cs1Labex=1',
    'cs1Label=1 requestMethox=2',
    'cs1Label requestMethod=2 cs1',
    'act=1 src=2 in=3',
    'src=4 act=5 msg=6 in =7',
    'act=1 srcx=2 act =3 src=4',
    'act=1',
  ];
  const readNext = reader();
  for (let round = 0; round < 3; round++) {
    for (const order of orders) {
      const alone = read(withExtension(order));
      t.strictSame({ ...readNext(withExtension(order)).ext }, { ...alone.ext }, order);
    }
  }
});
