/** Each case is a config and all that must be said of it: `line:column: path: message`. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the config
import t from 'tap';
import { problemsOf } from './loading.js';

interface Case {
  readonly title: string;
  readonly text: string;
  readonly env?: NodeJS.ProcessEnv;
  /** In order; each problem must contain its text. */
  readonly says: readonly string[];
}

function check(cases: readonly Case[]): void {
  for (const { title, text, env, says } of cases) {
    t.test(title, async (t) => {
      const problems = problemsOf(text, env);
      t.equal(problems.length, says.length, problems.join('\n'));
      for (const [at, part] of says.entries()) {
        t.ok(problems[at]?.includes(part), `${problems[at]}\n    contains: ${part}`);
      }
    });
  }
}

const exclusion = 'name: a, reason: b';

check([
  {
    title: 'an unknown key names the nearest valid key',
    text: 'listen:\n  max_mesage: 1KiB\nprot: 1\n',
    says: [
      '2:3: listen.max_mesage: unknown key; the nearest valid key is "max_message"',
      '3:1: prot: unknown key',
    ],
  },
  {
    title: 'a key at the wrong place names the place it belongs to',
    text: 'detection:\n  tag: x\n  port: 1\nlookback: 7d\n',
    says: [
      '2:3: detection.tag: unknown key at this place, it belongs to forward.fluentd.tag',
      'listen.udp.port or listen.tcp.port or listen.tls.port or listen.relp.port or forward.fluentd.servers[].port or forward.syslog.server.port or admin.port',
      '4:1: lookback: unknown key at this place, it belongs to detection.lookback',
    ],
  },
  {
    title: 'a place that holds all words of the path is named alone, and a key holds no dot',
    text: 'percentile: 99\nfluentd: { host: a }\nfluentd.host: b\nforward: { fluentd: { host: c } }\n',
    says: [
      '1:1: percentile: unknown key at this place, it belongs to detection.percentile',
      '2:1: fluentd: unknown key at this place, it belongs to forward.fluentd',
      'belongs to forward.fluentd.servers[].host; a key holds no dot, what is in it is nested',
      '4:23: forward.fluentd.host: unknown key at this place, it belongs to forward.fluentd.servers[].host',
    ],
  },
  {
    title:
      'a slip of the pen is told before a key of that name elsewhere, and a map is told its keys',
    text: 'forward: { fluentd: { server: a } }\nlisten: { tcp: [514] }\n',
    says: [
      '1:23: forward.fluentd.server: unknown key; the nearest valid key here is "servers" (others: forward.syslog.server)',
      '2:17: listen.tcp[0]: must be a map of keys (address, port, ',
    ],
  },
  {
    title: 'a key that is near to none gets no guess',
    text: 'colour: red\nlisten: { sandbox_mode: true }\n',
    says: [
      '1:1: colour: unknown key; docs/config.md lists those that there are',
      '2:11: listen.sandbox_mode: unknown key; docs/config.md lists those that there are',
    ],
  },
  {
    title: 'unknown keys are found inside lists, aliases and flow maps',
    text: `listen:
  tcp:
    - &one { prt: 1, port: 1 }
    - *one
exclusions: [ { ${exclusion}, match: { a: 1 }, expire: 2027-01-01 } ]
`,
    says: [
      '3:14: listen.tcp[0].prt: unknown key; the nearest valid key is "port"',
      '3:14: listen.tcp[1].prt: unknown key; the nearest valid key is "port"',
      '5:54: exclusions[0].expire: unknown key; the nearest valid key is "expires"',
    ],
  },
  {
    title: 'wrong types say what is wanted and what was got',
    text: `listen:
  allow: 10.0.0.0/8
  max_fields: "512"
  udp: true
  tcp: { port: 1.5 }
detection:
  preset: 7
  jpeg: [1]
  normalize_host: yes
  percentile:
forward: { fluentd: { tag: [a], ack: 1 } }
baseline: x
`,
    says: [
      '2:10: listen.allow: must be a list, got "10.0.0.0/8"',
      '3:15: listen.max_fields: must be a number, got "512"',
      '4:8: listen.udp: must be a map, a list of maps, or false for no listener, got true',
      '5:16: listen.tcp.port: must be a whole number, got 1.5',
      '7:11: detection.preset: must be one of sentinel, recommended, got 7',
      '8:9: detection.jpeg: must be a map of keys (url_suffixes, ignore_query, file_types), got a list',
      '9:19: detection.normalize_host: must be true or false, got "yes"',
      '10:3: detection.percentile: must be a number, got nothing',
      '11:28: forward.fluentd.tag: must be text, got a list',
      '11:38: forward.fluentd.ack: must be true or false, got 1',
      '12:11: baseline: must be a map of keys (path, max_hosts, checkpoint), got "x"',
    ],
  },
  {
    title: 'a size or duration without unit is refused, and says so',
    text: 'listen:\n  max_message: 65536\n  tcp: { idle_timeout: 30, frame_timeout: 30sec }\n',
    says: [
      'must be a size with its unit (B, KiB, MiB, GiB or TiB), such as 64KiB; a number alone does',
      '3:24: listen.tcp.idle_timeout: must be a duration with its unit',
      '3:43: listen.tcp.frame_timeout: must be a duration with its unit',
    ],
  },
  {
    title: 'values out of range say the range',
    text: `listen: { max_message: 479B, max_fields: 15, udp: { port: 65536 }, tcp: { port: -1 } }
baseline: { checkpoint: 999ms }
detection: { holdback: 30m, lookback: 90m }
`,
    says: [
      'listen.max_message: must be 480B to 1MiB, got "479B"',
      'listen.max_fields: must be 16 to 4096, got 15',
      'listen.udp.port: must be 0 to 65535, got 65536',
      'listen.tcp.port: must be 0 to 65535, got -1',
      'baseline.checkpoint: must be 1s to 1h, got "999ms"',
      'detection.holdback: must be 1h to 90d, got "30m"',
      'detection.lookback: must be 2h to 90d, got "90m"',
    ],
  },
  {
    title: 'lookback and holdback are whole hours',
    text: 'detection: { holdback: 90m, lookback: 150m }',
    says: [
      '1:24: detection.holdback: must be whole hours, got "90m"',
      '1:39: detection.lookback: must be whole hours, got "150m"',
    ],
  },
  {
    title: 'the parts of a detection must fit each other',
    text: 'detection:\n  lookback: 2d\n  holdback: 2d\n  max_lateness: 49h\n',
    says: [
      '2:13: detection.lookback: lookback (48h) must be longer than holdback (48h)',
      '4:17: detection.max_lateness: max_lateness (49h) must not exceed holdback (48h)',
    ],
  },
  {
    title: 'a rule is told at the key that the file gives',
    text: 'detection:\n  holdback: 7d\n',
    says: ['2:13: detection.holdback: lookback (168h) must be longer than holdback (168h)'],
  },
  {
    title: 'a minimum_history that cannot be met is refused',
    text: 'detection: { lookback: 3d, minimum_history: 49h }',
    says: ['1:45: detection.minimum_history: must not exceed lookback minus holdback (48h)'],
  },
  {
    title: 'something must be a JPEG',
    text: 'detection: { jpeg: { url_suffixes: [], file_types: [] } }',
    says: ['1:36: detection.jpeg.url_suffixes: url_suffixes and file_types are both empty'],
  },
  ...['0', '100', '-1', '99.9999', '1e-7', '.nan', '.inf'].map((percentile) => ({
    title: `a percentile of ${percentile} is refused`,
    text: `detection: { percentile: ${percentile} }`,
    says: ['1:26: detection.percentile: must be '],
  })),
  ...['10.0.0.0/33', 'fd00::/129', '10.0.0/8', '10.0.0.0/', 'localhost', 'fe80::1%eth0', '/8'].map(
    (network) => ({
      title: `${network} is no network`,
      text: `listen: { allow: [ 10.0.0.0/8, "${network}", "::1", "fd00::/8" ] }`,
      says: [`1:32: listen.allow[1]: must be a network such as 10.0.0.0/8`],
    }),
  ),
  {
    title: 'a listener has an IP address, a server a name or address',
    text: `listen: { udp: { address: localhost } }
forward: { fluentd: { servers: [ { host: "tcp://a" } ] } }
`,
    says: [
      '1:27: listen.udp.address: must be an IP address',
      '2:42: forward.fluentd.servers[0].host: must be a host name or an IP address',
    ],
  },
  {
    title: 'there is at least one server',
    text: 'forward: { fluentd: { servers: [] } }',
    says: ['1:32: forward.fluentd.servers: must have at least 1 item'],
  },
  {
    title: 'two listeners cannot have the same address and port',
    text: 'listen:\n  udp: [ { port: 1 }, { port: 2 }, { port: 1 } ]\n  tcp: [ { port: 1 }, { port: 2 } ]\n',
    says: ['2:36: listen.udp[2]: another udp listener has this address and port'],
  },
  {
    title: 'a listener on all addresses leaves the port to no other',
    text: `listen:
  udp: [ { port: 1 }, { port: 1, address: 0.0.0.0 }, { port: 2, address: 0.0.0.0 } ]
  tcp:
    - { port: 1, address: 127.0.0.1 }
    - { port: 1, address: 127.0.0.2 }
    - { port: 1, address: "::1" }
    - { port: 1, address: 0.0.0.0 }
    - { port: 2, address: "::1" }
    - { port: 2, address: "0::0" }
    - { port: 0 }
    - { port: 0, address: 0.0.0.0 }
`,
    says: [
      '2:23: listen.udp[1]: another udp listener has this port, and :: stands for 0.0.0.0 too;',
      '7:7: listen.tcp[3]: another tcp listener has this port, and 0.0.0.0 stands for 127.0.0.1 too;',
      '9:7: listen.tcp[5]: another tcp listener has this port, and 0::0 stands for ::1 too;',
    ],
  },
  {
    title: 'alerts need a tag of their own, also beside a default',
    text: 'forward: { fluentd: { tag: stegwatch.alert } }',
    says: [
      '1:28: forward.fluentd.tag: tag and alert_tag are both "stegwatch.alert": ' +
        'Fluentd could not tell alerts apart',
    ],
  },
  {
    title: 'exclusions have a name of their own, a reason and a match',
    text: `exclusions:
  - { name: a, reason: b, match: { x: 1 } }
  - { name: a, reason: b, match: { x: 1 } }
  - { name: c }
  - { name: "", reason: "x\\ny", match: [] }
  - { name: d, reason: b, match: {} }
  - text
`,
    says: [
      '3:13: exclusions[1].name: another exclusion has this name',
      '4:5: exclusions[2].reason: this key is missing',
      '4:5: exclusions[2].match: this key is missing',
      '5:13: exclusions[3].name: must be one line of text, not empty',
      '5:25: exclusions[3].reason: must be one line of text',
      '5:40: exclusions[3].match: must have at least 1 item',
      '6:34: exclusions[4].match: must name a field',
      '7:5: exclusions[5]: must be a map of keys (name, reason, expires, match, …), got "text"',
    ],
  },
  ...[
    '2027-02-29',
    '2027-13-01',
    '31.1.2027',
    '2027-1-31',
    '2027',
    'soon',
    '2027-01-31T00:00:00Z',
  ].map((date) => ({
    title: `${date} is no expiry date`,
    text: `exclusions: [ { ${exclusion}, match: { a: 1 }, expires: ${date} } ]`,
    says: ['exclusions[0].expires: must be '],
  })),
  {
    title: 'values of a match are scalars or lists of scalars',
    text: `exclusions: [ { ${exclusion}, match: { x: { y: 1 }, z: [ 1, [ 2 ] ], q: [] } } ]`,
    says: [
      'exclusions[0].match.x: must be one value or a list of values',
      'exclusions[0].match.z[1]: must be text, a number, true, false or null, got a list',
      'exclusions[0].match.q: must have at least 1 item',
    ],
  },
  {
    title: 'a duplicate key is told where it stands, and where the first one is',
    text: 'listen:\n  max_fields: 7\n  max_fields: 100\nspool:\nlisten:\n',
    says: [
      '2:15: listen.max_fields: must be 16 to 4096, got 7',
      '3:3: listen.max_fields: duplicate key; it is already given in line 2',
      '5:1: listen: duplicate key; it is already given in line 1',
    ],
  },
  {
    title: 'one mistake does not make others: what is wrong is left out of the rules',
    text: `detection: { lookback: x, holdback: 30d, max_lateness: 40d }
listen: { tcp: [ { port: x }, { port: y }, {} ] }
forward: { fluentd: { servers: [ { host: "a b" } ] } }
`,
    says: [
      '1:24: detection.lookback: must be a duration',
      '1:56: detection.max_lateness: max_lateness (40d) must not exceed holdback (720h)',
      '2:26: listen.tcp[0].port: must be a number',
      '2:39: listen.tcp[1].port: must be a number',
      '3:42: forward.fluentd.servers[0].host: must be a host name',
    ],
  },
  {
    title: 'an empty document, a list or a text is no config',
    text: '- listen\n',
    says: ['1:1: must be a map of keys (listen, feeds, detection, exclusions, …), got a list'],
  },
]);

