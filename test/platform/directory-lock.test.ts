/** Goal: one owner at a time, whoever died and however. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { lockDirectory } from '../../src/platform/directory-lock.js';
import { testFolder } from '../support/folder.js';

const modulePath = fileURLToPath(new URL('../../src/platform/directory-lock.js', import.meta.url));

t.test('the second one is told, and gets it once the first has let go', async (t) => {
  const path = testFolder(t, {});
  const first = await lockDirectory(path);
  t.equal(first.kind, 'locked');
  t.equal((await lockDirectory(path)).kind, 'held');
  if (first.kind === 'locked') await first.lock.release();
  t.strictSame(readdirSync(path), [], 'nothing is left');
  const second = await lockDirectory(path);
  t.equal(second.kind, 'locked');
  if (second.kind === 'locked') await second.lock.release();
});

t.test('a killed owner holds nothing', async (t) => {
  const path = testFolder(t, {});
  const script = `
    const { lockDirectory } = await import(${JSON.stringify(modulePath)});
    console.log((await lockDirectory(${JSON.stringify(path)})).kind);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  t.teardown(() => child.kill('SIGKILL'));
  const [said] = await once(child.stdout, 'data');
  t.equal(String(said).trim(), 'locked');
  t.equal((await lockDirectory(path)).kind, 'held', 'while it lives');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const taken = await lockDirectory(path);
  t.equal(taken.kind, 'locked');
  if (taken.kind === 'locked') await taken.lock.release();
});

t.test('of many at once that find a dead one, one gets it', async (t) => {
  const path = testFolder(t, {});
  for (let round = 0; round < 20; round++) {
    writeFileSync(join(path, 'lock'), 'no socket at all');
    const results = await Promise.all(Array.from({ length: 8 }, () => lockDirectory(path)));
    const locked = results.filter((result) => result.kind === 'locked');
    t.equal(locked.length, 1, `round ${round}`);
    for (const result of locked) await result.lock.release();
  }
});

t.test('a path longer than a socket may have', async (t) => {
  const path = join(testFolder(t, {}), 'x'.repeat(120));
  mkdirSync(path);
  const first = await lockDirectory(path);
  t.equal(first.kind, process.platform === 'linux' ? 'locked' : 'unsupported');
  if (first.kind === 'locked') await first.lock.release();
});
