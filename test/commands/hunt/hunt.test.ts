import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { hunt } from '../../../src/commands/hunt/hunt.js';
import { loadConfig } from '../../../src/config/load.js';
import { compileExclusions } from '../../../src/detect/exclusions/exclusions.js';
import { cefLine, type Row } from '../../support/traffic.js';
import { huntJson, runHunt } from './hunting.js';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 24, 12, 30);
const sentinel = '{ detection: { preset: sentinel } }';

function row(timeMs: number, bytes: number | null, host: string, more: Partial<Row> = {}): Row {
  const url = `http://${host || 'unnamed'}/img/a.jpg`;
  return {
    timeMs,
    fileType: 'Jpeg Files',
    url,
    receivedBytes: bytes,
    host,
    user: 'alice',
    ...more,
  };
}

/** 200 JPEGs of 1..200 kB from one known host, 30 to 150 hours before `now`. */
const history = Array.from({ length: 200 }, (_, i) =>
  row(now - 30 * hour - (i % 120) * hour, (i + 1) * 1000, 'known.example'),
);

function logOf(
  test: { testdir(files: Record<string, string>): string },
  lines: readonly (Row | string)[],
  name = 'a.log',
): string {
  const text = lines.map((line) => `${typeof line === 'string' ? line : cefLine(line)}\n`).join('');
  return join(test.testdir({ [name]: text }), name);
}

t.test('the table has the columns of the query, the threshold and the reason', async (t) => {
  const file = logOf(t, [...history, row(now - hour, 500_000, 'new.example')]);
  const { code, out, summary } = await runHunt([file], { nowMs: now, yaml: sentinel });
  t.equal(code, 0);
  const [head, line, ...rest] = out.trimEnd().split('\n');
  t.strictSame(head?.split(/ {2,}/), [
    'TimeGenerated',
    'filename',
    'RequestURL',
    'ReceivedBytes',
    'RequestClientApplication',
    'SourceUserName',
    'DestinationHostName',
    'RequestContext',
    'threshold',
    'reason',
  ]);
  t.strictSame(line?.split(/ {2,}/), [
    '2026-11-24T11:30:00.000Z',
    'a.jpg',
    'http://new.example/img/a.jpg',
    '500000',
    'Mozilla/5.0 (X11; Linux x86_64)',
    'alice',
    'new.example',
    'http://start.example/',
    '190000',
    'a.jpg (488.3 KiB) from new.example is 2.6 times the 95th percentile ' +
      '(185.5 KiB of 200 JPEGs, 5 days); the host was never seen before',
  ]);
  t.equal(line?.indexOf('alice'), head?.indexOf('SourceUserName'), 'columns are aligned');
  t.strictSame(rest, []);
  t.match(summary, /^lines {9}201$/m);
  t.match(summary, /^events {8}201$/m);
  t.match(summary, /^JPEGs {9}201, 2026-11-18T.* to 2026-11-24T11:30/m);
  t.match(
    summary,
    /^judged {8}1 of 1 JPEGs of the time up to 2026-11-24T12.*; 0 skipped, 0 without a size, 0 without a host$/m,
  );
  t.match(
    summary,
    /^threshold {5}190,000 bytes \(185\.5 KiB, 95th percentile\); ready: 200 JPEGs/m,
  );
  t.match(summary, /^alerts {8}1, 0 more excluded$/m);
  t.match(summary, /^without time {2}0 /m);
  t.match(summary, /^unparseable {3}0 /m);
});

t.test('without alerts nothing is printed but the summary', async (t) => {
  const file = logOf(t, history);
  t.match(await runHunt([file], { nowMs: now, yaml: sentinel }), {
    code: 0,
    out: '',
    summary: /^alerts {8}0,/m,
  });
  t.match(await huntJson([logOf(t, [])]), { records: [], summary: /^lines {9}0$/m });
});

