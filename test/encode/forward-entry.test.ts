import t from 'tap';
import {
  createForwardEncoder,
  type ForwardEncoderOptions,
} from '../../src/encode/forward-entry.js';
import { recordNames } from '../../src/encode/record-names.js';
import { type Fields, Problem, Zone } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { Verdict } from '../../src/verdict.js';
import { anAlert } from '../support/alerts.js';
import { type Decoded, decodeOne, type EventTime, Float, plain } from '../support/msgpack.js';
import { buildTable, type EventParts } from '../support/table-builder.js';

const header = ['0', 'Zscaler', 'NSSWeblog', '5.7', 'Allowed', 'Allowed', '3'];
const now = Date.UTC(2026, 10, 24, 10, 15, 32, 123);
const day = 24 * 3600 * 1000;

interface Entry {
  readonly time: EventTime;
  readonly record: { [key: string]: Decoded };
  readonly counters: Counters;
  readonly size: number;
  readonly bound: number;
}

function encode(
  event: EventParts | Fields,
  options: Partial<ForwardEncoderOptions> = {},
  verdict: Partial<Verdict> = {},
): Entry {
  const counters = new Counters();
  const encoder = createForwardEncoder({ raw: 'never', counters, ...options });
  const fields = 'bytes' in event ? event : tableOf(event);
  const bound = encoder.maxEntryBytes(fields.rawEnd - fields.rawStart);
  const out = Buffer.alloc(bound + 16);
  const end = encoder.entry(fields, Object.assign(new Verdict(), verdict), out, 16);
  const [time, record] = decodeOne(out.subarray(16, end)) as [EventTime, Entry['record']];
  return { time, record, counters, size: end - 16, bound };
}

function tableOf(event: EventParts): Fields {
  return buildTable({ receivedAtMs: now, ...event }, Math.max(64, event.extension?.length ?? 0));
}

function recordOf(...parameters: Parameters<typeof encode>): unknown {
  const { event_id, received_at, ...rest } = encode(...parameters).record;
  return plain(rest);
}

