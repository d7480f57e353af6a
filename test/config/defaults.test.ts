/** The defaults as design and docs give them, the presets, and the files that ship. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { parse } from 'yaml';
import { schemaKeys } from '../../src/config/keys.js';
import { presets } from '../../src/config/presets.js';
import { recommended, sentinel } from '../support/detection.js';
import { load } from './loading.js';

const root = new URL('../../../', import.meta.url);
const shipped = readFileSync(new URL('config/stegwatch.yaml', root), 'utf8');

t.test('an empty config means the defaults', async (t) => {
  const defaults = load('');
  t.same(defaults, {
    file: '',
    listen: {
      allow: [],
      maxMessageBytes: 65_536,
      maxFields: 512,
      udp: [{ address: '::', port: 5514, receiveBufferBytes: 4_194_304 }],
      tcp: [
        {
          address: '::',
          port: 5514,
          maxConnections: 512,
          maxConnectionsPerAddress: 0,
          idleTimeoutMs: 0,
          frameTimeoutMs: 30_000,
        },
      ],
      tls: [],
      relp: [],
    },
    feeds: [],
    detection: recommended,
    exclusions: [],
    baseline: { path: 'data/baseline', maxHosts: 1_000_000, checkpointMs: 10_000 },
    forward: {
      outputs: ['fluentd'],
      syslog: null,
      file: null,
      fluentd: {
        servers: [{ host: '127.0.0.1', port: 24_224 }],
        recoverWaitMs: 10_000,
        tag: 'stegwatch.event',
        alertTag: 'stegwatch.alert',
        only: 'all',
        names: 'cef',
        resolveLabels: false,
        raw: 'never',
        ack: true,
        ackTimeoutMs: 30_000,
        compress: 'none',
        tls: null,
        sharedKey: null,
        username: null,
        password: null,
        spool: { maxBytes: 8_589_934_592, whenFull: 'block' },
      },
    },
    spool: {
      path: 'data/spool',
      sync: 'interval',
      syncIntervalMs: 500,
    },
    admin: { address: '127.0.0.1', port: 9598, token: null },
    tests: [],
    notices: [],
  });
  for (const text of ['# only a comment', '---', 'null', '{}', '\uFEFFlisten:', 'detection:\n']) {
    t.same(load(text), defaults, JSON.stringify(text));
  }
});

t.test('a preset sets its keys, and a key that the file gives beats it', async (t) => {
  t.same(load('detection: { preset: sentinel }').detection, sentinel);
  t.same(load('detection: { preset: recommended }').detection, recommended);
  const text = `
detection:
  preset: sentinel
  percentile: 99.9
  lookback: 168h
  jpeg: { url_suffixes: [.JPG], ignore_query: true }
  minimum_bytes: 1MiB
  minimum_samples: 1
`;
  const altered = ['percentile', 'jpeg.ignore_query', 'minimum_bytes'];
  t.same(load(text).detection, {
    ...sentinel,
    altered,
    percentileMilli: 99_900,
    jpeg: { ...sentinel.jpeg, ignoreQuery: true },
    minimumBytes: 1_048_576,
  });
});

t.test('percentiles become whole thousandths', async (t) => {
  const cases: [string, number][] = [
    ['50', 50_000],
    ['99.9', 99_900],
    ['99.99', 99_990],
    ['99.999', 99_999],
    ['0.001', 1],
    ['95.0', 95_000],
    ['1.001', 1001],
  ];
  for (const [text, milli] of cases) {
    t.equal(load(`detection: { percentile: ${text} }`).detection.percentileMilli, milli, text);
  }
});

t.test('a listener is one map, a list, or off; the one not named keeps its default', async (t) => {
  const defaults = load('').listen;
  const ports = (text: string) => {
    const { udp, tcp } = load(`listen: ${text}`).listen;
    return [udp.map(({ port }) => port), tcp.map(({ port }) => port)];
  };
  t.same(ports('{ udp: { port: 1 } }'), [[1], [5514]]);
  t.same(ports('{ tcp: [ { port: 1 }, { port: 2 } ] }'), [[5514], [1, 2]]);
  t.same(ports('{ udp: false }'), [[], [5514]]);
  t.same(ports('{ tcp: null }'), [[5514], []]);
  t.same(ports('{ tcp: }'), [[5514], []]);
  t.same(ports('{ udp: [] }'), [[], [5514]]);
  t.same(ports('{ udp: [ { port: 0 }, { port: 0 } ] }'), [[0, 0], [5514]]);
  t.same(load('listen: { udp: {} }').listen, defaults);
  t.match(load('listen: { udp: false, tcp: false }').notices, [/takes nothing in/]);
});

t.test('an exclusion expires at the end of its day, and learns as the preset says', async (t) => {
  const exclusion = (more: string, preset = 'recommended') =>
    load(`
detection: { preset: ${preset} }
exclusions: [ { name: a, reason: b, match: { sproc: x }, ${more} } ]`).exclusions[0]!;
  const end = Date.UTC(2027, 1, 1) - 1;
  t.equal(exclusion('expires: 2027-01-31').expiresMs, end);
  t.equal(exclusion('expires: "2027-01-31"').expiresMs, end);
  t.equal(exclusion('expires: 2028-02-29').expiresMs, Date.UTC(2028, 2, 1) - 1);
  t.equal(exclusion('expires: null').expiresMs, null);
  t.equal(exclusion('').expiresMs, null);
  t.equal(exclusion('').learn, false);
  t.equal(exclusion('', 'sentinel').learn, true);
  t.equal(exclusion('learn: true').learn, true);
  t.equal(exclusion('learn: false', 'sentinel').learn, false);
});

t.test('a match keeps its fields and values as they are', async (t) => {
  const text = `
exclusions:
  - name: a
    reason: b
    match:
      - { sproc|endswith|cased: [x, 2, true, null], "constructor": y }
      - { dst|cidr: 10.0.0.0/8 }
`;
  t.same(JSON.parse(JSON.stringify(load(text).exclusions[0]!.match)), [
    { 'sproc|endswith|cased': ['x', 2, true, null], constructor: 'y' },
    { 'dst|cidr': '10.0.0.0/8' },
  ]);
});

t.test('the shipped config equals the defaults', async (t) => {
  t.same(load(shipped), load(''));
});

t.test('a commented key of the shipped config, used as it stands, changes nothing', async (t) => {
  const lines = shipped.split('\n');
  const keys = lines.flatMap((line, at) => (/^ *#[a-z_]+: /.test(line) ? [at] : []));
  const uncomment = (these: number[]) =>
    lines.map((line, at) => (these.includes(at) ? line.replace('#', '') : line)).join('\n');
  const nameOf = (at: number) => lines[at]!.trim().slice(1).split(':')[0]!;
  const isPreset = (at: number) =>
    Object.keys(presets.recommended).some((key) => key.split('.').at(-1) === nameOf(at));
  const ofPreset = keys.filter(isPreset);
  t.equal(ofPreset.length, Object.keys(presets.recommended).length, 'every key of the preset');
  t.same(load(uncomment(ofPreset)), load(''), 'all at once');
  for (const at of ofPreset) t.same(load(uncomment([at])), load(''), lines[at]!);
  const secret = /file|username/;
  for (const at of keys.filter((key) => !isPreset(key) && !secret.test(nameOf(key)))) {
    const config = load(uncomment([at]));
    t.match(config.notices, [new RegExp(nameOf(at))], `${lines[at]} is said to have no effect`);
    t.same({ ...config, notices: [] }, load(''), lines[at]!);
  }
});

/** The part of the shipped config that begins with a top-level key, up to the next. */
function partOf(path: string): string {
  const top = path.split('.')[0]!;
  const from = shipped.search(new RegExp(`^${top}:`, 'm'));
  const before = shipped.lastIndexOf('\n\n', from);
  const rest = from + top.length;
  const next = shipped.slice(rest).search(/^[a-z]+:/m);
  return shipped.slice(Math.max(before, 0), next < 0 ? undefined : rest + next);
}