check([
  {
    title: 'a zone that YAML reads as a number says that it wants quotes',
    text: 'feeds:\n  - { vendor: A, timezone: +0500 }\n  - { vendor: B, timezone: [] }\n',
    says: [
      '2:28: feeds[0].timezone: must be text in quotes, such as "Europe/Berlin" or "+02:00", got 500',
      '3:28: feeds[1].timezone: must be text in quotes, such as "Europe/Berlin" or "+02:00", got a l',
    ],
  },
  ...['+14:01', '+14:59', '+15:00', '-12:01', '-13:00', '+1:00', '+0260'].map((zone) => ({
    title: `no zone is at ${zone}`,
    text: `feeds: [ { vendor: A, timezone: "${zone}" } ]`,
    says: ['1:33: feeds[0].timezone: must be a zone such as Europe/Berlin, UTC or "+02:00", got'],
  })),
  {
    title: 'what can be neither a key nor a label is no field of a feed',
    text: `feeds:
  - { vendor: A, received: "in=1", host: "dhost ", url: [request, "a\\tr"], sent: "\\u00a0out" }
`,
    says: [
      '2:28: feeds[0].received: must be the name of a field, without = and without white space',
      '2:42: feeds[0].host: must be the name of a field, without = and without white space',
      'feeds[0].url[1]: must be one line of text',
      'feeds[0].sent: must be the name of a field, without = and without white space',
    ],
  },
  {
    title: 'a feed has one entry, in whatever case it is spelled',
    text: `feeds:
  - { vendor: A, received: in }
  - { vendor: B, product: P }
  - { vendor: a, product: "**", received: out }
  - { vendor: " b", product: p }
`,
    says: [
      '4:5: feeds[2]: another entry has this vendor and product, and the first that fits counts',
      '5:5: feeds[3]: another entry has this vendor and product',
    ],
  },
  {
    title: 'ratios ascend, and what makes a repeat is named once',
    text: `detection:
  level: { ratios: [3, 3, 3] }
  suppress: { by: [host, user, host] }
`,
    says: [
      '2:20: detection.level.ratios: must ascend, each number above the one before',
      '3:19: detection.suppress.by: must name each only once',
    ],
  },
  {
    title: 'ratios that descend are refused',
    text: 'detection: { level: { ratios: [10, 3] } }',
    says: ['1:31: detection.level.ratios: must ascend'],
  },
]);

