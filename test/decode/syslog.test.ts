/** The syslog header: RFC 5424, RFC 3164, and what devices make of it. */
import t, { type Test } from 'tap';
import { Problem } from '../../src/fields.js';
import { read } from './reading.js';

const cef = 'CEF:0|Acme|Gate|1.0|100|n|3|act=x';

interface Expected {
  readonly pri?: number;
  readonly host?: string;
  readonly app?: string;
  readonly proc?: string;
  readonly msgId?: string;
  readonly sd?: string;
  /** Default: there is a time if the header has one; '' means none. */
  readonly time?: string;
}

function check(t: Test, header: string, body: string, expected: Expected): void {
  const seen = read(header + body);
  t.strictSame(
    {
      pri: seen.fields.pri,
      host: seen.host,
      app: seen.app,
      proc: seen.proc,
      msgId: seen.msgId,
      sd: seen.sd,
      time: seen.time,
      message: seen.message,
    },
    {
      pri: -1,
      host: '',
      app: '',
      proc: '',
      msgId: '',
      sd: '',
      time: '',
      ...expected,
      message: body,
    },
    header,
  );
}

const nine = '2026-11-24T09:00:00.000Z';

t.test('headers in front of CEF', async (t) => {
  const cases: Readonly<Record<string, Expected>> = {
    '': {},
    '<134>': { pri: 134 },
    '<0>': { pri: 0 },
    '<191> ': { pri: 191 },
    '<134>Nov 24 09:00:00 proxy01 ': { pri: 134, host: 'proxy01', time: nine },
    'Nov 24 09:00:00 proxy01 ': { host: 'proxy01', time: nine },
    '<134> Nov 24 09:00:00 proxy01 ': { pri: 134, host: 'proxy01', time: nine },
    // C29
    '<134>Nov  4 09:00:00 proxy01 ': {
      pri: 134,
      host: 'proxy01',
      time: '2026-11-04T09:00:00.000Z',
    },
    '<134>Nov 4 09:00:00 proxy01 ': { pri: 134, host: 'proxy01', time: '2026-11-04T09:00:00.000Z' },
    'November 24 09:00:00 proxy01 ': { host: 'proxy01', time: nine },
    '<134>Nov 24 2026 09:00:00 proxy01 ': { pri: 134, host: 'proxy01', time: nine },
    'Nov 24 2026 09:00:00.123 UTC proxy01 ': { host: 'proxy01', time: '2026-11-24T09:00:00.123Z' },
    'Nov 24 2026 09:00:00 EST VAULT ': { host: 'VAULT', time: '2026-11-24T14:00:00.000Z' },
    // A name of capitals that is no zone is the host.
    'Nov 24 09:00:00 VAULT ': { host: 'VAULT', time: nine },
    // C28
    '<134>Nov 24 09:00:00 ': { pri: 134, time: nine },
    'server2 ': { host: 'server2' },
    '10.1.2.3 ': { host: '10.1.2.3' },
    '<134>proxy01 ': { pri: 134, host: 'proxy01' },
    // C30
    '2026-11-24T09:00:00Z proxy01 ': { host: 'proxy01', time: nine },
    '<14>2026-11-24T09:00Z proxy01 ': { pri: 14, host: 'proxy01', time: nine },
    '<134>2026-11-24T10:00:00.5+01:00 proxy01 ': {
      pri: 134,
      host: 'proxy01',
      time: '2026-11-24T09:00:00.500Z',
    },
    '2026-11-24 09:00:00,123 proxy01 ': { host: 'proxy01', time: '2026-11-24T09:00:00.123Z' },
    '2026-11-24T04:00:00.000-0500 ': { time: nine },
    // C32
    'Nov 24 09:00:00 proxy01: ': { host: 'proxy01', time: nine },
    'Nov 24 09:00:00 proxy01 : ': { host: 'proxy01', time: nine },
    'Nov 24 09:00:00 2001:db8::7 ': { host: '2001:db8::7', time: nine },
    'Nov 24 09:00:00 fe80::1%eth0 app: ': { host: 'fe80::1%eth0', app: 'app', time: nine },
    'Nov 24 09:00:00 fe80:: ': { host: 'fe80::', time: nine },
    'Nov 24 09:00:00 web/relay ': { host: 'web/relay', time: nine },
    'Nov 24 09:00:00 - app ': { app: 'app', time: nine },
    // Tags.
    '<30>Nov 24 09:00:00 h named[12]: ': {
      pri: 30,
      host: 'h',
      app: 'named',
      proc: '12',
      time: nine,
    },
    '<30>Nov 24 09:00:00 h app[9] ': { pri: 30, host: 'h', app: 'app', proc: '9', time: nine },
    '<30>Nov 24 09:00:00 h mwg: ': { pri: 30, host: 'h', app: 'mwg', time: nine },
    '<30>Nov 24 09:00:00 h tag ': { pri: 30, host: 'h', app: 'tag', time: nine },
    'Nov 24 09:00:00 h vectra -: ': { host: 'h', app: 'vectra', time: nine },
    'Nov 24 09:00:00 H Manager 86680 AEM ': {
      host: 'H',
      app: 'Manager',
      proc: '86680',
      time: nine,
    },
    'Nov 24 09:00:00 named[12]: ': { app: 'named', proc: '12', time: nine },
    '<164>notify-1590500.warning: ': { pri: 164, app: 'notify-1590500.warning' },
    'cef[24366]: ': { app: 'cef', proc: '24366' },
    'fireeye[-]: ': { app: 'fireeye' },
    // Headers of no known form: nothing in them is taken for what it may not be.
    '>>> ': {},
    '05 05 2021 11:38:08 10.7.1.3 <INFO> May  5 11:38:08 H SPP[5560]: ': {},
    '<999>': {},
    '<>': {},
    '<1a>': {},
    // RFC 5424.
    '<134>1 2026-11-24T09:00:00.000003Z h app 12 ID - ': {
      pri: 134,
      host: 'h',
      app: 'app',
      proc: '12',
      msgId: 'ID',
      time: nine,
    },
    '<134>1 2026-11-24T09:00:00Z h app - - - ': { pri: 134, host: 'h', app: 'app', time: nine },
    '<134>1 - - - - - - ': { pri: 134 },
    '<134>1 2026-11-24T09:00:00Z h app - - - \ufeff': {
      pri: 134,
      host: 'h',
      app: 'app',
      time: nine,
    },
    '<134>1 2026-11-24T09:00:00Z h ': { pri: 134, host: 'h', time: nine },
    '<134>1 2026-11-24T09:00:00Z ': { pri: 134, time: nine },
    '<33>0 2026-11-24T10:00:00+01:00 h app - - - ': { pri: 33, host: 'h', app: 'app', time: nine },
    '<134>1 2026-11-24T09:00:00Z h app 1 ID [a@1 b="c"] ': {
      pri: 134,
      host: 'h',
      app: 'app',
      proc: '1',
      msgId: 'ID',
      sd: '[a@1 b="c"]',
      time: nine,
    },
    '<134>1 2026-11-24T09:00:00Z h app 1 ID [a@1 b="x\\"] \\\\"][c@2 d="]"] ': {
      pri: 134,
      host: 'h',
      app: 'app',
      proc: '1',
      msgId: 'ID',
      sd: '[a@1 b="x\\"] \\\\"][c@2 d="]"]',
      time: nine,
    },
    '<134>1 2026-11-24T09:00:00Z h app 1 ID [a@1 b="CEF:0|x|"] ': {
      pri: 134,
      host: 'h',
      app: 'app',
      proc: '1',
      msgId: 'ID',
      sd: '[a@1 b="CEF:0|x|"]',
      time: nine,
    },
    '<134>1 2026-11-24T09:00:00Z h app 1 ID - noise before ': {
      pri: 134,
      host: 'h',
      app: 'app',
      proc: '1',
      msgId: 'ID',
      time: nine,
    },
  };
  for (const [header, expected] of Object.entries(cases)) check(t, header, cef, expected);
});

