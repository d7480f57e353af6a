import t from 'tap';
import {
  bytesInWords,
  ordinal,
  type ReasonFacts,
  reason,
  spanInWords,
} from '../../../src/detect/alert/reason.js';
import { printable } from '../../../src/observe/printable.js';

const hour = 3_600_000;
const mebibyte = 1024 * 1024;
const facts: ReasonFacts = {
  direction: 'download',
  filename: 'a.jpg',
  host: 'cdn.example',
  hostState: 'never_seen',
  bytes: 4.2 * mebibyte,
  thresholdBytes: 1.355 * mebibyte,
  percentileMilli: 95_000,
  samples: 12_345,
  fromMs: 0,
  toMs: 144 * hour,
  firstSeenMs: 0,
  mismatch: false,
};

t.test('the reason is one sentence with the numbers in it', async (t) => {
  t.equal(
    reason(facts),
    'a.jpg (4.2 MiB) from cdn.example is 3.1 times the 95th percentile ' +
      '(1.4 MiB of 12,345 JPEGs, 6 days); the host was never seen before',
  );
});

t.test('what is said of the host follows its state', async (t) => {
  const firstSeenMs = Date.UTC(2026, 10, 23, 14);
  t.match(
    reason({ ...facts, hostState: 'pending', firstSeenMs }),
    /; the host was first seen in the hour of 2026-11-23 14:00 UTC, too recently to count as known$/,
  );
  t.match(
    reason({ ...facts, firstSeenMs }),
    /; the host was not seen in the lookback \(first in the hour of 2026-11-23 14:00 UTC\)$/,
  );
  const absent = reason({ ...facts, hostState: 'absent', host: '' });
  t.match(absent, /^a\.jpg \(4\.2 MiB\) is 3\.1 times .*; the event names no host$/);
});

t.test('a ratio near one is not rounded away, and a threshold of 0 has none', async (t) => {
  const of = (bytes: number, thresholdBytes: number) => reason({ ...facts, bytes, thresholdBytes });
  t.match(of(1001, 1000), / is just above the 95th /);
  t.match(of(1050, 1000), / is 1\.05 times /);
  t.match(of(2000, 1000), / is 2 times /);
  t.match(of(12_345_678, 1000), / is 12,345\.7 times /);
  t.match(of(5, 0), / \(5 B\) from cdn\.example is above the 95th percentile \(0 B of /);
});

t.test('hostile names stay on one line, short, and cannot turn the text around', async (t) => {
  const filename = `x\n2026 ALERT cleared\u202egpj${'y'.repeat(500)}`;
  const host = 'h\r\u0000\u2028\u{1F600}'.repeat(40);
  const text = reason({ ...facts, filename, host });
  t.notMatch(text, /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
  t.ok(text.length < 700, `${text.length} characters`);
  t.match(text, /^x\\u\{a\}2026 ALERT cleared\\u\{202e\}gpjy+…/);
  t.equal(Buffer.from(text).toString(), text, 'no half surrogate pair');
  t.match(reason({ ...facts, filename: '' }), /^a JPEG \(/);
});

t.test('units, ordinals and spans', async (t) => {
  t.equal(bytesInWords(0), '0 B');
  t.equal(bytesInWords(1023), '1023 B');
  t.equal(bytesInWords(1024), '1.0 KiB');
  t.equal(bytesInWords(mebibyte - 1), '1.0 MiB');
  t.equal(bytesInWords(Number.MAX_SAFE_INTEGER), '8.0 PiB');
  const ordinals = [1, 2, 3, 4, 11, 12, 13, 21, 92, 93, 95, 100, 99.9].map(ordinal);
  t.strictSame(ordinals, [
    ...['1st', '2nd', '3rd', '4th', '11th', '12th', '13th', '21st', '92nd', '93rd', '95th'],
    ...['100th', '99.9th'],
  ]);
  t.equal(spanInWords(hour), '1 hour');
  t.equal(spanInWords(47 * hour), '47 hours');
  t.equal(spanInWords(71 * hour), '3 days');
  t.equal(printable('a\u009b\u2066b\\c'), 'a\\u{9b}\\u{2066}b\\c');
});
