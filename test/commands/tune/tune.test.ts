import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { cefLine, type Row, traffic } from '../../support/traffic.js';
import { runHunt } from '../hunt/hunting.js';
import { runTune, tuneJson } from './tuning.js';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 10);
const wallMs = start + 30 * day;

function row(timeMs: number, bytes: number | null, host: string, user = 'alice'): Row {
  const url = host === '' ? '/img/a.jpg' : `http://${host}/img/a.jpg`;
  return { timeMs, fileType: 'Jpeg Files', url, receivedBytes: bytes, host, user };
}

/** Eight days of 50 JPEGs of 10 to 500 kB from one host. */
const history = Array.from({ length: 400 }, (_, i) =>
  row(start + Math.floor(i / 50) * day + (i % 24) * hour, (1 + (i % 50)) * 10_000, 'known.example'),
);
/** On the seventh day: three large ones from one host, two from another, one without a host. */
const large = [
  row(start + 6 * day + hour, 2_000_000, 'cdn.evil.example', 'bob'),
  row(start + 6 * day + 2 * hour, 9_000_000, 'www.evil.example', 'bob'),
  row(start + 6 * day + 3 * hour, 3_000_000, 'evil.example', 'carol'),
  row(start + 6 * day + 4 * hour, 700_000, 'odd.example', 'dave'),
  row(start + 7 * day + 3 * hour, 800_000, 'odd.example', ''),
  row(start + 7 * day + 6 * hour, 5_000_000, '', 'dave'),
];

function logOf(
  test: { testdir(files: Record<string, string>): string },
  lines: readonly (Row | string)[],
): string {
  const text = lines.map((line) => `${typeof line === 'string' ? line : cefLine(line)}\n`).join('');
  return join(test.testdir({ 'a.log': text }), 'a.log');
}

/** Cells of the line that begins so, after its label. */
function cells(out: string, label: string): readonly string[] {
  const line = out.split('\n').find((one) => one.startsWith(label));
  return line?.slice(label.length).trim().split(/ {2,}/) ?? [];
}

t.test('the rows, with the running value marked in each block', async (t) => {
  const file = logOf(t, [...history, ...large]);
  const { code, out, errors } = await runTune([file], { wallMs });
  t.equal(code, 0);
  t.equal(errors, '', 'no bar where nobody can see it');
  t.match(out, /^406 JPEG events in 406 lines, 2026-11-10 00:00 to 2026-11-17 \d\d:00 UTC$/m);
  t.match(
    out,
    /^4 days judged, 4 days of warm-up\nbaseline at the last event: ready: \d+ JPEGs in/m,
  );
  const head = ['alerts', '/day', 'worst', 'raised', '/day', 'hosts', 'excluded', 'threshold'];
  t.strictSame(cells(out, 'running setting'), head);
  const figures = ['6', '1.5', '4', '3', '0.8', '2', '0', '478.5 KiB'];
  for (const marked of ['* 95 ', '* registrable_domain ', '* 256KiB ', '* host ']) {
    t.strictSame(cells(out, marked), figures, marked);
  }
  t.equal(out.match(/^\* /gm)?.length, 4);
  t.match(out, /^worst day: 2026-11-16, 4 alerts$/m);
  t.strictSame(cells(out, '  4MiB').slice(0, 4), ['2', '0.5', '1', '2']);
  t.strictSame(cells(out, '  off').slice(0, 5), ['6', '1.5', '4', '6', '1.5']);
  t.strictSame(cells(out, '  user').slice(0, 5), ['6', '1.5', '4', '5', '1.3']);
  t.strictSame(cells(out, '  host ').slice(5, 6), ['4'], 'three hosts of one domain');
  t.match(out, /^exclusions: none is configured$/m);
  t.ok(Math.max(...out.split('\n').map((line) => line.length)) <= 100);
});

t.test('what they were: the hosts with the most alerts', async (t) => {
  const file = logOf(t, [...history, ...large]);
  const { out } = await runTune([file], { wallMs });
  t.match(cells(out, 'what they were'), [
    'alerts',
    'largest',
    'state',
    'first seen (UTC)',
    'users',
  ]);
  t.strictSame(cells(out, '  evil.example'), [
    '3',
    '8.6 MiB',
    'never seen',
    '2026-11-16 01:00',
    '2',
  ]);
  t.strictSame(cells(out, '  odd.example'), [
    '2',
    '781.3 KiB',
    'never seen',
    '2026-11-16 04:00',
    '1',
  ]);
  t.strictSame(cells(out, '  (no host)'), ['1', '4.8 MiB', 'absent', '2026-11-17 06:00', '1']);
});

