/** `explain`: each step in words, what would have to differ, and nothing changed on the disk. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { explain } from '../../../src/commands/explain/explain.js';
import { loadConfig } from '../../../src/config/load.js';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';
import { Counters } from '../../../src/observe/counters.js';
import { makeBaselines, openDetection } from '../../../src/pipeline/open-detection.js';
import { diskState } from '../../support/disk-state.js';

const msPerHour = 3_600_000;
const KiB = 1024;
const nowMs = Date.UTC(2026, 10, 24, 4, 30);
const hour = Math.floor(nowMs / msPerHour);
const quiet = { info: () => undefined, warn: () => undefined };

/** What the example in docs/explain.md was made with. */
const yaml = `
exclusions:
  - name: designers
    reason: CHG-1234
    match: { suser: dora, sproc: gimp.exe }
`;

function configAt(path: string, more = '') {
  return loadConfig({
    text: `${yaml}${more}\nbaseline: { path: ${path}, max_hosts: 1000 }\n`,
    env: {},
  });
}

/** 144 hours with two JPEGs each of up to 143 KiB, from two hosts; one host of this hour. */
async function baselineAt(path: string, more = ''): Promise<void> {
  for (const baseline of Object.values(makeBaselines(configAt(path, more), new Counters()))) {
    await baseline.open(hour);
    for (let before = 25; before < 169; before++) {
      const bytes = (before - 25) * KiB;
      baseline.learn(hour - before, bytes, 'img.known.example');
      baseline.learn(hour - before, bytes, 'www.other.example');
    }
    baseline.learn(hour, 5000, 'today.example');
    await baseline.checkpoint();
  }
}

interface Settings {
  readonly path: string;
  readonly more?: string;
  readonly atMs?: number;
  readonly json?: boolean;
}

async function run(line: string, { path, more = '', atMs, json = false }: Settings) {
  const config = configAt(path, more);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const printed = Promise.all([text(stdout), text(stderr)]);
  const { exclusions } = compileExclusions(config.exclusions);
  const at = atMs ?? null;
  const code = await explain({
    ...{ config, exclusions, line, atMs: at, json, nowMs, stdout, stderr },
  });
  stdout.end();
  stderr.end();
  const [out, errors] = await printed;
  return { code, out, errors };
}

function line(extension: string, header = 'Zscaler|NSSWeblog'): string {
  return `<134>1 2026-11-24T04:29:58Z proxy1 nss - - - CEF:0|${header}|5.7|Allowed|Allowed|3|${extension}`;
}

const request = 'request=cdn.example.net/a/beach.jpg dhost=cdn.example.net';
const large = line(`act=Allowed requestMethod=GET outcome=200 ${request} in=4404019 suser=dora`);

t.test('the example in docs/explain.md is what the command prints', async (t) => {
  const path = t.testdir();
  await baselineAt(path);
  const before = diskState(path);
  const { code, out, errors } = await run(large, { path });
  t.equal(code, 0);
  t.equal(errors, '');
  const document = readFileSync(join(repository(), 'docs', 'explain.md'), 'utf8');
  t.ok(document.includes(large), 'the line');
  const shown = out.trimEnd().replace(/^(?=.)/gm, '    ');
  t.ok(document.includes(shown), shown);
  t.strictSame(diskState(path), before, 'the baseline is as it was');
});

t.test('an event that does not alert is told what would have to differ', async (t) => {
  const path = t.testdir();
  await baselineAt(path);
  for (const [extension, sentence, needed] of [
    [
      `${request} in=200000`,
      'no alert: it is not large',
      'it would need 256.0 KiB (262,144 bytes) at least (minimum_bytes); it has 195.3 KiB (200,000 bytes)',
    ],
    [
      `${request} out=4404019`,
      'no alert: it has no size',
      'a size, which is missing: the feed\'s profile reads in, the event has out="4404019"',
    ],
    [
      `${request} in=None`,
      'no alert: it has no size',
      'a size, which is missing: in="None" is no number of bytes',
    ],
    [
      `${request} in=0`,
      'no alert: it has no size',
      'a size, which is missing: in="0" counts as missing (zero_bytes)',
    ],
    [
      'request=img.known.example/a.jpg dhost=img.known.example in=4404019',
      'no alert: the host is known',
      'a host that is new; "img.known.example" is known: first seen in the hour of ' +
        '2026-11-17 04:00 UTC, last in the hour of 2026-11-23 03:00 UTC',
    ],
    [
      `${request} in=4404019 outcome=404`,
      'no alert: it is skipped by its status "404"',
      'another status: "404" is one of those in skip.statuses',
    ],
    [
      'request=cdn.example.net/a.png in=4404019',
      'no alert: it is not a JPEG',
      'a URL (request) that ends in .jpg, .jpeg, .jpe, .jfif, .pjpeg or .pjp',
    ],
    [
      'fileType=jpeg in=4404019 url=http://cdn.example.net/a.jpg',
      'no alert: it is a JPEG by its type, but has no URL',
      "a URL: the feed's profile reads request",
    ],
  ] as const) {
    const { code, out } = await run(line(extension), { path });
    t.equal(code, 0);
    const lines = out.trimEnd().split('\n');
    t.equal(lines.at(-1), sentence, extension);
    const told = lines.find((one) => one.startsWith('needed'))?.slice('needed      '.length);
    t.equal(told, needed, extension);
  }
});

