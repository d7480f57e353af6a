/** Values of a match from files: read by the config, compiled like those that stand in it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { load } from '../../../src/commands/load.js';
import type { ValuesFile } from '../../../src/config/config.js';
import { ConfigError } from '../../../src/config/config-error.js';
import { loadConfig } from '../../../src/config/load.js';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';
import { exclusion, facts } from './try-exclusion.js';

/** Writes a config that takes the values of `key` from a file with this content, and loads it. */
function loaded(t: Test, key: string, content: string | Buffer) {
  const folder = t.testdir({ 'values.txt': content });
  const path = JSON.stringify(join(folder, 'values.txt'));
  const text = `exclusions:\n  - name: a\n    reason: b\n    match:\n      ${key}|values_file: ${path}\n`;
  const file = join(folder, 'stegwatch.yaml');
  writeFileSync(file, text);
  return load(file, {});
}

/** What is said of it, `FILE` in place of the path of the values. */
function refusal(t: Test, key: string, content: string | Buffer): string {
  try {
    loaded(t, key, content);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error
      .format()
      .replace(/\S*stegwatch\.yaml/g, 'CONFIG')
      .replace(/of \S*values\.txt/g, 'of FILE');
  }
  throw new Error(`nothing was found wrong with ${content}`);
}

t.test(
  'one value a line; comments, blank lines, blanks and the byte order mark are left out',
  async (t) => {
    const content =
      '\uFEFF# CDNs\r\ncdn.example\r\n\r\n   \t\r\n  # more\r\n  img.example  \r\nbücher.example';
    const { exclusions, config } = loaded(t, 'dhost|domain', content);
    const match = (dhost: string) => exclusions.match(facts({ dhost }), 0) !== null;
    for (const host of ['cdn.example', 'a.CDN.example', 'img.example', 'xn--bcher-kva.example']) {
      t.ok(match(host), host);
    }
    for (const host of ['', '# CDNs', 'evilcdn.example', 'example', 'more'])
      t.notOk(match(host), host);
    const [file] = config.exclusions[0]!.valuesFiles!.values();
    t.strictSame(file!.values, ['cdn.example', 'img.example', 'bücher.example']);
    t.strictSame([...file!.lines], [2, 6, 7]);
  },
);

t.test('every operator takes its values from a file', async (t) => {
  const cases: readonly [key: string, content: string, yes: string, no: string][] = [
    ['suser', 'svc-*\n443', 'SVC-web', 'x'],
    ['suser', '443', '443', '0443'],
    ['suser|cased', 'Svc', 'Svc', 'svc'],
    ['suser|contains', 'backup', 'a Backup b', 'back up'],
    ['suser|startswith', 'corp\\', 'CORP\\svc', 'x\\svc'],
    ['suser|endswith', '\\svc', 'corp\\svc', 'svc'],
    ['suser|re', '^a+$\n^b+$', 'bb', 'ab'],
    ['suser|re|i', '^a+$', 'AA', 'b'],
    ['suser|cidr', '10.0.0.0/8\n2001:db8::/32', '2001:db8::1', '11.0.0.1'],
    ['suser|domain', 'a.example', 'x.a.example', 'xa.example'],
    ['suser|gt', '20\n10', '11', '10'],
    ['suser|lte', '20\n10', '20', '21'],
  ];
  for (const [key, content, yes, no] of cases) {
    const { exclusions } = loaded(t, key, content);
    t.ok(exclusions.match(facts({ suser: yes }), 0), `${key}: ${yes}`);
    t.notOk(exclusions.match(facts({ suser: no }), 0), `${key}: ${no}`);
  }
});

t.test('several files are one list', async (t) => {
  const folder = t.testdir({ one: 'a\n', two: 'b\n' });
  const paths = JSON.stringify([join(folder, 'one'), join(folder, 'two')]);
  const text = `exclusions: [ { name: a, reason: b, match: [ { act: x }, { suser|values_file: ${paths} } ] } ]`;
  writeFileSync(join(folder, 'c.yaml'), text);
  const { exclusions } = load(join(folder, 'c.yaml'), {});
  for (const suser of ['a', 'b']) t.ok(exclusions.match(facts({ suser }), 0), suser);
  t.notOk(exclusions.match(facts({ suser: 'c' }), 0));
});

