import t from 'tap';
import { frameDatagram } from '../../src/framing/datagram.js';
import { Counters } from '../../src/observe/counters.js';
import { counted } from './framed.js';
import { RecordingSink } from './recording-sink.js';

function datagram(text: string, maxMessageBytes = 65536) {
  const sink = new RecordingSink();
  const counters = new Counters();
  const peer = { address: '192.0.2.1' };
  const bytes = Buffer.from(text);
  frameDatagram(bytes, bytes.length, 7, peer, { maxMessageBytes, sink, counters });
  return { sink, counters, frame: sink.frames[0], peer };
}

t.test('a datagram is one frame, line feeds within it included', async (t) => {
  const { frame, counters, peer } = datagram('<14>a\nb\0c');
  t.equal(frame?.text, '<14>a\nb\0c');
  t.equal(frame?.originalLength, 9);
  t.equal(frame?.receivedAtMs, 7);
  t.equal(frame?.peer, peer, 'the same object');
  t.strictSame([counters.received_frames, counters.frames_truncated], [1, 0]);
});

t.test('one trailing delimiter is no content', async (t) => {
  for (const end of ['\n', '\r\n', '\0', '\n\0', '\r\n\0']) {
    t.equal(datagram(`<14>a${end}`).frame?.text, '<14>a', JSON.stringify(end));
    t.equal(datagram(`<14>a${end}`).frame?.originalLength, 5);
  }
  t.equal(datagram('<14>a\n\n').frame?.text, '<14>a\n', 'only one');
});

t.test('an empty datagram is skipped and counted', async (t) => {
  for (const text of ['', '\n', '\r\n', '\0']) {
    const { sink, counters } = datagram(text);
    t.strictSame(sink.frames, []);
    t.strictSame([counters.frames_skipped_empty, counters.received_frames], [1, 0]);
  }
});

t.test('a datagram longer than the maximum is cut and says how long it was', async (t) => {
  const { frame, counters } = datagram(`<14>${'x'.repeat(100)}\n`, 50);
  t.equal(frame?.text, `<14>${'x'.repeat(46)}`);
  t.equal(frame?.originalLength, 104);
  t.equal(counters.frames_truncated, 1);
  t.equal(
    datagram(`<14>${'x'.repeat(46)}\n`, 50).counters.frames_truncated,
    0,
    'one that fits is not',
  );
});

t.test('an octet count goes if it counts exactly what follows', async (t) => {
  t.equal(datagram(counted('<14>a b')).frame?.text, '<14>a b');
  t.equal(datagram(`${counted('<14>a b')}\n`).frame?.text, '<14>a b', 'LF not counted');
  t.equal(datagram(counted('<14>a b\n')).frame?.text, '<14>a b', 'LF counted');
  t.equal(datagram(counted('CEF:0|a')).frame?.originalLength, 7);
  for (const text of ['8 <14>a b', '6 <14>a b', '12 monkeys', '2019-03-01 x', '7', '3 abc']) {
    t.equal(datagram(text).frame?.text, text, 'any other number is content');
  }
});