t.test('a whole event becomes a whole record', async (t) => {
  const { record, time } = encode(
    {
      pri: 134,
      host: 'proxy01',
      app: 'nss',
      proc: '42',
      msgId: 'web',
      structuredData: '[id a="b"]',
      header,
      extension: [
        ['in', '82244'],
        ['dhost', 'img.example.net'],
        ['cfp1', '1'],
      ],
      eventTimeMs: now - 1500,
      peer: '10.0.0.7',
    },
    {},
    { alert: anAlert() },
  );
  const { event_id, ...rest } = record;
  t.match(event_id, /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  t.strictSame(time, { seconds: Math.floor(now / 1000) - 2, nanoseconds: 623_000_000 });
  t.strictSame(plain(rest), {
    device_vendor: 'Zscaler',
    device_product: 'NSSWeblog',
    device_version: '5.7',
    device_event_class_id: 'Allowed',
    name: 'Allowed',
    severity: '3',
    cef_version: '0',
    in: 82244,
    dhost: 'img.example.net',
    cfp1: 1,
    syslog: {
      facility: 'local0',
      severity: 'info',
      hostname: 'proxy01',
      app_name: 'nss',
      proc_id: '42',
      msg_id: 'web',
      structured_data: '[id a="b"]',
    },
    peer: '10.0.0.7',
    received_at: '2026-11-24T10:15:32.123Z',
    event_time: '2026-11-24T10:15:30.623Z',
    alert: anAlert(),
  });
  t.strictSame(record.cfp1, new Float(1), 'a float is a float even if whole');
});

t.test('what is absent is not in the record', async (t) => {
  t.strictSame(recordOf({}), {});
  t.strictSame(recordOf({ header: ['0', '', 'p'] }), {
    cef_version: '0',
    device_vendor: '',
    device_product: 'p',
  });
});

t.test('every facility and severity has its keyword', async (t) => {
  const encoder = createForwardEncoder({ raw: 'never', counters: new Counters() });
  const out = Buffer.alloc(encoder.maxEntryBytes(100));
  const keywords = Array.from({ length: 192 }, (_, pri) => {
    const end = encoder.entry(tableOf({ pri }), new Verdict(), out, 0);
    const [, record] = decodeOne(out.subarray(0, end)) as [EventTime, Entry['record']];
    const { facility, severity } = record.syslog as { [key: string]: string };
    return `${facility}.${severity}`;
  });
  t.equal(new Set(keywords).size, 192);
  t.equal(keywords[0], 'kern.emerg');
  t.equal(keywords[38], 'auth.info');
  t.equal(keywords[191], 'local7.debug');
});

t.test('a number key is a number or else in `invalid`, and counted', async (t) => {
  const { record, counters } = encode({
    header,
    extension: [
      ['in', ' 82244 '],
      ['out', 'None'],
      ['dpt', '443.5'],
      ['cn1', '9007199254740992'],
      ['cn2', '-5'],
      ['type', 'traffic'],
      ['cfp1', '0.25'],
      ['cfp2', '1,5'],
      ['IN', 'x\\=y'],
    ],
  });
  t.equal(record.in, 82244);
  t.equal(record.cn2, -5);
  t.strictSame(record.cfp1, new Float(0.25));
  t.strictSame(plain(record.invalid!), {
    out: 'None',
    dpt: '443.5',
    cn1: '9007199254740992',
    type: 'traffic',
    cfp2: '1,5',
    IN: 'x=y',
  });
  for (const key of ['out', 'dpt', 'cn1', 'type', 'cfp2', 'IN']) t.notOk(key in record, key);
  t.equal(counters.invalid_values, 6);
});

t.test(
  'an empty value of a number key is absent, of a string key is an empty string',
  async (t) => {
    const { record, counters } = encode({
      header,
      extension: [
        ['in', ''],
        ['cnt', '  '],
        ['dst', ''],
        ['vendorKey', ''],
      ],
    });
    t.notOk('in' in record || 'cnt' in record || 'invalid' in record);
    t.equal(record.dst, '');
    t.equal(record.vendorKey, '');
    t.equal(counters.invalid_values, 0);
  },
);

t.test('of equal keys the last is forwarded, of keys in other case each', async (t) => {
  const { record } = encode({
    header,
    extension: [
      ['dhost', 'first'],
      ['Dhost', 'other'],
      ['x', '1'],
      ['dhost', 'last'],
      ['x', '2'],
    ],
  });
  t.match(plain(record), { dhost: 'last', Dhost: 'other', x: '2' });
});

t.test('text in an event cannot forge what stegwatch says', async (t) => {
  const plainRecord = encode({ header }).record;
  const extension = recordNames.map((name) => [name, 'forged'] as const);
  const { record } = encode({ header, extension });
  for (const name of recordNames) {
    t.equal(record[`ext_${name}`], 'forged', name);
    t.equal(name in record, name in plainRecord, name);
    if (name !== 'event_id') t.strictSame(record[name], plainRecord[name], name);
  }
});

t.test('renamed keys never meet', async (t) => {
  const { record } = encode({
    header,
    extension: [
      ['alert', '0'],
      ['ext_alert', '1'],
      ['ext_ext_alert', '2'],
      ['Alert', '3'],
      ['ext_in', '4'],
      ['__proto__', '5'],
    ],
  });
  t.match(record, {
    ext_alert: '0',
    ext_ext_alert: '1',
    ext_ext_ext_alert: '2',
    ext_Alert: '3',
    ext_in: '4',
    ext___proto__: '5',
  });
  t.notOk(Object.hasOwn(record as object, '__proto__'));
});

t.test(
  'the entry has the time of the event where that can be believed, else of its receipt',
  async (t) => {
    const seconds = (eventTimeMs: number, options = {}) =>
      encode({ eventTimeMs }, options).time.seconds;
    const receipt = Math.floor(now / 1000);
    t.equal(seconds(now - day), receipt - 86_400);
    t.equal(seconds(now - 8 * day), receipt - 8 * 86_400);
    t.equal(seconds(now + 300_000), receipt + 300);
    for (const wrong of [Number.NaN, 0, -1e15, now - 8 * day - 1, now + 300_001, 1e15]) {
      t.equal(seconds(wrong), receipt, String(wrong));
    }
    t.equal(seconds(now + 300_000, { maxFutureMs: 1000 }), receipt);
  },
);

t.test('`event_time` tells what the event said, even if it is not believed', async (t) => {
  t.equal(encode({ eventTimeMs: 0 }).record.event_time, '1970-01-01T00:00:00.000Z');
  t.notOk('event_time' in encode({ eventTimeMs: 1e15 }).record, 'year 33658');
  t.notOk('event_time' in encode({}).record);
});

t.test('`zone_assumed` is there only if a time is and its zone was assumed', async (t) => {
  t.equal(encode({ eventTimeMs: now, zone: Zone.assumed }).record.zone_assumed, true);
  for (const zone of [Zone.explicit, Zone.dtz, Zone.feed]) {
    t.notOk('zone_assumed' in encode({ eventTimeMs: now, zone }).record);
  }
  t.notOk('zone_assumed' in encode({ zone: Zone.assumed }).record);
});

t.test('a damaged event says why, and holds its text', async (t) => {
  const message = 'su: root on /dev/pts/0';
  t.strictSame(recordOf({ pri: 38, host: 'h', message, problem: Problem.notCef }), {
    syslog: { facility: 'auth', severity: 'info', hostname: 'h' },
    parse_error: 'not CEF',
    message,
  });
  t.strictSame(recordOf({ problem: Problem.empty }), { parse_error: 'empty message', message: '' });
  t.match(recordOf({ header: ['0', 'v'], problem: Problem.headerCut }), {
    device_vendor: 'v',
    parse_error: 'CEF header has fewer than 7 fields',
    message: 'CEF:0|v',
  });
});

t.test('a cut event says so and how long it was', async (t) => {
  const fields = buildTable({ header, cutBytes: 100_000 });
  const { record } = encode(fields);
  t.equal(record.truncated, true);
  t.equal(record.original_length, fields.rawEnd + 100_000);
});

t.test('`raw` is the line as received, as configured', async (t) => {
  const event = { header, extension: [['msg', 'a\\=b']] as const };
  const line = buildTable(event).bytes.toString();
  const alert = anAlert();
  t.equal(encode(event, { raw: 'always' }).record.raw, line);
  t.equal(encode(event, { raw: 'alerts' }, { alert }).record.raw, line);
  t.notOk('raw' in encode(event, { raw: 'alerts' }).record);
  t.notOk('raw' in encode(event, { raw: 'alerts' }, { suppressed: { by: 'repeat' } }).record);
  t.notOk('raw' in encode(event, { raw: 'never' }, { alert }).record);
});

t.test('a line that is not UTF-8 is always there as base64, and never as `raw`', async (t) => {
  for (const raw of ['never', 'alerts', 'always'] as const) {
    for (let length = 20; length < 24; length++) {
      const rawBytes = Buffer.alloc(length, 0xe9);
      const { record } = encode({ message: '\ufffd', problem: Problem.notCef, rawBytes }, { raw });
      t.equal(record.raw_base64, rawBytes.toString('base64'));
      t.notOk('raw' in record);
    }
  }
});

t.test('an event that was held back says by what', async (t) => {
  const suppressed = { by: 'exclusion', name: 'backup', reason: 'CHG-1234' } as const;
  t.match(recordOf({ header }, {}, { suppressed }), { alert_suppressed: suppressed });
});

t.test('ids of one encoder differ and sort', async (t) => {
  const counters = new Counters();
  const encoder = createForwardEncoder({ raw: 'never', counters, processId: Buffer.alloc(8, 1) });
  const fields = buildTable({ receivedAtMs: now });
  const out = Buffer.alloc(encoder.maxEntryBytes(100));
  const ids = Array.from({ length: 3 }, () => {
    const end = encoder.entry(fields, new Verdict(), out, 0);
    const [, record] = decodeOne(out.subarray(0, end)) as [EventTime, Entry['record']];
    return record.event_id as string;
  });
  t.strictSame([...new Set(ids)].sort(), ids);
});

t.test('the worst events stay within the bound', async (t) => {
  const spellings = (key: string) =>
    Array.from({ length: 2 ** key.length }, (_, bits) =>
      [...key].map((c, i) => (bits & (1 << i) ? c.toUpperCase() : c)).join(''),
    );
  const worst: Readonly<Record<string, EventParts>> = {
    'floats of one digit': {
      extension: ['dlat', 'slat'].flatMap(spellings).map((key) => [key, '1'] as const),
    },
    'short reserved keys': {
      extension: ['raw', 'name', 'peer'].flatMap(spellings).map((key) => [key, ''] as const),
    },
    'thousands of short fields': {
      extension: Array.from({ length: 4096 }, (_, i) => [i.toString(36), ''] as const),
    },
    'all bad bytes, told three times': {
      message: '\ufffd'.repeat(60_000),
      host: '\ufffd'.repeat(5000),
      problem: Problem.notCef,
      rawBytes: Buffer.alloc(65_000, 0xff),
      cutBytes: 1,
      peer: 'f'.repeat(10_000),
    },
  };
  const long = 'ü'.repeat(100_000);
  for (const [what, event] of Object.entries(worst)) {
    for (const verdict of [{}, { alert: anAlert({ url: long, host: long, reason: long }) }]) {
      const suppressed = { by: 'exclusion', reason: long } as const;
      const { size, bound } = encode(event, { raw: 'always' }, { ...verdict, suppressed });
      t.ok(size <= bound, `${what}: ${size} of ${bound}`);
    }
  }
});
