/**
 * Goal: no clock, the sender's or our own, makes detection crash, forget for good or learn into hours that
 * nobody asked for. Method: the whole path on a baseline on disk, before, during and after each jump.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { hourOf, msPerHour } from '../../src/hour.js';
import { decodeAll } from '../support/msgpack.js';
import { WholePath } from '../support/whole-path.js';

const now = Date.UTC(2026, 10, 24, 12, 30);
const day = 24 * msPerHour;
const in2100 = Date.UTC(2100, 0, 1);

function yaml(time: 'received' | 'event'): string {
  const more = 'minimum_bytes: 0, minimum_samples: 1, minimum_history: 0h, suppress: { by: [] }';
  return `detection: { preset: recommended, time: ${time}, ${more} }`;
}

/** @param rt as it stands in the event; null: none */
function jpeg(host: string, bytes: number, rt: number | string | null): Buffer {
  const time = rt === null ? '' : `rt=${rt} `;
  const keys = `${time}request=http://${host}/a.jpg in=${bytes} dhost=${host}`;
  return Buffer.from(`CEF:0|Acme|Proxy|1|web|web access|3|${keys}`);
}

/** Five days of two hosts, as they happened, saved; the clock stands at `now`. */
async function filled(folder: string, time: 'received' | 'event'): Promise<WholePath> {
  const path = await WholePath.open(yaml(time), folder, now - 6 * day);
  for (let at = now - 5 * day; at <= now; at += 6 * msPerHour) {
    path.frame(jpeg('known.example', 1000, at), at);
    path.frame(jpeg('also.example', 2000, at), at);
  }
  await path.checkpoint(now);
  path.take();
  return path;
}

/**
 * A sane event of a new host is an alert, one of a known host is none; both leave one record.
 *
 * @param forgiving the known host may be one that is not known for a while
 */
function isSane(path: WholePath, host: string, atMs: number, forgiving = false): boolean {
  path.frame(jpeg('known.example', 5_000_000, atMs), atMs);
  const quiet = path.verdict.alert === null;
  path.frame(jpeg(host, 5_000_000, atMs), atMs);
  const alerts = path.verdict.alert !== null;
  const { entries } = path.take();
  return (quiet || forgiving) && alerts && decodeAll(entries).length === 2;
}

function hoursOnDisk(folder: string): number[] {
  return readdirSync(join(folder, 'download')).map(
    (name) => Date.parse(`${name.slice(0, 13)}:00:00Z`) / msPerHour,
  );
}

const strangeTimes: readonly (number | string | null)[] = [
  0,
  -1,
  100_000_000,
  'Jan 1 1970 00:00:00',
  'Jan 1 1970 00:30:00 +0100',
  'Jan 1 1970 00:00:01 +1400',
  'Dec 31 1969 23:59:59',
  'Jan 1 0001 00:00:00',
  'Dec 31 9999 23:59:59 -1400',
  in2100,
  'Jan 1 2100 00:00:00',
  '9999999999999999999',
  null,
];

for (const time of ['received', 'event'] as const) {
  t.test(
    `time: ${time}: an event of any time, first of all, neither crashes nor stays`,
    async (t) => {
      for (const rt of strangeTimes) {
        const folder = t.testdir();
        const path = await WholePath.open(yaml(time), folder, now);
        path.frame(jpeg('strange.example', 1000, rt), now);
        path.frame(jpeg('new.example', 1000, now), now);
        t.equal(decodeAll(path.take().entries).length, 2, `${rt}`);
        t.equal(path.clock.ms, now, `${rt}: the clock`);
        await path.checkpoint(now);
        const hours = hoursOnDisk(folder);
        t.ok(
          hours.every((hour) => hour > hourOf(now - 9 * day) && hour <= hourOf(now)),
          `${rt}: ${hours}`,
        );
      }
    },
  );

  t.test(`time: ${time}: among sane events strange times change nothing`, async (t) => {
    const folder = t.testdir();
    const path = await filled(folder, time);
    for (const [i, rt] of strangeTimes.entries()) {
      path.frame(jpeg('known.example', 1000, rt), now);
      path.take();
      t.ok(isSane(path, `new${i}.example`, now), `${rt}`);
      t.equal(path.clock.ms, now);
    }
    await path.checkpoint(now);
    t.ok(hoursOnDisk(folder).every((hour) => hour <= hourOf(now) && hour > hourOf(now - 9 * day)));
    const again = await WholePath.open(yaml(time), folder, now);
    t.ok(isSane(again, 'after.example', now), 'after a restart');
  });

  for (const [name, away] of [
    ['an hour back', -msPerHour],
    ['three days back', -3 * day],
    ['1970', -now],
    ['two hours on', 2 * msPerHour],
    ['two days on', 2 * day],
    ['ten days on', 10 * day],
    ['2100', in2100 - now],
  ] as const) {
    t.test(`time: ${time}: our own clock shows ${name} for a while`, async (t) => {
      const folder = t.testdir();
      const path = await filled(folder, time);
      // Events as they then come: the sender's clock is right.
      for (let i = 0; i < 10; i++) {
        path.frame(jpeg('known.example', 1000, now + i), now + away + i);
        path.frame(jpeg(`jump${i}.example`, 1000, null), now + away + i);
      }
      t.equal(decodeAll(path.take().entries).length, 20);
      // For as long as several checkpoints.
      for (const minutes of [0, 1, 2, 30]) await path.checkpoint(now + away + minutes * 60_000);
      // The hours of a host lie in a ring: what saw it a whole turn later has overwritten them. The files
      // still have them; until a restart, or for a day, such a host raises more alerts, never fewer.
      const overwritten = time === 'received' && away > 9 * day;
      for (let i = 0; i < 3; i++) {
        const at = now + i * msPerHour;
        t.ok(isSane(path, `new${i}.example`, at, overwritten), `back, ${i} hours later`);
      }
      t.ok(path.clock.ms <= now + 2 * msPerHour + 300_000, 'the clock has come back');
      await path.checkpoint(now + 2 * msPerHour);
      const again = await WholePath.open(yaml(time), folder, now + 2 * msPerHour);
      t.ok(isSane(again, 'after.example', now + 2 * msPerHour), 'after a restart');
      // A host first seen after the jump is known once the holdback has passed, as ever.
      const later = now + 2 * day;
      for (let at = now + 3 * msPerHour; at <= later; at += 6 * msPerHour) {
        again.frame(jpeg('jump1.example', 1000, at), at);
        again.frame(jpeg('known.example', 1000, at), at);
      }
      await again.checkpoint(later);
      again.frame(jpeg('jump1.example', 5_000_000, later), later);
      t.equal(again.verdict.alert, null, 'a host of the jump becomes known');
    });
  }
}

t.test('time: event: events without a time come while our clock shows 2100', async (t) => {
  const folder = t.testdir();
  const path = await filled(folder, 'event');
  path.frame(jpeg('jump.example', 1000, null), in2100);
  t.equal(path.clock.ms, in2100, 'there is nothing else to go by');
  // A crash before the next upkeep: what was learned in 2100 is on disk.
  for (const baseline of Object.values(path.state.baselines)) await baseline.checkpoint();
  t.ok(hoursOnDisk(folder).includes(hourOf(in2100)));
  const again = await WholePath.open(yaml('event'), folder, now);
  t.ok(isSane(again, 'after.example', now), 'the baseline is still there');
  t.ok(hoursOnDisk(folder).includes(hourOf(now - 5 * day)), 'on disk too');
  t.equal(again.counters.observations_refused, 0);
});
