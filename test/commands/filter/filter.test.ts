/** `filter` as a process: how it ends, who waits for whom, and for how long. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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
import { historyLines } from '../../support/numbered-lines.js';

t.setTimeout(110_000);

t.test('the end of input drains it: every answer, the baseline saved, exit 0', async (t) => {
  const folder = setUp(t);
  const now = Date.now();
  writeFileSync(join(folder, 'old.log'), `${historyLines(now).join('\n')}\n`);
  const [learned] = await once(command(folder, 'learn', '-c', 'c.yaml', 'old.log'), 'close');
  t.equal(learned, 0);
  const run = async () => {
    const child = start(t, folder);
    child.stdin.end(`${event}\n${alert}\n${event}`);
    return endOf(child);
  };
  const first = await run();
  t.equal(first.code, 0);
  t.match(jsonLines(first.stdout), [
    { externalId: '2' },
    { externalId: '1', alert: { host: 'fresh1.example', host_state: 'never_seen' } },
    { externalId: '2' },
  ]);
  t.match(first.log.at(-1), {
    msg: 'stopped',
    ended: 'end of input',
    filter_answers: 3,
    alerts: 1,
  });
  t.notOk(existsSync(join(folder, 'baseline', 'lock')), 'it let go of the baseline');

  const second = await run();
  const [, again] = jsonLines(second.stdout);
  t.match(again, { alert_suppressed: { by: 'repeat' } }, 'the next one knows that it was raised');
  t.notOk('alert' in again!);
});

t.test('an idle input leaves nothing waiting; mmexternal answers message by message', async (t) => {
  for (const protocol of ['lines', 'mmexternal']) {
    const child = start(t, setUp(t), protocol);
    await started(child);
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const waits: number[] = [];
    for (let i = 0; i < 50; i++) {
      const sent = performance.now();
      child.stdin.write(`${event}\n`);
      const { value } = await answers.next();
      waits.push(performance.now() - sent);
      if (i === 0) t.match(value, /"externalId":"2"/);
    }
    waits.sort((a, b) => a - b);
    t.ok(waits[45]! < 100, `${protocol}: nine of ten within ${waits[45]!.toFixed(1)} ms`);
    child.stdin.end();
    await once(child, 'exit');
  }
});

t.test('SIGTERM takes what is in the pipe, answers it, saves and ends with 0', async (t) => {
  const folder = setUp(t);
  const child = start(t, folder);
  await started(child);
  const end = endOf(child);
  const lines = Array.from({ length: 20_000 }, () => `${event}\n`).join('');
  child.stdin.write(`${lines}${event!.slice(0, 100)}`);
  child.kill('SIGTERM');
  const { code, signal, stdout } = await end;
  t.strictSame([code, signal], [0, null]);
  const answers = jsonLines(stdout);
  t.equal(answers.length, 20_001);
  t.match(answers.at(-1), { truncated: true }, 'what was cut off is not judged');
});

t.test('a reader that goes ends it with 0', async (t) => {
  const folder = setUp(t);
  const file = join(folder, 'filter.log');
  const child = start(t, folder, 'lines', '--log', file);
  child.stdin.write(`${event}\n`.repeat(100_000));
  await once(child.stdout, 'data');
  const exit = once(child, 'exit');
  child.stdout.destroy();
  t.equal((await exit)[0], 0);
  t.match(readFileSync(file, 'utf8'), /stopped: whoever read stdout has gone/);
});
