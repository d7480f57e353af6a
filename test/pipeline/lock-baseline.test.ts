/** Goal: one writer of a baseline at a time, whoever died and however, and anybody may look on. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { StegwatchError } from '../../src/errors.js';
import { lockBaseline } from '../../src/pipeline/lock-baseline.js';
import { testFolder } from '../support/folder.js';
import { cliPath, startSidecar } from '../support/stegwatch.js';
import { cefLine } from '../support/traffic.js';

t.setTimeout(110_000);

const quiet = { warn() {} };
const inUse = 75;
const hour = 3_600_000;

function configAt(path: string) {
  return { baseline: { path, maxHosts: 1000, checkpointMs: 10_000 } };
}

/** Nothing listens on port 1, and nothing has to. */
function yaml(spool: string): string {
  return `
listen: { udp: false, tcp: { address: 127.0.0.1, port: 0 } }
baseline: { path: baseline }
spool: { path: ${spool} }
forward: { fluentd: { servers: [ { host: 127.0.0.1, port: 1 } ] } }
`;
}

/** A command to its end, in the folder. */
function stegwatch(folder: string, ...args: readonly string[]) {
  return spawnSync(process.execPath, [cliPath, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 30_000,
  });
}

t.test('the directory is made, and the second one is told which it is', async (t) => {
  const path = join(testFolder(t, {}), 'a', 'baseline');
  const lock = await lockBaseline(configAt(path), quiet);
  t.ok(existsSync(path));
  const error: StegwatchError = await lockBaseline(configAt(path), quiet).then(
    () => t.fail('locked twice'),
    (error) => error,
  );
  t.equal(error.code, 'BASELINE_IN_USE');
  t.equal(error.exitCode, inUse);
  t.ok(error.message.includes(path), error.message);
  t.match(error.hint, /Stop that process/);
  await lock.release();
  await lock.release();
  await (await lockBaseline(configAt(path), quiet)).release();
});

t.test('a directory that cannot be made says so', async (t) => {
  const folder = testFolder(t, { file: '' });
  await t.rejects(lockBaseline(configAt(join(folder, 'file', 'b')), quiet), {
    code: 'BASELINE_UNUSABLE',
  });
});

t.test('beside run: no second writer; anybody may look on', async (t) => {
  const folder = testFolder(t, {});
  const teardown = (end: () => Promise<unknown>) => t.teardown(end);
  await startSidecar(folder, yaml('spool'), teardown);
  const row = { fileType: 'Jpeg Files', receivedBytes: 5, host: 'a.example', user: 'u' };
  const line = cefLine({ ...row, timeMs: Date.now() - 48 * hour, url: 'http://a.example/a.jpg' });
  writeFileSync(join(folder, 'a.log'), `${line}\n`);
  writeFileSync(join(folder, 'other.yaml'), yaml('other-spool'));

  writeFileSync(join(folder, 'same.yaml'), yaml('spool'));

  // With the same config the spool is in use too, of which only some would complain.
  for (const config of ['other.yaml', 'same.yaml']) {
    for (const args of [['run'], ['learn', 'a.log']]) {
      const [command, ...rest] = args;
      const { status, stderr } = stegwatch(folder, command!, '-c', config, ...rest);
      const which = `${command}, ${config}`;
      t.equal(status, inUse, `${which} is refused`);
      t.match(stderr, /The baseline in baseline is in use by another stegwatch/, which);
    }
  }
  for (const args of [['hunt', 'a.log'], ['tune', 'a.log'], ['explain', line], ['validate']]) {
    const [command, ...rest] = args;
    const { status, stderr } = stegwatch(folder, command!, '-c', 'other.yaml', ...rest);
    t.equal(status, 0, `${command}: ${stderr}`);
  }
});

t.test('after kill -9 the next start has it; after SIGTERM nothing is left', async (t) => {
  const folder = testFolder(t, {});
  const teardown = (end: () => Promise<unknown>) => t.teardown(end);
  const first = await startSidecar(folder, yaml('spool'), teardown);
  await first.kill();
  t.ok(existsSync(join(folder, 'baseline', 'lock')), 'the socket of the dead one');
  const second = await startSidecar(folder, yaml('spool'), teardown);
  t.equal(await second.stop(), 0);
  t.notOk(existsSync(join(folder, 'baseline', 'lock')));
});

t.test('a start that fails lets go of it', async (t) => {
  const folder = testFolder(t, {});
  // The spool's folder is no folder: run ends when it has the baseline already.
  mkdirSync(join(folder, 'run'));
  writeFileSync(join(folder, 'run', 'c.yaml'), yaml('file'));
  writeFileSync(join(folder, 'run', 'file'), '');
  t.equal(stegwatch(join(folder, 'run'), 'run', '-c', 'c.yaml').status, 73);
  const teardown = (end: () => Promise<unknown>) => t.teardown(end);
  const sidecar = await startSidecar(join(folder, 'run'), yaml('spool'), teardown);
  t.equal(await sidecar.stop(), 0);
});