t.test('--json prints the record that would be forwarded, the same each time', async (t) => {
  const file = logOf(t, [...history, row(now - hour, 500_000, 'new.example')]);
  const { records } = await huntJson([file], { nowMs: now, yaml: sentinel });
  t.equal(records.length, 1);
  t.match(records[0], {
    device_vendor: 'Acme',
    device_product: 'Proxy',
    cef_version: '0',
    name: 'web access',
    in: 500_000,
    dhost: 'new.example',
    suser: 'alice',
    request: 'http://new.example/img/a.jpg',
    event_time: '2026-11-24T11:30:00.000Z',
    received_at: '2026-11-24T11:30:00.000Z',
    syslog: { hostname: 'proxy' },
    alert: {
      id: 'a2ff777e-46c8-4649-b19a-25a0ac059a18',
      host_state: 'never_seen',
      level: 'medium',
      bytes: 500_000,
      threshold_bytes: 190_000,
      ratio: 2.63,
      samples: 200,
      baseline_to: '2026-11-23T06:30:00.000Z',
      techniques: ['T1001.002'],
    },
  });
  const again = await huntJson([file], { nowMs: now, yaml: sentinel });
  const { event_id: _, ...first } = records[0]!;
  const { event_id: __, ...second } = again.records[0]!;
  t.strictSame(second, first);
});

t.test('without --now each event is judged at its own moment', async (t) => {
  const at = (hours: number, bytes: number) => row(now + hours * hour, bytes, 'new.example');
  const file = logOf(t, [...history, at(0, 500_000), at(2, 600_000), at(26, 700_000)]);
  const { records, summary } = await huntJson([file], { yaml: sentinel, wallMs: now + 90 * hour });
  t.strictSame(
    records.map(({ alert }) => [alert.bytes, alert.host_state]),
    [
      [500_000, 'never_seen'],
      [600_000, 'pending'],
    ],
    'a day later the host is known',
  );
  t.equal(records[1]?.alert.first_seen, '2026-11-24T12:00:00.000Z');
  t.match(summary, /^judged {8}178 of 203 JPEGs;/m);
  t.match(summary, /^threshold .* at the last event; ready/m);
});

t.test('the order of lines does not matter: events are sorted by their time', async (t) => {
  const lines = [...history, row(now, 500_000, 'new.example'), row(now + hour, 1, 'new.example')];
  const forward = await huntJson([logOf(t, lines)], { yaml: sentinel });
  const backward = await huntJson([logOf(t, lines.toReversed())], { yaml: sentinel });
  t.equal(forward.records.length, 1);
  const withoutIds = ({ records }: typeof forward) => records.map(({ alert }) => alert);
  t.strictSame(withoutIds(backward), withoutIds(forward));
});

t.test('what an exclusion matches is counted, not listed', async (t) => {
  const file = logOf(t, [
    ...history,
    row(now - hour, 500_000, 'new.example'),
    row(now - hour, 500_000, 'backup.example'),
  ]);
  const exclusions = 'exclusions: [{ name: b, reason: r, match: { dhost: backup.example } }]';
  const { records, summary } = await huntJson([file], {
    nowMs: now,
    yaml: `detection: { preset: sentinel }\n${exclusions}`,
  });
  t.strictSame(
    records.map(({ alert }) => alert.host),
    ['new.example'],
  );
  t.match(summary, /^alerts {8}1, 1 more excluded$/m);
});

t.test('excluded events are no history in recommended, and are in sentinel', async (t) => {
  const bulky = history.map((r) => row(r.timeMs, 9_000_000, 'backup.example'));
  const file = logOf(t, [...history, ...bulky, row(now - hour, 500_000, 'new.example')]);
  const exclusions = 'exclusions: [{ name: b, reason: r, match: { dhost: backup.example } }]';
  const of = async (preset: string) => {
    const yaml = `detection: { preset: ${preset} }\n${exclusions}`;
    return (await huntJson([file], { nowMs: now, yaml })).summary;
  };
  t.match(await of('recommended'), /^threshold {5}190,000 bytes .* ready: 200 JPEGs/m);
  t.match(await of('sentinel'), /^threshold {5}9,000,000 bytes .* ready: 400 JPEGs/m);
});

