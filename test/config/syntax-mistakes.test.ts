/** What a person most often gets wrong in YAML is told in words, where it was done; the rest as the parser has it. */
import t from 'tap';
import { ConfigError } from '../../src/config/config-error.js';
import { loadConfig } from '../../src/config/load.js';

function said(text: string): readonly string[] {
  try {
    loadConfig({ text, env: {} });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
}

/** Its text, and how the one thing that is said of it begins. */
type Case = readonly [text: string, says: string];

const exclusion = 'exclusions:\n  - name: x\n    reason: y\n    match:\n';
const open = 'that is opened here is not closed';
const lineUp = 'keys of one map begin in the same column';

const groups: Readonly<Record<string, readonly Case[]>> = {
  'a tab': [
    ['listen:\n\tudp: false\n', '2:1 YAML: a tab stands where only spaces may: indent with spaces'],
    ['listen:\n  udp: false\n\ttcp: false\n', '3:1 YAML: a tab stands'],
    ['listen:\n  tcp:\n \t port: 1\n', '3:2 YAML: a tab stands'],
  ],
  'no space after a colon': [
    [
      'listen:\n  udp: false\n  tcp:false\n',
      '3:3 YAML: a space is missing after the colon: "tcp: false"',
    ],
    ['spool:\n  path:x\n  sync: none\n', '2:3 YAML: a space is missing after the colon: "path: x"'],
    [
      'listen:\n  udp:false\n',
      '2:3 must be a map of keys (allow, max_message, max_fields, udp, …), got "udp:false"; a space is missing after the colon: "udp: false"',
    ],
    ['spool: { path:x }\n', '1:10 unknown key; a space is missing after the colon: "path: x"'],
    ['spool:{ path: x }\n', '1:1 unknown key; a space is missing after the colon: "spool: { path"'],
    ['listen: {}\nspool\n', '2:1 YAML: this is no `key: value`'],
    ['listen: {}\nhttp://a.example\n', '2:1 YAML: this is no `key: value`'],
  ],
  'a quote or bracket that is not closed': [
    ['spool:\n  path: "x\nlisten:\n  udp: false\n', `2:9 YAML: the quote " ${open}`],
    ["spool:\n  path: 'x\nlisten:\n  udp: false\n", `2:9 YAML: the quote ' ${open}`],
    ['spool: { path: "x }\nlisten: { udp: false }\n', `1:16 YAML: the quote " ${open}`],
    ['spool:\n  path: "x\nadmin:\n  token_file: "y"\n', `2:9 YAML: the quote " ${open}`],
    [
      'spool:\n  path: "x\n   sync: "y"\n',
      '2:9 YAML: the quote " that is opened here is closed lines below',
    ],
    ['spool: { path: "x"\n', `1:8 YAML: the { ${open}`],
    [
      "spool:\n  path: 'it's'\n",
      "2:13 YAML: the text in quotes has ended, and more follows: inside it the quote is written '' in",
    ],
    ['spool:\n  path: "C:\\data"\n', '2:12 YAML: in "…" a backslash begins an escape'],
    ['spool: { path: x\nlisten: { udp: false }\n', `1:8 YAML: the { ${open}: } is missing`],
    ['{ spool: { path: x }', `1:1 YAML: the { ${open}: } is missing`],
    ['exclusions: [ { name: x }\nspool: { path: x }\n', `1:13 YAML: the [ ${open}: ] is missing`],
  ],
  'bad indentation': [
    [
      'listen:\n  udp: false\n   tcp: false\n',
      `3:4 YAML: this line is indented further than the key above it, which has its value already: ${lineUp}`,
    ],
    [
      'listen:\n  udp: false\n tcp: false\n',
      `3:2 YAML: this key does not line up with those above it: ${lineUp}`,
    ],
    [
      ' spool: { path: x }\nlisten: { udp: false }\n',
      `2:1 YAML: this is indented less than what is above it: ${lineUp}`,
    ],
    [
      'exclusions:\n  - name: x\n   reason: y\n',
      '3:4 YAML: this does not line up with the list above it',
    ],
    [
      'exclusions:\n  -name: x\n   reason: y\n',
      '2:10 YAML: a space is missing after the dash: "- name"',
    ],
    ['exclusions:\n  - name: a: b\n', '2:11 YAML: two keys in one line'],
  ],
  'a key given twice': [
    [
      'spool: { path: x }\nspool: { path: y }\n',
      '2:1 duplicate key; it is already given in line 1',
    ],
  ],
  'a text that wants quotes': [
    [
      `${exclusion}      dhost: *.a.example\n`,
      '5:14 a text that begins with * is written in quotes: "*.a.example"',
    ],
    [`${exclusion}      dhost: *\n`, '5:14 YAML: a text that begins with * is written in quotes'],
    ['spool:\n  path: @x\n', '2:9 YAML: a text that begins with @ is written in quotes'],
    ['spool:\n  path: %x\n', '2:9 YAML: a text that begins with % is written in quotes'],
    ['spool:\n  path: `x`\n', '2:9 YAML: a text that begins with ` is written in quotes'],
  ],
  'all else, in the words of the parser': [
    ['spool: { path: x }}\n', '1:19 YAML: Unexpected flow-map-end token'],
    ['spool: { path: x sync: none }\n', '1:16 YAML: Block collections are not allowed'],
  ],
};

for (const [name, cases] of Object.entries(groups)) {
  t.test(name, async (t) => {
    for (const [text, says] of cases) {
      const lines = said(text);
      t.equal(lines.length, 1, `${text}${lines.join('\n')}`);
      t.equal(lines[0]?.slice(0, says.length), says);
    }
  });
}

t.test('a secret is not shown, whatever is missing around it', async (t) => {
  for (const text of [
    'forward:\n  fluentd: { shared_key:hunter2 }\n',
    'forward:\n  fluentd:\n    shared_key:hunter2\n',
    'forward:\n  fluentd:\n    ack: true\n    shared_key:hunter2\n    compress: none\n',
    'forward:\n  fluentd:\n    - password:hunter2\n',
    'forward:\n  fluentd:\n    shared_key: "hunter2\n    ack: true\n',
    'forward:\n  fluentd: "shared_key: hunter2"\n',
    'forward:\n  fluentd:\n    {"shared_key":"hunter2"}: x\n',
    'admin: token=hunter2\n',
    'forward:\n  fluentd:\n    password: *hunter2\n',
    'forward:\n  fluentd:\n    password: !hunter2\n',
    'forward:\n  fluentd:\n    password: |hunter2\n',
    'forward:\n  fluentd:\n    password: >hunter2\n',
    'forward:\n  fluentd:\n    password: &hunter2\n',
    'forward:\n  fluentd:\n    password: %hunter2\n',
    'forward: { fluentd: { password: hunter2: x } }\n',
    'forward:\n  fluentd:\n    shared_key: *hunter2\n',
    'forward:\n  fluentd:\n    shared_key: !hunter2\n',
    'forward:\n  fluentd:\n    password: !hunter2 !\n',
    'forward:\n  fluentd:\n    sharedkey:hunter2\n',
    'forward:\n  fluentd:\n    Shared_Key:hunter2\n',
    'forward:\n  fluentd:\n    tls:\n      key_passphrase:hunter2\n',
  ]) {
    const told = said(text).join('\n');
    t.not(told, '', text);
    t.notMatch(told, /hunter2/, text);
  }
});

t.test('a text of nothing but mistakes takes no longer than its length wants', async (t) => {
  const size = 300_000;
  const lines = (line: string) => line.repeat(size / line.length);
  for (const text of [
    `a: 1\n${lines('b:c\n')}`,
    `a: ${lines("'b'c ")}\n`,
    lines("a: 'b' c\n"),
    lines('a: {\n'),
    `a: "${lines('b\n')}`,
    `a: 1\n${lines('   b: 2\n c: 3\n')}`,
    `a: ${' '.repeat(size)}@`,
    lines('a: @b\n'),
    `a:${lines('- ')}b:c`,
  ]) {
    const beganMs = performance.now();
    said(text);
    const ms = performance.now() - beganMs;
    t.ok(ms < 8000, `${JSON.stringify(text.slice(0, 20))}: ${Math.round(ms)} ms`);
  }
});