t.test('a bad value is told with the place in the config and the line of its file', async (t) => {
  const content = '# networks\n10.0.0.0/8\n\n10.0.0.0/33\nexample.com\n';
  t.same(refusal(t, 'dst|cidr', content).split('\n'), [
    'CONFIG:5:29: exclusions[0].match.dst|cidr|values_file: line 4 of FILE, "10.0.0.0/33": ' +
      'not a network: expected an address or a CIDR such as 10.0.0.0/8',
    'CONFIG:5:29: exclusions[0].match.dst|cidr|values_file: line 5 of FILE, "example.com": ' +
      'not a network: expected an address or a CIDR such as 10.0.0.0/8',
  ]);
  t.match(refusal(t, 'dhost|domain', 'a.example\n*.b.example'), 'line 2 of FILE, "*.b.example": ');
  t.match(refusal(t, 'msg|re', '('), 'line 1 of FILE, "(": not an RE2 regular expression');
  const hostile = refusal(t, 'dst|cidr', '\u001b[2J\u202e\n');
  t.match(hostile, 'line 1 of FILE, "\\u001b[2J\\u202e": not a network');
});

t.test('a file of another kind is not told of line by line', async (t) => {
  const words = refusal(t, 'dst|cidr', 'not an address\n'.repeat(5000));
  t.equal(words.split('\n').length, 20);
});

t.test('a file that cannot be used is a mistake of the config, in words', async (t) => {
  const at = 'CONFIG:5:26: exclusions[0].match.dhost|values_file: ';
  t.equal(refusal(t, 'dhost', ''), `${at}the values file holds no value: it would never match`);
  t.equal(
    refusal(t, 'dhost', '# only\n\n'),
    `${at}the values file holds no value: it would never match`,
  );
  const bad = Buffer.from('good\ncaf\xe9\ngood\n', 'latin1');
  t.equal(refusal(t, 'dhost', bad), `${at}line 2 of the values file is not UTF-8 text`);
  const large = Buffer.alloc(16 * 1024 * 1024 + 1, 'a');
  t.equal(refusal(t, 'dhost', large), `${at}the values file is larger than 16MiB`);
  const many = Buffer.from('a\n'.repeat(1_000_001));
  t.equal(refusal(t, 'dhost', many), `${at}the values file holds more than 1000000 values`);
});

t.test(
  'a file that is not there, or a folder, is told once for each place that names it',
  async (t) => {
    const folder = t.testdir({});
    const text = `exclusions:
  - { name: a, reason: b, match: { dhost|values_file: "${folder}/none" } }
  - { name: c, reason: d, match: { dhost|domain|values_file: ["${folder}"], msg: x } }
  - { name: e, reason: f, match: [ { msg: x }, { suser|values_file: "${folder}/none" } ] }
`;
    try {
      loadConfig({ text, env: {} });
      t.fail('nothing was found');
    } catch (error) {
      t.same(
        (error as ConfigError).problems.map(({ line, path, message }) => [line, path, message]),
        [
          [
            2,
            'exclusions[0].match.dhost|values_file',
            `the values file "${folder}/none" cannot be read: no such file`,
          ],
          [
            3,
            'exclusions[1].match.dhost|domain|values_file[0]',
            `the values file "${folder}" cannot be read: it is a directory`,
          ],
          [
            4,
            'exclusions[2].match[1].suser|values_file',
            `the values file "${folder}/none" cannot be read: no such file`,
          ],
        ],
      );
    }
  },
);

t.test('all and exists do not go with values from a file', async (t) => {
  t.match(refusal(t, 'msg|contains|all', 'a\n'), 'all and values_file contradict each other');
  t.match(refusal(t, 'msg|exists', 'a\n'), 'exists and values_file contradict each other');
});

t.test('an exclusion whose values were not read is left out, and told of once', async (t) => {
  const match = { 'dhost|values_file': 'none' };
  const left = (valuesFiles?: ReadonlyMap<string, ValuesFile>) => {
    const given = valuesFiles === undefined ? {} : { valuesFiles };
    const { exclusions, problems } = compileExclusions([exclusion(match, given)]);
    t.strictSame(exclusions.report(), []);
    return problems.map(({ message }) => message);
  };
  t.strictSame(left(), ['the values file has not been read']);
  t.strictSame(left(new Map()), [], 'the config has told');
});

t.test('100,000 values are read and compiled, and the first and last match', async (t) => {
  const content = Array.from({ length: 100_000 }, (_, at) => `h${at}.example`).join('\n');
  const { exclusions } = loaded(t, 'dhost|domain', content);
  for (const dhost of ['h0.example', 'x.h99999.example']) {
    t.ok(exclusions.match(facts({ dhost }), 0), dhost);
  }
  t.notOk(exclusions.match(facts({ dhost: 'h100000.example' }), 0));
});
