import t, { type Test } from 'tap';
import type { MatchMap } from '../../../src/config/config.js';
import { facts, matcher, matches, problemsOf } from './try-exclusion.js';

/** Each case: the rule, values of `msg` that match, values that do not; undefined is no `msg`. */
type Case = readonly [MatchMap, readonly (string | undefined)[], readonly (string | undefined)[]];

function check(t: Test, cases: readonly Case[]): void {
  for (const [rule, yes, no] of cases) {
    const test = matcher(rule);
    const event = (msg?: string) => facts(msg === undefined ? { act: 'x' } : { act: 'x', msg });
    for (const msg of yes) t.equal(test(event(msg)), true, `${JSON.stringify(rule)} ~ ${msg}`);
    for (const msg of no) t.equal(test(event(msg)), false, `${JSON.stringify(rule)} !~ ${msg}`);
  }
}

t.test('a plain value is the whole value, whatever its case', async (t) => {
  check(t, [
    [{ msg: 'Abc' }, ['Abc', 'abc', 'ABC'], ['abcd', 'xabc', ' abc', '', undefined]],
    [{ msg: 'ÄÖ' }, ['äö', 'ÄÖ'], ['ao']],
    [{ msg: ['a', 'b'] }, ['a', 'B'], ['ab', 'c', undefined]],
    [{ msg: true }, ['true', 'TRUE'], ['false', '1', undefined]],
    [{ msg: 'a.c' }, ['a.c'], ['abc']],
    [{ msg: '(' }, ['('], [')']],
  ]);
});

t.test('contains, startswith and endswith say where the text stands', async (t) => {
  check(t, [
    [{ 'msg|contains': 'Mid' }, ['mid', 'a mid b', 'MIDx'], ['mi', 'm id', undefined]],
    [{ 'msg|startswith': 'Ab' }, ['ab', 'ABc'], ['xab', 'a', undefined]],
    [{ 'msg|endswith': '.Exe' }, ['a.exe', '.EXE'], ['a.exe ', '.exe2', undefined]],
    [{ 'msg|contains': ['x', 'y'] }, ['ax', 'ya'], ['a']],
    [{ 'msg|contains': 44 }, ['1443', '44'], ['4']],
    [{ msg: '*44*' }, ['1443', '44'], ['4']],
  ]);
});

t.test('cased heeds upper and lower case', async (t) => {
  check(t, [
    [{ 'msg|cased': 'Abc' }, ['Abc'], ['abc', 'ABC']],
    [{ 'msg|contains|cased': 'Mid' }, ['a Mid b'], ['a mid b']],
    [{ 'msg|cased|startswith': 'Ab' }, ['Abc'], ['abc', 'ABC']],
    [{ 'msg|cased|endswith': ['C', 'd'] }, ['abC', 'abd'], ['abc', 'abD']],
    [{ 'msg|cased': 'A*c?' }, ['Axxcy'], ['axxcy', 'AxxCy']],
  ]);
});

t.test('all makes a list AND, and without it a list is OR', async (t) => {
  check(t, [
    [{ 'msg|contains|all': ['a', 'b'] }, ['ab', 'b a'], ['a', 'b', undefined]],
    [{ 'msg|all|contains': ['a'] }, ['xa'], ['b']],
    [{ 'msg|all': ['a*', '*b'] }, ['ab', 'a-b'], ['a', 'b', 'ba']],
    [{ 'msg|re|all': ['^a', 'b$'] }, ['ab'], ['a', 'ba']],
    [{ 'msg|all|gt': [1, 5] }, ['6'], ['5', '2']],
    [{ 'msg|cidr|all': ['10.0.0.0/8', '10.1.0.0/16'] }, ['10.1.2.3'], ['10.2.2.3']],
  ]);
});