t.test('a threshold above minimum_bytes is what it would need more than', async (t) => {
  const path = t.testdir();
  const more = 'detection: { minimum_bytes: 1KiB }';
  await baselineAt(path, more);
  const { out } = await run(line(`${request} in=100000`), { path, more });
  t.match(
    out,
    'it would need more than 136.0 KiB (139,264 bytes); it has 97.7 KiB (100,000 bytes)',
  );
});

t.test('exclusions: the one that matches, nearly, expired', async (t) => {
  const path = t.testdir();
  await baselineAt(path);
  const excluded = await run(`${large} sproc=gimp.exe`, { path });
  t.match(excluded.out, /\nheld back by exclusion "designers": beach.jpg \(4.2 MiB\)/);
  t.match(excluded.out, /learning {4}nothing: exclusion "designers" keeps it from being learned/);
  const nearly = await run(large, { path });
  t.match(
    nearly.out,
    /"designers" nearly matches: 1 of 2 fields\n +sproc is "gimp.exe": the event holds nothing/,
  );
  const expired = await run(large, {
    path,
    more: '  - { name: past, reason: r, expires: 2026-11-20, match: { suser: dora } }\n',
  });
  t.match(expired.out, '"past" would match, but has expired after 2026-11-20');
  t.match(expired.out, /\nALERT /);
});

t.test('a repeat: of what, until when, and that it may be this very event', async (t) => {
  const path = t.testdir();
  await baselineAt(path);
  const config = configAt(path);
  const { repeats, repeatsFile } = await openDetection(config, nowMs, new Counters(), quiet);
  const facts = { direction: 'download', feed: '', account: '', filename: '' } as const;
  const key = repeats.keyOf({ ...facts, host: 'example.net' })!;
  repeats.check(key, nowMs - 7 * msPerHour);
  await repeatsFile.save(repeats);
  const { out } = await run(large, { path });
  t.match(out, 'number 1 of its repeats; held back until 2026-11-24 21:30:00 UTC');
  t.match(
    out,
    /\nheld back as a repeat of the alert of 2026-11-23 21:30:00 UTC \(host example.net\)/,
  );
  const then = await run(large, { path, atMs: nowMs - 7 * msPerHour });
  t.match(then.out, 'it was raised at this very moment: most likely by this event itself');
  const earlier = await run(large, { path, atMs: nowMs - 8 * msPerHour });
  t.match(earlier.out, /\nALERT /, 'an hour before, that alert had not been raised');
});

t.test('--json is the same, as data', async (t) => {
  const path = t.testdir();
  await baselineAt(path);
  const { out } = await run(large, { path, json: true });
  const { verdict, steps, notices } = JSON.parse(out);
  t.match(verdict, { outcome: 'alert', level: 'high', by: null, needed: [] });
  t.strictSame(notices, []);
  const factsOf = (step: string) => steps.find((one: { step: string }) => one.step === step).facts;
  t.match(factsOf('baseline').download, { ready: true, threshold_bytes: 136 * KiB, samples: 288 });
  t.match(factsOf('size').download, { bytes: 4404019, key: 'in' });
  t.match(factsOf('host'), { hosts: [{ host: 'cdn.example.net', known_by: 'example.net' }] });
  t.strictSame(factsOf('learning'), { download: { bytes: 4404019, host: 'cdn.example.net' } });
  t.match(factsOf('repeats'), { repeat: false });
});