check([
  {
    title: 'what later versions bring is refused as such, not as unknown',
    text: `listen: { tcp: { port: 6514 } }
forward: { fluentd: { tls: } }
spool: { path: true }
`,
    says: [
      '2:23: forward.fluentd.tls: must be a map ({} for the defaults), or false for no TLS',
      '3:16: spool.path: must be a directory, or false',
    ],
  },
  {
    title: 'a spool that drops its oldest events needs something to drop',
    text: 'spool: { when_full: drop_oldest, max_size: 63MiB }',
    says: ['1:21: spool.when_full: drop_oldest needs a max_size of 64MiB or more'],
  },
  {
    title: 'RELP promises what a spool in memory cannot keep',
    text: 'listen: { relp: {} }\nspool: { path: false }',
    says: ['1:17: listen.relp: RELP acks what is on disk, so it needs a spool there'],
  },
  {
    title: 'a spool in memory never drops what it has taken in',
    text: 'spool: { when_full: drop_oldest, path: false }',
    says: ['1:21: spool.when_full: drop_oldest needs a spool on disk'],
  },
  {
    title: 'a weight is refused',
    text: 'forward: { fluentd: { servers: [ { host: a, weight: 1 }, { host: b } ] } }',
    says: ['1:45: forward.fluentd.servers[0].weight: not available in this version'],
  },
  {
    title: 'values_file is a modifier, and its value a path or several',
    text: `exclusions:
  - { ${exclusion}, values_file: x, match: { a: 1 } }
  - { name: d, reason: b, match: { "a|contains|values_file": 7 } }
  - { name: e, reason: b, match: { "a|values_file": ["", /a] } }
`,
    says: [
      '2:27: exclusions[0].values_file: unknown key at this place; it is a modifier in a match: ',
      '3:62: exclusions[1].match.a|contains|values_file: must be the path of a file with values',
      '4:53: exclusions[2].match.a|values_file: must be the path of a file with values, or a list',
    ],
  },
]);

