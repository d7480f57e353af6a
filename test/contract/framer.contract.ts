/**
 * What holds for every framer of a byte stream (`Framer` in stages.ts), whatever its framing: run it
 * with a message and the bytes that carry it.
 */
import type { Test } from 'tap';
import { Counters } from '../../src/observe/counters.js';
import type { Framer, FrameSink, Peer } from '../../src/stages.js';
import { RecordingSink } from '../framing/recording-sink.js';

export interface FramerParts {
  readonly maxMessageBytes: number;
  readonly sink: FrameSink;
  readonly peer: Peer;
  readonly counters: Counters;
}

export interface FramerUnderTest {
  readonly make: (parts: FramerParts) => Framer;
  /** The bytes that carry a message, its delimiter or count included. */
  readonly wire: (message: string) => string;
}

const messages = ['<14>first', '<15>second, longer', '<16>third é€'];
const maxMessageBytes = 100;

export async function framerContract(t: Test, { make, wire }: FramerUnderTest): Promise<void> {
  function set() {
    const sink = new RecordingSink();
    const counters = new Counters();
    const peer = { address: '192.0.2.7' };
    return { sink, counters, peer, framer: make({ maxMessageBytes, sink, peer, counters }) };
  }
  const stream = Buffer.from(messages.map(wire).join(''));

  t.test('hands over every frame once, in order, with peer, length and receipt', async (t) => {
    const { framer, sink, peer, counters } = set();
    framer.push(stream, 42);
    t.strictSame(sink.texts, messages);
    for (const frame of sink.frames) {
      t.equal(frame.peer, peer, 'the same object');
      t.equal(frame.originalLength, frame.bytes.length);
      t.equal(frame.receivedAtMs, 42);
    }
    t.equal(counters.received_frames, messages.length);
    t.equal(counters.frames_truncated, 0);
  });

  t.test('yields the same frames wherever the stream is cut', async (t) => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const { framer, sink } = set();
      framer.push(stream.subarray(0, cut), 1);
      framer.push(stream.subarray(cut), 2);
      if (sink.texts.join('|') !== messages.join('|')) t.strictSame(sink.texts, messages, `${cut}`);
    }
    const { framer, sink } = set();
    for (const byte of stream) framer.push(Buffer.of(byte), 1);
    t.strictSame(sink.texts, messages, 'one byte a chunk');
  });

  t.test('a frame carries the receipt of the chunk that completes it', async (t) => {
    const { framer, sink } = set();
    framer.push(stream.subarray(0, 3), 1);
    framer.push(stream.subarray(3), 2);
    t.equal(sink.frames[0]?.receivedAtMs, 2);
  });

  t.test('keeps no reference to a chunk', async (t) => {
    const { framer, sink } = set();
    const reused = Buffer.alloc(5);
    for (let at = 0; at < stream.length; at += reused.length) {
      const length = stream.copy(reused, 0, at);
      framer.push(reused.subarray(0, length), 1);
      reused.fill('#');
    }
    t.strictSame(sink.texts, messages);
  });

  t.test('is pending exactly while part of a frame is held', async (t) => {
    const { framer } = set();
    t.equal(framer.pending, false);
    const one = Buffer.from(wire(messages[0]!));
    for (let at = 0; at < one.length - 1; at++) {
      framer.push(one.subarray(at, at + 1), 1);
      t.equal(framer.pending, true, `after ${at + 1} bytes`);
    }
    framer.push(one.subarray(-1), 1);
    t.equal(framer.pending, false);
  });

  t.test('an empty chunk changes nothing', async (t) => {
    const { framer, sink } = set();
    framer.push(Buffer.alloc(0), 1);
    t.equal(framer.pending, false);
    framer.push(stream.subarray(0, 5), 1);
    framer.push(Buffer.alloc(0), 1);
    t.equal(framer.pending, true);
    framer.push(stream.subarray(5), 1);
    t.strictSame(sink.texts, messages);
  });

  t.test('the end hands over an unterminated last frame, once', async (t) => {
    const { framer, sink, counters } = set();
    framer.end(1);
    t.strictSame(sink.texts, [], 'nothing came, nothing is handed over');
    framer.push(stream.subarray(0, stream.length - 4), 1);
    framer.end(9);
    framer.end(10);
    t.equal(sink.frames.length, messages.length);
    const [, , last = ''] = sink.texts;
    t.ok(last !== '' && messages[2]!.startsWith(last.replace(/\ufffd+$/, '')), last);
    t.equal(sink.frames[2]?.receivedAtMs, 9);
    t.equal(framer.pending, false);
    t.equal(counters.received_frames, messages.length);
  });

  t.test('a frame longer than the maximum is cut, and the next one is whole', async (t) => {
    const long = `<14>${'x'.repeat(500)}`;
    for (const chunkBytes of [1, 7, 4096]) {
      const { framer, sink, counters } = set();
      const bytes = Buffer.from(wire(long) + wire('<15>next'));
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        framer.push(bytes.subarray(at, at + chunkBytes), 1);
      }
      t.strictSame(sink.texts, [long.slice(0, maxMessageBytes), '<15>next']);
      t.equal(sink.frames[0]?.originalLength, long.length);
      t.equal(counters.frames_truncated, 1);
    }
  });
}