t.test(
  'the list of hosts is bounded, and what a log holds cannot write to a terminal',
  async (t) => {
    const hostile = Array.from({ length: 30 }, (_, i) =>
      row(start + 6 * day + i, 2_000_000, `\u001b[2J${'x'.repeat(200)}${i}.example`),
    );
    const file = logOf(t, [...history, ...hostile]);
    const { out } = await runTune([file], { wallMs });
    t.notMatch(out, /\u001b/);
    t.match(out, '\\u{1b}');
    t.equal(out.match(/never seen/g)?.length, 10);
    t.match(out, /^ {2}and 20 more hosts$/m);
    t.ok(Math.max(...out.split('\n').map((line) => line.length)) <= 100);
  },
);

const excluding = JSON.stringify({
  exclusions: [
    { name: 'bob', reason: 'a test', match: { suser: 'bob' } },
    { name: 'evil', reason: 'a test', match: { 'dhost|domain': 'evil.example' } },
    { name: 'known', reason: 'a test', match: { dhost: 'known.example', 'in|gt': 400_000 } },
  ],
});

t.test('each exclusion is switched off, with what it alone holds back', async (t) => {
  const file = logOf(t, [...history, ...large]);
  const { blocks } = await tuneJson([file], { wallMs, yaml: excluding });
  const rows = blocks.find(({ key }) => key === 'exclusions')!.rows;
  t.strictSame(
    rows.map(({ value, running, alerts, excluded, held_by_alone: alone }) => [
      value,
      running,
      alerts,
      excluded,
      alone,
    ]),
    [
      ['all on', true, 3, 3, undefined],
      ['without bob', false, 3, 3, 0],
      ['without evil', false, 4, 2, 1],
      ['without known', false, 3, 3, 0],
      ['all off', false, 6, 0, undefined],
    ],
  );
  const thresholds = rows.map((one) => one.threshold_bytes);
  t.strictSame(
    thresholds,
    [390_000, 390_000, 390_000, 480_000, 490_000],
    'and what is learned then',
  );
  const { out } = await runTune([file], { wallMs, yaml: excluding });
  t.equal(cells(out, 'exclusions').at(-1), 'alone');
  t.equal(cells(out, '  without evil').at(-1), '1');
});

t.test('a day counts where the baseline is ready in it', async (t) => {
  const file = logOf(t, [...history, ...large]);
  const told = (yaml: string) => tuneJson([file], { wallMs, yaml });
  t.match(await told('{ detection: { minimum_history: 0h } }'), {
    days: 8,
    running: { judged_days: 5 },
  });
  const never = '{ detection: { minimum_samples: 100000 } }';
  t.match(await told(never), {
    running: { judged_days: 0, alerts: 0, per_day: null, raised_per_day: null, worst_day: null },
  });
  const { out } = await runTune([file], { wallMs, yaml: never });
  t.match(out, /^none of 8 days could be judged: .*\n.* not ready: \d+ of 100,000 JPEGs/m);
  t.strictSame(cells(out, 'running setting').length, 8);
  t.match(out, /^what they were: there are no alerts under the running setting$/m);
});

t.test('logs that are empty, or hold no JPEG, are told in words', async (t) => {
  const empty = await runTune([logOf(t, [])], { wallMs });
  t.match(empty, { code: 0, out: 'the logs are empty: there is nothing to judge\n' });
  const lines = [
    'no CEF at all',
    'CEF:0|Acme|Proxy|1|web|web access|3|rt=1794268800000 request=http://a.example/a.html in=5',
    'CEF:0|Acme|Proxy|1|web|web access|3|request=http://a.example/a.jpg in=5',
    'CEF:0|Acme|Proxy|1|web|web access|3|rt=1794268800000 fileType=image/jpeg in=5',
  ];
  const { out } = await runTune([logOf(t, lines)], { wallMs });
  t.strictSame(out.trimEnd().split('\n'), [
    'there is no JPEG event that could be judged in 4 lines',
    '1 events that are no JPEGs',
    '1 JPEGs without a URL',
    '1 events without a time',
    '1 lines that are not CEF',
    'detection.jpeg says what a JPEG is, feeds says which fields tell',
  ]);
  const json = await tuneJson([logOf(t, lines)], { wallMs });
  t.match(json, { lines: 4, jpegs: 0, from: null, days: 0, running: { alerts: 0 }, top_hosts: [] });
});