t.test('the shipped config shows every key', async (t) => {
  for (const { path, label, name, parent } of schemaKeys) {
    const part = partOf(path);
    t.match(part, new RegExp(`\\b${name}\\b`), label);
    if (parent !== '') t.match(part, new RegExp(`\\b${parent.split('.').at(-1)}\\b`), label);
  }
});

t.test('what the shipped config shows of listeners in comments are their defaults', async (t) => {
  const lines = partOf('listen').split('\n');
  const shown = lines.filter((line) => /^ {2}# {3}/.test(line)).map((line) => line.slice(6));
  const { tls, relp } = parse(shown.join('\n'));
  const examples = ['cert', 'key', 'client_ca', 'client_names'];
  for (const [kind, listener] of Object.entries({ tls, relp })) {
    for (const [name, value] of Object.entries(listener)) {
      const key = schemaKeys.find(({ path }) => path === `listen.${kind}.${name}`);
      if (!examples.includes(name)) t.equal(value, key?.default, `listen.${kind}.${name}`);
    }
  }
  t.equal(shown.filter((line) => /# max_connections, .*: as for tcp/.test(line)).length, 2);
  const limits = schemaKeys.filter(({ parent }) => parent === 'listen.tcp');
  for (const { name, default: value } of limits) {
    for (const kind of ['tls', 'relp'].filter(() => name !== 'port')) {
      const key = schemaKeys.find(({ path }) => path === `listen.${kind}.${name}`);
      t.equal(key?.default, value, `${kind}: ${name} is as for tcp`);
    }
  }
});

t.test('every example is a valid config', async (t) => {
  const folder = new URL('examples/', root);
  const files = readdirSync(folder).filter(
    (name) => name.endsWith('.yaml') && name !== 'compose.yaml',
  );
  t.match(files.sort(), ['event-time.yaml', 'minimal.yaml', 'preset-sentinel.yaml']);
  const read = (name: string) => load(readFileSync(new URL(name, folder), 'utf8'));
  t.same(read('preset-sentinel.yaml').detection, sentinel, 'the example departs from no key');
  t.equal(read('event-time.yaml').detection.time, 'event');
  t.same(read('minimal.yaml').forward.fluentd.servers, load('').forward.fluentd.servers);
  const tap = read('tap/stegwatch.yaml');
  t.match(tap.forward.fluentd, { only: 'alerts', raw: 'alerts' });
  t.match(tap.listen, { udp: [], tcp: [{ address: '127.0.0.1' }] }, 'loopback only');
  t.match(tap.notices, [/^forward\.fluentd\.only/]);
});

t.test('keys without effect are said, and only where the file sets them', async (t) => {
  const notices = (text: string) => load(text).notices.join('\n');
  t.equal(notices('spool: { path: x, max_size: 1GiB, when_full: block, sync: none }'), '');
  t.match(notices('spool: { path: false }'), /^spool\.path: false: .*64MiB.* lost/);
  t.match(notices('spool: { path: false, max_size: 8GiB }'), /spool\.max_size: .*64MiB/);
  t.notMatch(notices('spool: { path: false, max_size: 64MiB }'), /max_size/);
  for (const key of ['when_full: block', 'sync: none', 'sync_interval: 1s']) {
    const [name = ''] = key.split(':');
    const text = notices(`spool: { path: false, ${key} }`);
    t.match(text, new RegExp(`spool\\.${name}: has no effect`));
  }
  t.equal(notices('admin: { port: 1 }'), '');
  t.equal(notices('spool: {}\nadmin:\nfeeds: []\nforward: { fluentd: { only: all } }'), '');
});

t.test('with fewer events than all it is said that the rest ends here', async (t) => {
  const notices = (only: string) => load(`forward: { fluentd: { only: ${only} } }`).notices;
  t.same(notices('all'), []);
  t.match(notices('jpeg'), [/^forward\.fluentd\.only: jpeg: .* SIEM gets them another way$/]);
  t.match(notices('alerts'), [/^forward\.fluentd\.only: alerts: /]);
});

t.test('a percentile that looks like a share is said', async (t) => {
  const notices = (percentile: string) => load(`detection: { percentile: ${percentile} }`).notices;
  t.match(notices('0.95'), [/^detection\.percentile: 0\.95 .* did you mean 95\?$/]);
  t.match(notices('0.999'), [/did you mean 99\.9\?$/]);
  t.same(notices('1'), []);
  t.same(notices('95'), []);
});

t.test('a preset whose minimum_history can never be met is said', async (t) => {
  t.match(load('detection: { lookback: 2d }').notices, [/minimum_history.*72h.*24h.*nothing/]);
  t.same(load('detection: { lookback: 2d, preset: sentinel }').notices, []);
  t.same(load('detection: { lookback: 4d }').notices, []);
});
