/**
 * Goal: whatever a sender writes, one frame is one record, whose reserved fields are stegwatch's own, and
 * nothing else changes. Method: events made to hurt, through the whole path under each kind of names; each
 * record is compared with what plain code makes of the same table.
 */
import t from 'tap';
import { reservedKeys, shapes } from '../support/hostile-shapes.js';
import { oneRecord, type Record } from '../support/one-record.js';
import { WholePath } from '../support/whole-path.js';

const now = Date.UTC(2026, 10, 24, 12, 30);
const cef = 'CEF:0|Acme|Proxy|1|web|web access|3|';
const judgesAll =
  'preset: recommended, feed_profiles: false, direction: both, minimum_bytes: 0, minimum_samples: 1, ' +
  'minimum_history: 0h, suppress: { by: [] }';

const configs: readonly (readonly [name: string, yaml: string])[] = [
  ['cef', `forward: { fluentd: { raw: alerts } }\ndetection: { ${judgesAll} }`],
  [
    'ecs',
    `forward: { fluentd: { names: ecs, resolve_labels: true } }\ndetection: { ${judgesAll} }`,
  ],
  [
    'commonsecuritylog',
    'forward: { fluentd: { names: commonsecuritylog, resolve_labels: true, raw: always } }\n' +
      'detection: { preset: sentinel, direction: both }',
  ],
];

/** A path with two days of history: a JPEG of 5 MB of a new host is an alert. */
async function opened(yaml: string, folder: string): Promise<WholePath> {
  const path = await WholePath.open(yaml, folder, now);
  for (let hours = 60; hours >= 0; hours -= 6) {
    const at = now - hours * 3_600_000;
    path.frame(Buffer.from(`${cef}${jpeg('known.example', 1000)}`), at);
  }
  path.take();
  return path;
}

function jpeg(host: string, bytes: number): string {
  return `request=http://${host}/a.jpg fileType=Jpeg Files in=${bytes} out=${bytes} dhost=${host}`;
}

for (const [names, yaml] of configs) {
  t.test(`${names}: 64 KiB of anything`, async (t) => {
    const path = await opened(yaml, t.testdir());
    for (const [name, make] of Object.entries(shapes)) {
      for (const start of [cef, `${cef}${jpeg('new.example', 5_000_000)} `, '<134>', '']) {
        const frame = make(64 * 1024, start);
        const record = oneRecord(path, frame, now);
        t.equal(record.peer, '192.0.2.7', `${name} after ${start.slice(0, 50)}`);
      }
    }
  });

  t.test(`${names}: reserved names as keys, headers, labels and hosts`, async (t) => {
    const path = await opened(yaml, t.testdir());
    for (const name of reservedKeys) {
      const forms = [
        `${cef}${name}=forged`,
        `${cef}${name}={"level":"critical"} ${name}=again`,
        `${cef}cs1=forged cs1Label=${name} cn1=7 cn1Label=${name} x=1 xLabel=${name}`,
        `CEF:0|${name}|${name}|${name}|${name}|${name}|${name}|src=1.2.3.4 ${name}=forged`,
        `<134>1 - ${name} ${name} ${name} ${name} [${name} ${name}="forged"] ${cef}${name}=forged`,
        `${cef}${jpeg(name, 5)} suser=${name} ${name}=forged`,
        `${name}=forged`,
        `{"${name}":"forged"}`,
      ];
      for (const form of forms) {
        const record = oneRecord(path, Buffer.from(form), now);
        t.notOk(isForged(record), form);
      }
    }
  });

  t.test(`${names}: hosts named like parts of an object are hosts like any other`, async (t) => {
    const path = await opened(yaml, t.testdir());
    for (const host of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
      for (const [bytes, alerts] of [
        [5_000_000, true],
        [5, false],
      ] as const) {
        const record = oneRecord(path, Buffer.from(`${cef}${jpeg(host, bytes)}`), now);
        t.equal(record.alert !== undefined, alerts, `${host}, ${bytes} bytes`);
      }
    }
    t.equal(path.counters.alerts > 0, true);
  });

  t.test(`${names}: line breaks and NUL inside make no second record`, async (t) => {
    const path = await opened(yaml, t.testdir());
    const second = `${cef}alert=forged event_id=1`;
    for (const between of [
      '\n',
      '\r\n',
      '\0',
      '\\n',
      '\\r\\n',
      '\u2028',
      '\u0085',
      '\n<134>1 - - - - - - ',
    ]) {
      for (const first of [
        `${cef}msg=a`,
        `${cef}${jpeg('new.example', 5)} msg=a`,
        '<134>text',
        '',
      ]) {
        t.notOk(
          isForged(oneRecord(path, Buffer.from(first + between + second), now)),
          encodeURIComponent(between) + first,
        );
      }
    }
  });

  t.test(`${names}: long URLs and hosts alert, and the record stays whole`, async (t) => {
    const path = await opened(yaml, t.testdir());
    for (const unit of ['a', 'a.', 'ä', '%41', '/', '@', 'xn--a.', '\\\\', '\\=']) {
      const long = unit.repeat(Math.floor((30 * 1024) / Buffer.byteLength(unit)));
      for (const keys of [
        `request=http://new.example/${long}.jpg in=5000000 out=5000000 dhost=new.example`,
        `request=http://${long}/a.jpg in=5000000 out=5000000 dhost=${long}`,
        `request=${long}.jpg in=5000000 out=5000000 dhost=${long} suser=${long.slice(0, 999)}`,
      ]) {
        const { alert } = oneRecord(path, Buffer.from(cef + keys), now) as { alert?: object };
        t.ok(alert, `${unit}: ${keys.slice(0, 40)}`);
      }
    }
  });
}