check([
  {
    title: 'mistakes of YAML are told with their place',
    text: 'listen:\n\tmax_fields: 100\n',
    says: ['2:1: YAML: a tab stands where only spaces may'],
  },
  {
    title: 'what stands before a mistake of syntax is told too, what follows is not',
    text: 'lisn: 1\nspool: "x\nfoo: 1\n',
    says: [
      '1:1: lisn: unknown key; the nearest valid key is "listen"',
      'YAML: the quote " that is opened here is not closed',
    ],
  },
  {
    title: 'a variable without quotes in a flow map gets a hint',
    text: 'listen:\n  udp: { port: ${PORT} }\n',
    says: ['inside { } and [ ] write "${NAME}" in quotes'],
  },
  {
    title: 'a config is one document of YAML 1.2',
    text: '%YAML 1.1\n---\nlisten:\n---\nspool:\n',
    says: ['1:1: only YAML 1.2 is read', '4:1: a second YAML document'],
  },
  {
    title: 'keys are plain text, and merge keys are keys like any other',
    text: '? [a]\n: 1\n<<: {}\nnull: 1\n1: 1\n',
    says: [
      '1:3: a key must be plain text',
      '3:1: ["<<"]: unknown key',
      '4:1: null: unknown key',
      '5:1: 1: unknown key',
    ],
  },
  {
    title: 'tags of other schemas are refused',
    text: 'listen: !!binary aGVsbG8=\nbaseline: { path: !!str 1 }\n',
    says: ['the tag "tag:yaml.org,2002:binary" is not supported'],
  },
  {
    title: 'an alias needs its anchor',
    text: 'baseline: *nowhere\n',
    says: [
      '1:11: baseline: a text that begins with * is written in quotes: "*nowhere"; ' +
        'without them it is an alias, and it has no anchor before it',
    ],
  },
  {
    title: 'a text that YAML reads as something else gets the hint to quote it',
    text: `exclusions:
  - { ${exclusion}, match: { suser: *Veeam*, msg: [*Acronis*] } }
`,
    says: [
      '2:43: exclusions[0].match.suser: a text that begins with * is written in quotes: "*Veeam*"',
      '2:58: exclusions[0].match.msg[0]: a text that begins with * is written in quotes: "*Acronis*"',
    ],
  },
  ...['*Veeam* Backup', '@home', '%a', '* x', '`a`'].map((text) => ({
    title: `${text} without quotes gets the hint to quote it`,
    text: `exclusions:\n  - ${exclusion.replace(', ', '\n    ')}\n    match:\n      suser: ${text}\n`,
    says: [`is written in quotes`],
  })),
]);

