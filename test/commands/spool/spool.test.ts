/** `spool inspect` tells what is there and changes nothing; `spool replay` takes it in once more. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import t, { type Test } from 'tap';
import { inspect } from '../../../src/commands/spool/inspect.js';
import { replay } from '../../../src/commands/spool/replay.js';
import type { Config } from '../../../src/config/config.js';
import { loadConfig } from '../../../src/config/load.js';
import { OutputCounters } from '../../../src/observe/counters.js';
import { lockDirectory } from '../../../src/platform/directory-lock.js';
import type { DiskSpool } from '../../../src/spool/disk-spool.js';
import { diskFolder, openSpool } from '../../../src/spool/open-spool.js';
import type { Batch } from '../../../src/stages.js';
import { diskState } from '../../support/disk-state.js';
import { keptLog } from '../../support/kept-log.js';

const now = Date.UTC(2026, 10, 24, 12);

t.test('inspect: no spool, an empty one, a backlog, dead letters', async (t) => {
  const { config, folder, open } = setUp(t);
  t.match(await told(inspect, config), /There is no spool in .*fluentd yet/);
  const spool = await open();
  t.match(await told(inspect, config), /to deliver +nothing/);
  for (let n = 0; n < 10; n++) spool.append(batchOf(`events ${n}`, 3));
  spool.ack(4);
  spool.cover(2);
  spool.setAside(batchOf('poison', 2), 'never acked \u001b[31m');
  await spool.close();
  const before = diskState(folder);
  const text = await told(inspect, config);
  t.match(text, /nobody is at work on it/);
  t.match(text, /to deliver +18 events, .*, the oldest received 2026-11-24T12:00:00.000Z/);
  t.match(text, /baseline +8 batches not yet/);
  t.match(text, /dead letters +1, .*\n.* 2 events: never acked \\u\{1b\}\[31m/);
  const json = JSON.parse(await told(inspect, config, { output: null, json: true }));
  t.match(json, { events: 18, ackedSeq: 4, coveredSeq: 2, lastSeq: 10, deadLetterFiles: 1 });
  t.strictSame(diskState(folder), before, 'nothing has changed');
});

t.test('no spool there: which folder that is, and where it may be instead', async (t) => {
  const folder = t.testdir({});
  const looked = (path: string) => new RegExp(`no spool in ${join(folder, path)} yet`);
  const before = process.cwd();
  process.chdir(folder);
  try {
    for (const [command, config, path, hint] of [
      ['inspect', loadConfig({ env: {} }), 'data/spool/fluentd', /No config was given.*-c FILE/],
      ['replay', loadConfig({ env: {} }), 'data/spool/fluentd', /No config was given.*-c FILE/],
      ['inspect', given('kept'), 'kept/fluentd', /\(kept\) is relative to the working directory/],
      ['replay', given('kept'), 'kept/fluentd', /\(kept\) is relative to the working directory/],
      ['inspect', given(join(folder, 'kept')), 'kept/fluentd', /yet\.\n$/],
    ] as const) {
      const options = { output: null, directory: null };
      const text = await (command === 'inspect'
        ? told(inspect, config)
        : told(replay, config, options));
      t.match(text, looked(path), command);
      t.match(text, hint);
    }
    t.strictSame(readdirSync('.'), [], 'and none was made');
  } finally {
    process.chdir(before);
  }
});

/** As if read from a file. */
function given(path: string): Config {
  return loadConfig({ file: 'c.yaml', text: `spool: { path: ${path} }`, env: {} });
}

t.test('inspect: that somebody is at work, and what is damaged', async (t) => {
  const { config, folder, open } = setUp(t);
  await (await open()).close();
  mkdirSync(join(folder, 'damaged'));
  const lock = await lockDirectory(folder);
  t.match(await told(inspect, config), /a stegwatch is at work on it/);
  await t.rejects(told(replay, config, { output: null, directory: null }), {
    code: 'SPOOL_UNUSABLE',
    message: /A stegwatch is at work on/,
  });
  if (lock.kind === 'locked') await lock.lock.release();
});

