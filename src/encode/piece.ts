/**
 * Runs of bytes that are prepared once and written often. Runs are copied in blocks (see
 * EntryWriter), the last of which may reach beyond the end of the run.
 */

/** Bytes behind whatever is copied from or to that may be read, or overwritten: a block less one. */
export const slack = 7;

/** A run of bytes with its slack. */
export class Piece {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly length: number;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.alloc(bytes.length + slack);
    this.bytes.set(bytes);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    this.length = bytes.length;
  }
}

/** A short string as MessagePack, such as the name of a field. */
export function stringPiece(text: string): Piece {
  const bytes = Buffer.from(text);
  return joinPieces(stringHeader(bytes.length), new Piece(bytes));
}

/** What goes before the bytes of a short string. */
export function stringHeader(length: number): Piece {
  if (length > 0xff) throw new Error(`too long for a piece: ${length} bytes`);
  return new Piece(Uint8Array.from(length < 32 ? [0xa0 | length] : [0xd9, length]));
}

export function joinPieces(...pieces: readonly Piece[]): Piece {
  return new Piece(Buffer.concat(pieces.map((piece) => piece.bytes.subarray(0, piece.length))));
}

/** Names of fields as MessagePack, by number, one after the other, with slack at the end. */
export class NameTable {
  readonly view: DataView;
  /** Name n is at `[starts[n], starts[n + 1])`. */
  readonly starts: Int32Array;

  constructor(names: readonly string[]) {
    const pieces = names.map(stringPiece);
    this.view = joinPieces(...pieces).view;
    this.starts = new Int32Array(names.length + 1);
    pieces.forEach((piece, n) => {
      this.starts[n + 1] = this.starts[n]! + piece.length;
    });
  }
}