t.test('headers in front of other text', async (t) => {
  const cases: readonly (readonly [string, string, Expected])[] = [
    [
      '<34>Nov 24 09:00:00 h su: ',
      "'su root' failed",
      { pri: 34, host: 'h', app: 'su', time: nine },
    ],
    [
      '<34>Nov 24 09:00:00 h sshd[12]: ',
      'hello',
      { pri: 34, host: 'h', app: 'sshd', proc: '12', time: nine },
    ],
    [
      '<34>Nov 24 09:00:00 h sshd[12] ',
      'hello',
      { pri: 34, host: 'h', app: 'sshd', proc: '12', time: nine },
    ],
    [
      '<34>Nov 24 09:00:00 h %ASA-6-302013: ',
      'Built',
      { pri: 34, host: 'h', app: '%ASA-6-302013', time: nine },
    ],
    [
      '<34>Nov 24 09:00:00 h CRON(root)[7]: ',
      'x',
      { pri: 34, host: 'h', app: 'CRON(root)', proc: '7', time: nine },
    ],
    [
      '<34>Nov 24 09:00:00 UTC: %SYS-5-CONFIG_I: ',
      'done',
      { pri: 34, app: '%SYS-5-CONFIG_I', time: nine },
    ],
    ['<34>Nov 24 09:00:00 h : ', 'Built', { pri: 34, host: 'h', time: nine }],
    ['<34>Nov 24 09:00:00 h: ', 'Warning: bad', { pri: 34, host: 'h', time: nine }],
    [
      '<34>Nov 24 09:00:00 pinger[1334]: ',
      '64 bytes',
      { pri: 34, app: 'pinger', proc: '1334', time: nine },
    ],
    // A word of prose is no tag.
    ['<34>Nov 24 09:00:00 h ', 'Link down on port 3: reset', { pri: 34, host: 'h', time: nine }],
    [
      '<34>Nov 24 09:00:00 10.1.1.1 ',
      'date=2026-11-24 time=09:00:00',
      { pri: 34, host: '10.1.1.1', time: nine },
    ],
    ['Nov 24 09:00:00 h ', 'text', { host: 'h', time: nine }],
    ['Nov 24 09:00:00 ', 'Tap::removed, Owner: x', { time: nine }],
    ['<34>', 'date=2026-11-24 time=09:00:00', { pri: 34 }],
    ['<34>10.1.1.1 ', 'time=09:00:00', { pri: 34, host: '10.1.1.1' }],
    ['<34>2001:db8::1 app: ', 'text', { pri: 34, host: '2001:db8::1', app: 'app' }],
    [
      '<34>gw.example.org app[7]: ',
      'INFO x',
      { pri: 34, host: 'gw.example.org', app: 'app', proc: '7' },
    ],
    ['<34>', 'gw.example.org is down', { pri: 34 }],
    ['<34>', 'AMP (air)[6944]: text', { pri: 34 }],
    ['<34>', '1.2.3 is a version', { pri: 34 }],
    ['<34>tag: ', 'text', { pri: 34, app: 'tag' }],
    ['<34>\ufeff', 'text', { pri: 34 }],
    [
      '<34>1 2026-11-24T09:00:00Z h su - ID47 - ',
      'text with [brackets]',
      { pri: 34, host: 'h', app: 'su', msgId: 'ID47', time: nine },
    ],
    [
      '<34>1 2026-11-24T09:00:00Z h su - - [a@1 b="c"] ',
      'text',
      { pri: 34, host: 'h', app: 'su', sd: '[a@1 b="c"]', time: nine },
    ],
    [
      '<34>1 2026-11-24T09:00:00Z h su - - ',
      '[a@1 b="no end',
      { pri: 34, host: 'h', app: 'su', time: nine },
    ],
    [
      '<34>1 2026-11-24T09:00:00Z h su - - [a@1 b="c"]',
      '[d@2 no end',
      { pri: 34, host: 'h', app: 'su', sd: '[a@1 b="c"]', time: nine },
    ],
    // Not RFC 5424: no time follows the version.
    ['<34>', '1 yesterday h su - - - text', { pri: 34 }],
    // No header at all: every byte is message.
    ['', '10.1.1.1 - - [24/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200', {}],
    ['', 'error: something', {}],
    ['', '<34 not a pri', {}],
    ['', '1 2026-11-24T09:00:00Z h su - - - no PRI, so no RFC 5424', {}],
  ];
  for (const [header, body, expected] of cases) {
    check(t, header, body, expected);
    t.equal(read(header + body).problem, Problem.notCef);
  }
});