t.test('* is any text and ? one character; a backslash takes their meaning away', async (t) => {
  check(t, [
    [{ msg: 'a*c' }, ['ac', 'abc', 'a\nc', 'axxc'], ['abcd', 'xac']],
    [{ msg: 'a?c' }, ['abc', 'aéc', 'a😀c'], ['ac', 'abbc']],
    [{ msg: '*' }, ['a', ' '], ['', undefined]],
    [{ msg: '**' }, ['a'], [undefined]],
    [{ msg: '?' }, ['a'], ['ab', undefined]],
    [{ msg: '?*' }, ['a', 'ab'], [undefined]],
    [{ msg: '*a*b*' }, ['ab', 'xaxbx'], ['ba', 'a']],
    [{ msg: 'a\\*c' }, ['a*c'], ['abc', 'a\\*c']],
    [{ msg: 'a\\?c' }, ['a?c'], ['abc']],
    [{ msg: 'a\\b' }, ['a\\b'], ['ab', 'a\\\\b']],
    [{ msg: 'a\\\\b' }, ['a\\b'], ['a\\\\b']],
    [{ msg: 'a\\\\*' }, ['a\\', 'a\\bc'], ['a*', 'abc']],
    [{ msg: 'a\\\\\\*' }, ['a\\*'], ['a\\bc']],
    [{ msg: 'a\\\\\\b' }, ['a\\\\b'], ['a\\b']],
    [{ msg: 'a\\\\\\\\b' }, ['a\\\\b'], ['a\\b']],
    [{ msg: 'a\\' }, ['a\\'], ['a']],
    [{ 'msg|contains': 'b*d' }, ['abcde', 'bd'], ['db']],
    [{ 'msg|startswith': 'a?c' }, ['abcx'], ['xabc']],
    [{ 'msg|endswith': 'a?c' }, ['xabc'], ['abcx']],
    [{ 'msg|endswith': '*c' }, ['c', 'abc'], ['ca']],
    [{ 'msg|contains': '\\*' }, ['a*b'], ['ab']],
    [{ msg: 'a.*c' }, ['a.xc'], ['axc']],
    [{ msg: '[a]*(b)$?' }, ['[a]xx(b)$y'], ['a(b)']],
  ]);
});

t.test('two backslashes in front may be meant as a share: both readings match', async (t) => {
  check(t, [
    [
      { msg: '\\\\server\\*' },
      ['\\\\server\\share', '\\\\server\\', '\\server*'],
      ['\\\\server', 'server\\share', '\\\\server2\\a'],
    ],
    [
      { msg: '\\\\server\\\\*' },
      ['\\\\server\\share', '\\server\\share'],
      ['server\\share', '\\\\server*'],
    ],
    [{ 'msg|startswith': '\\\\server\\' }, ['\\\\SERVER\\a'], ['\\\\server2\\a', 'x\\\\server\\a']],
    [{ 'msg|startswith': '\\\\\\\\server\\' }, ['\\\\server\\a'], ['\\server\\a']],
    [{ 'msg|cased|startswith': '\\\\Srv\\' }, ['\\\\Srv\\a'], ['\\\\srv\\a']],
    [{ msg: '\\\\srv' }, ['\\\\srv', '\\srv'], ['srv', '\\\\\\srv']],
  ]);
});

t.test('null and the empty text mean that the field is absent or empty', async (t) => {
  check(t, [
    [{ msg: null }, [undefined, ''], ['null', 'a', ' ']],
    [{ msg: '' }, [undefined, ''], ['a']],
    [{ msg: [null, 'a'] }, [undefined, '', 'A'], ['b']],
    [{ msg: ['', 7] }, [undefined, '', '7'], ['8']],
  ]);
});

t.test('exists tells presence; an empty value is absent', async (t) => {
  check(t, [
    [{ 'msg|exists': true }, ['a', ' '], ['', undefined]],
    [{ 'msg|exists': false }, ['', undefined], ['a']],
  ]);
});

t.test('a number compares with numeric text', async (t) => {
  check(t, [
    [{ msg: 443 }, ['443', '0443', '443.0', ' 443 ', '4.43e2', '+443'], ['443x', '4430', 'x', '']],
    [{ msg: 0.5 }, ['0.5', '.5', '5e-1'], ['0,5', '5']],
    [{ msg: -1 }, ['-1', '-1.0'], ['1', '--1']],
    [{ msg: [1, 2] }, ['1', '2'], ['12', undefined]],
    [{ msg: '443' }, ['443'], ['0443', '443.0']],
    [{ msg: 16 }, ['16'], ['0x10', '0b10000']],
  ]);
});

