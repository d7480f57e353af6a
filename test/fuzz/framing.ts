/**
 * Streams of mutated lines in mixed framings. Whatever the bytes: frames do not depend on the cuts, held
 * memory is bounded, every byte is in a frame, a delimiter or a count; and where no line begins like a
 * count, the frames are those that splitting at delimiters gives.
 */
import { frameDatagram } from '../../src/framing/datagram.js';
import { StreamFramer } from '../../src/framing/stream-framer.js';
import { Counters } from '../../src/observe/counters.js';
import { framed } from '../framing/framed.js';
import { RecordingSink } from '../framing/recording-sink.js';
import { below, pick, type Random } from '../support/mutate.js';
import { lines } from './corpora.js';
import { type FuzzTarget, must, tokensOf } from './target.js';

const tokens = tokensOf(
  ...['\n', '\r\n', '\0', '\n\0', '\r\n\0', ' ', '<14>', '<191>1 ', 'CEF:0|', '\ufeff', '9', '0'],
  ...[
    '5 <1>x',
    '3 <1>x',
    '7 <1>',
    '12 CEF:',
    '999999999 <14>',
    '1000000000 <',
    '10 Oct ',
    '30 Mar 1 ',
  ],
  ...['2019-03-01 ', 'Mar  1 ', '2026 ', '1 2019-03-01T'],
);

export function framing(): FuzzTarget {
  return { name: 'framing', seeds: streams(), tokens, inputs: 600, maxLength: 20_000, check };
}

/** Runs of one to four lines, each stream in one framing, and some in all of them. */
function streams(): Buffer[] {
  const all = lines();
  const made: Buffer[] = [];
  const wires = [newline, counted, nul, countedLine];
  for (let at = 0; at < all.length; at += 4) {
    const some = all.slice(at, at + 4);
    const mixed = at % 3 === 0;
    made.push(Buffer.concat(some.map((line, i) => wires[(mixed ? i : at) % 4]!(line))));
  }
  return made;
}

function check(stream: Buffer, random: Random): void {
  const max = pick(random, [1, 8, 40, 500, 65_536]);
  const whole = framed(stream, [], max);
  const cuts = Array.from({ length: below(random, 12) }, () => below(random, stream.length + 1));
  same(
    framed(
      stream,
      cuts.sort((a, b) => a - b),
      max,
    ),
    whole,
    `cut at ${cuts}`,
  );
  const everywhere = Array.from({ length: stream.length }, (_, i) => i);
  same(framed(stream, everywhere, max), whole, 'byte by byte');
  checkMemory(stream, max, random);
  const all = max < stream.length ? framed(stream, [], stream.length + 1) : whole;
  const kept = solid(all.texts.join(''));
  const sent = solid(stream.toString('utf8'));
  // A character in two frames is two broken ones: then the lengths tell nothing.
  if (!kept.includes('\ufffd') && !sent.includes('\ufffd')) {
    must(kept === sent, `bytes are missing: ${kept.length} of ${sent.length}`);
  }
  checkDatagram(stream, max);
  const expected = naive(stream);
  if (expected !== null) same(all.texts, expected, 'split at delimiters');
}

function checkMemory(stream: Buffer, maxMessageBytes: number, random: Random): void {
  const counters = new Counters();
  const sink = {
    frame(_bytes: Buffer, start: number, end: number, originalLength: number) {
      must(end > start && end - start <= maxMessageBytes, `a frame of ${end - start} bytes`);
      must(originalLength >= end - start, `${originalLength} bytes for ${end - start}`);
    },
  };
  const framer = new StreamFramer({ maxMessageBytes, sink, counters, peer: { address: '-' } });
  const bound = Math.max(1024, maxMessageBytes + 64);
  for (let at = 0; at < stream.length; ) {
    const to = at + 1 + below(random, 2000);
    framer.push(stream.subarray(at, to), 0);
    must(framer.carriedBytes <= bound, `${framer.carriedBytes} bytes are held of ${bound}`);
    must(framer.pending || framer.carriedBytes === 0, 'memory is held though nothing is pending');
    at = to;
  }
  framer.end(0);
  must(!framer.pending && framer.carriedBytes === 0, 'something is held after the end');
}

/** One datagram is one frame at most: all of it but a delimiter at its end and a count that fits. */
function checkDatagram(datagram: Buffer, maxMessageBytes: number): void {
  const sink = new RecordingSink();
  const counters = new Counters();
  frameDatagram(
    datagram,
    datagram.length,
    0,
    { address: '-' },
    { maxMessageBytes, sink, counters },
  );
  must(sink.frames.length + counters.frames_skipped_empty === 1, `${sink.frames.length} frames`);
  const [frame] = sink.frames;
  if (frame === undefined) return;
  const { bytes, originalLength } = frame;
  must(bytes.length === Math.min(originalLength, maxMessageBytes), `${bytes.length} bytes`);
  must(datagram.includes(bytes), 'bytes that were not sent');
  const left = datagram.length - originalLength;
  const counted = /^ ?[1-9]\d{0,8} /.test(datagram.toString('latin1', 0, 11));
  must(left <= 3 + (counted ? 11 : 0), `${left} bytes are left out`);
}

/** What is neither in a count nor in a delimiter. */
function solid(text: string): string {
  return text.replace(/[\d \r\n\0]/g, '');
}

/** Frames of a stream in which nothing can pass for a count; null for any other. */
function naive(stream: Buffer): string[] | null {
  const text = stream.toString('latin1');
  if (/(^|[\n\0]) ?\d/.test(text) || /(^|[\n\0]) /.test(text) || text.includes('\r')) return null;
  return text
    .split(/[\n\0]/)
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line, 'latin1').toString('utf8'));
}

function same(seen: unknown, expected: unknown, words: string): void {
  const [is, should] = [JSON.stringify(seen), JSON.stringify(expected)];
  must(is === should, `${words}:\n${is.slice(0, 2000)}\nshould be\n${should.slice(0, 2000)}`);
}

function newline(line: Buffer): Buffer {
  return Buffer.concat([line, Buffer.from('\n')]);
}

function nul(line: Buffer): Buffer {
  return Buffer.concat([line, Buffer.from('\0')]);
}

function counted(line: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${line.length} `), line]);
}

function countedLine(line: Buffer): Buffer {
  return newline(counted(line));
}
