/** The command line as a process: what is not understood ends with 64, what was asked for with 0. */
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { cliPath } from './support/stegwatch.js';

const usageErrors: readonly (readonly [title: string, args: string[], says: RegExp])[] = [
  ['no command', [], /Usage: stegwatch/],
  ['an unknown command', ['hnut'], /unknown command 'hnut'.*Did you mean hunt/s],
  [
    'an unknown option',
    ['run', '--confg', 'x'],
    /unknown option '--confg'.*Did you mean --config/s,
  ],
  ['an option without its value', ['run', '-c'], /argument missing/],
  ['a missing argument', ['hunt'], /missing required argument 'file'.*Usage: stegwatch hunt/s],
  ['an argument too many', ['validate', 'x.yaml'], /too many arguments/],
  ['a bad moment', ['hunt', '--now', 'yesterday', '-'], /give a moment like 2026/],
];

for (const [title, args, says] of usageErrors) {
  t.test(`${title} ends with 64 and words on stderr`, async (t) => {
    const { status, stdout, stderr } = run(args);
    t.equal(status, 64);
    t.match(stderr, says);
    t.equal(stdout, '');
  });
}

t.test('what was asked for ends with 0 on stdout', async (t) => {
  for (const [args, says] of [
    [['--help'], /Usage: stegwatch/],
    [['help', 'hunt'], /Usage: stegwatch hunt/],
    [['run', '--help'], /Usage: stegwatch run/],
    [['--version'], /^\d+\.\d+\.\d+\n$/],
  ] as const) {
    const { status, stdout, stderr } = run(args);
    t.equal(status, 0, args.join(' '));
    t.match(stdout, says);
    t.equal(stderr, '');
  }
});

t.test('the sample traffic is a log, and whoever reads only its head is no error', async (t) => {
  const { status, stdout } = run(['demo', '--print']);
  t.equal(status, 0);
  const lines = stdout.split('\n');
  t.ok(lines.length > 9000, `${lines.length} lines`);
  t.match(lines[0], /^<134>.* CEF:0\|Zscaler\|/);
  t.match(lines.at(-2), /configuration reloaded$/);
  for (const command of ['demo --print', 'validate --schema']) {
    const piped = spawnSync(
      'sh',
      ['-c', `"$0" "$1" ${command} | head -c 20`, process.execPath, cliPath],
      {
        encoding: 'utf8',
        timeout: 20_000,
      },
    );
    t.equal(piped.stdout.length, 20);
    t.equal(piped.stderr, '', command);
  }
});

t.test('errors of ours keep their codes', async (t) => {
  const { status, stderr } = run(['run', '-c', 'does-not-exist.yaml']);
  t.equal(status, 78);
  t.match(stderr, /^stegwatch: CONFIG_UNREADABLE: /);
  t.match(stderr, /does-not-exist\.yaml/);
});

function run(args: readonly string[]) {
  return spawnSync(process.execPath, [cliPath, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
    maxBuffer: 16 * 1024 * 1024,
  });
}
