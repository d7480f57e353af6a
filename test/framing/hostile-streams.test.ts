/**
 * Goal: no input makes a framer slow or large. Method: streams made to hurt, as one chunk and one byte
 * a chunk; CPU time may only grow as the input does, and memory is asserted after every chunk.
 */
import t from 'tap';
import { StreamFramer } from '../../src/framing/stream-framer.js';
import { Counters } from '../../src/observe/counters.js';
import type { FrameSink } from '../../src/stages.js';
import { framed } from './framed.js';

const max = 4096;
const size = 64 * 1024;
/** One more delimiter, what settles the framing, and no more. */
const carryBound = max + 64;

const streams: Readonly<Record<string, Buffer>> = {
  digits: Buffer.alloc(size, '7'),
  'digits and blanks': Buffer.alloc(size, '7 '),
  blanks: Buffer.alloc(size, ' '),
  LF: Buffer.alloc(size, '\n'),
  NUL: Buffer.alloc(size, '\0'),
  'NUL-ended letters': Buffer.alloc(size, 'a\0'),
  'LF-ended letters': Buffer.alloc(size, 'a\n'),
  CR: Buffer.alloc(size, '\r'),
  'less-than signs': Buffer.alloc(size, '<'),
  'a count of nearly a billion': Buffer.concat([
    Buffer.from('999999999 <14>'),
    Buffer.alloc(size - 14, 'x'),
  ]),
  'a count of nearly a billion and no message': Buffer.from('999999999 <'),
  'counts that are too small': Buffer.alloc(size, '3 <1>x'),
  'counts of nothing but PRI': Buffer.alloc(size, '3 <1>'),
  'garbage that nearly counts': Buffer.concat([
    Buffer.from('3 <1>'),
    Buffer.alloc(size, '123 <12>'.slice(0, 7)),
  ]),
  'one endless line': Buffer.alloc(size, 'x'),
};

t.test('memory stays within the bound and goes when nothing is pending', async (t) => {
  for (const [name, stream] of Object.entries(streams)) {
    for (const chunkBytes of [1, 1000, size]) {
      const { framer } = silentFramer();
      let most = 0;
      for (let at = 0; at < stream.length; at += chunkBytes) {
        framer.push(stream.subarray(at, at + chunkBytes), 0);
        most = Math.max(most, framer.carriedBytes);
        if (!framer.pending && framer.carriedBytes > 0) t.fail(`${name}: holds memory when idle`);
      }
      t.ok(most <= carryBound, `${name}, ${chunkBytes} bytes a chunk: held ${most} bytes`);
      framer.end(0);
      t.equal(framer.carriedBytes, 0, `${name}: nothing is held after the end`);
      t.equal(framer.pending, false);
    }
  }
});

t.test('a short frame takes little memory, whatever the maximum', async (t) => {
  const { framer } = silentFramer(16 * 1024 * 1024);
  framer.push(Buffer.from('<14>short'), 0);
  t.equal(framer.pending, true);
  t.ok(framer.carriedBytes <= 1024, `${framer.carriedBytes} bytes`);
});

t.test('time is linear in the input, however it is cut', async (t) => {
  const growth = 16;
  for (const [name, stream] of Object.entries(streams)) {
    if (stream.length < size) continue;
    for (const byByte of [true, false]) {
      const little = cpuMs(stream.subarray(0, size / 2), byByte);
      const much = cpuMs(Buffer.concat(Array(growth / 2).fill(stream)), byByte);
      // Quadratic would be 256 times; the room above 16, and the floor, are for a busy machine.
      const limit = Math.max(little, 1) * growth * 5;
      t.ok(much < limit, `${name}, ${byByte ? 'by byte' : 'whole'}: ${little} -> ${much} ms`);
    }
  }
});

t.test('what a hostile stream yields is counted', async (t) => {
  const lf = framed(streams.LF!);
  t.strictSame([lf.texts.length, lf.empty], [0, size]);
  const nul = framed(streams.NUL!);
  t.strictSame([nul.texts.length, nul.empty], [0, size]);
  const digits = framed(streams.digits!, [], max);
  t.strictSame([digits.texts.length, digits.originalLengths[0], digits.truncated], [1, size, 1]);
  const blanks = framed(streams.blanks!, [], max);
  t.strictSame([blanks.originalLengths, blanks.truncated], [[size], 1]);
  const billion = framed(streams['a count of nearly a billion']!, [], max);
  t.strictSame([billion.originalLengths, billion.truncated], [[999_999_999], 1]);
  const nothing = framed(streams['a count of nearly a billion and no message']!);
  t.strictSame(nothing.texts, ['999999999 <']);
  const small = framed(Buffer.alloc(600, '3 <1>x'));
  t.strictSame([small.texts.length, small.resyncs], [200, 100]);
});

function silentFramer(maxMessageBytes = max): { framer: StreamFramer; counters: Counters } {
  const counters = new Counters();
  const sink: FrameSink = { frame() {} };
  const framer = new StreamFramer({ maxMessageBytes, sink, counters, peer: { address: '-' } });
  return { framer, counters };
}

/** CPU time of this process, the least of three runs. */
function cpuMs(stream: Buffer, byByte: boolean): number {
  const one = Buffer.alloc(1);
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const { framer } = silentFramer();
    const before = process.cpuUsage();
    if (byByte) {
      for (let at = 0; at < stream.length; at++) {
        one[0] = stream[at]!;
        framer.push(one, 0);
      }
    } else {
      framer.push(stream, 0);
    }
    framer.end(0);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
