import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { replaceFile, syncDirectory, temporarySuffix } from '../../src/platform/atomic-file.js';

const parts = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));

t.test(
  'the parts become the content, one after the other, and the length is returned',
  async (t) => {
    const path = join(t.testdir(), 'file');
    t.equal(await replaceFile(path, parts('one ', '', 'two')), 7);
    t.equal(readFileSync(path, 'utf8'), 'one two');
  },
);

t.test('an existing file is replaced whole, shorter content included', async (t) => {
  const path = join(t.testdir({ file: 'a much longer old content' }), 'file');
  await replaceFile(path, parts('new'));
  t.equal(readFileSync(path, 'utf8'), 'new');
  t.strictSame(readdirSync(join(path, '..')), ['file'], 'no temporary file stays behind');
});

t.test('what an interrupted replacement left behind is overwritten', async (t) => {
  const folder = t.testdir({ [`file${temporarySuffix}`]: 'half of something long' });
  await replaceFile(join(folder, 'file'), parts('x'));
  t.strictSame(readdirSync(folder), ['file']);
  t.equal(readFileSync(join(folder, 'file'), 'utf8'), 'x');
});

t.test(
  'if the content cannot be made, the old file stands and no temporary one is left',
  async (t) => {
    const folder = t.testdir({ file: 'old' });
    function* failing(): Generator<Buffer> {
      yield Buffer.from('new, but');
      throw new Error('out of parts');
    }
    await t.rejects(replaceFile(join(folder, 'file'), failing()), { message: 'out of parts' });
    t.strictSame(readdirSync(folder), ['file']);
    t.equal(readFileSync(join(folder, 'file'), 'utf8'), 'old');
  },
);

t.test('if the rename fails, the temporary file goes and the error is thrown', async (t) => {
  const folder = t.testdir();
  mkdirSync(join(folder, 'file'));
  writeFileSync(join(folder, 'file', 'child'), '');
  await t.rejects(replaceFile(join(folder, 'file'), parts('x')), /rename/);
  t.strictSame(readdirSync(folder), ['file']);
});

t.test('a directory that does not exist is an error of both functions', async (t) => {
  const missing = join(t.testdir(), 'missing');
  await t.rejects(replaceFile(join(missing, 'file'), parts('x')), { code: 'ENOENT' });
  await t.rejects(syncDirectory(missing), { code: 'ENOENT' });
});

t.test('others than owner and group cannot read the file', async (t) => {
  const path = join(t.testdir(), 'file');
  await replaceFile(path, parts('x'));
  t.equal(statSync(path).mode & 0o007, 0);
});