t.test('gt, gte, lt and lte compare numbers, and never match text', async (t) => {
  check(t, [
    [{ 'msg|gt': 10 }, ['11', '10.5', '1e3'], ['10', '9', 'x', '', undefined, '11x', 'Infinity']],
    [{ 'msg|gte': 10 }, ['10', '11'], ['9.99', 'NaN', undefined]],
    [{ 'msg|lt': 10 }, ['9', '-5', '0'], ['10', '', ' ', undefined, '-x']],
    [{ 'msg|lte': '10' }, ['10', '9'], ['11', undefined]],
    [{ 'msg|gt': 0.5 }, ['0.6'], ['0.5']],
    [{ 'msg|gte': 10, 'msg|lt': 20 }, ['10', '19.9'], ['9', '20']],
  ]);
});

t.test('re finds a match anywhere, heeds case, and takes i, m and s', async (t) => {
  check(t, [
    [{ 'msg|re': 'b+c' }, ['abbc', 'bcd'], ['BC', 'ac', undefined]],
    [{ 'msg|re': '^a.c$' }, ['abc'], ['abcd', 'a\nc']],
    [{ 'msg|re|i': '^ABC$' }, ['abc', 'ABC'], ['abcd']],
    [{ 'msg|re|s': '^a.c$' }, ['a\nc', 'abc'], ['abbc']],
    [{ 'msg|re|m': '^b$' }, ['a\nb\nc', 'b'], ['ab']],
    [{ 'msg|re|i|m|s': '^B.C$' }, ['a\nb\nc'], ['a\nbc']],
    [{ 'msg|re|cased': 'B' }, ['aB'], ['ab']],
    [{ 'msg|re': ['^a', '^b'] }, ['ax', 'bx'], ['cx']],
    [{ 'msg|re': 443 }, ['x443'], ['44']],
    [{ 'msg|re': '^[\\p{Greek}]+$' }, ['αβγ'], ['abc']],
  ]);
});

t.test('cidr is an address in a network, IPv4, IPv6 or mapped', async (t) => {
  check(t, [
    [
      { 'msg|cidr': '10.0.0.0/8' },
      ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3', '::FFFF:0a01:0203', '10.1.2.3:443'],
      ['11.0.0.0', '9.255.255.255', '10.1.2', '10.1.2.3.4', '2001:db8::1', 'x', '', undefined],
    ],
    [{ 'msg|cidr': '10.9.8.7/8' }, ['10.1.1.1'], ['11.1.1.1']],
    [{ 'msg|cidr': '192.0.2.7' }, ['192.0.2.7'], ['192.0.2.8']],
    [{ 'msg|cidr': '0.0.0.0/0' }, ['1.2.3.4', '::ffff:1.2.3.4'], ['::1']],
    [
      { 'msg|cidr': '2001:db8::/32' },
      ['2001:DB8::1', '[2001:db8::1]:443', '[2001:db8::1]', '2001:db8::1%eth0'],
      ['2001:db9::1', '10.0.0.1'],
    ],
    [{ 'msg|cidr': '::/0' }, ['::1', 'fe80::1'], ['1.2.3.4', '::ffff:1.2.3.4']],
    [{ 'msg|cidr': '::ffff:10.0.0.0/104' }, ['10.1.1.1', '::ffff:10.1.1.1'], ['11.1.1.1']],
    [{ 'msg|cidr': ['10.0.0.0/8', 'fe80::/10'] }, ['10.1.1.1', 'fe80::5'], ['11.1.1.1']],
    [{ 'msg|cidr': '10.0.0.0/31' }, ['10.0.0.1'], ['10.0.0.2']],
  ]);
});

