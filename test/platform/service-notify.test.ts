/** What systemd would hear, by a `systemd-notify` that writes its arguments down. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import t, { type Test } from 'tap';
import { beatIntervalMs, createServiceNotify } from '../../src/platform/service-notify.js';
import { testFolder } from '../support/folder.js';
import { until } from '../support/until.js';

t.setTimeout(60_000);

t.test('states arrive in their order, at the socket that the environment names', async (t) => {
  const { service, heard, problems } = serviceOf(t);
  service.ready();
  service.reloading();
  service.ready();
  service.stopping();
  await until('four states', () => heard().length === 4);
  t.strictSame(
    heard(),
    ['READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1'].map((state) => `/run/notify ${state}`),
  );
  t.strictSame(problems, []);
});

t.test('without NOTIFY_SOCKET nothing is run', async (t) => {
  const silent = createServiceNotify({ env: {}, pid: 1, onProblem: () => {} });
  t.equal(serviceOf(t, { NOTIFY_SOCKET: '' }).service, silent, 'the one that does nothing');
  t.not(serviceOf(t).service, silent);
  silent.ready();
  silent.watch(() => true);
  silent.close();
});

t.test('the watchdog hears of us only while we are alive', async (t) => {
  const { service, heard, problems } = serviceOf(t, { WATCHDOG_USEC: '20000' });
  let alive = true;
  service.watch(() => alive);
  await until('three beats', () => heard().length >= 3);
  t.strictSame(new Set(heard()), new Set(['/run/notify WATCHDOG=1']));
  alive = false;
  await until('words', () => problems.length > 0);
  t.match(problems, [/hangs: systemd is told nothing more/]);
  service.ready();
  await until('what was on its way', () => heard().at(-1)!.endsWith('READY=1'));
  const before = heard().length;
  await until('more time than ten beats take', waited(100));
  t.equal(heard().length, before);
  alive = true;
  await until('a beat', () => heard().at(-1)!.endsWith('WATCHDOG=1'));
});

t.test('no beats once it is closed', async (t) => {
  const { service, heard, shell } = serviceOf(t, { WATCHDOG_USEC: '20000' });
  service.watch(() => true);
  await until('a beat', () => heard().length > 0);
  service.close();
  await until('the end of its shell', () => !existsSync(`/proc/${shell()}`));
  const before = heard().length;
  await until('more time than ten beats take', waited(100));
  t.equal(heard().length, before);
});

t.test('half of what systemd waits, and only for the process that it watches', async (t) => {
  for (const [env, ms] of [
    [{ WATCHDOG_USEC: '30000000' }, 15_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, 15_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }, null],
    [{ WATCHDOG_USEC: '1' }, 1],
    [{ WATCHDOG_USEC: '18446744073709551615' }, 2 ** 31 - 1],
    [{ WATCHDOG_USEC: '0' }, null],
    [{ WATCHDOG_USEC: '' }, null],
    [{ WATCHDOG_USEC: 'x' }, null],
    [{}, null],
  ] as const) {
    t.equal(beatIntervalMs(env, 7), ms, JSON.stringify(env));
  }
});

t.test('that it fails is said once, and once more after it has worked', async (t) => {
  const { service, heard, problems, folder } = serviceOf(t);
  const fails = join(folder, 'fails');
  const sent = async (): Promise<void> => {
    const before = heard().length;
    service.ready();
    await until('it was run', () => heard().length > before);
  };
  writeFileSync(fails, 'Failed to notify\ninit system: *\n');
  await sent();
  await sent();
  writeFileSync(fails, '');
  await sent();
  writeFileSync(fails, 'again');
  await sent();
  await until('the second problem', () => problems.length === 2);
  t.strictSame(problems, [
    'systemd-notify failed (1): Failed to notify init system: *',
    'systemd-notify failed (1): again',
  ]);
});

t.test('where there is no systemd-notify, that is said', async (t) => {
  const { service, problems } = serviceOf(t, { PATH: '/nonexistent' });
  service.ready();
  await until('words', () => problems.length > 0);
  t.match(problems, [/^systemd-notify failed \(127\): .*not found/]);
});

t.test('one that hangs is sent no more than a few states, and goes on afterwards', async (t) => {
  const { service, heard, problems, folder } = serviceOf(t);
  writeFileSync(join(folder, 'hangs'), '');
  for (let i = 0; i < 20; i++) service.ready();
  t.strictSame(problems, ['systemd-notify does not end']);
  writeFileSync(join(folder, 'go'), '');
  await until('eight', () => heard().length === 8);
  service.stopping();
  await until('the next one', () => heard().at(-1)!.endsWith('STOPPING=1'));
  t.equal(heard().length, 9);
});

t.test(
  'signals to the whole service do not end its shell; if it ends there is another',
  async (t) => {
    const { service, heard, problems, shell } = serviceOf(t);
    service.ready();
    await until('it was run', () => heard().length === 1);
    const first = shell();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(first, signal);
    service.stopping();
    await until('it was run again', () => heard().length === 2);
    t.equal(shell(), first);
    process.kill(first, 'SIGKILL');
    await until('words', () => problems.length > 0);
    t.strictSame(problems, ['the shell that runs systemd-notify has ended (SIGKILL)']);
    service.ready();
    await until('it was run by another', () => heard().length === 3);
    t.not(shell(), first);
  },
);

/** A service whose `systemd-notify` writes to a file what it is told. */
function serviceOf(t: Test, given: Readonly<Record<string, string>> = {}) {
  const folder = testFolder(t, {});
  const file = join(folder, 'heard');
  const fake = join(folder, 'systemd-notify');
  writeFileSync(
    fake,
    `#!/bin/sh
cd '${folder}' || exit 2
i=0
while [ -e hangs ] && [ ! -e go ] && [ $i -lt 1000 ]; do sleep 0.02; i=$((i + 1)); done
# The shell that the test has started; some run us in a subshell of it.
shell=$PPID
above() { awk '/^PPid/ { print $2 }' "/proc/$1/status"; }
[ "$(above $shell)" = ${process.pid} ] || shell=$(above $shell)
echo $shell > shell
# Before it is heard: the test may change it then.
fails=$(cat fails 2>/dev/null)
echo "$NOTIFY_SOCKET $*" >> heard
[ -z "$fails" ] || { echo "$fails" >&2; exit 1; }
`,
  );
  chmodSync(fake, 0o755);
  const problems: string[] = [];
  const env = {
    NOTIFY_SOCKET: '/run/notify',
    PATH: `${folder}${delimiter}${process.env.PATH}`,
    ...given,
  };
  const service = createServiceNotify({
    env,
    pid: process.pid,
    onProblem: (words) => problems.push(words),
  });
  t.teardown(() => service.close());
  const heard = (): string[] =>
    existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  const shell = (): number => Number(readFileSync(join(folder, 'shell'), 'utf8'));
  return { service, heard, problems, folder, shell };
}

function waited(ms: number): () => boolean {
  const endMs = performance.now() + ms;
  return () => performance.now() > endMs;
}
