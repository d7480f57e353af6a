import { mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeDirectory } from '../../src/platform/make-directory.js';

t.test(
  'what is missing is made, for owner and group only, and made again is no error',
  async (t) => {
    const path = join(t.testdir(), 'a', 'b', 'c');
    await Promise.all([makeDirectory(path), makeDirectory(path)]);
    await makeDirectory(path);
    await makeDirectory(`${path}/`);
    t.ok(statSync(path).isDirectory());
    t.equal(statSync(path).mode & 0o007, 0);
  },
);

t.test('a link to a directory is one, a file or a broken link is not', async (t) => {
  const folder = t.testdir({ file: '' });
  mkdirSync(join(folder, 'real'));
  symlinkSync('real', join(folder, 'link'));
  symlinkSync('nowhere', join(folder, 'broken'));
  await makeDirectory(join(folder, 'link', 'below'));
  t.ok(statSync(join(folder, 'real', 'below')).isDirectory());
  await t.rejects(makeDirectory(join(folder, 'file')), { code: 'EEXIST' });
  await t.rejects(makeDirectory(join(folder, 'file', 'below')), { code: 'ENOTDIR' });
  await t.rejects(makeDirectory(join(folder, 'broken')), { code: 'EEXIST' });
});

const noProc = process.platform !== 'linux' && 'there is no /proc';
t.test('below /proc it ends, with a word where it failed', { skip: noProc }, async (t) => {
  // Node's recursive mkdir goes round and round here.
  await t.rejects(makeDirectory('/proc/nothing/at/all'), {
    message: 'no directory can be made in /proc',
  });
});
