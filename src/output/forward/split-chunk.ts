/** Splits a chunk between its entries. */
import { type Chunk, makeChunk } from './chunk.js';
import { valueEnd } from './entry-end.js';
import { strikesOfSuspect } from './suspicion.js';

interface Piece {
  readonly parts: Buffer[];
  entryCount: number;
}

/**
 * @returns up to `maxPieces` chunks that hold its entries in their order, with ids of their own; the
 * one piece of a chunk that cannot be split is no better than the chunk
 */
export function splitChunk(chunk: Chunk, maxPieces: number): Chunk[] {
  const perPiece = Math.ceil(chunk.entryCount / maxPieces);
  const pieces: Piece[] = [];
  for (const part of chunk.entries) {
    for (let at = 0; at < part.length; ) {
      let piece = pieces.at(-1);
      if (piece === undefined || piece.entryCount >= perPiece) {
        piece = { parts: [], entryCount: 0 };
        pieces.push(piece);
      }
      const start = at;
      while (at < part.length && piece.entryCount < perPiece) {
        const end = valueEnd(part, at);
        // Bytes that are no entry cannot be: the spool gives back what the encoder wrote.
        at = end < 0 ? part.length : end;
        piece.entryCount++;
      }
      piece.parts.push(part.subarray(start, at));
    }
  }
  // Where the receiver closes connections, one bad piece would take the good ones with it: each is
  // sent alone. Where it keeps silent, they can all be on the way.
  const strikes = chunk.refusedBy === 'closed' ? strikesOfSuspect : 0;
  return pieces.map(({ parts, entryCount }) => ({
    ...makeChunk(chunk.encodedTag, parts, entryCount, {
      ack: true,
      gzip: chunk.gzip,
      oldestMs: chunk.oldestMs,
      depth: chunk.depth + 1,
    }),
    strikes,
  }));
}
