import { PassThrough } from 'node:stream';
import t from 'tap';
import { createProgress } from '../../src/platform/progress.js';

function stream(isTTY: boolean) {
  let written = '';
  const made = Object.assign(new PassThrough(), {
    isTTY,
    columns: 80,
    cursorTo: () => true,
    moveCursor: () => true,
    clearLine: () => true,
  });
  made.on('data', (chunk) => {
    written += chunk;
  });
  return { made, text: () => written };
}

t.test('where nobody looks, nothing is drawn', async (t) => {
  const { made, text } = stream(false);
  const progress = createProgress(made, 'reading');
  progress.update(1, 2);
  progress.stop();
  t.equal(text(), '');
});

t.test('on a terminal a bar is drawn, and is gone when it ends', async (t) => {
  const { made, text } = stream(true);
  const progress = createProgress(made, 'reading');
  progress.update(0, 0);
  t.equal(text(), '', 'no bar for an unknown total');
  progress.update(50, 200);
  progress.update(100, 200);
  progress.stop();
  progress.stop();
  t.match(text(), /reading .*25 %/);
});
