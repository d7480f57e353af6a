/**
 * Chunks: the Forward protocol's unit of sending. One chunk is one PackedForward message (Forward
 * Protocol Specification v1, "PackedForward Mode"), written by hand around the spool's bytes:
 *
 *     93                       array of 3
 *     a0.. | d9 | da  tag      str
 *     c6 LLLLLLLL              bin 32 head: bytes of the entries
 *       entries                as the spool holds them, one buffer per batch, not copied
 *     82                       map of 2 (81 without acks: no chunk id, so the server sends none)
 *       a5 "chunk"  b8 id      24 characters of base64
 *       a4 "size"   ce NNNNNNNN  number of entries
 *
 * Widths are fixed, so that the size of a message is known before it is cut.
 */
import { randomFillSync } from 'node:crypto';

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
/** Map, "chunk" and its id, "size" and its number. */
const optionBytes = 1 + 6 + 25 + 5 + 5;

export interface Chunk {
  /** The same at every resend, so that a receiver can tell a repeat. */
  readonly id: string;
  readonly tag: string;
  readonly entryCount: number;
  /** Whole entries, as the spool holds them. */
  readonly entries: readonly Buffer[];
  /** The message's bytes, in order. */
  readonly pieces: readonly Buffer[];
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
  /** How it was refused last. */
  refusedBy: 'ignored' | 'closed' | null;
}

export interface ChunkOptions {
  /** It carries its id, so that the server acks it. */
  readonly ack: boolean;
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
  { ack, oldestMs = 0, depth = 0 }: ChunkOptions,
): Chunk {
  const { tag, start } = encodedTag;
  const id = newId();
  let entriesBytes = 0;
  for (const part of parts) entriesBytes += part.length;
  const option = ack ? optionWithAck(id, entryCount) : optionWithoutAck(entryCount);
  const pieces = [head(start, entriesBytes), ...parts, option];
  const joined = entriesBytes < joinBelowBytes ? [Buffer.concat(pieces)] : pieces;
  return {
    id,
    tag,
    entryCount,
    entries: parts,
    pieces: joined,
    encodedTag,
    oldestMs,
    depth,
    sends: 0,
    strikes: 0,
    refusals: 0,
    refusedBy: null,
  };
}

function head(start: Buffer, entriesBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(start.length + binHeadBytes);
  start.copy(bytes);
  bytes[start.length] = 0xc6;
  bytes.writeUInt32BE(entriesBytes, start.length + 1);
  return bytes;
}

function optionWithAck(id: string, entryCount: number): Buffer {
  const bytes = Buffer.allocUnsafe(optionBytes);
  bytes.write(`\x82\xa5chunk\xb8${id}\xa4size\xce`, 0, 'latin1');
  bytes.writeUInt32BE(entryCount, optionBytes - 4);
  return bytes;
}

function optionWithoutAck(entryCount: number): Buffer {
  const bytes = Buffer.from('\x81\xa4size\xce\0\0\0\0', 'latin1');
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
