/** The bench's sink must count right, however the bytes are cut: else figures are of other events. */
import { encode } from '@msgpack/msgpack';
import t from 'tap';
import { type ForwardChunk, ForwardChunks } from '../../../bench/measure/forward-chunks.js';

const entries = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0x90);
const messages: readonly (readonly unknown[])[] = [
  ['stegwatch.event', entries(10), { chunk: 'c1', size: 10 }],
  ['t', entries(70_000), { size: 70_000, chunk: `${'x'.repeat(40)}` }],
  ['t', 'as Fluentd does: a str'.repeat(20), { compressed: 'text', size: 300, fluent_signal: 0 }],
  ['t'.repeat(40), entries(300), { size: 200, chunk: new Uint8Array([1, 2, 3]) }],
];
const stream = Buffer.concat(messages.map((message) => encode(message)));

function read(pieceBytes: number): readonly ForwardChunk[] {
  const found: ForwardChunk[] = [];
  const chunks = new ForwardChunks((chunk) => found.push(chunk));
  for (let at = 0; at < stream.length; at += pieceBytes) {
    chunks.push(stream.subarray(at, at + pieceBytes));
  }
  return found;
}

t.test('sizes, entries and chunk ids, wherever the stream is cut', async (t) => {
  for (const pieceBytes of [stream.length, 65_536, 1_000, 7, 1]) {
    const found = read(pieceBytes);
    t.strictSame(
      found.map(({ size }) => size),
      [10, 70_000, 300, 200],
      `${pieceBytes} at a time`,
    );
    t.strictSame(
      found.map(({ entriesStart, entriesEnd }) => entriesEnd - entriesStart),
      [10, 70_000, 440, 300],
    );
    t.strictSame(
      found.map(({ chunkId }) => chunkId && Buffer.from(chunkId).toString('hex')),
      ['c1', 'x'.repeat(40), null, new Uint8Array([1, 2, 3])].map(
        (id) => id && Buffer.from(encode(id)).toString('hex'),
      ),
    );
  }
});

t.test('entries are where they are said to be', async (t) => {
  const [first] = read(7);
  t.strictSame(
    first!.bytes.subarray(first!.entriesStart, first!.entriesEnd),
    Buffer.alloc(10, 0x90),
  );
});

t.test('what is no Forward message is said, and not counted', async (t) => {
  const chunks = new ForwardChunks(() => t.fail('counted'));
  t.throws(() => chunks.push(Buffer.from('<134>no Forward at all')), /no str or bin/);
});