t.test('nothing behind the header is an empty message', async (t) => {
  for (const text of [
    '',
    ' \r\n\0',
    '\ufeff',
    '<34>',
    '<34>Nov 24 09:00:00 h ',
    '<34>1 2026-11-24T09:00:00Z h a - - [x y="z"]',
  ]) {
    const { problem, message, isCef } = read(text);
    t.equal(problem, Problem.empty, JSON.stringify(text));
    t.equal(message, '');
    t.notOk(isCef);
  }
});

t.test('a byte order mark goes before PRI, before CEF, before the text', async (t) => {
  check(t, '\ufeff<134>Nov 24 09:00:00 h ', cef, { pri: 134, host: 'h', time: nine });
  check(t, '<134>Nov 24 09:00:00 h tag \ufeff', cef, {
    pri: 134,
    host: 'h',
    app: 'tag',
    time: nine,
  });
  check(t, '<134>Nov 24 09:00:00 h su: \ufeff', 'text', {
    pri: 134,
    host: 'h',
    app: 'su',
    time: nine,
  });
  check(t, '\ufeff', cef, {});
});

t.test('S3: an octet count pasted in front is dropped', async (t) => {
  check(t, '123 <134>Nov 24 09:00:00 h ', cef, { pri: 134, host: 'h', time: nine });
  check(t, '999999999 ', cef, {});
  check(t, '17 ', 'seventeen letters', {});
});