const line = 'CEF:0|a|b|1|1|n|1|';
check([
  {
    title: 'two servers that are one, and spool and baseline in one place',
    text: `forward: { fluentd: { servers: [{ host: a }, { host: b }, { host: A. }] } }
spool: { path: x/y }
baseline: { path: ./x/../x/y }
`,
    says: [
      '1:59: forward.fluentd.servers[2]: another entry has this host and port',
      '2:16: spool.path: spool.path and baseline.path are the same directory',
    ],
  },
  ...[
    ['x', 'x/y', 'baseline.path is inside spool.path'],
    ['x/y/z', 'x', 'spool.path is inside baseline.path'],
    ['/x', '/', 'spool.path is inside baseline.path'],
  ].map(([spool, baseline, says = '']) => ({
    title: `spool ${spool} and baseline ${baseline}`,
    text: `spool: { path: "${spool}" }\nbaseline: { path: "${baseline}" }`,
    says: [`1:16: spool.path: ${says}`],
  })),
  {
    title: 'a baseline without a path of its own inside the spool is told at the spool',
    text: 'spool: { path: data }',
    says: ['1:16: spool.path: baseline.path is inside spool.path'],
  },
  {
    title: 'tests that cannot be met, or have no shape',
    text: `exclusions: [{ name: backup, reason: r, match: { suser: a } }]
tests:
  - { name: a, event: "${line}", expect: { excluded_by: bakup } }
  - { name: a, event: "${line}", expect: { alert: true, repeat: true } }
  - { name: b, event: "${line}", expect: {} }
  - { name: c, event: "${line}", expect: { alerted: true } }
  - { name: d, event: [], expect: { alert: true } }
  - { name: e, event: [{ lines: x }], expect: { alert: true } }
  - { name: f, at: 2026-02-30T00:00:00Z, event: x, expect: { level: huge, bytes: 1KiB } }
  - { name: g, baseline: { threshold: 5 }, event: x, expect: { record: { a: { b: 1 } } } }
  - { name: h, event: x }
  - { name: i, event: x, expect: { alert: true, skipped_by: status } }
`,
    says: [
      'tests[0].expect.excluded_by: no exclusion has the name "bakup"; the nearest is "backup"',
      '4:13: tests[1].name: another test has this name',
      'tests[1].expect.alert: what has repeat raises no alert',
      'tests[2].expect: must expect something',
      'tests[3].expect.alerted: unknown key; the nearest valid key is "alert"',
      'tests[4].event: must have at least 1 item',
      'tests[5].event[0].line: this key is missing',
      'tests[5].event[0].lines: unknown key; the nearest valid key is "line"',
      'tests[6].at: must be a moment in UTC, such as 2026-01-31T12:00:00Z, got "2026-02-30T00:00:00Z"',
      'tests[6].expect.level: must be one of low, medium, high, critical, got "huge"',
      'tests[6].expect.bytes: must be a number, got "1KiB"',
      'tests[7].baseline.threshold: must be a size with its unit',
      'tests[7].expect.record.a: must be text, a number, true, false, null',
      'tests[8].expect: this key is missing',
      'tests[9].expect.alert: what has skipped_by raises no alert',
    ],
  },
  {
    title: 'tests have a million events together',
    text: `tests:
  - name: a
    event: [${'{ line: x, times: 10000 }, '.repeat(100)}]
    expect: { alert: false }
  - { name: b, event: x, expect: { alert: false } }
  - { name: c, event: x, expect: { alert: false } }
`,
    says: ['5:23: tests[1].event: with this test there are more than 1000000 events in all tests'],
  },
]);
