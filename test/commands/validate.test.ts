/** `validate`: three different mistakes are told at once, a good config is put in words. */
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

t.test('what the caller checks is told too', async (t) => {
  const folder = t.testdir({
    'a.yaml': 'exclusions:\n  - { name: a, reason: b, match: { sprok: x } }\n',
  });
  const check = () => [
    { path: ['exclusions', 0, 'match', 'sprok'], message: 'no such field', atKey: true },
  ];
  const { code, stderr } = run({ file: join(folder, 'a.yaml'), check });
  t.equal(code, 78);
  t.match(stderr, /a\.yaml:2:36: exclusions\[0\]\.match\.sprok: no such field\n1 problem\n$/);
});

t.test('a good config is put in words; exit 0', async (t) => {
  const folder = t.testdir({
    'good.yaml': `
detection: { preset: sentinel, percentile: 99 }
exclusions: [ { name: old, reason: r, expires: 2026-01-31, match: { a: 1 } } ]
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
  const check = () => {
    throw new TypeError('a fault in a check');
  };
  t.throws(() => run({ check }), TypeError);
});
