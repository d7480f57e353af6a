/** When the event happened: forms of `rt`, zones, years that are not said. */
import t from 'tap';
import { createDecoder } from '../../src/decode/decode.js';
import { createFeeds } from '../../src/feeds/feeds.js';
import { Fields, Zone } from '../../src/fields.js';
import { Counters } from '../../src/observe/counters.js';
import type { Feeds } from '../../src/stages.js';
import { read, reader, receivedAtMs, withExtension } from './reading.js';

function feedsIn(timezone: string): Feeds {
  const feed = { vendor: 'Acme', product: '*', timezone, judge: true };
  return createFeeds({ feeds: [feed], feedProfiles: true });
}

function readRt(rt: string, more = ''): { time: string; zone: number } {
  const { time, zone } = read(withExtension(`rt=${rt} act=x${more}`));
  return { time, zone };
}

t.test('C40: forms of rt that name their zone, or need none', async (t) => {
  const noon = '2021-03-01T12:00:00.000Z';
  for (const [rt, time] of [
    ['1614600000', noon],
    ['1614600000.25', '2021-03-01T12:00:00.250Z'],
    ['1614600000123', '2021-03-01T12:00:00.123Z'],
    ['1614600000123456', '2021-03-01T12:00:00.123Z'],
    ['1614600000123456789', '2021-03-01T12:00:00.123Z'],
    [' 1614600000 ', noon],
    ['99999999999', '5138-11-16T09:46:39.000Z'],
    ['100000000000', '1973-03-03T09:46:40.000Z'],
    ['Mar 01 2021 12:00:00 GMT', noon],
    ['Mar 1 2021 12:00:00.5 UTC', '2021-03-01T12:00:00.500Z'],
    ['Mar  1 2021 12:00:00.123456 Z', '2021-03-01T12:00:00.123Z'],
    ['Mar 01, 2021 13:00:00 CET', noon],
    ['mar 01 2021 07:00:00 EST', noon],
    ['MARCH 01 2021 04:00:00 PST', noon],
    ['Mar 01 21 12:00:00 UT', noon],
    ['Mar 01 99 12:00:00 UT', '1999-03-01T12:00:00.000Z'],
    ['Mar 01 2021 13:00:00 +0100', noon],
    ['Mar 01 2021 13:00:00 +01:00', noon],
    ['Mar 01 2021 13:00:00+01', noon],
    ['Mar 01 2021 17:30:00 +05:30', noon],
    ['Mar 01 2021 08:30:00.000 -0330', noon],
    ['Mar 01 2021 13:00:00 GMT+1', noon],
    ['Mar 01 2021 13:00:00 GMT+01:00', noon],
    ['Mar 01 2021 07:00:00 UTC-0500', noon],
    ['Mar 01 2021 07:00:00 America/New_York', noon],
    ['Mar 01 2021:12:00:00 UTC', noon],
    ['01 March 2021 12:00:00 UTC', noon],
    ['1 Mar 2021 12:00:00 UTC', noon],
    ['Mar 01 12:00:00 UTC', '2026-03-01T12:00:00.000Z'],
    ['2021-03-01T12:00:00Z', noon],
    ['2021-03-01t12:00:00z', noon],
    ['2021-03-01T12:00Z', noon],
    ['2021-03-01T13:00:00.000+01:00', noon],
    ['2021-03-01 13:00:00+0100', noon],
    ['2021-03-01 13:00:00,250 +0100', '2021-03-01T12:00:00.250Z'],
    ['2021-03-01T12:00:60Z', '2021-03-01T12:01:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ] as const) {
    t.strictSame(readRt(rt), { time, zone: Zone.explicit }, rt);
  }
});

t.test('what is no time', async (t) => {
  for (const rt of [
    '',
    '-',
    '0',
    '20210301',
    '12345678901234567890',
    '1614600000123.5',
    '1614600000.',
    '1614600000 s',
    '$timestamp',
    'Mar 01',
    'Mar 01 2021',
    'Foo 01 2021 12:00:00',
    'Marc 01 2021 12:00:00',
    'Mar 32 2021 12:00:00',
    'Mar 00 2021 12:00:00',
    'Mar 001 2021 12:00:00',
    'Mar 01 202 12:00:00',
    'Mar 01 20211 12:00:00',
    'Mar 01 2021 24:00:00',
    'Mar 01 2021 12:60:00',
    'Mar 01 2021 12:00:61',
    'Mar 01 2021 12:00',
    'Mar 01 2021 ::00:00',
    'Mar 01 2021 1a:00:00',
    'Mar 01 2021 12:00:00 and more',
    'Mar 01 2021 12:00:00?',
    'Mar 01 1969 12:00:00 UTC',
    'Feb 29 2021 12:00:00',
    'Feb 29 1900 12:00:00',
    '2021-02-30T12:00:00Z',
    '2021-13-01T12:00:00Z',
    '2021-00-01T12:00:00Z',
    '2021-1-01T12:00:00Z',
    '2021-03-01_12:00:00Z',
    '2021/03/01 12:00:00',
    '32 Mar 2021 12:00:00',
    '01 Mar 21 12:00:00',
  ]) {
    t.strictSame(readRt(rt), { time: '', zone: Zone.explicit }, rt);
  }
});

t.test('C41: without a zone of its own, a stamp is read in dtz', async (t) => {
  for (const [dtz, time] of [
    ['UTC', '2021-03-01T12:00:00.000Z'],
    ['Z', '2021-03-01T12:00:00.000Z'],
    ['+0100', '2021-03-01T11:00:00.000Z'],
    ['-05:00', '2021-03-01T17:00:00.000Z'],
    [' +1 ', '2021-03-01T11:00:00.000Z'],
    ['GMT-3', '2021-03-01T15:00:00.000Z'],
    ['CET', '2021-03-01T11:00:00.000Z'],
    ['Europe/Moscow', '2021-03-01T09:00:00.000Z'],
    ['Asia/Kathmandu', '2021-03-01T06:15:00.000Z'],
    ['America/Argentina/Buenos_Aires', '2021-03-01T15:00:00.000Z'],
    ['Etc/GMT+1', '2021-03-01T13:00:00.000Z'],
  ] as const) {
    t.strictSame(readRt('Mar 01 2021 12:00:00', ` dtz=${dtz}`), { time, zone: Zone.dtz }, dtz);
  }
  t.strictSame(
    readRt('Mar 01 2021 12:00:00 +0100', ' dtz=Europe/Moscow'),
    { time: '2021-03-01T11:00:00.000Z', zone: Zone.explicit },
    'its own zone comes first',
  );
  t.strictSame(
    readRt('1614600000', ' dtz=Europe/Moscow'),
    { time: '2021-03-01T12:00:00.000Z', zone: Zone.explicit },
    'an epoch has no zone',
  );
});

t.test('and without either in UTC, which it says', async (t) => {
  const expected = { time: '2021-03-01T12:00:00.000Z', zone: Zone.assumed };
  t.strictSame(readRt('Mar 01 2021 12:00:00'), expected);
  t.strictSame(readRt('2021-03-01T12:00:00'), expected);
  for (const dtz of [
    '',
    '-',
    '--5:00',
    '+25:00',
    '+05:70',
    '+123',
    'Nowhere/Town',
    'not a zone',
    'x'.repeat(60),
  ]) {
    t.strictSame(readRt('Mar 01 2021 12:00:00', ` dtz=${dtz}`), expected, dtz);
  }
  // Three countries claim it, so it tells nothing.
  t.strictSame(readRt('Mar 01 2021 12:00:00 IST'), expected);
  t.strictSame(readRt('Mar 01 2021 12:00:00 Nowhere/Town'), expected);
  t.strictSame(readRt('Mar 01 2021 12:00:00 IST', ' dtz=Asia/Kolkata'), {
    time: '2021-03-01T06:30:00.000Z',
    zone: Zone.dtz,
  });
});

t.test('named zones keep summer time', async (t) => {
  for (const [rt, zone, time] of [
    ['Jul 01 2021 12:00:00', 'America/New_York', '2021-07-01T16:00:00.000Z'],
    ['Jan 01 2021 12:00:00', 'America/New_York', '2021-01-01T17:00:00.000Z'],
    // The clocks go from 02:00 to 03:00: 01:59, a time that never was, 03:00.
    ['Mar 14 2021 01:59:00', 'America/New_York', '2021-03-14T06:59:00.000Z'],
    ['Mar 14 2021 02:30:00', 'America/New_York', '2021-03-14T07:30:00.000Z'],
    ['Mar 14 2021 03:00:00', 'America/New_York', '2021-03-14T07:00:00.000Z'],
    // And back: 01:30 is twice, the first is taken.
    ['Nov 07 2021 01:30:00', 'America/New_York', '2021-11-07T05:30:00.000Z'],
    ['Nov 07 2021 02:00:00', 'America/New_York', '2021-11-07T07:00:00.000Z'],
    // Half an hour, and a minute past midnight.
    ['Apr 04 2021 02:15:00', 'Australia/Lord_Howe', '2021-04-03T15:45:00.000Z'],
    ['Oct 30 2005 12:00:00', 'America/St_Johns', '2005-10-30T15:30:00.000Z'],
    // A day that never was.
    ['Dec 31 2011 12:00:00', 'Pacific/Apia', '2011-12-30T22:00:00.000Z'],
  ] as const) {
    t.equal(readRt(rt, ` dtz=${zone}`).time, time, `${rt} ${zone}`);
  }
});

t.test('named zones agree with Intl hour by hour, over changes of the clocks', async (t) => {
  const readNext = reader();
  const zone = 'Europe/Berlin';
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  let wrong = 0;
  const from = Date.UTC(2021, 2, 20);
  for (let ms = from; ms < from + 20 * 86_400_000; ms += 1_800_000) {
    const { fields } = readNext(withExtension(`rt=${format.format(ms)} dtz=${zone}`));
    if (fields.eventTimeMs !== ms) wrong++;
  }
  t.equal(wrong, 0);
});

t.test('many zone names in turn are bounded, and known ones go on working', async (t) => {
  const decode = createDecoder({ counters: new Counters() });
  const fields = new Fields(8);
  const zoneOf = (dtz: string): number => {
    const bytes = Buffer.from(withExtension(`rt=Mar 01 2021 12:00:00 dtz=${dtz}`));
    decode(bytes, 0, bytes.length, bytes.length, receivedAtMs, { address: '-' }, fields);
    return fields.zone;
  };
  t.equal(zoneOf('Europe/Moscow'), Zone.dtz);
  const start = performance.now();
  for (let i = 0; i < 5000; i++) zoneOf(`Area/Town${i}`);
  t.ok(performance.now() - start < 2000, 'that took a moment');
  // The stock of set-ups is used up, and Moscow long forgotten. Reads earn new ones.
  let reads = 0;
  while (zoneOf('Europe/Moscow') !== Zone.dtz && reads < 200) reads++;
  t.ok(reads > 0 && reads < 200, `told after ${reads} reads`);
  t.equal(zoneOf('Europe/Moscow'), Zone.dtz);
  t.equal(fields.eventTimeMs, Date.UTC(2021, 2, 1, 9));
});

t.test('S17: a stamp without a year is of the year that fits its receipt', async (t) => {
  for (const [received, stamp, time] of [
    ['2026-11-24T10:00:00Z', 'Nov 24 09:59:59', '2026-11-24T09:59:59.000Z'],
    ['2026-11-24T10:00:00Z', 'Jan  1 00:00:00', '2026-01-01T00:00:00.000Z'],
    // December's messages in January.
    ['2027-01-01T00:00:05Z', 'Dec 31 23:59:59', '2026-12-31T23:59:59.000Z'],
    ['2027-01-31T00:00:00Z', 'Dec 31 23:59:59', '2026-12-31T23:59:59.000Z'],
    // A clock that is ahead, by up to two days, over the year's end.
    ['2026-12-31T23:59:00Z', 'Jan  1 00:01:00', '2027-01-01T00:01:00.000Z'],
    ['2026-11-24T10:00:00Z', 'Nov 26 10:00:00', '2026-11-26T10:00:00.000Z'],
    ['2026-11-24T10:00:00Z', 'Nov 26 10:00:01', '2025-11-26T10:00:01.000Z'],
    ['2026-12-30T12:00:00Z', 'Jan  1 12:00:01', '2026-01-01T12:00:01.000Z'],
    ['2028-03-01T00:00:00Z', 'Feb 29 12:00:00', '2028-02-29T12:00:00.000Z'],
    ['2029-01-10T00:00:00Z', 'Feb 29 12:00:00', '2028-02-29T12:00:00.000Z'],
    // No such day in the two years that it could be.
    ['2027-06-01T00:00:00Z', 'Feb 29 12:00:00', ''],
  ] as const) {
    const receivedAtMs = Date.parse(received);
    const seen = read(`<34>${stamp} h text`, { receivedAtMs });
    t.equal(seen.time, time, `${stamp} at ${received}`);
    t.equal(seen.zone, time === '' ? Zone.explicit : Zone.assumed);
    t.equal(seen.host, 'h');
    const rt = read(withExtension(`rt=${stamp}`), { receivedAtMs });
    t.equal(rt.time, time, 'so it is with rt');
  }
});

t.test(
  'rt comes before the stamp of the header, which serves where rt cannot be read',
  async (t) => {
    const header = '<34>Nov 24 09:00:00 h ';
    t.equal(read(header + withExtension('rt=1614600000')).time, '2021-03-01T12:00:00.000Z');
    t.equal(
      read(header + withExtension('rt=1614600000 rt=nonsense')).time,
      '2026-11-24T09:00:00.000Z',
    );
    t.equal(read(header + withExtension('rt=')).time, '2026-11-24T09:00:00.000Z');
    const none = read(withExtension('rt=nonsense'));
    t.ok(Number.isNaN(none.fields.eventTimeMs));
    t.equal(none.zone, Zone.explicit);
  },
);

t.test('dtz tells the zone of the header stamp, too', async (t) => {
  const seen = read(`<34>Nov 24 09:00:00 h ${withExtension('dtz=+0300')}`);
  t.equal(seen.time, '2026-11-24T06:00:00.000Z');
  t.equal(seen.zone, Zone.dtz);
});

t.test("without its own zone and dtz, a stamp is read in the feed's zone", async (t) => {
  for (const [timezone, rt, time] of [
    ['+02:00', 'Mar 01 2021 12:00:00', '2021-03-01T10:00:00.000Z'],
    ['-0330', 'Mar 01 2021 12:00:00', '2021-03-01T15:30:00.000Z'],
    ['UTC', '2021-03-01T12:00:00', '2021-03-01T12:00:00.000Z'],
    ['Europe/Berlin', '2021-03-01 12:00:00', '2021-03-01T11:00:00.000Z'],
    ['Europe/Berlin', 'Jul 01 2021 12:00:00', '2021-07-01T10:00:00.000Z'],
    // As the tz database means it, with summer time; as the text of a stamp CET is one offset.
    ['CET', 'Jul 01 2021 12:00:00', '2021-07-01T10:00:00.000Z'],
    // Skipped, repeated, and after the change, as with dtz.
    ['America/New_York', 'Mar 14 2021 02:30:00', '2021-03-14T07:30:00.000Z'],
    ['America/New_York', 'Nov 07 2021 01:30:00', '2021-11-07T05:30:00.000Z'],
    ['America/New_York', 'Nov 07 2021 02:00:00', '2021-11-07T07:00:00.000Z'],
    // Without a year: of the year that fits the receipt, in the feed's zone.
    ['America/New_York', 'Nov 24 05:00:00', '2026-11-24T10:00:00.000Z'],
    ['Pacific/Kiritimati', 'Nov 26 23:00:00', '2026-11-26T09:00:00.000Z'],
    ['Pacific/Honolulu', 'Nov 26 23:00:00', '2025-11-27T09:00:00.000Z'],
  ] as const) {
    const feeds = feedsIn(timezone);
    const seen = read(withExtension(`rt=${rt} act=x`), { feeds });
    t.equal(seen.time, time, `${rt} ${timezone}`);
    t.equal(seen.zone, Zone.feed);
    const dtz = ['', '-', 'Nowhere/Town'].map((text) =>
      read(withExtension(`rt=${rt} dtz=${text}`), { feeds }),
    );
    t.strictSame(
      dtz.map((one) => one.time),
      [time, time, time],
      'a dtz of no use',
    );
  }
});

t.test("the stamp's own zone and dtz come before the feed's", async (t) => {
  const feeds = feedsIn('Europe/Berlin');
  for (const [text, time, zone] of [
    ['rt=Mar 01 2021 12:00:00 UTC', '2021-03-01T12:00:00.000Z', Zone.explicit],
    ['rt=Mar 01 2021 12:00:00 Asia/Tokyo', '2021-03-01T03:00:00.000Z', Zone.explicit],
    ['rt=Mar 01 2021 12:00:00 dtz=+0300', '2021-03-01T09:00:00.000Z', Zone.dtz],
    ['rt=1614600000', '2021-03-01T12:00:00.000Z', Zone.explicit],
  ] as const) {
    const seen = read(withExtension(text), { feeds });
    t.strictSame([seen.time, seen.zone], [time, zone], text);
  }
  t.equal(feeds.seen().length, 0, 'and nobody asked which feed it is of');
  const none = read(withExtension('rt=Feb 29 2021 12:00:00'), { feeds });
  t.strictSame([none.time, none.zone], ['', Zone.explicit], 'no such day in any zone');
});

t.test('a feed without a zone leaves UTC, assumed; so does one that there is not', async (t) => {
  for (const timezone of ['', 'Nowhere/Town', '+99:00', '+1:00 x']) {
    const seen = read(withExtension('rt=Mar 01 2021 12:00:00'), { feeds: feedsIn(timezone) });
    t.strictSame([seen.time, seen.zone], ['2021-03-01T12:00:00.000Z', Zone.assumed], timezone);
  }
});

t.test("the feed's zone is that of the header stamp, too, and of CEF only", async (t) => {
  const feeds = feedsIn('+03:00');
  const seen = read(`<34>Nov 24 09:00:00 h ${withExtension('act=x')}`, { feeds });
  t.strictSame([seen.time, seen.zone], ['2026-11-24T06:00:00.000Z', Zone.feed]);
  const text = read('<34>Nov 24 09:00:00 h text', { feeds });
  t.strictSame([text.time, text.zone], ['2026-11-24T09:00:00.000Z', Zone.assumed]);
  t.equal(feeds.seen().length, 1);
});
