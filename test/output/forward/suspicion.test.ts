/** What the end of a connection says against its chunks, case by case. */
import fc from 'fast-check';
import t from 'tap';
import { type Chunk, encodeTag, makeChunk } from '../../../src/output/forward/chunk.js';
import { splitChunk } from '../../../src/output/forward/split-chunk.js';
import {
  type ConnectionEnd,
  isSuspect,
  learnFromEnd,
  pardon,
} from '../../../src/output/forward/suspicion.js';
import { entriesIn, entry, numbered } from '../../support/entries.js';

const ackMs = 100;

interface Case {
  readonly title: string;
  readonly end: Partial<ConnectionEnd>;
  readonly left?: Partial<ConnectionEnd['left'][number]>;
  /** The chunk before. */
  readonly is?: Partial<Chunk>;
  readonly becomes: Partial<Chunk>;
}

const innocent = { strikes: 0, refusals: 0 };
const suspect = { strikes: 2 };
const cases: readonly Case[] = [
  { title: 'no ack at all', end: { by: 'ack_timeout', acked: 0 }, becomes: innocent },
  { title: 'earlier ones acked', end: { by: 'ack_timeout', acked: 5 }, becomes: innocent },
  {
    title: 'passed over in all its time',
    end: { by: 'ack_timeout', acked: 1 },
    left: { passedOver: true, waitedMs: 60 },
    becomes: { refusals: 1, refusedBy: 'ignored' },
  },
  {
    title: 'passed over a moment ago',
    end: { by: 'ack_timeout', acked: 1 },
    left: { passedOver: true, waitedMs: 40 },
    becomes: innocent,
  },
  {
    title: 'passed over, and the connection closed',
    end: { by: 'receiver', acked: 1 },
    left: { passedOver: true, waitedMs: 60 },
    becomes: { strikes: 1, refusals: 0 },
  },
  {
    title: 'closed without any ack',
    end: { by: 'receiver' },
    is: suspect,
    becomes: { refusals: 0 },
  },
  {
    title: 'closed after acks, on a suspect alone',
    end: { by: 'receiver', acked: 1 },
    is: suspect,
    becomes: { refusals: 1, refusedBy: 'closed' },
  },
  {
    title: 'closed after acks, on one not suspected',
    end: { by: 'receiver', acked: 1 },
    becomes: { strikes: 1, refusals: 0 },
  },
  {
    title: 'never begun',
    end: { by: 'receiver', acked: 1 },
    left: { begun: false },
    is: suspect,
    becomes: { strikes: 2, refusals: 0 },
  },
  {
    title: 'a deadline of ours, or a reply that is none',
    end: { by: 'other', acked: 1 },
    is: suspect,
    becomes: { strikes: 2, refusals: 0 },
  },
  {
    title: 'a piece that timed out makes way',
    end: { by: 'ack_timeout', acked: 0 },
    is: { depth: 1 },
    becomes: { strikes: 2, refusals: 0 },
  },
];

for (const { title, end, left, is, becomes } of cases) {
  t.test(title, async (t) => {
    const chunk = { ...chunkOf(1), ...is };
    const undelivered = { chunk, begun: true, waitedMs: 100, passedOver: false, ...left };
    learnFromEnd({ by: 'other', acked: 0, ackMs, left: [undelivered], ...end });
    t.match(chunk, becomes);
  });
}

t.test('not alone on the way: the oldest gets a strike, none is refused', async (t) => {
  const chunks = [{ ...chunkOf(1), ...suspect }, chunkOf(1)];
  const left = chunks.map((chunk) => ({ chunk, begun: true, waitedMs: 9, passedOver: false }));
  learnFromEnd({ by: 'receiver', acked: 3, ackMs, left });
  t.match(chunks, [
    { strikes: 3, refusals: 0 },
    { strikes: 0, refusals: 0 },
  ]);
});

t.test(
  'an ack after a close takes back what closes told against others, not what acks told',
  async (t) => {
    const chunks = [
      { ...chunkOf(1), strikes: 2, refusals: 4, refusedBy: 'closed' as const },
      { ...chunkOf(1), refusals: 2, refusedBy: 'ignored' as const },
    ];
    pardon(chunks);
    t.match(chunks, [{ strikes: 2, refusals: 0 }, { refusals: 2 }]);
  },
);

t.test('pieces hold the entries in their order, whatever buffers they came in', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 2, max: 16 }),
      async (sizes, maxPieces) => {
        let n = 0;
        const parts = sizes.map((size) => {
          n += size;
          return Buffer.concat(numbered(n - size, size).map((record) => entry(record)));
        });
        const options = { ack: true, oldestMs: 7 };
        const chunk = makeChunk(encodeTag('tag'), parts, n, options);
        const pieces = splitChunk(chunk, maxPieces);
        const whole = Buffer.concat(pieces.flatMap((piece) => piece.entries));
        if (!whole.equals(Buffer.concat(parts))) return false;
        const counts = pieces.map((piece) => entriesIn(Buffer.concat(piece.entries)).length);
        return (
          pieces.length <= maxPieces &&
          pieces.length >= Math.min(n, 2) &&
          pieces.every((piece, i) => piece.entryCount === counts[i] && piece.depth === 1) &&
          new Set(pieces.map((piece) => piece.id)).size === pieces.length
        );
      },
    ),
  );
  t.pass('each time');
});

t.test(
  'pieces of what was closed on are suspects, pieces of what was ignored are not',
  async (t) => {
    for (const refusedBy of ['closed', 'ignored'] as const) {
      const pieces = splitChunk({ ...chunkOf(20), refusedBy }, 16);
      t.equal(pieces.length, 10);
      t.equal(pieces.every(isSuspect), refusedBy === 'closed');
    }
  },
);

function chunkOf(count: number): Chunk {
  const bytes = Buffer.concat(numbered(0, count).map((record) => entry(record)));
  return makeChunk(encodeTag('tag'), [bytes], count, { ack: true });
}