t.test('domain is the name or a subdomain, in hosts and URLs', async (t) => {
  check(t, [
    [
      { 'msg|domain': 'google.com' },
      [
        'google.com',
        'GOOGLE.com.',
        'mail.google.com',
        'a.b.google.com:443',
        'google.com:8080',
        'https://mail.google.com/a?b=c',
        'google.com/path.jpg',
        'https://user:pw@google.com:1/x',
        'https://a@evil.net@google.com/',
        'ｇｏｏｇｌｅ.com',
      ],
      [
        'evilgoogle.com',
        'google.com.evil.net',
        'google.co',
        'google.comx',
        'com',
        'evil.net/google.com',
        '//google.com/x',
        'https://evil.net/.google.com',
        'https://evil.net?.google.com',
        'https://evil.net#.google.com',
        'https://google.com@evil.net/',
        'https://a@google.com@evil.net/',
        'https://evil.net\\.google.com',
        'https://evil.net\\@google.com/',
        'evil.net%2f.google.com',
        'evil.net .google.com',
        'evil.net:80#.google.com',
        '-google.com',
        'google.com..',
        '/google.com',
        '',
        undefined,
      ],
    ],
    [{ 'msg|domain': 'GOOGLE.com.' }, ['a.google.com'], ['xgoogle.com']],
    [{ 'msg|domain': '.google.com' }, ['a.google.com', 'google.com'], ['xgoogle.com']],
    [{ 'msg|domain': 'bücher.example' }, ['www.xn--bcher-kva.example', 'BÜCHER.example'], ['b.e']],
    [{ 'msg|domain': 'xn--bcher-kva.example' }, ['bücher.example'], ['bucher.example']],
    [{ 'msg|domain': 'intranet' }, ['intranet', 'a.intranet'], ['intranet.example']],
    [{ 'msg|domain': ['a.example', 'b.example'] }, ['x.a.example', 'b.example'], ['c.example']],
    [{ 'msg|domain': '0.0.1' }, [], ['10.0.0.1']],
  ]);
});

t.test('fields of a map are AND, maps of a list are OR', async (t) => {
  t.ok(matches({ msg: 'a', act: 'b' }, { msg: 'a', act: 'b' }));
  t.notOk(matches({ msg: 'a', act: 'b' }, { msg: 'a', act: 'c' }));
  t.notOk(matches({ msg: 'a', act: 'b' }, { msg: 'a' }));
  t.ok(matches([{ msg: 'a' }, { act: 'b' }], { act: 'b' }));
  t.ok(matches([{ msg: 'x' }, { msg: 'a', act: 'b' }], { msg: 'a', act: 'b' }));
  t.notOk(matches([{ msg: 'x' }, { msg: 'a', act: 'b' }], { msg: 'a' }));
  t.ok(matches({ 'msg|startswith': 'a', 'msg|endswith': 'z' }, { msg: 'a-z' }));
});

