import t from 'tap';
import { StreamFramer } from '../../src/framing/stream-framer.js';
import { Counters } from '../../src/observe/counters.js';
import { type FramerParts, framerContract } from '../contract/framer.contract.js';
import { counted } from './framed.js';

const make = (parts: FramerParts) => new StreamFramer(parts);

t.test('StreamFramer, newline framing', (t) =>
  framerContract(t, { make, wire: (message) => `${message}\n` }),
);
t.test('StreamFramer, octet counting', (t) => framerContract(t, { make, wire: counted }));

t.test('the receipt of the first byte of a pending frame does not change', async (t) => {
  const { framer } = pendingFramer();
  framer.push(Buffer.from('<1>a\n<2>'), 5);
  t.equal(framer.pendingSinceMs, 5);
  framer.push(Buffer.from('b'), 6);
  framer.push(Buffer.from('c'), 7);
  t.equal(framer.pendingSinceMs, 5, 'bytes of the same frame do not prolong it');
  framer.push(Buffer.from('\n<3>'), 8);
  t.equal(framer.pendingSinceMs, 8, 'a new frame begins anew');
  framer.push(Buffer.from('\n1'), 9);
  framer.push(Buffer.from('0'), 10);
  framer.push(Buffer.from(' <1>'), 11);
  t.equal(framer.pendingSinceMs, 9, 'a count is part of its frame');
  framer.push(Buffer.from('abcdefg3 <1>zz'), 12);
  framer.push(Buffer.from('z'), 13);
  t.equal(framer.pendingSinceMs, 12, 'so is garbage behind a count');
  framer.push(Buffer.from('9 <1>'), 14);
  t.equal(framer.pendingSinceMs, 14, 'and a count found in it begins anew');
});

function pendingFramer() {
  const parts = { maxMessageBytes: 100, sink: { frame() {} }, peer: { address: '-' } };
  const framer = new StreamFramer({ ...parts, counters: new Counters() });
  return { framer };
}
