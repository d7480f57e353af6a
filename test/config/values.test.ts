// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the config
/** Values from outside the YAML: environment and secret files. None of them is ever shown. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { describeConfig } from '../../src/config/effective.js';
import { load, problemsOf } from './loading.js';

t.test('a variable becomes what its key wants', async (t) => {
  const env = {
    PORT: '1514',
    SIZE: '1MiB',
    OFF: 'false',
    HOST: 'fluentd',
    WORD: '0123',
    P: '99.9',
  };
  const config = load(
    `
listen:
  max_message: \${SIZE}
  udp: \${OFF}
  tcp:
    - port: \${PORT}
      max_connections: "\${CONNECTIONS:-7}"
      idle_timeout: \${IDLE:-0}
detection:
  percentile: \${P}
  normalize_host: '\${OFF}'
exclusions:
  - { name: "\${WORD}", reason: r, match: { "in|gt": "\${PORT}", dhost: "x\${WORD}" } }
forward:
  fluentd: { servers: [ { host: "\${HOST}", port: "\${PORT}" } ], ack: "\${OFF}", tag: "\${PORT}" }
`,
    env,
  );
  t.equal(config.listen.maxMessageBytes, 1_048_576);
  t.same(config.listen.udp, []);
  t.match(config.listen.tcp, [{ port: 1514, maxConnections: 7, idleTimeoutMs: 0 }]);
  t.equal(config.detection.percentileMilli, 99_900);
  t.equal(config.detection.normalizeHost, false);
  t.match(config.exclusions, [{ name: '0123' }]);
  t.match(config.exclusions[0]!.match, { 'in|gt': '1514', dhost: 'x0123' }, 'text stays text');
  t.match(config.forward.fluentd, {
    servers: [{ host: 'fluentd', port: 1514 }],
    ack: false,
    tag: '1514',
  });
});

t.test('a text in quotes is not made a number, only a variable is', async (t) => {
  t.match(problemsOf('listen: { max_fields: "100" }'), [/must be a number, got "100"/]);
  t.equal(load('listen: { max_fields: "${N}" }', { N: '100' }).listen.maxFields, 100);
});

t.test('a variable cannot make keys, items or YAML', async (t) => {
  const env = { INJECT: 'x", admin: { port: 1 }, y: "', LIST: '[a, b]', NULL: 'null' };
  t.match(load('baseline: { path: "${LIST}" }', env).baseline.path, '[a, b]');
  t.match(load('baseline: { path: "${NULL}" }', env).baseline.path, 'null');
  t.match(load('baseline: { path: "${INJECT}" }', env).baseline.path, env.INJECT);
  t.match(problemsOf('"${LIST}": 1', env), [/^1:1: \["\$\{LIST\}"\]: unknown key/]);
  t.match(problemsOf('listen: { allow: "${LIST}" }', env), [
    'listen.allow: must be a list, got what ${LIST} holds',
  ]);
});

t.test('a variable that is not set is told at its place, all of them at once', async (t) => {
  const problems = problemsOf(
    'listen:\n  max_fields: ${A}\n  udp: { port: "${B}" }\nbaseline: ${C}\n',
  );
  t.same(problems, [
    '2:15: listen.max_fields: the environment variable A is not set',
    '3:16: listen.udp.port: the environment variable B is not set',
    '4:11: baseline: the environment variable C is not set',
  ]);
});

const secret = 'hunter2-do-not-print';

t.test('what a variable holds is in no message', async (t) => {
  const text = `
listen: { max_fields: "\${S}", allow: ["\${S}"], udp: { address: "\${S}", port: "\${S}" } }
detection: { preset: "\${S}", lookback: "\${S}", normalize_host: "\${S}" }
exclusions: [ { name: a, reason: b, expires: "\${S}", match: { a: 1 } } ]
forward: { fluentd: { servers: "\${S}", tag: "\${S} x" } }
`;
  const problems = problemsOf(text, { S: secret });
  t.equal(problems.length, 10, problems.join('\n'));
  for (const problem of problems) t.match(problem, /, got what \$\{S\} holds$/);
  t.notMatch(problems.join(), secret);
});

t.test('secrets come from the key, a variable or a file, and are not described', async (t) => {
  const folder = t.testdir({ key: `${secret}\n`, windows: `${secret}\r\n`, lines: 'a\n\n' });
  const read = (name: string) =>
    load(`forward: { fluentd: { shared_key_file: ${JSON.stringify(join(folder, name))} } }`).forward
      .fluentd.sharedKey;
  t.equal(read('key'), secret);
  t.equal(read('windows'), secret);
  t.equal(read('lines'), 'a\n', 'one newline is cut, no more');
  const config = load(
    `forward: { fluentd: { shared_key: "\${S}", username: joe, password_file: "\${F}" } }`,
    { S: secret, F: join(folder, 'key') },
  );
  const { sharedKey, username, password } = config.forward.fluentd;
  t.same([sharedKey, username, password], [secret, 'joe', secret]);
  t.notMatch(describeConfig(config, 0), secret);
  t.match(describeConfig(config, 0), 'a shared key, a password, a user');
});

t.test('a secret file that cannot serve is told at its key', async (t) => {
  const folder = t.testdir({ empty: '\n', big: 'x'.repeat(70_000), binary: Buffer.from([0xff]) });
  const cases: [string, string][] = [
    ['empty', 'the file is empty'],
    ['big', 'the file is too large for a secret'],
    ['binary', 'the file is not UTF-8 text'],
    ['missing', 'the file cannot be read: no such file'],
    ['.', 'the file cannot be read: it is a directory'],
  ];
  for (const [name, message] of cases) {
    const file = JSON.stringify(join(folder, name));
    const text = `forward:\n  fluentd:\n    shared_key_file: ${file}\n`;
    t.same(problemsOf(text), [`3:22: forward.fluentd.shared_key_file: ${message}`]);
  }
});

t.test('secrets must fit each other, and a wrong one is not shown', async (t) => {
  const problems = (text: string) => problemsOf(`forward: { fluentd: { ${text} } }`);
  t.match(problems('shared_key: a, shared_key_file: b'), [
    /shared_key_file: .*(both given|no such file)/,
    /shared_key_file: .*(both given|no such file)/,
  ]);
  t.match(problems('username: a, shared_key: k'), [/username and password .* belong together/]);
  t.match(problems('password: a'), [/forward.fluentd.password: username and password/]);
  t.match(problems('username: a, password: b'), [/a username needs a shared_key/]);
  t.same(problems('shared_key: 12345'), ['1:35: forward.fluentd.shared_key: must be text']);
  t.match(problems('shared_key: ""'), ['forward.fluentd.shared_key: must have at least 1 char']);
});

t.test(
  'a pipe or a device is no file of values and no secret, and nobody waits for it',
  async (t) => {
    const pipe = join(t.testdir(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const file of [pipe, '/dev/zero']) {
      const path = JSON.stringify(file);
      t.match(problemsOf(`forward: { fluentd: { shared_key_file: ${path} } }`), [
        /: forward\.fluentd\.shared_key_file: the file cannot be read: it is no regular file/,
      ]);
      const match = `{ "dhost|domain|values_file": ${path} }`;
      t.match(problemsOf(`exclusions: [ { name: a, reason: b, match: ${match} } ]`), [
        /the values file ".*" cannot be read: it is no regular file, but a pipe, a device or the like$/,
      ]);
    }
  },
);

t.test('all exclusions together take so many values from files, and no more', async (t) => {
  const file = join(t.testdir({ list: 'a\n'.repeat(1_000_000) }), 'list');
  const exclusionsOf = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      name: `e${at}`,
      reason: 'r',
      match: { 'dhost|values_file': file },
    }));
  const { exclusions } = load(JSON.stringify({ exclusions: exclusionsOf(4) }));
  const read = new Set(exclusions.map(({ valuesFiles }) => valuesFiles!.get(file)));
  t.equal(read.size, 1, 'the file is read once');
  t.match(problemsOf(JSON.stringify({ exclusions: exclusionsOf(6) })), [
    /exclusions\[4\].*: with this file the exclusions take more than 4000000 values from files/,
  ]);
});
