import fc from 'fast-check';
import t from 'tap';
import { HourRings } from '../../src/baseline/hour-rings.js';

t.test('a ring spans whole words, at least the hours asked for', async (t) => {
  t.equal(new HourRings(1).span, 32);
  t.equal(new HourRings(32).span, 32);
  t.equal(new HourRings(33).span, 64);
});

t.test('it agrees with a set of hours, whatever is marked, unmarked and asked', async (t) => {
  // The model: hours within `span` of the newest one. Slots of several chunks share the rings.
  const step = fc.record({
    what: fc.constantFrom('mark', 'mark', 'mark', 'unmark'),
    slot: fc.nat(3),
    hour: fc.integer({ min: 1000, max: 1200 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const rings = new HourRings(40);
      const wrong: string[] = [];
      const slots = new Map<number, { slot: number; hours: Set<number> }>();
      for (const { what, slot: name, hour } of steps) {
        const held = slots.get(name);
        if (what === 'mark' && held === undefined) {
          slots.set(name, { slot: rings.allocate(hour), hours: new Set([hour]) });
        } else if (held !== undefined && what === 'mark') {
          rings.mark(held.slot, hour);
          held.hours.add(hour);
        } else if (held !== undefined) {
          held.hours.delete(hour);
          const left = rings.unmark(held.slot, hour);
          t.equal(left, held.hours.size > 0);
          if (!left) {
            rings.free(held.slot);
            slots.delete(name);
          }
        }
        for (const { hours } of slots.values()) {
          const newest = Math.max(...hours);
          for (const h of [...hours]) if (newest - h >= rings.span) hours.delete(h);
        }
        for (const { slot, hours } of slots.values()) {
          if (rings.newest(slot) !== Math.max(...hours)) wrong.push(`newest of ${[...hours]}`);
          for (let from = 990; from < 1210; from += 13) {
            for (const to of [from, from + 1, from + 31, from + 64, from + 200]) {
              const inside = [...hours].filter((h) => h >= from && h < to);
              const first = inside.length === 0 ? -1 : Math.min(...inside);
              const found = rings.firstIn(slot, from, to);
              if (found !== first) wrong.push(`[${from}, ${to}) of ${[...hours]}: ${found}`);
            }
          }
        }
      }
      t.strictSame(wrong, []);
    }),
    { numRuns: 60 },
  );
});

t.test('freed slots are used again, clean', async (t) => {
  const rings = new HourRings(64);
  const slots = [rings.allocate(100), rings.allocate(100), rings.allocate(100)];
  for (const slot of slots) rings.free(slot);
  const again = [rings.allocate(90), rings.allocate(90), rings.allocate(90)];
  t.strictSame(again.slice().sort(), slots.slice().sort());
  for (const slot of again) t.equal(rings.firstIn(slot, 91, 200), -1, 'hour 100 is gone');
  t.equal(rings.allocate(90), 3, 'and only then a new one');
});

t.test('slots beyond one chunk do not share hours', async (t) => {
  const rings = new HourRings(200);
  const slots = Array.from({ length: 10_000 }, (_, i) => rings.allocate(1000 + (i % 7)));
  const wrong = slots.filter((slot, i) => rings.firstIn(slot, 0, 2000) !== 1000 + (i % 7));
  t.strictSame(wrong, []);
});
