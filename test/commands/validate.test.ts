/** `validate`: three different mistakes are told at once, a good config is put in words. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import t from 'tap';
import { type ValidateOptions, validate } from '../../src/commands/validate.js';

function run(options: Partial<ValidateOptions> = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = validate({ env: {}, stdout, stderr, ...options });
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

t.test('three different mistakes are all told, with place and nearest key; exit 78', async (t) => {
  const folder = t.testdir({
    'three.yaml': `listen:
  udp: { port: 5514 }
detection:
  precentile: 99
  lookback: 7
forward:
  fluentd:
    ack: "yes"
`,
  });
  const file = join(folder, 'three.yaml');
  const { code, stdout, stderr } = run({ file });
  t.equal(code, 78);
  t.equal(stdout, '', 'nothing that could be taken for an effective config');
  t.same(stderr.split('\n'), [
    `${file}:4:3: detection.precentile: unknown key; the nearest valid key is "percentile"`,
    `${file}:5:13: detection.lookback: must be a duration with its unit (ms, s, m, h or d), ` +
      'such as 30s; a number alone does not say its unit, got 7',
    `${file}:8:10: forward.fluentd.ack: must be true or false, got "yes"`,
    '3 problems',
    '',
  ]);
});

t.test('what exclusions mean is checked too', async (t) => {
  const folder = t.testdir({
    'a.yaml': 'exclusions:\n  - { name: a, reason: b, match: { sprok: x } }\n',
  });
  const { code, stderr } = run({ file: join(folder, 'a.yaml') });
  t.equal(code, 78);
  t.match(stderr, /a\.yaml:2:36: exclusions\[0\]\.match\.sprok: unknown field .*\n1 problem\n$/);
});

t.test('a good config is put in words; exit 0', async (t) => {
  const folder = t.testdir({
    'good.yaml': `
detection: { preset: sentinel, percentile: 99 }
exclusions: [ { name: old, reason: r, expires: 2026-01-31, match: { suser: x } } ]
`,
  });
  const file = join(folder, 'good.yaml');
  const { code, stdout, stderr } = run({ file, nowMs: Date.UTC(2026, 1, 1) });
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(stdout, `${file} is valid\n\ndetection\n`);
  t.match(stdout, 'sentinel, altered: percentile\n');
  t.match(stdout, 'EXPIRED after 2026-01-31');
});

t.test('without a file the defaults are put in words', async (t) => {
  const { code, stdout } = run();
  t.equal(code, 0);
  t.match(stdout, /^the defaults \(no file given\)\n/);
});

t.test('a file that cannot be read ends with 78 and a hint', async (t) => {
  const { code, stdout, stderr } = run({ file: join(t.testdir({}), 'none.yaml') });
  t.equal(code, 78);
  t.equal(stdout, '');
  t.match(stderr, /none\.yaml: no such file\nCheck the path/);
});

t.test('an error that is not about the config is not swallowed', async (t) => {
  const stdout = new PassThrough();
  stdout.write = () => {
    throw new TypeError('a fault that is ours');
  };
  t.throws(() => run({ stdout }), TypeError);
});

const event = 'CEF:0|E|P|1|1|GET|3|request=https://new.example.net/a.jpg in=5000000';

t.test('tests of the config are run; one that fails ends it with 78', async (t) => {
  const folder = t.testdir({
    'pass.yaml': `tests: [ { name: it alerts, event: "${event}", expect: { alert: true } } ]\n`,
    'fail.yaml': `tests:
  - name: it alerts
    event: ${event}
    expect: { alert: true }
  - name: it is low
    event: "${event} suser=\\e[1m"
    expect:
      alert: false
      record: { alert.level: low, suser: x }
`,
  });
  const pass = run({ file: join(folder, 'pass.yaml') });
  t.same([pass.code, pass.stderr], [0, '']);
  t.match(
    pass.stdout,
    /is valid\n\ndetection\n[\s\S]*\n\ntests\n {2}ok {4}it alerts\n {2}1 of 1 test passed\n$/,
  );
  const file = join(folder, 'fail.yaml');
  const { code, stdout, stderr } = run({ file });
  t.same([code, stdout], [78, '']);
  const lines = stderr.split('\n');
  t.match(lines, [
    'tests',
    '  ok    it alerts',
    '  FAIL  it is low',
    `        ${file}:8:14: alert: expected false, seen true`,
    `        ${file}:9:30: record.alert.level: expected "low", seen "high"`,
    /record\.suser: expected "x", seen ".*\[1m"$/,
    /^ {8}it came to: ALERT high: a\.jpg/,
    '  1 of 2 tests passed',
    '',
  ]);
  t.notMatch(stderr, '\x1b', 'nothing that a terminal would act upon');
});

t.test('directories that run could not use are told at their key; nothing is made', async (t) => {
  const folder = t.testdir({ file: '', free: {} });
  const at = (path: string) => JSON.stringify(join(folder, path));
  const text = `spool: { path: ${at('file/spool')} }\nbaseline: { path: ${at('free/a/b')} }\n`;
  const file = join(folder, 'a.yaml');
  writeFileSync(file, text);
  const { code, stderr } = run({ file });
  t.equal(code, 78);
  t.equal(stderr, `${file}:1:16: spool.path: ${at('file')} is not a directory\n1 problem\n`);
  t.same(readdirSync(join(folder, 'free')), []);
  t.equal(run({ file, environment: false }).code, 0, '--no-environment leaves it out');
});
