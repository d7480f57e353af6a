/** Goal: who does not read is not written to, what was read is answered, and a signal loses nothing of it. */
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { Answers } from '../../../src/commands/filter/answers.js';
import type { Protocol } from '../../../src/commands/filter/protocol.js';
import { readStdin } from '../../../src/commands/filter/read-stdin.js';
import { Counters } from '../../../src/observe/counters.js';
import { until } from '../../support/until.js';

const pieceBytes = 1000;

/** A program that answers each piece with as many bytes, and a reader of its answers that takes them when told. */
function setUp() {
  const counters = new Counters();
  const stdin = new PassThrough({ highWaterMark: pieceBytes });
  const taken: Buffer[] = [];
  let free: (() => void) | null = null;
  const stdout = new Writable({
    highWaterMark: 2 * pieceBytes,
    write(piece, _encoding, done) {
      taken.push(piece);
      free = done;
    },
  });
  const answers = new Answers(stdout, counters);
  const ends: boolean[] = [];
  const protocol: Protocol = {
    push(chunk) {
      answers.copy(chunk, 0, chunk.length);
      answers.done();
    },
    end: (_, whole) => ends.push(whole),
  };
  let send: (signal: NodeJS.Signals) => void = () => {};
  const signal = new Promise<NodeJS.Signals>((resolve) => {
    send = resolve;
  });
  const parts = {
    stdin: stdin as unknown as NodeJS.ReadStream,
    protocol,
    answers,
    counters,
    signal,
  };
  return {
    ...{ counters, stdin, stdout, answers, ends, send, ended: readStdin(parts) },
    takenBytes: () => Buffer.concat(taken).length,
    /** The reader takes what waits, and what comes then, too. */
    async takeAll() {
      while (free !== null) {
        const done: () => void = free;
        free = null;
        done();
        await nextTurn();
        await nextTurn();
      }
    },
  };
}

t.test('a reader that takes nothing holds stdin, and gets all of it later', async (t) => {
  const run = setUp();
  const pieces = 20;
  for (let i = 0; i < pieces; i++) run.stdin.write(Buffer.alloc(pieceBytes, i));
  for (let turn = 0; turn < 100; turn++) await nextTurn();
  t.equal(run.stdin.isPaused(), true);
  t.ok(run.answers.made <= 3, `${run.answers.made} of ${pieces} were read`);
  run.stdin.end();
  await until('the end', async () => {
    await run.takeAll();
    return run.ends.length === 1;
  });
  t.equal(await run.ended, 'end of input');
  await run.takeAll();
  t.equal(run.takenBytes(), pieces * pieceBytes);
  t.strictSame(run.ends, [true]);
});

t.test('a signal while the reader is slow: what waits in the pipe is answered first', async (t) => {
  const run = setUp();
  const pieces = 10;
  for (let i = 0; i < pieces; i++) run.stdin.write(Buffer.alloc(pieceBytes, i));
  for (let turn = 0; turn < 100; turn++) await nextTurn();
  run.send('SIGTERM');
  // Longer than the pipe may be idle: but nobody can tell while the reader takes nothing.
  await new Promise((resolve) => setTimeout(resolve, 400));
  t.strictSame(run.ends, [], 'it still waits');
  await run.takeAll();
  t.equal(await run.ended, 'SIGTERM');
  await run.takeAll();
  t.equal(run.takenBytes(), pieces * pieceBytes);
  t.strictSame(run.ends, [false], 'more of the input would have come');
});

t.test('a reader that is gone, and an input that fails', async (t) => {
  const gone = setUp();
  gone.stdout.destroy(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }));
  t.equal(await gone.ended, 'reader gone');
  t.equal(gone.answers.gone?.code, 'EPIPE');

  const failed = setUp();
  failed.stdin.destroy(new Error('EIO'));
  t.equal(await failed.ended, 'input failed');
});