t.test('lines without a time, damaged ones and cut ones are counted and not judged', async (t) => {
  const timeless = cefLine(row(now, 500_000, 'new.example')).replace(/rt=\d+ /, '');
  const file = logOf(t, [
    ...history,
    timeless,
    'not CEF at all',
    'CEF:0|Acme|Proxy|request=http://h/a.jpg in=900000',
    `${cefLine(row(now, 500_000, 'new.example'))} msg=${'x'.repeat(70_000)}`,
    cefLine(row(now, null, 'new.example')),
    cefLine(row(now, 500_000, 'new.example', { url: 'http://h/x.png', fileType: '' })),
  ]);
  const { records, summary } = await huntJson([file], { yaml: sentinel });
  t.strictSame(records, []);
  t.match(summary, /^lines {9}206$/m);
  t.match(summary, /^events {8}203$/m);
  t.match(summary, /^JPEGs {9}201,/m);
  t.match(summary, /^judged .* of 201 JPEGs; 0 skipped, 1 without a size, 0 without a host$/m);
  t.match(summary, /^without time {2}1 \(not judged\)$/m);
  t.match(summary, /^unparseable {3}2 \(not judged\)$/m);
  t.match(summary, /^cut {11}1 /m);
});

t.test('the syslog stamp stands in for rt; one without a year is read relative to T', async (t) => {
  const stamped = (stamp: string) =>
    `<134>${stamp} proxy CEF:0|Acme|Proxy|1|web|web|3|request=http://new.example/a.jpg ` +
    'fileType=Jpeg Files in=500000 dhost=new.example';
  const newYear = Date.UTC(2026, 0, 1, 6);
  const shifted = history.map((r) => row(r.timeMs - now + newYear, r.receivedBytes, r.host));
  const file = logOf(t, [...shifted, stamped('Dec 31 23:15:00')]);
  const { records } = await huntJson([file], { nowMs: newYear, yaml: sentinel });
  t.match(records, [{ event_time: '2025-12-31T23:15:00.000Z', alert: { bytes: 500_000 } }]);
});

t.test('text of events cannot write to the terminal or forge a row', async (t) => {
  const url = 'http://new.example/a\u001b[31mred\u202egpj.jpg';
  const line = cefLine(row(now - hour, 500_000, 'new.example', { url, user: 'eve' }));
  const forged = line.replace('suser=eve', 'suser=eve\\n2026-11-24T00:00:00Z forged');
  const { out } = await runHunt([logOf(t, [...history, forged])], { nowMs: now, yaml: sentinel });
  t.equal(out.trimEnd().split('\n').length, 2);
  t.notMatch(out.replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f\u202e]/);
  t.match(out, 'a\\u{1b}[31mred\\u{202e}gpj.jpg');
  t.match(out, 'eve\\u{a}2026-11-24T00:00:00Z forged');
});

t.test('several files, plain and compressed, are one log', async (t) => {
  const text = (rows: readonly Row[]) => rows.map((r) => `${cefLine(r)}\n`).join('');
  const directory = t.testdir({
    'old.log.gz': gzipSync(text(history)),
    'new.log': text([row(now - hour, 500_000, 'new.example')]),
  });
  const files = ['new.log', 'old.log.gz'].map((name) => join(directory, name));
  const { records } = await huntJson(files, { nowMs: now, yaml: sentinel });
  t.equal(records.length, 1);
});

t.test('a file that cannot be read is an error that names it', async (t) => {
  const missing = join(t.testdir({}), 'no.log');
  await t.rejects(runHunt([missing]), { code: 'INPUT_UNREADABLE', message: /no\.log/ });
});

t.test('a reader that goes early ends the output, not the program', async (t) => {
  const file = logOf(t, [...history, ...history.map((r) => row(now - hour, 5e5, `n${r.timeMs}`))]);
  const config = loadConfig({ text: sentinel, env: {} });
  let lines = 0;
  const stdout = new Writable({
    write(_chunk, _encoding, done) {
      lines++;
      done(lines > 2 ? Object.assign(new Error('closed'), { code: 'EPIPE' }) : null);
    },
  });
  const stderr = new PassThrough().resume();
  const { exclusions } = compileExclusions([]);
  const options = { config, exclusions, files: [file], nowMs: now, json: true, stdout, stderr };
  t.equal(await hunt(options), 0);
  t.ok(lines < 10, `${lines} lines were written after all`);
});