t.test('modifiers that contradict each other are problems at the key', async (t) => {
  const pairs: readonly [string, RegExp][] = [
    ['msg|gt|contains', /contains and gt contradict each other/],
    ['msg|contains|startswith', /contradict/],
    ['msg|startswith|endswith', /contradict/],
    ['msg|re|contains', /contradict/],
    ['msg|cidr|re', /re and cidr contradict/],
    ['msg|domain|startswith', /startswith and domain contradict/],
    ['msg|domain|cidr', /contradict/],
    ['msg|gt|lt', /gt and lt contradict/],
    ['msg|exists|re', /contradict/],
    ['msg|exists|all', /all has no meaning for exists/],
    ['msg|cidr|cased', /cased has no meaning for cidr/],
    ['msg|gt|cased', /cased has no meaning for gt/],
    ['msg|domain|cased', /cased has no meaning for domain/],
    ['msg|exists|cased', /cased has no meaning for exists/],
    ['msg|i', /i belongs to re/],
    ['msg|contains|i', /i has no meaning for contains/],
    ['msg|contains|m', /m has no meaning/],
    ['msg|s|startswith', /s has no meaning/],
    ['msg|re|i|cased', /cased and i contradict/],
    ['msg|contains|contains', /contains stands twice/],
    ['msg|containz', /unknown modifier "containz"; the nearest is "contains"/],
    ['msg|Contains', /the nearest is "contains"/],
    ['msg|', /unknown modifier ""/],
    ['msg|base64', /Sigma's modifier base64 is not available/],
    ['msg|neq', /Sigma's modifier neq is not available/],
    ['msg|__proto__', /unknown modifier "__proto__"/],
    ['msg|constructor', /unknown modifier "constructor"/],
  ];
  for (const [key, message] of pairs) {
    const found = problemsOf({ [key]: key.includes('exists') ? true : '1' });
    t.equal(found.length, 1, key);
    t.match(found[0], [key, message, true], key);
  }
});

t.test('values that a modifier cannot use are problems at the value', async (t) => {
  const wrong: readonly [MatchMap, string, RegExp][] = [
    [{ 'msg|contains': '' }, 'msg|contains', /empty text would match every value/],
    [{ 'msg|startswith': ['a', ''] }, 'msg|startswith / 1', /empty text/],
    [{ 'msg|endswith': null }, 'msg|endswith', /endswith needs a value/],
    [{ 'msg|re': '' }, 'msg|re', /empty pattern/],
    [{ 'msg|re': ['a', '('] }, 'msg|re / 1', /missing closing \)/],
    [{ 'msg|re': '(?=a)' }, 'msg|re', /not an RE2 regular expression: .*\(\?=/],
    [{ 'msg|re': '(a)\\1' }, 'msg|re', /invalid escape sequence/],
    [{ 'msg|re': '(?:a{30}){30}b{200}' }, 'msg|re', /too large: \d+ instructions/],
    [{ msg: `a*${'b'.repeat(2000)}` }, 'msg', /too large/],
    [{ 'msg|cidr': '10.0.0.0/33' }, 'msg|cidr', /not a network/],
    [{ 'msg|cidr': '10.0.0/8' }, 'msg|cidr', /not a network/],
    [{ 'msg|cidr': '10.0.0.0/8/8' }, 'msg|cidr', /not a network/],
    [{ 'msg|cidr': '10.0.0.0/' }, 'msg|cidr', /not a network/],
    [{ 'msg|cidr': '10.0.0.0/-1' }, 'msg|cidr', /not a network/],
    [{ 'msg|cidr': 'fe80::1%eth0' }, 'msg|cidr', /not a network/],
    [{ 'msg|cidr': '::/129' }, 'msg|cidr', /not a network/],
    [{ 'msg|cidr': 10 }, 'msg|cidr', /cidr needs a text/],
    [{ 'msg|domain': '*.google.com' }, 'msg|domain', /no wildcard/],
    [{ 'msg|domain': 'https://google.com/' }, 'msg|domain', /not a domain name/],
    [{ 'msg|domain': 'google.com:443' }, 'msg|domain', /not a domain name/],
    [{ 'msg|domain': 'a b' }, 'msg|domain', /not a domain name/],
    [{ 'msg|domain': '' }, 'msg|domain', /not a domain name/],
    [{ 'msg|domain': '.' }, 'msg|domain', /not a domain name/],
    [{ 'msg|domain': '10.0.0.1' }, 'msg|domain', /use cidr/],
    [{ 'msg|domain': 5 }, 'msg|domain', /domain needs a text/],
    [{ 'msg|gt': 'ten' }, 'msg|gt', /gt needs a number/],
    [{ 'msg|lt': true }, 'msg|lt', /lt needs a number/],
    [{ 'msg|gte': [1, 'x'] }, 'msg|gte / 1', /gte needs a number/],
    [{ 'msg|lte': Number.NaN }, 'msg|lte', /lte needs a number/],
    [{ 'msg|gt': '' }, 'msg|gt', /gt needs a number/],
    [{ 'msg|exists': 'yes' }, 'msg|exists', /exists is true or false/],
    [{ 'msg|exists': [true] }, 'msg|exists', /exists is true or false/],
    [{ 'msg|contains|all': ['a', null] }, 'msg|contains|all / 1', /needs a value/],
    [{ 'msg|all': ['a', null] }, 'msg|all / 1', /all and an empty value/],
    [{ msg: [] }, 'msg', /list is empty/],
    [{ msg: ['a', Number.POSITIVE_INFINITY] }, 'msg / 1', /finite/],
    [{ msg: 2 ** 60 }, 'msg', /loses digits/],
  ];
  for (const [match, path, message] of wrong) {
    const found = problemsOf(match);
    t.equal(found.length, 1, JSON.stringify(match));
    t.match(found[0], [path, message, false], JSON.stringify(match));
  }
  t.match(problemsOf({ 'msg|contains|all': 'a' })[0], ['msg|contains|all', /one value/, true]);
});