t.test('JPEGs without any size: no histogram, no alerts, and why', async (t) => {
  const file = logOf(
    t,
    history.map((one) => ({ ...one, receivedBytes: null })),
  );
  const { out } = await runTune([file], { wallMs });
  t.match(out, /not ready: the lookback holds no JPEG with a size/);
  t.match(out, /^JPEG sizes: no event carried one$/m);
});

t.test('a feed that cannot be judged is told of', async (t) => {
  const many = Array.from({ length: 1000 }, (_, i) => row(start + i * 1000, null, 'a.example'));
  const { out } = await runTune([logOf(t, many)], { wallMs });
  t.match(out, /^warning: .*Acme Proxy.*size/m);
});

t.test('the histogram marks thresholds and minimum_bytes, and fits the terminal', async (t) => {
  const file = logOf(t, [...history, ...large]);
  for (const columns of [50, 80, 300]) {
    const { out } = await runTune([file], { wallMs, columns });
    const lines = out
      .slice(out.indexOf('\nJPEG sizes') + 1)
      .trimEnd()
      .split('\n')
      .slice(1);
    const longest = Math.max(...lines.map((line) => line.length));
    t.ok(longest <= Math.min(columns, 100), `${longest} of ${columns} columns`);
    t.match(lines.at(-1), /^ {3}8MiB +1 +#/);
    t.match(lines.join('\n'), /^ 256KiB .*< minimum_bytes, p90, p95/m);
  }
});

t.test('both directions have a histogram each', async (t) => {
  const file = logOf(t, history);
  const { out } = await runTune([file], { wallMs, yaml: '{ detection: { direction: both } }' });
  t.match(out, /^JPEG sizes, download \(/m);
  t.match(out, /^JPEG sizes, upload: no event carried one$/m);
});

t.test('on a terminal a bar shows how far reading and judging are', async (t) => {
  const file = logOf(t, history);
  const { out, errors } = await runTune([file], { wallMs, terminal: true });
  t.match(errors, /reading .* %/);
  t.match(errors, /judging .* %/);
  t.notMatch(out, /judging|reading/);
});

t.test('an unreadable file is an error, as for hunt', async (t) => {
  const missing = join(t.testdir({}), 'none.log');
  await t.rejects(runTune([missing]), { code: 'INPUT_UNREADABLE' });
  await t.rejects(runHunt([missing]), { code: 'INPUT_UNREADABLE' });
});

t.test('the example in docs/tune.md is what the command prints', async (t) => {
  const manual = readFileSync(join(repository(), 'docs', 'tune.md'), 'utf8');
  const example = /^ {4}[\d,]+ JPEG events in (?:.*\n)+?(?=^## )/m.exec(manual)![0];
  const options = /traffic\(\{ seed: (\d+), startMs, hours: (\d+), eventsPerHour: (\d+) \}\)/;
  const [seed, hours, eventsPerHour] = options.exec(manual)!.slice(1).map(Number);
  const rows = traffic({
    seed: seed!,
    startMs: start,
    hours: hours!,
    eventsPerHour: eventsPerHour!,
  });
  const file = join(t.testdir({}), 'proxy.log');
  writeFileSync(file, rows.map((one) => `${cefLine(one)}\n`).join(''));
  const reason = 'as in the manual';
  const exclusions = [
    { name: 'scheduled-backup', reason, match: { suser: 'u7' } },
    { name: 'design-team', reason, match: { suser: ['u7', 'u11', 'u12', 'u13'] } },
  ];
  const { out } = await runTune([file], { wallMs, yaml: JSON.stringify({ exclusions }) });
  t.equal(out.trimEnd(), example.replace(/^ {4}/gm, '').trimEnd());
});

/** Tests run from build/test/commands, or from wherever the tests were built. */
function repository(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'docs', 'tune.md'))) folder = dirname(folder);
  return folder;
}
