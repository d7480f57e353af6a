import t from 'tap';
import { CountSeeker } from '../../src/framing/count-seeker.js';

/** What the seeker finds: the text from the count on, cut behind the PRI. */
function found(text: string, maxCount = 1000): string[] {
  const seeker = new CountSeeker(maxCount);
  const all: string[] = [];
  const bytes = Buffer.from(text);
  bytes.forEach((byte, i) => {
    if (!seeker.feed(byte)) return;
    const pri = seeker.pri.toString('latin1', 0, seeker.priLength);
    t.equal(bytes.toString('latin1', i + 1 - seeker.length, i + 1), `${seeker.count} ${pri}`);
    all.push(`${seeker.count} ${pri}`);
  });
  return all;
}

t.test('finds a count, a blank and a PRI, whatever is before', async (t) => {
  t.strictSame(found('12 <14>'), ['12 <14>']);
  t.strictSame(found('tail12 <14>x 3 9 <0>y999 <191>'), ['12 <14>', '9 <0>', '999 <191>']);
  t.strictSame(found('0012 <14>'), ['12 <14>'], 'leading zeros are the tail');
  t.strictSame(found('<<12 <14>'), ['12 <14>']);
  t.strictSame(found('7 <512 <14>'), ['12 <14>'].slice(1), 'a PRI that fails may hide a count');
});

t.test('finds nothing else', async (t) => {
  for (const text of [
    '12 <>',
    '12 <1234>',
    '12  <14>',
    '12<14>',
    '12 <1x>',
    '12 <14',
    '1001 <14>',
    '1234567890 <14>',
    '3 <14>',
    '0 <14>',
    'x <14>',
  ]) {
    t.strictSame(found(text), [], text);
  }
});

t.test('reset forgets a match half made', async (t) => {
  const seeker = new CountSeeker(1000);
  for (const byte of Buffer.from('12 <1')) seeker.feed(byte);
  seeker.reset();
  t.notOk([...Buffer.from('4>')].some((byte) => seeker.feed(byte)));
});
