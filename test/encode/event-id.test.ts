import t from 'tap';
import { EventIds } from '../../src/encode/event-id.js';
import { Moment } from '../../src/encode/moment.js';

const process1 = Buffer.from('0123456789abcdef', 'hex');
const now = 1_795_515_332_123;

function next(ids: EventIds, ms: number): string {
  ids.advance(Moment.at(ms));
  return ids.text.bytes.toString('latin1', 0, ids.text.length);
}

/** As in the ULID specification: 48 bits of time in 10 characters of Crockford's base 32. */
function timeOf(id: string): number {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return [...id.slice(0, 10)].reduce((sum, c) => sum * 32 + alphabet.indexOf(c), 0);
}

t.test('an id is a ULID whose time is that of receipt', async (t) => {
  const id = next(new EventIds(process1), now);
  t.match(id, /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  t.equal(timeOf(id), now);
});

t.test(
  'ids sort in the order in which they were given, within and across milliseconds',
  async (t) => {
    const ids = new EventIds(process1);
    const given: string[] = [];
    for (let i = 0; i < 5000; i++) given.push(next(ids, now + Math.floor(i / 1500)));
    t.strictSame([...given].sort(), given);
    t.equal(new Set(given).size, given.length);
  },
);

t.test('a clock that is set back makes no id smaller or twice', async (t) => {
  const ids = new EventIds(process1);
  const given = [now, now - 3_600_000, now - 1, now, now + 1, now].map((ms) => next(ids, ms));
  t.strictSame([...given].sort(), given);
  t.equal(new Set(given).size, given.length);
});

t.test('when the counter of a millisecond runs out the time moves on', async (t) => {
  const ids = new EventIds(process1);
  next(ids, now);
  // 30 bits cannot be counted through in a test: set the counter to its last value.
  ids.text.bytes.fill('Z', 20, 26, 'latin1');
  const last = ids.text.bytes.toString('latin1', 0, 26);
  const after = next(ids, now);
  t.ok(after > last);
  t.equal(timeOf(after), now + 1);
  t.equal(after.slice(20), '000000');
  t.ok(next(ids, now + 1) > after);
});

t.test('processes with other random bytes give other ids at the same moment', async (t) => {
  const other = Buffer.from(process1);
  other[6]! ^= 1;
  t.not(next(new EventIds(process1), now), next(new EventIds(other), now));
  t.equal(next(new EventIds(process1), now), next(new EventIds(process1), now));
});

t.test('too few random bytes are refused', async (t) => {
  t.throws(() => new EventIds(Buffer.alloc(6)), { message: /7 random bytes/ });
});
