/** Records with names of CommonSecurityLog and ECS. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { createDecoder } from '../../src/decode/decode.js';
import {
  createForwardEncoder,
  type ForwardEncoderOptions,
} from '../../src/encode/forward-entry.js';
import { recordNames } from '../../src/encode/record-names.js';
import { Feed, type FeedProfile } from '../../src/feed.js';
import { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { Verdict } from '../../src/verdict.js';
import { anAlert } from '../support/alerts.js';
import { type Decoded, decodeOne, plain } from '../support/msgpack.js';

const now = Date.UTC(2026, 10, 24, 10, 15, 32, 123);
const peer = { address: '10.0.0.7' };
const head = 'CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Blocked page|3|';
type Entry = { [key: string]: Decoded };

interface Encoded {
  readonly record: Entry;
  readonly size: number;
  readonly bound: number;
}

function encode(
  line: string | Buffer,
  options: Partial<ForwardEncoderOptions>,
  verdict: Partial<Verdict> = {},
  maxFields = 512,
): Encoded {
  const counters = new Counters();
  const fields = new Fields(maxFields);
  const bytes = Buffer.from(line as string);
  createDecoder({ counters })(bytes, 0, bytes.length, bytes.length, now, peer, fields);
  const encoder = createForwardEncoder({ raw: 'never', counters, ...options });
  const bound = encoder.maxEntryBytes(bytes.length);
  const out = Buffer.alloc(bound + 4096);
  const end = encoder.entry(fields, Object.assign(new Verdict(), verdict), out, 0);
  const [, record] = decodeOne(out.subarray(0, end)) as [Decoded, Entry];
  return { record, size: end, bound };
}

function ecs(extension: string, options: Partial<ForwardEncoderOptions> = {}): object {
  const { record } = encode(head + extension, { names: 'ecs', ...options });
  const own =
    /^(peer|event_id|received_at|@timestamp|ecs\.version|observer\..*|cef\.(name|version|severity)|event\.(code|severity))$/;
  return plain(
    Object.fromEntries(Object.entries(record).filter(([name]) => !own.test(name))),
  ) as object;
}

function columns(extension: string): object {
  const { record } = encode(head + extension, { names: 'commonsecuritylog' });
  const own =
    /^(peer|event_id|received_at|TimeGenerated|Device(Vendor|Product|Version|EventClassID)|Activity|LogSeverity|cef_version)$/;
  return plain(
    Object.fromEntries(Object.entries(record).filter(([name]) => !own.test(name))),
  ) as object;
}

t.test('the header under each kind of name', async (t) => {
  t.match(encode(head, { names: 'commonsecuritylog' }).record, {
    TimeGenerated: '2026-11-24T10:15:32.123Z',
    DeviceVendor: 'Zscaler',
    DeviceProduct: 'NSSWeblog',
    DeviceVersion: '5.7',
    DeviceEventClassID: 'Allowed',
    Activity: 'Blocked page',
    LogSeverity: '3',
    cef_version: '0',
  });
  t.match(encode(head, { names: 'ecs' }).record, {
    '@timestamp': '2026-11-24T10:15:32.123Z',
    'ecs.version': '8.11.0',
    'observer.vendor': 'Zscaler',
    'observer.product': 'NSSWeblog',
    'observer.version': '5.7',
    'event.code': 'Allowed',
    'cef.name': 'Blocked page',
    'cef.severity': '3',
    'event.severity': 3,
    'cef.version': '0',
  });
  const word = encode('CEF:0|v|p|1|c|n|High|', { names: 'ecs' }).record;
  t.equal(word['cef.severity'], 'High');
  t.notOk('event.severity' in word);
});

t.test('the time is that of the event where it can be believed, else of receipt', async (t) => {
  for (const [names, name] of [
    ['ecs', '@timestamp'],
    ['commonsecuritylog', 'TimeGenerated'],
  ] as const) {
    const timeOf = (rt: number) => encode(`${head}rt=${rt}`, { names }).record[name];
    t.equal(timeOf(now - 1500), '2026-11-24T10:15:30.623Z');
    t.equal(timeOf(0), '2026-11-24T10:15:32.123Z');
    t.equal(timeOf(now + 3_600_000), '2026-11-24T10:15:32.123Z');
  }
});

t.test('columns, their types, and AdditionalExtensions for the rest', async (t) => {
  t.strictSame(
    columns(
      'in=2500000 out=None dhost=a.example Dhost=b.example deviceDirection=1 cn1=7 cn1Label=risk ' +
        'ad.x=1 note=a\\=b;c d alert=none art=1 fileType=Jpeg Files empty=',
    ),
    {
      ReceivedBytes: 2_500_000,
      DestinationHostName: 'b.example',
      CommunicationDirection: '1',
      FieldDeviceCustomNumber1: 7,
      DeviceCustomNumber1Label: 'risk',
      FileType: 'Jpeg Files',
      AdditionalExtensions: 'dhost=a.example;ad.x=1;note=a=b;c d;alert=none;art=1;empty=',
      invalid: { out: 'None' },
    },
  );
});

t.test('ECS names, and cef.extensions for the rest', async (t) => {
  t.strictSame(
    ecs(
      'src=10.0.0.7 dst=none dhost=a.example Dhost=b.example dpt=443 proto=tcp deviceDirection=1 ' +
        'request=https://a.example/x.jpg fileType=Jpeg Files fileHash=ab cn1=7 cs1=x dlat=1.5 ' +
        'start=1795515332123 end=yesterday msg=hello eventId=77 ad.x=1 ad..y=2 alert=none',
    ),
    {
      'source.ip': '10.0.0.7',
      'cef.extensions.dst': 'none',
      'cef.extensions.dhost': 'a.example',
      'destination.domain': 'b.example',
      'destination.port': 443,
      'network.transport': 'tcp',
      'network.direction': 'outbound',
      'url.original': 'https://a.example/x.jpg',
      'cef.extensions.fileType': 'Jpeg Files',
      'cef.extensions.fileHash': 'ab',
      'cef.extensions.cn1': 7,
      'cef.extensions.cs1': 'x',
      'cef.extensions.dlat': 1.5,
      'event.start': new Date(1795515332123).toISOString(),
      'cef.extensions.end': 'yesterday',
      message: 'hello',
      'event.id': '77',
      'cef.extensions.ad.x': '1',
      'cef.extensions.ad;;y': '2',
      'cef.extensions.alert': 'none',
    },
  );
});

t.test('where stegwatch has a message of its own, msg is an extension', async (t) => {
  const line = 'CEF:0|v|p|1|c|n|3|text first msg=hello';
  const { record } = encode(line, { names: 'ecs' });
  t.match(record.message, /text first msg=hello$/);
  t.equal(record['cef.extensions.msg'], 'hello');
  const row = encode(line, { names: 'commonsecuritylog' }).record;
  t.match(row.message, /text first msg=hello$/);
  t.notOk('Message' in row);
  t.equal(row.AdditionalExtensions, 'msg=hello');
  t.equal(encode(`${head}msg=hello`, { names: 'commonsecuritylog' }).record.Message, 'hello');
});

t.test('of a key beyond 1 KiB the name is cut and ends in its hash, in ECS', async (t) => {
  const longest = 'k.'.repeat(8).padEnd(1024, 'x');
  const longer = [`${longest}y`, `${longest}z`, `${longest}y`.padEnd(60_000, 'y')];
  const names = longer.map((key) => {
    const hash = createHash('sha256').update(key).digest('hex');
    return `cef.extensions.${longest.replaceAll('.', ';')};${hash}`;
  });
  for (const key of [longest, ...longer]) {
    const { record, size, bound } = encode(`${head}${key}=v`, { names: 'ecs', raw: 'always' });
    const name = Object.keys(record).find((name) => record[name] === 'v');
    t.equal(name, names[longer.indexOf(key)] ?? `cef.extensions.${longest}`);
    t.ok(size <= bound);
  }
  const { record } = encode(`${head}${longer.map((key, i) => `${key}=${i}`).join(' ')}`, {
    names: 'ecs',
  });
  t.strictSame(
    names.map((name) => record[name]),
    ['0', '1', '2'],
  );
});

t.test('bytes go where ECS means them, by the profile of the feed', async (t) => {
  t.strictSame(ecs('in=10 out=20'), { 'destination.bytes': 10, 'source.bytes': 20 });
  const ref = (name: string, id: string) => ({
    name,
    indexIn: (fields: Fields) =>
      Array.from({ length: fields.count }, (_, i) => i).findIndex((i) => fields.key(i) === id),
    allIn: () => [],
  });
  const feedsOf = (received: string[], sent: string[]) => {
    const profile = {
      received: received.map((key) => ref(key, key)),
      sent: sent.map((key) => ref(key, key)),
    } as unknown as FeedProfile;
    return { of: () => new Feed('x', profile), seen: () => [] };
  };
  const swapped = feedsOf(['out'], ['in']);
  t.strictSame(ecs('in=10 out=20', { feeds: swapped }), {
    'source.bytes': 10,
    'destination.bytes': 20,
  });
  t.strictSame(ecs('in=10 fsize=30', { feeds: feedsOf(['cn1', 'fsize'], []) }), {
    'cef.extensions.in': 10,
    'file.size': 30,
    'destination.bytes': 30,
  });
  t.strictSame(ecs('in=-10 out=None'), { 'cef.extensions.in': -10, invalid: { out: 'None' } });
});

t.test('an alert is one in ECS, too', async (t) => {
  const alert = anAlert({ techniques: ['T1001.002', 'T1041'] });
  const { record } = encode(head, { names: 'ecs' }, { alert });
  t.match(record, {
    'event.kind': 'alert',
    'rule.id': alert.id,
    'rule.name': alert.rule,
    'rule.description': alert.title,
    'threat.framework': 'MITRE ATT&CK',
    'threat.technique.id': ['T1001', 'T1041'],
    'threat.technique.name': ['Data Obfuscation', 'Exfiltration Over C2 Channel'],
    'threat.technique.subtechnique.id': ['T1001.002'],
    'threat.technique.subtechnique.name': ['Steganography'],
    'threat.tactic.id': ['TA0011'],
    'threat.tactic.name': ['Command and Control'],
    alert: { rule: alert.rule },
  });
  t.notOk('event.kind' in encode(head, { names: 'ecs' }).record);
  t.notOk('event.kind' in encode(head, { names: 'commonsecuritylog' }, { alert }).record);
});

t.test('no event can forge what stegwatch says, under any names', async (t) => {
  const forged = [
    ...recordNames,
    ...recordNames.map((name) => `${name}.x`),
    'event.kind',
    'rule.id',
  ]
    .map((name) => `${name}=forged`)
    .join(' ');
  for (const names of ['cef', 'commonsecuritylog', 'ecs'] as const) {
    const { record } = encode(`${head}${forged}`, { names });
    const { record: unforged } = encode(head, { names });
    for (const name of recordNames) {
      const said = Object.keys(record).filter((key) => key.toLowerCase().split('.')[0] === name);
      t.strictSame(said, name in unforged ? [name] : [], `${names}: ${name}`);
    }
    if (names !== 'cef') t.notOk('event.kind' in record || 'rule.id' in record);
  }
});

t.test('hostile frames stay within the bound, under any names', async (t) => {
  const many = (pair: (i: number) => string) =>
    Array.from({ length: 4000 }, (_, i) => pair(i)).join(' ');
  const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_'];
  const short = letters.map((a) => `${a}=`).join(' ');
  const frames: { [what: string]: string | Buffer } = {
    'one byte each': head + short,
    'two bytes each': head + letters.flatMap((a) => letters.map((b) => `${a}${b}=`)).join(' '),
    'short numbers': head + many((i) => `${['cfp1', 'in', 'cn1', 'dlat', 'dpt', 'IN'][i % 6]}=1`),
    labels: head + many((i) => `a${i}Label=b${i} a${i}=`),
    'bad bytes': Buffer.concat([Buffer.from(`${head}a=`), Buffer.alloc(60_000, 0xff)]),
    'bad bytes in short fields': Buffer.from(
      `${head}${letters.map((a) => `${a}=\xff`).join(' ')}`,
      'latin1',
    ),
    'long keys': head + many((i) => `${i}`.padEnd(1025, 'x').concat('=')).slice(0, 65_000),
    'text first': `${head}x ${short}`,
    nothing: '',
  };
  const long = 'ü'.repeat(100_000);
  const alert = anAlert({
    url: long,
    techniques: Array(100).fill(long),
    tactics: Array(100).fill('impact'),
  });
  for (const names of ['cef', 'commonsecuritylog', 'ecs'] as const) {
    for (const [what, frame] of Object.entries(frames)) {
      for (const verdict of [{}, { alert }]) {
        const options = { names, resolveLabels: true, raw: 'always' } as const;
        const { size, bound } = encode(frame, options, verdict, 4096);
        t.ok(size <= bound, `${names}, ${what}: ${size} of ${bound}`);
      }
    }
  }
});

t.test('any frame stays within the bound, under any names', async () => {
  const field = fc.tuple(
    fc.stringMatching(/^[A-Za-z0-9_.]{1,3}(Label)?$/),
    fc.constantFrom('', '1', 'x', '\xff', '\\=', 'a.b'),
  );
  const frame = fc
    .array(field, { maxLength: 300 })
    .map((fields) => Buffer.from(head + fields.map((pair) => pair.join('=')).join(' '), 'latin1'));
  fc.assert(
    fc.property(
      frame,
      fc.constantFrom('cef' as const, 'commonsecuritylog' as const, 'ecs' as const),
      fc.boolean(),
      (line, names, resolveLabels) => {
        const { size, bound } = encode(line, { names, resolveLabels, raw: 'always' });
        return size <= bound;
      },
    ),
    { numRuns: 300 },
  );
});
