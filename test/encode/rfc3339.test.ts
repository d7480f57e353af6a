import fc from 'fast-check';
import t from 'tap';
import { Moment } from '../../src/encode/moment.js';
import { Rfc3339 } from '../../src/encode/rfc3339.js';

const earliest = Date.parse('0000-01-01T00:00:00.000Z');
const latest = Date.parse('9999-12-31T23:59:59.999Z');

function textOf(time: Rfc3339): string {
  return time.text.bytes.toString('latin1', 0, time.text.length);
}

t.test('any time of the years 0000 to 9999 reads as Date writes it, in any order', async () => {
  const time = new Rfc3339();
  const times = fc.oneof(
    fc.integer({ min: earliest, max: latest }),
    fc.integer({ min: 1_795_515_332_000, max: 1_795_515_334_000 }),
    fc.integer({ min: -2_000_000, max: 2_000_000 }),
  );
  fc.assert(
    fc.property(
      times,
      (ms) => time.set(Moment.at(ms)) && textOf(time) === new Date(ms).toISOString(),
    ),
    { numRuns: 20_000 },
  );
});

t.test('days at the edges of months, leap years and centuries read right', async (t) => {
  const time = new Rfc3339();
  for (const text of [
    '0000-01-01T00:00:00.000Z',
    '0000-02-29T23:59:59.999Z',
    '1900-02-28T00:00:00.000Z',
    '1900-03-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00.000Z',
    '2000-02-29T12:00:00.000Z',
    '2024-12-31T23:59:59.999Z',
    '2100-03-01T00:00:00.001Z',
    '9999-12-31T23:59:59.999Z',
  ]) {
    t.ok(time.set(Moment.at(Date.parse(text))));
    t.equal(textOf(time), text);
  }
});

t.test('a fraction of a millisecond is cut', async (t) => {
  const time = new Rfc3339();
  t.ok(time.set(Moment.at(1_795_515_332_123.999)));
  t.equal(textOf(time), '2026-11-24T10:15:32.123Z');
});

t.test('what has no four-digit year is refused and changes nothing', async (t) => {
  const time = new Rfc3339();
  time.set(Moment.at(1_795_515_332_123));
  for (const ms of [Number.NaN, Infinity, -Infinity, earliest - 1, latest + 1, 1e300]) {
    t.notOk(time.set(Moment.at(ms)), String(ms));
    t.equal(textOf(time), '2026-11-24T10:15:32.123Z');
  }
});