t.test('replay: dead letters are batches again, in order, and their files are gone', async (t) => {
  const { config, folder, open } = setUp(t);
  const spool = await open();
  spool.append(batchOf('first', 1));
  for (const text of ['one', 'two', 'three']) spool.setAside(batchOf(text, 1), 'never acked');
  await spool.close();
  t.match(
    await told(replay, config, { output: null, directory: null }),
    /3 events from 3 segments are in/,
  );
  t.strictSame(readdirSync(join(folder, 'dead-letter')), []);
  const again = await open();
  t.strictSame(await texts(again, 4), ['first', 'one', 'two', 'three']);
  await again.close();
  t.match(await told(replay, config, { output: null, directory: null }), /nothing to replay/);
});

t.test('replay: what another spool had not delivered', async (t) => {
  const { config, open } = setUp(t);
  const old = t.testdir({});
  const orphan = await openAt(old);
  for (const text of ['one', 'two', 'three']) orphan.append(batchOf(text, 1));
  orphan.ack(1);
  await orphan.close();
  t.match(
    await told(replay, config, { output: null, directory: old }),
    /2 events from 1 segment are in/,
  );
  t.ok(existsSync(join(old, 'replayed', '0000000000000001.segment')));
  const spool = await open();
  t.strictSame(await texts(spool, 2), ['two', 'three']);
  t.equal(spool.after(0)?.observations.length, 0, 'what they taught was learned when they came');
  await spool.close();
});

t.test('replay: what does not fit stays where it is', async (t) => {
  const { config, folder, open } = setUp(t, '{ max_size: 40KiB }');
  const spool = await open();
  const large = 'x'.repeat(4000);
  const letters = Array.from({ length: 20 }, () => spool.setAside(batchOf(large, 1), 'no'));
  t.ok(letters.includes(false), 'what is set aside has a bound');
  await spool.close();
  const filling = await open();
  while (!filling.full) filling.append(batchOf(large, 1));
  await filling.close();
  t.match(
    await told(replay, config, { output: null, directory: null }),
    /The spool is full: \d segment/,
  );
  t.ok(readdirSync(join(folder, 'dead-letter')).length > 0);
});

t.test('a spool in memory has nothing to look at', async (t) => {
  const config = loadConfig({ env: {}, text: 'spool: { path: false }' });
  t.match(await told(inspect, config), /in memory/);
  await t.rejects(told(replay, config, { output: null, directory: null }), {
    code: 'SPOOL_UNUSABLE',
  });
});

function setUp(t: Test, more = '{}') {
  const base = t.testdir({});
  const text = `spool: ${more.replace('{', `{ path: ${base},`).replace(',}', '}')}`;
  const config = loadConfig({ env: {}, text });
  const folder = join(base, 'fluentd');
  return { config, folder, open: () => openAt(folder, config.forward.fluentd.spool.maxBytes) };
}

async function openAt(path: string, maxBytes = 64 * 1024 * 1024): Promise<DiskSpool> {
  const { spool } = await openSpool({
    folder: diskFolder(path),
    maxBytes,
    whenFull: 'block',
    sync: 'none',
    syncIntervalMs: 500,
    counters: new OutputCounters(),
    log: keptLog().log,
    now: () => now,
  });
  return spool;
}

function batchOf(text: string, eventCount: number): Batch {
  const entries = Buffer.from(text);
  const observations = Buffer.from('seen');
  return {
    entries,
    observations,
    alertsAt: entries.length,
    eventCount,
    alertCount: 0,
    oldestMs: now,
  };
}

async function texts(spool: DiskSpool, count: number): Promise<string[]> {
  for (;;) {
    const found: string[] = [];
    for (let b = spool.after(0); b !== null; b = spool.after(b.seq)) found.push(String(b.entries));
    if (found.length >= count) return found;
    await new Promise<void>((resolve) => {
      spool.onReadable = resolve;
    });
  }
}

/** What a command prints. */
async function told<O extends object>(
  command: (options: O & { config: Config; stdout: Writable }) => Promise<number>,
  config: Config,
  options?: Omit<O, 'config' | 'stdout'>,
): Promise<string> {
  let text = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  await command({ json: false, output: null, ...options, config, stdout } as never);
  return text;
}
