/** The words that `validate` prints. What they say of detection must follow the settings. */
import t from 'tap';
import { describeConfig } from '../../src/config/effective.js';
import { describePreset } from '../../src/config/effective-detection.js';
import { load } from './loading.js';

const now = Date.UTC(2026, 10, 24);
const describe = (text: string) => describeConfig(load(text), now);

t.test('a preset says which of its keys are altered', async (t) => {
  const preset = (text: string) => describePreset(load(`detection: { ${text} }`).detection);
  t.equal(preset(''), 'recommended');
  t.equal(preset('preset: sentinel'), 'sentinel');
  t.equal(preset('preset: sentinel, percentile: 95, new_source: host'), 'sentinel');
  t.equal(
    preset('preset: sentinel, percentile: 99, jpeg: { ignore_query: true }'),
    'sentinel, altered: percentile, jpeg.ignore_query',
  );
});

t.test('what feeds and exclusions change of a preset is said, too', async (t) => {
  const altered = (preset: string, rest: string) =>
    describePreset(load(`detection: { preset: ${preset} }\n${rest}`).detection);
  const feed = (keys: string) => `feeds: [ { vendor: A${keys} } ]`;
  const learn = (value: string) =>
    `exclusions: [ { name: a, reason: b, match: { dhost: x }${value} } ]`;
  for (const preset of ['sentinel', 'recommended']) {
    t.equal(altered(preset, feed('')), preset);
    t.equal(altered(preset, feed(', timezone: UTC, judge: true')), preset);
    for (const keys of [', received: out', ', url: request', ', judge: false']) {
      t.equal(altered(preset, feed(keys)), `${preset}, altered: feeds`, keys);
    }
    t.equal(altered(preset, learn('')), preset);
    const plain = preset === 'sentinel';
    t.equal(altered(preset, learn(`, learn: ${plain}`)), preset);
    t.equal(altered(preset, learn(`, learn: ${!plain}`)), `${preset}, altered: exclusions[].learn`);
  }
});

t.test('what is in effect the same is not altered', async (t) => {
  const preset = (text: string) => describePreset(load(`detection: { ${text} }`).detection);
  for (const same of [
    'skip: { methods: [head, options, connect] }',
    'skip: { statuses: [5XX, 4xx, 3xx, 1xx, 4xx], actions: [deny, BLOCK, denied, drop, reset, reject, refuse, quarantine] }',
    'placeholders: [unknown, none, "-", n/a]',
    'jpeg: { url_suffixes: [.PJP, .jpeg, .jpe, .jfif, .pjpeg, .jpg] }',
    'jpeg: { file_types: [JPEG, JPG, image/pjpeg, image/jpeg, jpeg files] }',
  ]) {
    t.equal(preset(same), 'recommended', same);
  }
  t.equal(preset('skip: { methods: [HEAD, OPTIONS] }'), 'recommended, altered: skip.methods');
  t.equal(preset('preset: sentinel, jpeg: { url_suffixes: [.JPG] }'), 'sentinel');
  t.equal(
    preset('preset: sentinel, jpeg: { file_types: [jpeg files] }'),
    'sentinel, altered: jpeg.file_types',
    'its lookback heeds case',
  );
});

t.test('a level without ratios, or that no alert reaches, is said', async (t) => {
  const level = (keys: string) => describe(`detection: { level: { ${keys} } }`);
  t.match(level('ratios: []'), /level +no points for the ratio, 1 for a host never seen/);
  t.notMatch(level('ratios: []'), 'notices');
  // Three ratios, never seen and mismatch; with uploads one more.
  const high = 'medium: 7, high: 7, critical: 7';
  t.match(
    level(high),
    'detection.level: medium is from 7 points and no alert has more than 6, ' +
      'so no alert can be medium or higher',
  );
  t.notMatch(level('medium: 6, high: 6, critical: 7'), 'no alert can be');
  t.notMatch(describe(`detection: { direction: both, level: { ${high} } }`), 'no alert can be');
});

t.test('the detection is said in words', async (t) => {
  const words = describe('detection: { preset: sentinel, percentile: 99.9, holdback: 12h }');
  for (const part of [
    'preset      sentinel, altered: percentile, holdback',
    'more bytes than percentile 99.9 (nearest rank)',
    '156 UTC hours: from 168h to 12h before',
    'fileType is "Jpeg Files" (any case, in the lookback as spelled here)',
    'the URL ends with ".jpg"',
    'a host that served no JPEG of any size in the lookback; compared as received',
    'an event without it counts as new',
    'a JPEG of 0B; in the lookback 1 size and 0 hours',
    'time of receipt',
  ]) {
    t.ok(words.includes(part), part);
  }
  const mended = describe('detection: { time: event, max_lateness: 2h }');
  for (const part of [
    'preset      recommended, altered: time, max_lateness',
    'the URL, cut at ? or #, ends with ".jpg", ".jpeg"',
    'a registrable domain (public suffix list with its private section)',
    'else the host of the URL, else dst',
    'a JPEG of 256KiB; in the lookback 100 sizes and 72 hours',
    'at most 5m ahead of the wall clock; what lags more than 2h counts as of now',
  ]) {
    t.ok(mended.includes(part), part);
  }
  t.notMatch(mended, 'as spelled here');
});