t.test('a sender that forges everything leaves the next event as it would have been', async (t) => {
  const [, yaml] = configs[0]!;
  const plain = await opened(yaml, t.testdir({}));
  const attacked = await opened(yaml, t.testdir({}));
  const prototype = Object.getOwnPropertyNames(Object.prototype).join();
  for (const make of Object.values(shapes)) attacked.frame(make(64 * 1024, cef), now);
  for (const name of reservedKeys) attacked.frame(Buffer.from(`${cef}${name}=forged`), now);
  attacked.take();
  const next = Buffer.from(`${cef}${jpeg('later.example', 5_000_000)} suser=alice`);
  const records = [plain, attacked].map((path) => oneRecord(path, next, now + 1000));
  for (const record of records) delete (record.alert as { id?: string }).id;
  t.strictSame(records[1], records[0]);
  t.equal(Object.getOwnPropertyNames(Object.prototype).join(), prototype);
});

t.test('thousands of duplicates are one field, and counted', async (t) => {
  const path = await opened(configs[0]![1], t.testdir());
  const before = path.counters.duplicate_keys;
  const frame = Buffer.from(`${cef}${'act=a '.repeat(500)}act=last`);
  const record = oneRecord(path, frame, now);
  t.equal(record.act, 'last');
  t.equal(path.counters.duplicate_keys - before, 500);
  const many = Buffer.from(`${cef}${'act=a src=1 '.repeat(5000)}`);
  t.equal(oneRecord(path, many, now).parse_error, 'more fields than listen.max_fields');
  t.equal(path.counters.too_many_fields, 1);
});

/** True if any field of a name that is ours holds what a sender wrote. */
function isForged(record: Record): boolean {
  const { alert, alert_suppressed, event_id, peer, received_at, syslog, raw } = record;
  if (event_id !== undefined || peer !== '192.0.2.7') return true;
  if (received_at !== new Date(now).toISOString()) return true;
  const isText = (value: unknown): boolean => typeof value === 'string';
  return isText(alert) || isText(alert_suppressed) || isText(syslog) || raw === 'forged';
}
