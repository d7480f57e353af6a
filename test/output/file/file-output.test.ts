import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import type { FileConfig } from '../../../src/config/config.js';
import { OutputCounters } from '../../../src/observe/counters.js';
import { FileOutput } from '../../../src/output/file/file-output.js';
import { MemorySpool } from '../../../src/spool/memory-spool.js';
import { testFolder } from '../../support/folder.js';
import { until } from '../../support/until.js';

function make(t: Test, own: Partial<FileConfig> = {}, folder = testFolder(t, {})) {
  const path = join(folder, 'events.json');
  const log: { readonly msg: string }[] = [];
  const spool = new MemorySpool({ maxBytes: 64 * 1024 * 1024 });
  const counters = new OutputCounters();
  const config: FileConfig = {
    ...{ path, maxBytes: 1e9, maxFiles: 3, only: 'all', names: 'cef', raw: 'never' },
    spool: { maxBytes: 64 * 1024 * 1024, whenFull: 'drop_oldest' },
    ...own,
  };
  const output = new FileOutput({
    ...{ config, spool, counters },
    log: pino({ level: 'debug' }, { write: (line) => log.push(JSON.parse(line)) }),
    settings: { forceMs: 20, retryFirstMs: 10, retryMaxMs: 20 },
  });
  t.teardown(() => output.stop(0));
  let next = 0;
  const add = (batches: number, padding = 0): void => {
    for (let i = 0; i < batches; i++) {
      const line = `{"n":${next++},"x":"${'x'.repeat(padding)}"}\n`;
      const entries = Buffer.from(line);
      spool.append({
        ...{ observations: Buffer.alloc(0), entries, alertsAt: entries.length },
        ...{ eventCount: 1, alertCount: 0, oldestMs: 1 },
      });
    }
  };
  const delivered = () => until('all is delivered', () => spool.batches === 0);
  return { path, folder, log, spool, counters, output, add, delivered };
}

const numbersIn = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { n: number }).n);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

t.test('lines are appended in order, and let go of once they are forced to disk', async (t) => {
  const { path, output, add, delivered, counters } = make(t);
  writeFileSync(path, '{"n":-1}\n');
  add(100);
  output.start();
  await delivered();
  add(100);
  await delivered();
  t.strictSame(numbersIn(path), range(-1, 200));
  t.match(counters, { events_acked: 200, chunks_sent: 200, chunks_acked: 200 });
});

t.test('it is turned over by size, the oldest goes, and no line is cut', async (t) => {
  const { folder, path, output, add, delivered } = make(t, { maxBytes: 1000 });
  add(100, 80);
  output.start();
  await delivered();
  t.strictSame(readdirSync(folder).sort(), ['events.json', 'events.json.1', 'events.json.2']);
  const kept = [`${path}.2`, `${path}.1`, path].flatMap(numbersIn);
  t.strictSame(kept, range(100 - kept.length, 100), 'the newest, in order');
  t.ok(kept.length > 20 && readFileSync(`${path}.1`).length <= 1000);
});

t.test('a part of a line that a crash left is ended there', async (t) => {
  const { path, output, add, delivered } = make(t);
  writeFileSync(path, '{"n":-2}\n{"n":-1,"x"');
  add(2);
  output.start();
  await delivered();
  t.equal(readFileSync(path, 'utf8'), '{"n":-2}\n{"n":-1,"x"\n{"n":0,"x":""}\n{"n":1,"x":""}\n');
});

t.test('moved away by somebody: a new one is begun', async (t) => {
  const { path, output, add, delivered } = make(t);
  output.start();
  add(1);
  await delivered();
  renameSync(path, `${path}-20261124`);
  add(1);
  await delivered();
  add(1);
  await delivered();
  const both = [...numbersIn(`${path}-20261124`), ...numbersIn(path)];
  t.strictSame(both, [0, 1, 2]);
  t.strictSame(numbersIn(path).at(-1), 2);
});

t.test(
  'a path that cannot be written: it is said, events wait, and it goes on by itself',
  async (t) => {
    const { path, output, add, delivered, log, spool } = make(t);
    mkdirSync(path);
    add(10);
    output.start();
    await until('it is said', () => log.some(({ msg }) => /cannot deliver to .*EISDIR/.test(msg)));
    t.equal(spool.batches, 10);
    t.notOk(output.connected);
    rmSync(path, { recursive: true });
    await delivered();
    t.ok(output.connected);
    t.strictSame(numbersIn(path), range(0, 10));
    t.ok(log.some(({ msg }) => /^writing to .* again$/.test(msg)));
  },
);

t.test('stop writes what is there', async (t) => {
  const { path, output, add, spool } = make(t);
  output.start();
  add(500);
  await output.stop(5000);
  t.equal(spool.batches, 0);
  t.strictSame(numbersIn(path), range(0, 500));
});

t.test('stop does not wait for a path that cannot be written', async (t) => {
  const { path, output, add, spool } = make(t);
  mkdirSync(path);
  add(1);
  output.start();
  await output.stop(5000);
  t.equal(spool.batches, 1);
});
