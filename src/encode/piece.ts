/**
 * A run of bytes that is prepared once and written often. It is padded by 3 bytes so that it can be
 * read four bytes at a time without a look at its end (see EntryWriter).
 */
export class Piece {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly length: number;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.alloc(bytes.length + 3);
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
