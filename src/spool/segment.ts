/**
 * Segments: the files of a spool. A segment is a prefix and then records, one after the other. It is named
 * by the number of its first record, `0000000000000001.segment`, so that names sort as records do.
 *
 *     offset  size  field
 *          0     8  "STEGSPL\n"
 *          8     2  format version   u16
 *         10     2  0
 *         12     4  CRC              u32, of the 12 bytes before
 *         16     8  mark             begins each record of this segment; nobody outside can know it
 *         24     8  spool            random; the same in all segments and the cursor of one spool
 *         32     4  tag              u32; observations of another tag are not to be mixed with these
 *         36     4  CRC              u32, of the 20 bytes before
 *         40        records
 *
 * The first 16 bytes are the one part that every later format must keep, so that an older program can
 * tell what it sees.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { headerLength, markLength, readHeader } from './record.js';

/** Raise it with every change of prefix or records, and go on reading the older ones. */
export const formatVersion = 1;
export const prefixLength = 40;
/** Enough of a segment to know all that `readPrefix` tells. */
export const prefixProbeLength = prefixLength + headerLength;
export const spoolIdLength = 8;

const magic = Buffer.from('STEGSPL\n', 'latin1');
const extension = '.segment';

export type Prefix =
  | {
      readonly kind: 'segment';
      readonly mark: Buffer;
      /** Null, like the tag, if only the records can be read. */
      readonly spoolId: Buffer | null;
      readonly tag: number | null;
    }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'damaged' };

export function segmentName(firstSeq: number): string {
  return String(firstSeq).padStart(16, '0') + extension;
}

/** The number in a segment's name; null if it is no name of a segment. */
export function firstSeqOf(name: string): number | null {
  const digits = /^(\d{16})\.segment$/.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/**
 * The mark of a segment: from its number and the random number of its spool, so that it is known even if
 * every copy of it at the beginning of the segment is damaged. First 8 bytes of a SHA-256.
 */
export function markOf(spoolId: Uint8Array, firstSeq: number): Buffer {
  const hash = createHash('sha256').update(spoolId).update(segmentName(firstSeq));
  return Buffer.from(hash.digest().subarray(0, markLength));
}

export function encodePrefix(
  mark: Buffer,
  spoolId: Buffer,
  tag: number,
  version = formatVersion,
): Buffer {
  const prefix = Buffer.alloc(prefixLength);
  magic.copy(prefix);
  prefix.writeUInt16LE(version, 8);
  prefix.writeUInt32LE(crc32(prefix.subarray(0, 12)), 12);
  mark.copy(prefix, 16);
  spoolId.copy(prefix, 24);
  prefix.writeUInt32LE(tag, 32);
  prefix.writeUInt32LE(crc32(prefix.subarray(16, 36)), 36);
  return prefix;
}

/**
 * What a segment is, by its first `prefixProbeLength` bytes. If the prefix is damaged but a record begins
 * where the first one must, the mark is that record's: a prefix is not worth 32 MiB of events.
 */
export function readPrefix(bytes: Buffer): Prefix {
  const head = bytes.subarray(0, prefixLength);
  const versioned =
    head.length === prefixLength &&
    head.subarray(0, 8).equals(magic) &&
    crc32(head.subarray(0, 12)) === head.readUInt32LE(12);
  if (versioned && head.readUInt16LE(8) > formatVersion) {
    return { kind: 'newer', version: head.readUInt16LE(8) };
  }
  if (versioned && crc32(head.subarray(16, 36)) === head.readUInt32LE(36)) {
    return {
      kind: 'segment',
      mark: Buffer.from(head.subarray(16, 16 + markLength)),
      spoolId: Buffer.from(head.subarray(24, 24 + spoolIdLength)),
      tag: head.readUInt32LE(32),
    };
  }
  const mark = Buffer.from(bytes.subarray(prefixLength, prefixLength + markLength));
  if (readHeader(bytes, prefixLength, mark) === null) return { kind: 'damaged' };
  return { kind: 'segment', mark, spoolId: null, tag: null };
}
