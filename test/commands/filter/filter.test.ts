/** `filter` as a process: how it starts and ends, what it keeps, and how long anything waits. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { testFolder } from '../../support/folder.js';
import { historyLines, numberedLines } from '../../support/numbered-lines.js';
import { cliPath } from '../../support/stegwatch.js';
import { until } from '../../support/until.js';

t.setTimeout(110_000);

const [event] = numberedLines({ from: 2, count: 1, alertEvery: 0, atMs: Date.now() });
/** Event 1 is a JPEG, and large. */
const [alert] = numberedLines({ from: 1, count: 1, alertEvery: 1, atMs: Date.now() });

/** A folder with a config; its baseline is in it. */
function setUp(t: Test, yaml = ''): string {
  const folder = testFolder(t, {});
  writeFileSync(join(folder, 'c.yaml'), `baseline: { path: baseline }\n${yaml}`);
  return folder;
}

function start(
  t: Test,
  folder: string,
  protocol = 'lines',
  ...more: readonly string[]
): ChildProcessWithoutNullStreams {
  const args = [cliPath, 'filter', '-c', 'c.yaml', '--protocol', protocol, ...more];
  const child = spawn(process.execPath, args, { cwd: folder });
  t.teardown(() => child.kill('SIGKILL'));
  child.stdin.on('error', () => {});
  return child;
}

function command(folder: string, ...args: readonly string[]) {
  return spawn(process.execPath, [cliPath, ...args], { cwd: folder });
}

async function started(child: ChildProcessWithoutNullStreams): Promise<void> {
  let said = '';
  for await (const bytes of child.stderr.iterator({ destroyOnReturn: false })) {
    said += String(bytes);
    if (said.includes('"msg":"started"')) break;
  }
  child.stderr.resume();
}

async function endOf(child: ChildProcessWithoutNullStreams) {
  const [[code, signal], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  return { code, signal, stdout, stderr, log: lines.map((line) => JSON.parse(line)) };
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

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

t.test('a reader that does not keep up holds stdin; one that goes ends it with 0', async (t) => {
  const child = start(t, setUp(t));
  const big = Buffer.from(`${event}\n`.repeat(100_000));
  child.stdout.pause();
  let taken = false;
  child.stdin.write(big, () => {
    taken = true;
  });
  await started(child);
  await sleep(1000);
  t.equal(taken, false, `${big.length} bytes are not taken in while nobody reads`);
  const end = Promise.all([once(child, 'exit'), text(child.stderr)]);
  child.stdout.destroy();
  const [[code], stderr] = await end;
  t.equal(code, 0);
  t.match(stderr, /whoever read stdout has gone/);
});

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
  await sleep(500);
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