t.test('what goes beyond the query is said, preset by preset', async (t) => {
  const letter = describe('detection: { preset: sentinel }');
  for (const part of [
    /direction +download: bytes received$/m,
    /size +the feed's field; 0 is a size. Of keys that come twice the last value is judged$/m,
    /skipped +nothing$/m,
    /repeats +are alerts like any other$/m,
    /feeds\n +all +read as the query reads them$/m,
  ]) {
    t.match(letter, part);
  }
  const mended = describe(`
detection: { direction: both, new_source: large_host, suppress: { by: [host, user], window: 12h } }
feeds:
  - { vendor: Example, received: [out, fsize], timezone: Europe/Berlin }
  - { vendor: Noisy, product: "Log*", judge: false }
`);
  for (const part of [
    /direction +both: bytes received, and bytes sent/,
    /new source +a host that served no large JPEG in the lookback/,
    /"-", "none", "n\/a", "unknown" count as missing$/m,
    /0 counts as missing. Of keys that come twice the most suspicious value is judged$/m,
    /skipped +method "head", .*; status "1xx", .*; action with "block"/,
    /repeats +one alert for each host and user in 12h, at most 50000 remembered$/m,
    /level +a point for each of 3, 10, 30 times the threshold/,
    /Example \* +received in "out", "fsize"; zone Europe\/Berlin$/m,
    /Noisy Log\* +not judged$/m,
    /others +read by the table that ships$/m,
  ]) {
    t.match(mended, part);
  }
});

t.test('a JPEG test of one kind does not speak of the other', async (t) => {
  t.notMatch(describe('detection: { jpeg: { file_types: [] } }'), 'fileType');
  t.notMatch(describe('detection: { jpeg: { url_suffixes: [] } }'), 'the URL, cut');
});

t.test('an exclusion says what it holds, why, and until when', async (t) => {
  const words = describe(`
exclusions:
  - name: backup
    reason: CHG-1
    expires: 2026-11-24
    match: { sproc: [ "Veeam Backup & Replication", x ], dhost|domain: example.com }
  - { name: old, reason: r, expires: 2026-11-22, match: { a: 1 }, learn: true }
  - { name: two, reason: r, match: [ { a: 1 }, { b: null } ] }
`);
  t.match(
    words,
    'backup  until 2026-11-24; does not teach the baseline; if sproc: "Veeam Backup & ' +
      'Replication", "x" and dhost|domain: "example.com"; because: CHG-1',
  );
  t.match(words, 'old     EXPIRED after 2026-11-22; teaches the baseline; if a: 1');
  t.match(words, 'two     never expires; does not teach the baseline; if (a: 1) or (b: null)');
});

t.test('which events are forwarded is said', async (t) => {
  const only = (value: string) =>
    describe(`forward: { fluentd: { only: ${value}, tag: event, alert_tag: alert } }`);
  t.match(only('all'), /tags +event; alert for events that alert\n +records +all events, names/);
  t.match(only('jpeg'), /tags +event; alert for .*\n +records +JPEG events only, names/);
  t.match(only('alerts'), /tags +alert\n +records +alerts only, names/);
});

t.test('listeners, target and notices are said', async (t) => {
  const words = describe(`
listen:
  allow: [ 10.0.0.0/8 ]
  udp: { address: 127.0.0.1, port: 0 }
  tcp: [ { port: 514, idle_timeout: 5m }, { port: 515 } ]
forward: { fluentd: { servers: [ { host: "fd00::1" } ], ack: false, raw: always } }
spool: { max_size: 1MiB, path: false }
`);
  for (const part of [
    'udp     127.0.0.1:any free port, receive buffer 4MiB',
    'tcp     [::]:514, at most 512 connections, a message within 30s, closed when quiet for 5m',
    'tcp     [::]:515',
    'from    "10.0.0.0/8"',
    'fluentd  [fd00::1]:24224',
    'acks     none',
    'with the line as received',
    'spool    in memory, at most 1MiB',
    'notices\n  spool.path: false: ',
  ]) {
    t.ok(words.includes(part), part);
  }
  t.notMatch(describe(''), 'notices');
  const spool =
    'spool    in data/spool, at most 8GiB; when full, inputs pause; forced to disk every ';
  t.ok(describe('').includes(`${spool}500ms`));
  t.match(
    describe('spool: { when_full: drop_oldest, sync: always }'),
    /when full, the oldest events are dropped; forced to disk with each batch/,
  );
  t.match(describe('spool: { sync: none }'), /forced to disk for RELP and checkpoints alone/);
});

t.test('servers, TLS and compression are said', async (t) => {
  const of = (keys: string) => describe(`forward: { fluentd: { ${keys} } }`);
  t.match(of(''), /tls +none: events and login data can be read on the way/);
  t.match(of('tls: {}'), /tls +servers are verified by the CAs that come with Node\.js; no client/);
  t.match(of('tls: { server_name: a, verify: false }'), /tls +servers are NOT VERIFIED; no client/);
  const two = of('servers: [ { host: a }, { host: b } ], recover_wait: 5s, compress: gzip');
  t.match(two, /fluentd +a:24224, then b:24224, back after a probe every 5s, compressed/);
});

t.test('how fields are named is said', async (t) => {
  const named = (keys: string) => describe(`forward: { fluentd: { ${keys} } }`);
  t.match(named(''), /records +all events, names as in CEF, without the line/);
  t.match(named('names: ecs'), /, names as in ECS, without/);
  t.match(named('names: ecs, resolve_labels: true'), /, custom fields by their labels, without/);
  t.match(
    named('names: commonsecuritylog, resolve_labels: true'),
    /, names as in CommonSecurityLog, custom fields in AdditionalExtensions by their labels, without/,
  );
});
