import t from 'tap';
import { largestSize, sizeAt } from '../../../src/detect/event/size.js';
import { event } from '../../support/event-builder.js';

const of = (value: string) => sizeAt(event({ in: value, out: '7' }), 0);

t.test('whole numbers up to 2^53 - 1 are sizes', async (t) => {
  t.equal(of('0'), 0);
  t.equal(of('123456'), 123_456);
  t.equal(of('007'), 7);
  t.equal(of('4294967296'), 4_294_967_296);
  t.equal(of('9007199254740991'), Number.MAX_SAFE_INTEGER);
  t.equal(of(' 12 '), 12, 'spaces around it belong to the layout of the frame');
});

t.test('anything else is no size', async (t) => {
  for (const value of [
    '',
    ' ',
    '-1',
    '+1',
    '1.0',
    '1,000',
    '1 000',
    '1e3',
    '0x10',
    'NaN',
    'None',
    '12B',
    '٣',
    '9007199254740992',
    '99999999999999999999999999',
    '12\\n',
  ]) {
    t.ok(Number.isNaN(of(value)), JSON.stringify(value));
  }
});

t.test('of several sizes the largest that can be read', async (t) => {
  const largest = (...values: string[]) =>
    largestSize(
      event(values.map((value) => ['in', value] as const)),
      values.map((_, index) => index),
    );
  t.equal(largest('5', '1'), 5);
  t.equal(largest('1', '5'), 5);
  t.equal(largest('x', '5', ''), 5);
  t.equal(largest('0', 'x'), 0);
  t.ok(Number.isNaN(largest('x', '')));
  t.ok(Number.isNaN(largest()));
});
