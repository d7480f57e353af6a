/**
 * Chunks: the Forward protocol's unit of sending. One chunk is one PackedForward message (Forward
 * Protocol Specification v1, "PackedForward Mode"), written by hand around the spool's bytes:
 *
 *     93                       array of 3
 *     a0.. | d9 | da  tag      str
 *     c6 LLLLLLLL              bin 32 head: bytes of the entries
 *       entries                as the spool holds them, one buffer per batch, not copied
 *     82                       map of 2 (81 without acks: no chunk id, so the server sends none;
 *                              one more with gzip: aa "compressed" a4 "gzip")
 *       a5 "chunk"  b8 id      24 characters of base64
 *       a4 "size"   ce NNNNNNNN  number of entries
 *
 * Widths are fixed, so that the size of a message is known before it is cut.
 */
import { randomFillSync } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip as gzipCallback, type ZlibOptions } from 'node:zlib';

const gzipBytes = promisify<Buffer, ZlibOptions, Buffer>(gzipCallback);
/** Half the work of zlib's default level for a tenth more bytes (docs/forwarding.md). */
const gzipLevel = { level: 1 };

/**
 * Largest message that is sent: far below what receivers allow (Fluentd's `chunk_size_limit` drops
 * what is larger without an ack), large enough that its cost per event is noise. An entry that alone
 * is larger travels alone: entries are never cut.
 */
export const maxMessageBytes = 1024 * 1024;

/** Below this size a message is copied into one buffer: one write costs less than three. */
const joinBelowBytes = 16 * 1024;

const idBytes = 16;
const binHeadBytes = 5;
/** Map, "chunk" and its id, "compressed" and "gzip", "size" and its number. */
const optionBytes = 1 + 6 + 25 + 11 + 5 + 5 + 5;

export interface Chunk {
  /** The same at every resend, so that a receiver can tell a repeat. */
  readonly id: string;
  readonly tag: string;
  readonly entryCount: number;
  /** Whole entries, as the spool holds them. */
  readonly entries: readonly Buffer[];
  /** The message's bytes, in order; null until they are compressed. */
  pieces: readonly Buffer[] | null;
  readonly ack: boolean;
  readonly gzip: boolean;
  readonly encodedTag: EncodedTag;
  /** Receipt of the oldest event in its batches, epoch ms. */
  readonly oldestMs: number;
  /** How often what it was cut from has been split. */
  readonly depth: number;
  /** How often its writing was begun. */
  sends: number;
  /** See suspicion.ts. */
  strikes: number;
  refusals: number;
  /** How often the receiver closed the connection on it, as a strike or as a refusal. */
  closes: number;
  /** How it was refused last. */
  refusedBy: 'ignored' | 'closed' | null;
}

export interface ChunkOptions {
  /** It carries its id, so that the server acks it. */
  readonly ack: boolean;
  /** Entries are compressed before it is first sent, by `compressChunk`. */
  readonly gzip?: boolean;
  readonly oldestMs?: number;
  readonly depth?: number;
}

/** A tag and the beginning of each message under it: the array head and the tag. */
export interface EncodedTag {
  readonly tag: string;
  readonly start: Buffer;
  /** What a message has beside its entries. */
  readonly overheadBytes: number;
}

/** A str with the shortest head that fits. */
export function encodeTag(tag: string): EncodedTag {
  const text = Buffer.from(tag, 'utf8');
  const { length } = text;
  const strHead =
    length < 32
      ? [0xa0 | length]
      : length < 256
        ? [0xd9, length]
        : [0xda, length >> 8, length & 255];
  const start = Buffer.concat([Buffer.from([0x93, ...strHead]), text]);
  return { tag, start, overheadBytes: start.length + binHeadBytes + optionBytes };
}

/** @param parts whole entries; kept, not copied, so they must stay unchanged until the chunk is acked */
export function makeChunk(
  encodedTag: EncodedTag,
  parts: readonly Buffer[],
  entryCount: number,
  { ack, gzip = false, oldestMs = 0, depth = 0 }: ChunkOptions,
): Chunk {
  const { tag } = encodedTag;
  const id = newId();
  return {
    id,
    tag,
    entryCount,
    entries: parts,
    pieces: gzip ? null : messageOf(encodedTag, parts, optionOf(id, entryCount, ack, false)),
    ack,
    gzip,
    encodedTag,
    oldestMs,
    depth,
    sends: 0,
    strikes: 0,
    refusals: 0,
    closes: 0,
    refusedBy: null,
  };
}

/**
 * Compresses the entries (CompressedPackedForward Mode), in zlib's threads. They must stay unchanged
 * until it is done.
 */
export async function compressChunk(chunk: Chunk): Promise<readonly Buffer[]> {
  const { id, encodedTag, entries, entryCount, ack } = chunk;
  const compressed = await gzipBytes(
    entries.length === 1 ? entries[0]! : Buffer.concat(entries),
    gzipLevel,
  );
  chunk.pieces = messageOf(encodedTag, [compressed], optionOf(id, entryCount, ack, true));
  return chunk.pieces;
}

function messageOf(
  { start }: EncodedTag,
  parts: readonly Buffer[],
  option: Buffer,
): readonly Buffer[] {
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  const pieces = [head(start, bytes), ...parts, option];
  return bytes < joinBelowBytes ? [Buffer.concat(pieces)] : pieces;
}

function head(start: Buffer, entriesBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(start.length + binHeadBytes);
  start.copy(bytes);
  bytes[start.length] = 0xc6;
  bytes.writeUInt32BE(entriesBytes, start.length + 1);
  return bytes;
}

function optionOf(id: string, entryCount: number, ack: boolean, gzip: boolean): Buffer {
  const items = 1 + Number(ack) + Number(gzip);
  const text =
    String.fromCharCode(0x80 | items) +
    (ack ? `\xa5chunk\xb8${id}` : '') +
    (gzip ? '\xaacompressed\xa4gzip' : '') +
    '\xa4size\xce\0\0\0\0';
  const bytes = Buffer.from(text, 'latin1');
  bytes.writeUInt32BE(entryCount, bytes.length - 4);
  return bytes;
}

/** Random bytes in store: asking for 16 at a time costs more than all else about a chunk. */
const random = Buffer.alloc(64 * idBytes);
let randomUsed = random.length;

function newId(): string {
  if (randomUsed === random.length) {
    randomFillSync(random);
    randomUsed = 0;
  }
  randomUsed += idBytes;
  return random.toString('base64', randomUsed - idBytes, randomUsed);
}
