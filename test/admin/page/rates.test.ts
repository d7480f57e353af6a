import t from 'tap';
import { Rates } from '../../../src/admin/page/rates.js';

t.test('events per second of each step, whatever its length; a quarter of an hour', async (t) => {
  const counters = { events: 100, jpeg_events: 10 };
  let now = 1_000_000;
  const rates = new Rates(counters, () => now);
  t.strictSame(rates.all, []);
  const step = (ms: number, events: number, jpegs: number) => {
    now += ms;
    counters.events += events;
    counters.jpeg_events += jpegs;
    rates.step();
  };
  step(5000, 50, 5);
  step(10_000, 50, 0);
  t.strictSame(rates.all, [
    { at: 1_005_000, events: 10, jpegs: 1 },
    { at: 1_015_000, events: 5, jpegs: 0 },
  ]);
  step(0, 7, 0);
  step(-60_000, 7, 0);
  t.equal(rates.all.length, 2, 'a clock that is set back has no rate');
  for (let i = 0; i < 300; i++) step(5000, i, 0);
  t.equal(rates.all.length, 180);
  t.equal(rates.all.at(-1)!.events, 299 / 5);
});
