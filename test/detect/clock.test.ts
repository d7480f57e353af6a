import t from 'tap';
import { DetectionClock } from '../../src/detect/clock.js';
import { Counters } from '../../src/observe/counters.js';

const minute = 60_000;
const hour = 3_600_000;
const now = Date.UTC(2026, 10, 24, 12, 30);
const none = Number.NaN;

function clock(time: 'event' | 'received') {
  const counters = new Counters();
  const limits = { time, maxFutureMs: 5 * minute, maxLatenessMs: hour };
  return { counters, clock: new DetectionClock(limits, counters) };
}

t.test('time: received is the receipt, whatever the event says', async (t) => {
  const { clock: c, counters } = clock('received');
  t.equal(c.ms, 0);
  t.equal(c.momentOf(now - 50 * hour, now), now);
  t.equal(c.momentOf(now + 50 * hour, now + 1), now + 1);
  t.equal(c.momentOf(none, now + 2), now + 2);
  t.equal(c.ms, now + 2);
  t.match(counters, { late_events: 0, future_events: 0 });
});

t.test('time: event is the event’s own time, and the clock the highest of them', async (t) => {
  const { clock: c } = clock('event');
  t.equal(c.momentOf(now - 3 * hour, now), now - 3 * hour);
  t.equal(c.momentOf(now - 2 * hour, now), now - 2 * hour);
  t.equal(c.ms, now - 2 * hour);
  t.equal(c.momentOf(now - 2 * hour - 59 * minute, now), now - 2 * hour - 59 * minute);
  t.equal(c.ms, now - 2 * hour, 'an event that is a little behind does not move it');
});

t.test('an event more than max_lateness behind is taken at the clock, and counted', async (t) => {
  const { clock: c, counters } = clock('event');
  c.momentOf(now, now);
  t.equal(c.momentOf(now - hour, now), now - hour, 'exactly at the limit is in time');
  t.equal(counters.late_events, 0);
  t.equal(c.momentOf(now - hour - 1, now), now);
  t.equal(c.momentOf(0, now), now, 'a time in 1970');
  t.equal(counters.late_events, 2);
  t.equal(c.ms, now);
});

t.test('a time more than max_future ahead of receipt is not believed, and counted', async (t) => {
  const { clock: c, counters } = clock('event');
  t.equal(c.momentOf(now + 5 * minute, now), now + 5 * minute, 'exactly at the limit is believed');
  t.equal(counters.future_events, 0);
  t.equal(c.momentOf(now + 5 * minute + 1, now), now + 5 * minute, 'taken at the clock');
  t.equal(c.momentOf(Date.UTC(2100, 0), now), now + 5 * minute);
  t.equal(counters.future_events, 2);
  t.equal(c.ms, now + 5 * minute);
});

t.test('an event without a time rides on the clock while timed events come', async (t) => {
  const { clock: c } = clock('event');
  const old = now - 40 * hour;
  c.momentOf(old, now);
  t.equal(c.momentOf(none, now + minute), old, 'it does not pull a replay into the present');
  t.equal(c.momentOf(old + minute, now + minute), old + minute);
  t.equal(c.momentOf(none, now + minute + hour + 1), now + minute + hour + 1, 'else its receipt');
  t.equal(c.ms, now + minute + hour + 1);
});

t.test('started where another one stood, it goes on as that one', async (t) => {
  const old = now - 40 * hour;
  const { clock: before } = clock('event');
  before.momentOf(old, now);
  t.strictSame(before.reading, { ms: old, timedReceiptMs: now });
  const limits = { time: 'event', maxFutureMs: 5 * minute, maxLatenessMs: hour } as const;
  const counters = new Counters();
  const after = new DetectionClock(limits, counters, before.reading);
  for (const [time, receipt] of [
    [none, now + minute],
    [old - hour - 1, now + minute],
    [old - hour, now + 2 * minute],
    [old + minute, now + 2 * minute],
    [none, now + 2 * hour],
  ] as const) {
    t.equal(after.momentOf(time, receipt), before.momentOf(time, receipt), `${time} at ${receipt}`);
  }
  t.equal(counters.late_events, 1);
  t.strictSame(after.reading, before.reading);
});

t.test('a feed that never has a time is judged at its receipt', async (t) => {
  const { clock: c, counters } = clock('event');
  t.equal(c.momentOf(none, now), now);
  t.equal(c.momentOf(none, now + 3 * hour), now + 3 * hour);
  t.equal(c.momentOf(Date.UTC(2100, 0), now + 4 * hour), now + 4 * hour);
  t.equal(counters.late_events, 0);
});

t.test('a wall clock that steps back a little leaves the clock where it is', async (t) => {
  const { clock: c } = clock('received');
  c.momentOf(none, now);
  t.equal(c.momentOf(none, now - minute), now - minute);
  t.equal(c.ms, now);
});

t.test('a wall clock that was wrong does not hold the clock in the future', async (t) => {
  for (const time of ['received', 'event'] as const) {
    const { clock: c, counters } = clock(time);
    const wrong = Date.UTC(2035, 0);
    c.momentOf(wrong, wrong);
    t.equal(c.momentOf(now, now), now);
    t.equal(c.ms, now + 5 * minute);
    t.equal(counters.late_events, 0);
  }
});

t.test('a time before 1970 is none: it would be an hour that nothing can hold', async (t) => {
  const { clock: c, counters } = clock('event');
  t.equal(c.momentOf(-1, now), now, 'taken at its receipt, also when the clock shows nothing yet');
  t.equal(c.momentOf(-minute, now + 1), now + 1);
  t.equal(c.ms, now + 1);
  t.match(counters, { late_events: 0, future_events: 0 });
});
