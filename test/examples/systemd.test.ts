/** Holds examples/systemd to systemd's own reading of it, and to what the program and the documents say. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { beatIntervalMs } from '../../src/platform/service-notify.js';
import { testFolder } from '../support/folder.js';
import { requirePeer } from '../support/peers.js';
import { cliPath } from '../support/stegwatch.js';

const root = join(dirname(cliPath), '..');
const unit = readFileSync(join(root, 'examples/systemd/stegwatch.service'), 'utf8');
const program = '/opt/stegwatch/node_modules/.bin/stegwatch';

/** Of 10, as `systemd-analyze security` counts; below 2 it says OK. */
const mostExposure = 1.6;

/** All values of a key that is set, not of one in a comment. */
function valuesOf(key: string): string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value!);
}

t.test('the config is checked before it is started or reloaded, with the same file', async (t) => {
  t.strictSame(valuesOf('ExecStartPre'), [`${program} validate -c /etc/stegwatch/stegwatch.yaml`]);
  t.strictSame(valuesOf('ExecReload'), [...valuesOf('ExecStartPre'), '/bin/kill -HUP $MAINPID']);
  t.strictSame(valuesOf('ExecStart'), [`${program} run -c /etc/stegwatch/stegwatch.yaml`]);
});

t.test('it is told by another process: systemd must take that, and wait long enough', async (t) => {
  t.strictSame(valuesOf('Type'), ['notify']);
  t.strictSame(valuesOf('NotifyAccess'), ['all']);
  const [watchdog] = valuesOf('WatchdogSec');
  const usec = String(Number.parseInt(watchdog!, 10) * 1e6);
  t.ok(
    beatIntervalMs({ WATCHDOG_USEC: usec }, 1)! >= 5000,
    'beats are rare enough to cost nothing',
  );
  const drain = /const drainDeadlineMs = (\d+)_000;/.exec(
    readFileSync(join(root, 'src/commands/run.ts'), 'utf8'),
  );
  t.ok(Number.parseInt(valuesOf('TimeoutStopSec')[0]!, 10) >= Number(drain![1]) + 10);
});

t.test(
  'nothing stands in the way of the JIT, and the program may write to one folder',
  async (t) => {
    t.strictSame(valuesOf('MemoryDenyWriteExecute'), []);
    t.strictSame(valuesOf('StateDirectory'), ['stegwatch']);
    t.strictSame(valuesOf('WorkingDirectory'), ['/var/lib/stegwatch']);
    t.strictSame(valuesOf('ReadWritePaths'), []);
    t.strictSame(valuesOf('ProtectSystem'), ['strict']);
    t.strictSame(valuesOf('AmbientCapabilities'), [], 'only who wants port 514 takes it');
  },
);

t.test('exit codes that no new try mends end the tries', async (t) => {
  t.strictSame(valuesOf('Restart'), ['always']);
  t.strictSame(valuesOf('RestartPreventExitStatus'), ['64 78']);
});

const analyze = requirePeer(t, 'systemd-analyze');
if (analyze !== null) {
  /** With a program that is here. */
  const here = (t: Parameters<typeof testFolder>[0], text: string): string => {
    const file = join(testFolder(t, {}), 'stegwatch.service');
    writeFileSync(file, text.replaceAll(program, process.execPath));
    return file;
  };
  const run = (args: readonly string[]) => spawnSync(analyze, args, { encoding: 'utf8' });

  t.test('systemd understands all of it', async (t) => {
    const { status, stderr } = run(['verify', here(t, unit)]);
    t.strictSame([status, stderr], [0, '']);
    const wrong = run(['verify', here(t, unit.replace('TimeoutStopSec=', 'TimeoutStopSc='))]);
    t.match(wrong.stderr, /Unknown key.* 'TimeoutStopSc'/, 'and would tell');
  });

  t.test(`its exposure is ${mostExposure} of 10 at most`, async (t) => {
    const args = ['security', '--offline=true', '--no-pager', `--threshold=${mostExposure * 10}`];
    const { status, stdout } = run([...args, here(t, unit)]);
    t.match(stdout, /Overall exposure level for stegwatch\.service: \d/);
    t.equal(status, 0, stdout.split('\n').slice(-3).join('\n'));
    const soft = unit.replace(/^SystemCallFilter=.*$/gm, '');
    t.not(run([...args, here(t, soft)]).status, 0, 'and would tell');
  });
}
