/** `filter` as a process: what it starts with, keeps, and leaves to the next one; and its log. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import {
  alert,
  command,
  endOf,
  event,
  jsonLines,
  setUp,
  start,
  started,
} from '../../support/filter-process.js';
import { cliPath } from '../../support/stegwatch.js';
import { until } from '../../support/until.js';

t.setTimeout(110_000);

t.test('kill -9 of the holder, then the next one has the baseline', async (t) => {
  const folder = setUp(t);
  const first = start(t, folder);
  await started(first);
  const refused = await endOf(command(folder, 'run', '-c', 'c.yaml'));
  t.equal(refused.code, 75);
  t.match(refused.stderr, /The baseline in baseline is in use by another stegwatch/);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const second = start(t, folder);
  second.stdin.end(`${event}\n`);
  const { code, stdout } = await endOf(second);
  t.equal(code, 0);
  t.equal(jsonLines(stdout).length, 1);
});

t.test('who is started while the one before still ends waits for it', async (t) => {
  const folder = setUp(t);
  const first = start(t, folder);
  await started(first);
  const second = start(t, folder);
  second.stdin.end(`${event}\n`);
  const end = endOf(second);
  let said = '';
  second.stderr.on('data', (bytes) => {
    said += bytes;
  });
  await until('it waits', () => said.includes('waiting for it to end'));
  first.stdin.end();
  t.equal((await end).code, 0);
});

t.test('what is learned is saved at the usual interval', async (t) => {
  const folder = setUp(t, '');
  writeFileSync(join(folder, 'c.yaml'), 'baseline: { path: baseline, checkpoint: 1s }');
  const child = start(t, folder);
  await started(child);
  child.stdin.write(`${alert}\n`);
  const hour = new Date().toISOString().slice(0, 13);
  const later = new Date(Date.now() + 3_600_000).toISOString().slice(0, 13);
  await until('a bucket on disk', () =>
    [hour, later].some((name) =>
      existsSync(join(folder, 'baseline', 'download', `${name}.bucket`)),
    ),
  );
  child.kill('SIGKILL');
});

t.test('the log: in a file that may be rotated, and never among the answers', async (t) => {
  const folder = setUp(t);
  const file = join(folder, 'filter.log');
  const child = start(t, folder, 'lines', '--log', file);
  const end = endOf(child);
  await until(
    'it has started',
    () => existsSync(file) && readFileSync(file, 'utf8').includes('started'),
  );
  renameSync(file, `${file}.1`);
  child.kill('SIGHUP');
  await until('a new file', () => existsSync(file));
  child.stdin.end();
  const { code, stderr } = await end;
  t.equal(code, 0);
  t.equal(stderr, '');
  t.match(readFileSync(file, 'utf8'), /stopped/);

  const bad = await endOf(start(t, folder, 'lines', '--log', join(folder, 'no', 'where.log')));
  t.equal(bad.code, 73);
  t.match(bad.stderr, /The log .*where.log cannot be written/);

  const both = openSync(join(folder, 'both'), 'w');
  const args = [cliPath, 'filter', '-c', 'c.yaml', '--protocol', 'lines'];
  const shared = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', both, both] });
  const [code2] = await once(shared, 'exit');
  closeSync(both);
  t.equal(code2, 73);
  t.match(readFileSync(join(folder, 'both'), 'utf8'), /stdout and stderr are one and the same/);
});

t.test('a protocol must be named; a bad config is said before anything is read', async (t) => {
  const folder = setUp(t);
  t.equal((await endOf(command(folder, 'filter'))).code, 64);
  t.equal((await endOf(start(t, folder, 'xml'))).code, 64);
  writeFileSync(join(folder, 'c.yaml'), 'nothing: 1');
  t.equal((await endOf(start(t, folder))).code, 78);
});
