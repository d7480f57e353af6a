/** Events go through the real decoder: what a receiver of CEF would read of the line is read with it too. */
import fc from 'fast-check';
import t from 'tap';
import { createDecoder } from '../../src/decode/decode.js';
import { maxAlertExtensionBytes } from '../../src/encode/alert-extension.js';
import { SyslogLineEncoder } from '../../src/encode/syslog-line.js';
import { Fields } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import { type Alert, type AlertSuppressed, Verdict } from '../../src/verdict.js';
import { anAlert } from '../support/alerts.js';

const peer = { address: '10.0.0.7' };
const now = Date.UTC(2026, 10, 24, 12);
const header = '<134>Nov 24 12:00:00 proxy01 CEF:0|Zscaler|NSSWeblog|5.7|200|download|3|';

interface Said {
  readonly alert?: Alert | null;
  readonly suppressed?: AlertSuppressed | null;
}

/** The line as it is sent on. */
function sent(line: string | Buffer, said: Said = {}, maxFields = 512) {
  const bytes = Buffer.from(line as string);
  const fields = fieldsOf(bytes, maxFields);
  const verdict = new Verdict();
  verdict.alert = said.alert ?? null;
  verdict.suppressed = said.suppressed ?? null;
  const counters = { keys_renamed: 0 };
  const encoder = new SyslogLineEncoder(counters);
  const out = Buffer.alloc(encoder.maxEntryBytes(bytes.length) + 20, '#');
  const end = encoder.entry(fields, verdict, out, 7);
  t.equal(out.toString('latin1', 0, 7), '#######', 'nothing before it');
  t.ok(end - 7 <= encoder.maxEntryBytes(bytes.length), 'within its bound');
  const [, count] = /^(\d+) /.exec(out.toString('latin1', 7, 30))!;
  const whole = out.subarray(7 + count!.length + 1, end);
  t.equal(whole.length, Number(count), 'after its length');
  return { line: whole, text: whole.toString('utf8'), renamed: counters.keys_renamed };
}

function fieldsOf(bytes: Buffer, maxFields = 512): Fields {
  const fields = new Fields(maxFields);
  const decode = createDecoder({ counters: new Counters() });
  decode(bytes, 0, bytes.length, bytes.length, now, peer, fields);
  return fields;
}

/** What a reader of CEF finds under a key in the last place, null if it is not there. */
function valueIn(line: Buffer, key: string): string | null {
  const fields = fieldsOf(line);
  for (let i = fields.count - 1; i >= 0; i--) if (fields.key(i) === key) return fields.value(i);
  return null;
}

t.test('a line without an alert goes on byte for byte, whatever it holds', async (t) => {
  const lines = [
    `${header}src=10.0.0.1 request=http://a.example/b.jpg in=12`,
    'no CEF at all',
    '',
    `${header}msg=${'x'.repeat(50_000)}`,
    `${header}a= b=  c=d \0`,
    'two\nlines\r',
    `${header}request=http://stegwatch.example/stegwatchAlert=1`,
  ];
  for (const line of lines) t.equal(sent(line).text, line);
  const bad = Buffer.from([...Buffer.from(`${header}msg=`), 0xff, 0xc3, 0x28]);
  t.strictSame(sent(bad).line, bad, 'not UTF-8');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const line = Buffer.from(bytes);
      return line.includes('stegwatch') || sent(line).line.equals(line);
    }),
  );
});

t.test('an alert is appended as keys that a reader of CEF finds', async (t) => {
  const alert = anAlert({ reason: 'a=b \\ c\nd', host: 'evil.example', level: 'high' });
  const original = `${header}request=http://evil.example/a.jpg in=999`;
  const { line, text } = sent(original, { alert });
  t.ok(text.startsWith(`${original} stegwatchAlert=`), 'the line itself is untouched');
  t.equal(valueIn(line, 'stegwatchAlert'), alert.id);
  t.equal(valueIn(line, 'stegwatchLevel'), 'high');
  t.equal(valueIn(line, 'stegwatchReason'), 'a=b \\ c\nd');
  t.equal(valueIn(line, 'stegwatchThresholdBytes'), String(alert.threshold_bytes));
  t.equal(valueIn(line, 'stegwatchTechniques'), 'T1001.002');
  t.equal(valueIn(line, 'in'), '999');
  t.notMatch(text, /\n/);
});

t.test('what ends a line invisibly stays at its end', async (t) => {
  const { text } = sent(`${header}in=999 \r\0`, { alert: anAlert() });
  t.match(text, /in=999 stegwatchAlert=.* \r\0$/s);
});

t.test('what held an alert back is appended too', async (t) => {
  const suppressed = { by: 'exclusion', name: 'backup', reason: 'CHG-1' } as const;
  const { line } = sent(`${header}in=999`, { suppressed });
  t.equal(valueIn(line, 'stegwatchSuppressedBy'), 'exclusion');
  t.equal(valueIn(line, 'stegwatchSuppressedName'), 'backup');
  t.equal(valueIn(line, 'stegwatchAlert'), null);
});

t.test('text in an event cannot pass for an alert', async (t) => {
  const forged = `${header}request=http://a.example/ stegwatchAlert=1 stegwatchLevel=low in=5`;
  const { line, renamed } = sent(forged);
  t.equal(valueIn(line, 'stegwatchAlert'), null);
  t.equal(valueIn(line, 'ext_stegwatchAlert'), '1');
  t.equal(renamed, 2);
  t.equal(valueIn(sent(forged, { alert: anAlert() }).line, 'stegwatchLevel'), anAlert().level);
});

t.test('not in a frame either that is repaired, cut, or has too many fields', async (t) => {
  const bad = Buffer.concat([
    Buffer.from(`${header}msg=`),
    Buffer.from([0xff]),
    Buffer.from(' stegwatchAlert=1'),
  ]);
  t.notMatch(sent(bad).line.toString('latin1'), /[ |]stegwatchAlert=/);
  t.ok(sent(bad).line.includes(0xff), 'the bad byte is still there');
  const many = `${header}${Array.from({ length: 20 }, (_, i) => `k${i}=v`).join(' ')} stegwatchAlert=1`;
  t.notMatch(sent(many, {}, 8).text, /[ |]stegwatchAlert=/);
  t.notMatch(sent('CEF:0|a|b stegwatchAlert=1').text, / stegwatchAlert=/);
  t.notMatch(sent(`${header}stegwatchAlert=1`).text, /[ |]stegwatchAlert=/);
});

t.test('the longest values are cut, and the bound holds', async (t) => {
  const long = '='.repeat(100_000);
  const alert = anAlert({
    ...{ id: long, rule: long, title: long, reason: long, host: long, filename: long, url: long },
    ...{ first_seen: long, techniques: [long], tactics: [long], duplicate_keys: [long] },
  });
  const { line } = sent(`${header}in=1`, { alert });
  t.ok(line.length < maxAlertExtensionBytes);
  t.ok(line.length > 10_000);
  const growing = ' stegwatch='.repeat(3000);
  t.equal(sent(`${header}a=1${growing}`).renamed, 3000);
});
