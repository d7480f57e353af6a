import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { readFiles } from '../../src/input/files.js';
import { Counters } from '../../src/observe/counters.js';
import { RecordingSink } from '../framing/recording-sink.js';

const lines = Array.from({ length: 30_000 }, (_, i) => `<14>line ${i}`);
const log = `${lines.join('\n')}\n`;

function folder(t: Test): string {
  return t.testdir({
    'a.log': '<14>a1\n<14>a2',
    'b.log': '8 <14>b1\nx<14>b2\r\n',
    'empty.log': '',
    'big.log': log,
    'big.log.gz': gzipSync(log),
    'two.gz': Buffer.concat([gzipSync('<14>one\n<14>t'), gzipSync('wo\n')]),
    'text.gz': '<14>not packed\n',
    'cut.gz': gzipSync(log).subarray(0, 5000),
    'packed.log': gzipSync(log),
    folder: {},
  });
}

async function read(paths: readonly string[], onProgress?: (done: number, of: number) => void) {
  const sink = new RecordingSink();
  const counters = new Counters();
  const parts = { maxMessageBytes: 1000, sink, counters, now: () => 77 };
  let problem: unknown;
  try {
    await readFiles(paths, onProgress ? { ...parts, onProgress } : parts);
  } catch (error) {
    problem = error;
  }
  return { sink, counters, problem };
}

t.test('files are read in order; the end of a file ends its last frame', async (t) => {
  const dir = folder(t);
  const paths = ['a.log', 'empty.log', 'b.log'].map((name) => join(dir, name));
  const { sink, counters, problem } = await read(paths);
  t.equal(problem, undefined);
  t.strictSame(sink.texts, ['<14>a1', '<14>a2', '<14>b1\nx', '<14>b2']);
  t.ok(sink.frames.every(({ peer, receivedAtMs }) => peer.address === '-' && receivedAtMs === 77));
  t.equal(counters.received_frames, 4);
  t.equal(
    counters.received_bytes,
    paths.reduce((sum, path) => sum + readFileSync(path).length, 0),
  );
});

t.test('.gz is unpacked, several members too', async (t) => {
  const dir = folder(t);
  const big = await read([join(dir, 'big.log.gz')]);
  t.strictSame(big.sink.texts, lines);
  t.equal(big.counters.received_bytes, log.length, 'counted unpacked');
  t.strictSame((await read([join(dir, 'two.gz')])).sink.texts, ['<14>one', '<14>two']);
});

t.test('progress goes from file to file up to the total, in bytes on disk', async (t) => {
  const dir = folder(t);
  const paths = ['big.log', 'big.log.gz', 'empty.log', 'a.log'].map((name) => join(dir, name));
  const total = paths.reduce((sum, path) => sum + readFileSync(path).length, 0);
  const seen: number[] = [];
  await read(paths, (done, of) => {
    t.equal(of, total);
    seen.push(done);
  });
  t.strictSame(
    seen,
    [...seen].sort((a, b) => a - b),
    'never backwards',
  );
  t.ok(seen.length > 4 && seen[0]! < total);
  t.equal(seen.at(-1), total);
});

t.test('a file that grows while it is read does not pass the total', async (t) => {
  const path = join(folder(t), 'big.log');
  const total = readFileSync(path).length;
  let most = 0;
  const { sink } = await read([path], (done) => {
    if (most === 0) appendFileSync(path, log);
    most = Math.max(most, done);
  });
  t.equal(most, total);
  t.equal(sink.frames.length, 2 * lines.length, 'what was added is read');
});

t.test('what cannot be read is an error that names it, and nothing is read', async (t) => {
  const dir = folder(t);
  const good = join(dir, 'a.log');
  const cases = [
    [join(dir, 'none.log'), 'there is no such file'],
    [join(dir, 'folder'), 'it is a directory'],
  ] as const;
  for (const [path, reason] of cases) {
    const { sink, problem } = await read([good, path]);
    t.match(problem, {
      name: 'StegwatchError',
      code: 'INPUT_UNREADABLE',
      message: `cannot read ${path}: ${reason}`,
      hint: /./,
    });
    t.strictSame(sink.texts, [], 'the good file before it neither');
  }
});

const skip = process.getuid?.() === 0 && 'root may read everything';
t.test('a file without permission is an error that names it', { skip }, async (t) => {
  const path = join(folder(t), 'a.log');
  chmodSync(path, 0);
  t.match((await read([path])).problem, {
    code: 'INPUT_UNREADABLE',
    message: `cannot read ${path}: permission denied`,
  });
});

t.test('gzip data under another name is told, not read as lines', async (t) => {
  const file = join(folder(t), 'packed.log');
  const { problem, sink } = await read([file]);
  t.match(problem, {
    code: 'INPUT_UNREADABLE',
    message: `cannot read ${file}: it holds gzip data`,
  });
  t.strictSame(sink.texts, []);
});

t.test(
  'damaged gzip data is an error that names the file; what came before it is kept',
  async (t) => {
    const dir = folder(t);
    const text = await read([join(dir, 'text.gz')]);
    t.match(text.problem, {
      code: 'INPUT_UNREADABLE',
      message: `cannot read ${join(dir, 'text.gz')}: it is not gzip data`,
    });
    t.strictSame(text.sink.texts, []);
    const cut = await read([join(dir, 'cut.gz')]);
    t.match(cut.problem, {
      message: `cannot read ${join(dir, 'cut.gz')}: its gzip data ends early`,
    });
    t.ok(cut.sink.frames.length > 0);
    t.strictSame(cut.sink.texts, lines.slice(0, cut.sink.frames.length));
  },
);

t.test('a line longer than the maximum is cut', async (t) => {
  const path = join(folder(t), 'a.log');
  writeFileSync(path, `${'x'.repeat(600_000)}\n<14>next\n`);
  const { sink, counters } = await read([path]);
  t.strictSame(
    sink.frames.map(({ bytes, originalLength }) => [bytes.length, originalLength]),
    [
      [1000, 600_000],
      [8, 8],
    ],
  );
  t.equal(counters.frames_truncated, 1);
});

t.test('- is stdin', async (t) => {
  const script = fileURLToPath(new URL('read-stdin.js', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [script], { input: '<14>a\n<14>b' });
  t.equal(stderr.toString(), '');
  t.strictSame(JSON.parse(stdout.toString()), ['<14>a', '<14>b']);
});