t.test('event text cannot write to the terminal, and stays short', async (t) => {
  const path = t.testdir();
  await baselineAt(path);
  const evil = `\u001b[2J\u009b1m\u202e\u061c\u200b${'x'.repeat(5000)}\u001b]0;`;
  const hostile = line(
    `suser=${evil} request=http://h.example/${evil}.jpg dhost=h.example${evil} in=44040190 ` +
      `act=${evil} fileType=${evil} ${evil}=1 rt=${evil} cs1Label=${evil} cs1=${evil}`,
    `${evil}|${evil}`,
  );
  for (const json of [false, true]) {
    const { out, errors } = await run(hostile, { path, json });
    t.notMatch(out + errors, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    t.ok(out.length < 60_000, `${out.length} characters`);
    const longest = Math.max(...out.split('\n').map((one) => one.length));
    t.ok(longest < 5000, `${longest} characters in a line`);
  }
});

t.test('both directions are told, and the baseline that is not there', async (t) => {
  const path = join(t.testdir(), 'none');
  const more = 'detection: { direction: both, minimum_samples: 1, minimum_history: 0h }';
  const { code, out, errors } = await run(line(`${request} in=1 out=4404019`), { path, more });
  t.equal(code, 0);
  t.match(errors, `there is no baseline at ${path} yet: it is taken as empty`);
  t.match(out, /direction {3}download and upload \(direction: both\)/);
  t.match(
    out,
    /no alert: download: the baseline is not ready; upload: the baseline is not ready\n$/,
  );
  t.notOk(existsSync(path));
});

t.test('what is cut, no CEF, empty or switched off is told as that', async (t) => {
  const path = t.testdir();
  const cut = await run(`${large} x=${'y'.repeat(600)}`, {
    path,
    more: 'listen: { max_message: 512B }',
  });
  t.match(cut.out, /no alert: the event was cut at listen.max_message \(512B\)/);
  t.match((await run('hello', { path })).out, /no alert: it cannot be judged: not CEF\n$/);
  t.match((await run('', { path })).out, /no alert: it cannot be judged: empty message\n$/);
  const off = await run(large, { path, more: 'feeds: [ { vendor: Zscaler, judge: false } ]' });
  t.match(off.out, /no alert: the feed "Zscaler NSSWeblog" is switched off\n$/);
  t.match(off.out, /not reached jpeg, direction, .*learning: the feed is switched off\n/);
});

t.test('the moment: --at, now, or the time of the event', async (t) => {
  const path = t.testdir();
  const timeOf = async (extension: string, settings: Partial<Settings> = {}) => {
    const { out } = await run(line(`${request} ${extension}`), { path, ...settings });
    return out
      .split('\n')
      .find((one) => one.startsWith('time'))
      ?.slice(12);
  };
  const more = 'detection: { time: event }';
  const rt = nowMs - msPerHour;
  t.match(await timeOf(`rt=${rt}`), 'judged as at 2026-11-24 04:30:00 UTC: now');
  t.match(await timeOf(`rt=${rt}`, { more }), 'judged as at 2026-11-24 03:30:00 UTC: the time');
  t.match(await timeOf(`rt=${rt}`, { more, atMs: 0 }), 'judged as at 1970-01-01 00:00:00 UTC: as');
  t.match(await timeOf(`rt=${nowMs + msPerHour}`, { more }), /04:30:00 UTC: now, since .* future/);
  const unread = await run(line(`${request} rt=soon`), { path });
  t.match(unread.out, 'rt="soon" cannot be read as a time');
  t.match(unread.out, '2026-11-24 04:29:58 UTC, from the stamp of its syslog header');
});

t.test('only the first line is explained, and the number of the others is told', async (t) => {
  const path = t.testdir();
  const { errors } = await run(`${large}\nmore\nand more\n`, { path });
  t.match(errors, 'only the first line is explained: 2 more were left\n');
});

t.test('as a program: stdin, and the exit codes', async (t) => {
  const cwd = t.testdir({ 'bad.yaml': 'detektion: 1\n' });
  const cli = (args: readonly string[], input = '') =>
    spawnSync(process.execPath, [join(repository(), 'dist', 'cli.js'), 'explain', ...args], {
      cwd,
      input,
      encoding: 'utf8',
    });
  for (const args of [[], ['-']]) {
    const { status, stdout, stderr } = cli(args, `${large}\nmore\n`);
    t.equal(status, 0);
    t.match(stdout, /\nno alert: the baseline is not ready\n$/);
    t.match(stderr, 'only the first line is explained: 1 more was left\n');
  }
  t.equal(cli(['--at', 'soon', large]).status, 64);
  t.equal(cli(['-c', 'bad.yaml', large]).status, 78);
  t.strictSame(readdirSync(cwd), ['bad.yaml'], 'nothing was made');
});

function repository(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'docs', 'cef.md'))) folder = dirname(folder);
  return folder;
}