t.test('T4: other digits in front are not', async (t) => {
  for (const text of [
    '16 seventeen letters',
    '017 seventeen letters',
    '1234567890 <134>text',
    '2026 was a year',
    '12 ',
    '12',
  ]) {
    t.equal(read(text).message, text.trim(), text);
  }
  check(t, '2026-11-24 09:00:00 h ', cef, { host: 'h', time: nine });
});

t.test('RFC 5424 with CEF taken apart by a relay: APP-NAME CEF, the rest in MSG', async (t) => {
  // What rsyslog's RSYSLOG_SyslogProtocol23Format makes of a CEF line that came in RFC 3164.
  const split = read(
    '<134>1 2026-11-24T09:00:00+00:00 proxy01 CEF - - - 0|Acme|Gate|1.0|100|n|3|act=x',
  );
  t.ok(split.isCef);
  t.equal(split.problem, Problem.none);
  t.strictSame(split.header, ['0', 'Acme', 'Gate', '1.0', '100', 'n', '3']);
  t.strictSame({ ...split.ext }, { act: 'x' });
  t.equal(split.host, 'proxy01');
  t.equal(split.app, '', 'that was no name of a program');
  t.equal(split.time, nine);

  for (const other of [
    '<134>1 2026-11-24T09:00:00Z proxy01 CEF - - - text',
    '<134>1 2026-11-24T09:00:00Z proxy01 CEF - - - 12 pieces',
    '<134>1 2026-11-24T09:00:00Z proxy01 CEFX - - - 0|Acme|Gate|1.0|100|n|3|act=x',
    '<134>1 2026-11-24T09:00:00Z proxy01 app - - - 0|Acme|Gate|1.0|100|n|3|act=x',
  ]) {
    t.equal(read(other).problem, Problem.notCef, other);
  }
});
